//! What the daemons of the tests said, kept for `tests/run`: it looks for planted secrets in all of it.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Keeps what a daemon wrote into its folder as standard output and standard error.
pub(crate) fn keep(folder: &Path) {
    static KEPT: AtomicUsize = AtomicUsize::new(0);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("said");
    for name in ["stdout", "stderr", "log"] {
        let Ok(said) = fs::read(folder.join(name)) else { continue };
        let number = KEPT.fetch_add(1, Ordering::Relaxed);
        // A test that fails because there is no room for this would hide why it is dropped.
        fs::create_dir_all(&kept).ok();
        fs::write(kept.join(format!("{}-{number}-{name}", std::process::id())), said).ok();
    }
}
