//! The files of the project, as tests about its own text see them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the project: its path from the root, with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The text without `//` comments, so that a word in prose does not count. A `//` after `:` is part of an address.
    pub fn code(&self) -> String {
        self.text.lines().map(without_comment).collect::<Vec<_>>().join("\n")
    }

    /// [`Source::code`] up to the unit tests, which stand at the end of a file or in a `tests.rs` of their own.
    pub fn shipped_code(&self) -> String {
        if self.path.ends_with("/tests.rs") {
            return String::new();
        }
        let code = self.code();
        let end = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        code[..end].to_owned()
    }
}

fn without_comment(line: &str) -> &str {
    let end = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
    end.map_or(line, |(at, _)| &line[..at])
}

/// The folder of `Cargo.toml`.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of one file; the path counts from the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
}

/// Every text file that git knows or would add, sorted by path.
pub fn project_files() -> Vec<Source> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let mut paths: Vec<&str> = names.split_terminator('\0').collect();
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().filter_map(read_text).collect()
}

fn read_text(path: &str) -> Option<Source> {
    // A deleted file is listed until the deletion is committed, and a binary one has no text.
    let text = fs::read_to_string(root().join(path)).ok()?;
    Some(Source { path: path.to_owned(), text })
}

/// The Rust files below `src`, in order of their paths.
pub fn rust_sources() -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join("src"), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            Source { path, text }
        })
        .collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}
