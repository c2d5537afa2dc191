//! A disk that is soon full.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Unmounted when the test ends, however it ends.
pub struct Disk(PathBuf);

impl Disk {
    /// A disk of 6 MiB in a folder of this name; `None` where none can be mounted, which is said.
    #[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
    pub fn small(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir(&folder).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(&folder).output();
        if !mount.is_ok_and(|mount| mount.status.success()) {
            eprintln!("skipped: a small disk cannot be mounted here");
            return None;
        }
        Some(Self(folder))
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
