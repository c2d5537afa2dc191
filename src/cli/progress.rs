//! How far long work has come, for whoever watches a terminal. Elsewhere, as in a log file, it says nothing.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two pictures of a wait whose end is not known.
const TICK: Duration = Duration::from_millis(100);

/// A wait whose end is not known, with a count. It hides itself where standard error is no terminal, and goes away when
/// dropped.
pub fn counter(what: &'static str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg}: {human_pos} ({elapsed})").expect("the template is right");
    let bar = ProgressBar::new_spinner().with_style(style).with_message(what);
    bar.enable_steady_tick(TICK);
    bar
}

/// A wait of so many steps, hidden as [`counter`] is.
pub fn steps(what: &'static str, count: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} ({elapsed})").expect("the template is right");
    let bar = ProgressBar::new(count as u64).with_style(style.progress_chars("=> ")).with_message(what);
    bar.enable_steady_tick(TICK);
    bar
}
