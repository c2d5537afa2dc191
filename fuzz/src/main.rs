//! Writes the seeds of every target into a folder, one folder a target: `onemap-fuzz FOLDER`.

use std::path::PathBuf;
use std::process::ExitCode;

use onemap_fuzz::seeds;

// The counters of the fuzzed code refer to libFuzzer, which nothing else here asks for.
use libfuzzer_sys as _;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: onemap-fuzz FOLDER");
        return ExitCode::from(2);
    };
    for (target, seeds) in seeds::all() {
        let folder = folder.join(target);
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            let mut numbered = seeds.iter().enumerate();
            numbered.try_for_each(|(number, seed)| std::fs::write(folder.join(format!("seed-{number}")), seed))
        });
        if let Err(err) = written {
            eprintln!("onemap-fuzz: {}: {err}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
