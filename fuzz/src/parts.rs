//! Several files in one piece of bytes, so that each of them can grow and shrink while it is fuzzed.

/// Stands before each file, and is followed by its name, the end of the line and its bytes.
const MARK: &[u8] = b"\n=== ";

/// Files of one piece; what follows is of no interest.
const FILES_MAX: usize = 16;

/// The files put together.
pub fn join<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    files.into_iter().fold(Vec::new(), |joined, (name, bytes)| [&joined, MARK, name.as_bytes(), b"\n", bytes].concat())
}

/// The files by their names; those whose names are no text are left out. Any bytes are taken.
pub fn split(joined: &[u8]) -> Vec<(&str, &[u8])> {
    let mut files = Vec::new();
    let mut rest = after_mark(joined).map(|(_, rest)| rest);
    while let Some(piece) = rest {
        let (file, next) = after_mark(piece).map_or((piece, None), |(file, next)| (file, Some(next)));
        let end = file.iter().position(|byte| *byte == b'\n');
        if let Some(end) = end
            && let Ok(name) = std::str::from_utf8(&file[..end])
            && files.len() < FILES_MAX
        {
            files.push((name, &file[end + 1..]));
        }
        rest = next;
    }
    files
}

/// What stands before the next mark and what after it.
fn after_mark(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(MARK.len()).position(|window| window == MARK)?;
    Some((&bytes[..at], &bytes[at + MARK.len()..]))
}
