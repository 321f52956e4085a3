//! Panics that are caught, and those that are not.

/// Runs a target whose way leads by feed-rs, whose panics are caught, where libFuzzer's own hook would end at each of them: what is
/// not caught ends it still.
pub(crate) fn watched(run: impl FnOnce() + std::panic::UnwindSafe) {
    static QUIET: std::sync::Once = std::sync::Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    if let Err(panic) = std::panic::catch_unwind(run) {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        eprintln!("panicked: {}", said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a word"));
        std::process::abort();
    }
}
