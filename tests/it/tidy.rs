//! Rules about the project's own text: the order of modules, what pure modules must not know, sizes, documents.

use std::collections::BTreeSet;
use std::path::Path;

use onemap::config::{Config, Overrides};
use serde_json::Value;

use crate::support::tree::{Source, project_files, read, root, rust_sources};

/// The last of the pure modules in `lib.rs`.
const LAST_PURE_MODULE: &str = "demo";

/// A longer file is two files.
const LINES_MAX: usize = 500;

const IMPURE: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "tokio::",
    "async fn",
    "async move",
    ".await",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "rusqlite::",
    "tracing::",
];

/// A GeoPackage is an SQLite database, so its reader and writer know SQLite, in memory.
const GEOPACKAGE: &str = "src/formats/geopackage/";

/// Names that one part of the program keeps to itself: the word, and where it may stand.
const RESERVED: [(&str, &[&str]); 4] = [
    ("StatusCode", &["src/http/"]),
    ("ExitCode", &["src/cli/", "src/main.rs"]),
    ("rusqlite", &["src/store/", GEOPACKAGE]),
    ("refinery", &["src/store/"]),
];

/// Beginnings of paths that exist on one machine only. Written in two halves, or this file would be found too.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "Users/"),
    concat!("/", "tmp/"),
    concat!("/", "work/"),
    concat!("C:", "\\"),
];

fn modules() -> Vec<String> {
    let lib = read("src/lib.rs");
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

fn belongs_to(source: &Source, module: &str) -> bool {
    source.path == format!("src/{module}.rs") || source.path.starts_with(&format!("src/{module}/"))
}

/// Whether the word stands in the code as a word of its own, not inside a longer name.
fn has_word(code: &str, word: &str) -> bool {
    let inside_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| {
        !inside_name(code[..at].chars().next_back()) && !inside_name(code[at + word.len()..].chars().next())
    })
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let order = modules();
    assert!(order.len() > 1, "the modules are not found in lib.rs");
    let sources = rust_sources();
    for (rank, module) in order.iter().enumerate() {
        for source in sources.iter().filter(|source| belongs_to(source, module)) {
            for later in &order[rank + 1..] {
                let path = &source.path;
                assert!(!has_word(&source.code(), &format!("crate::{later}")), "{path}: {module} must not use {later}");
            }
        }
    }
}

#[test]
fn every_file_belongs_to_a_module() {
    let order = modules();
    for source in rust_sources() {
        let known = source.path == "src/lib.rs" || source.path == "src/main.rs";
        assert!(known || order.iter().any(|module| belongs_to(&source, module)), "{} is in no module", source.path);
    }
}

#[test]
fn pure_modules_have_no_io_no_clock_and_no_async() {
    let order = modules();
    let last = order.iter().position(|module| module == LAST_PURE_MODULE).expect("lib.rs names the last pure module");
    let sources = rust_sources();
    for module in &order[..=last] {
        for source in sources.iter().filter(|source| belongs_to(source, module)) {
            let code = source.shipped_code();
            for word in IMPURE {
                let allowed = word == "rusqlite::" && source.path.starts_with(GEOPACKAGE);
                assert!(allowed || !code.contains(word), "{}: {module} is pure and must not use {word}", source.path);
            }
        }
    }
}

#[test]
fn status_codes_exit_codes_and_sql_stay_in_their_modules() {
    for source in rust_sources() {
        let code = source.code();
        for (word, homes) in RESERVED {
            let at_home = homes.iter().any(|home| source.path.starts_with(home));
            assert!(at_home || !has_word(&code, word), "{}: {word} belongs to {homes:?}", source.path);
        }
    }
}

#[test]
fn imports_name_their_module_in_full() {
    for source in rust_sources() {
        let code = source.code();
        assert!(!code.contains("use crate::{"), "{}: one `use crate::module::…` a module", source.path);
        assert!(!code.contains("super::super"), "{}: `super::super` hides where a name comes from", source.path);
    }
}

#[test]
fn no_source_file_is_too_long() {
    for source in project_files() {
        let is_source = [".rs", ".ts", ".css", ".mjs", ".sh"].iter().any(|extension| source.path.ends_with(extension));
        let lines = source.text.lines().count();
        assert!(!is_source || lines <= LINES_MAX, "{} has {lines} lines, {LINES_MAX} at most", source.path);
    }
}

#[test]
fn both_languages_have_the_same_texts() {
    let keys = |path: &str| {
        let texts: Value = serde_json::from_str(&read(path)).unwrap_or_else(|err| panic!("{path}: {err}"));
        let mut keys = BTreeSet::new();
        collect_keys("", &texts, &mut keys);
        keys
    };
    if root().join("web/i18n").exists() {
        let (zh, en) = (keys("web/i18n/zh-CN.json"), keys("web/i18n/en.json"));
        let odd: Vec<_> = zh.symmetric_difference(&en).collect();
        assert!(odd.is_empty(), "texts in one language only: {odd:?}");
    }
}

fn collect_keys(prefix: &str, value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                collect_keys(&format!("{prefix}.{key}"), member, into);
            }
        }
        _ => {
            into.insert(prefix.to_owned());
        }
    }
}

#[test]
fn only_one_front_end_file_turns_lng_lat_into_lat_lng() {
    let swaps = |source: &Source| source.code().contains("LatLngTuple");
    let files: Vec<String> = project_files()
        .into_iter()
        .filter(|source| source.path.starts_with("web/src/") && source.path.ends_with(".ts") && swaps(source))
        .map(|source| source.path)
        .collect();
    assert!(files.len() <= 1, "Leaflet's order belongs in one file: {files:?}");
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    // A letter, digit or dot before it makes it part of an address or of a relative path.
    let starts_path = |before: Option<char>| !before.is_some_and(|c| c.is_alphanumeric() || "._-/}$".contains(c));
    for source in project_files() {
        for beginning in MACHINE_PATHS {
            let found =
                source.text.match_indices(beginning).any(|(at, _)| starts_path(source.text[..at].chars().next_back()));
            assert!(!found, "{} names a path below {beginning}", source.path);
        }
    }
}

#[test]
fn the_front_ends_lock_file_names_no_host() {
    for source in project_files().iter().filter(|source| source.path.ends_with("package-lock.json")) {
        assert!(!source.text.contains("\"resolved\""), "{}: `resolved` ties it to one registry", source.path);
    }
}

#[test]
fn both_readmes_begin_with_make_run_and_make_test() {
    for path in ["README.md", "README.zh-CN.md"] {
        let commands = commands_of(&read(path));
        assert_eq!(commands[..2], ["make run", "make test"], "{path}");
    }
}

/// The lines of the fenced blocks, without the remark after `#`.
fn commands_of(markdown: &str) -> Vec<String> {
    let blocks = markdown.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| block.lines().skip(1));
    lines.map(|line| line.split('#').next().unwrap_or(line).trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    for source in project_files().iter().filter(|source| source.path.ends_with(".md")) {
        let folder = root().join(Path::new(&source.path).parent().unwrap());
        for link in source.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let local = !link.is_empty() && !link.contains("://") && !link.starts_with('<');
            assert!(!local || folder.join(link).exists(), "{}: {link} does not exist", source.path);
        }
    }
}

#[test]
fn the_example_configuration_is_accepted_with_and_without_its_marks() {
    let example = read("onemap.example.toml");
    let folder = tempfile::tempdir().unwrap();
    let uncommented: String = example.lines().map(|line| uncomment(line).to_owned() + "\n").collect();
    assert_ne!(example, uncommented);
    for (name, text) in [("as-is.toml", example), ("uncommented.toml", uncommented)] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let overrides = Overrides { config: Some(path), ..Overrides::default() };
        Config::load(overrides).unwrap_or_else(|err| panic!("{name}: {err}: {:?}", std::error::Error::source(&err)));
    }
}

/// A setting stands right behind its `#`, a sentence after a space.
fn uncomment(line: &str) -> &str {
    line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)
}
