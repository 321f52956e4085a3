//! What is said on stderr while a command works.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::{LogFormat, LogSettings};

/// Starts logging: by `--log` where given, else as configured.
pub(super) fn start(settings: &LogSettings, wanted: Option<&str>, journal: bool) -> anyhow::Result<()> {
    let filter = wanted.unwrap_or(&settings.filter);
    let filter = EnvFilter::try_new(filter).with_context(|| format!("read the log filter {filter:?}"))?;
    let terminal = std::io::stderr().is_terminal();
    let text = match settings.format {
        LogFormat::Auto => terminal || journal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match (text, journal) {
        // The journal adds the time itself.
        (true, true) => lines.without_time().with_ansi(false).try_init(),
        (true, false) => lines.with_ansi(terminal && console::colors_enabled_stderr()).try_init(),
        (false, _) => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|why| anyhow::anyhow!("start logging: {why}"))
}
