//! Broken and hostile files before the real binary: every one ends with an answer, soon and within bounds of memory.

mod archives;
mod binary;
mod outlines;
mod tables;
mod valid;
mod workbooks;

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::process::onemap;

/// Longest time that a check may take; a debug build on a busy machine is some ten times slower than a release.
const DEADLINE: Duration = Duration::from_secs(60);

/// Most memory that a check may hold at once, in KiB. The address space says nothing: the allocator reserves a lot of it.
const MEMORY_KIB: u64 = 512 << 10;

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Processes at a time.
const WORKERS: usize = 2;

/// Fewer kinds of damage than this are no corpus.
const CASES_MIN: usize = 100;

/// What must come of a file.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// Exit code 3 or 0, and a finding of this issue type.
    Finding(&'static str),
    /// Exit code 1, and these words on standard error.
    Refusal(&'static str),
    /// Exit code 0, or 3 for the want of other things: the file is odd, and is read with this number of rows.
    Rows(u64),
    /// Any answer: where a bit fell over nobody knows.
    Answer,
}

use Expected::{Answer, Finding, Refusal, Rows};

/// A file, those beside it, and what must come of it.
#[derive(Debug)]
struct Case {
    /// What is wrong with it, in words; also its folder.
    what: String,
    /// Names and bytes. The first is the one that is named to the program.
    files: Vec<(String, Vec<u8>)>,
    expected: Expected,
}

impl Case {
    fn new(what: impl Into<String>, name: &str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Self {
        Self { what: what.into(), files: vec![(name.to_owned(), bytes.into())], expected }
    }

    /// With another file beside it.
    fn beside(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((name.to_owned(), bytes.into()));
        self
    }
}

/// How a check ended.
struct End {
    code: Option<i32>,
    out: String,
    err: String,
    peak_kib: u64,
    took: Duration,
}

fn write(case: &Case, folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    for (name, bytes) in &case.files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Most memory that the process has held so far; 0 where the system does not tell. A process that has just been started has
/// the memory of whoever starts it, here of all tests, until the program has taken its place.
fn peak_kib(process: u32) -> u64 {
    let program = |process: &str| std::fs::read_link(format!("/proc/{process}/exe")).ok();
    if program(&process.to_string()) == program("self") {
        return 0;
    }
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// Checks the first file of a folder. Ended at once when it passes a bound: then there is no exit code.
fn check(folder: &Path, file: &str) -> End {
    let (out, err) = (folder.join("answer.out"), folder.join("answer.err"));
    let mut child = onemap(folder)
        .args(["check", "--alone", "--json", file])
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .spawn()
        .unwrap();
    let (started, mut peak) = (Instant::now(), 0);
    let code = loop {
        // Nothing of an ended process is told any more, so the last look before its end counts.
        peak = peak.max(peak_kib(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if started.elapsed() > DEADLINE || peak > MEMORY_KIB {
            // Fails when it has just ended.
            let _ = child.kill();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(LOOK);
    };
    let read = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    End { code, out: read(&out), err: read(&err), peak_kib: peak, took: started.elapsed() }
}

/// What is wrong with the answer.
fn wrong(expected: Expected, end: &End) -> Option<String> {
    let says = |what: &str| Some(format!("{what}: exit code {:?}, {}", end.code, shortened(end)));
    if end.peak_kib > MEMORY_KIB {
        return says(&format!("it held {} MiB", end.peak_kib >> 10));
    }
    if end.took > DEADLINE {
        return says("it took too long");
    }
    let Some(code) = end.code else { return says("it was ended by a signal") };
    if end.err.contains("panicked") {
        return says("a panic");
    }
    let answer: Option<Value> = serde_json::from_str(&end.out).ok();
    let found = |id: &str| {
        answer
            .as_ref()
            .and_then(|answer| answer["findings"].as_array())
            .is_some_and(|findings| findings.iter().any(|finding| finding["issue"] == id))
    };
    let rows = answer.as_ref().and_then(|answer| answer["rows"].as_u64());
    match (code, expected) {
        (1, Refusal(words)) if end.err.contains(words) => None,
        (1, Answer) if !end.err.trim().is_empty() => None,
        (0 | 3, Finding(id)) if found(id) => None,
        (0 | 3, Rows(expected)) if rows == Some(expected) => None,
        (0 | 3, Answer) if answer.is_some() => None,
        _ => says(&format!("{expected:?} was expected")),
    }
}

/// The issue types that came, or the error.
fn shortened(end: &End) -> String {
    let answer: Value = serde_json::from_str(&end.out).unwrap_or_default();
    let findings = answer["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let mut issues: Vec<String> =
        findings.iter().map(|finding| format!("{}: {}", finding["issue"], finding["wrong"]["en"])).collect();
    issues.dedup();
    issues.truncate(8);
    let err: String = end.err.chars().take(400).collect();
    format!("rows {}, findings {issues:?}, {err}", answer["rows"])
}

#[test]
fn every_hostile_file_ends_with_an_answer_in_time_and_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let cases: Vec<Case> =
        [tables::cases(), outlines::cases(), archives::cases(), workbooks::cases(), binary::cases(), valid::cases()]
            .into_iter()
            .flatten()
            .collect();
    assert!(cases.len() >= CASES_MIN, "{} cases", cases.len());
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((number, case)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(number).map(|case| (number, case))
                } {
                    let place = folder.path().join(number.to_string());
                    write(case, &place);
                    let end = check(&place, &case.files[0].0);
                    if let Some(fault) = wrong(case.expected, &end) {
                        faults.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{}: {fault}", case.what));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), cases.len(), faults.join("\n"));
}
