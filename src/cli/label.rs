//! `tidings label`: what operators said, for tuning.

use clap::Subcommand;

use crate::port::Store;
use crate::server::wire;

use super::screen::Screen;

/// Labels of one page.
const PAGE: usize = 500;

#[derive(Debug, Subcommand)]
pub(super) enum LabelCommand {
    /// Print what holds as JSON Lines: same event, another event, on or off the topic, with the stories
    Export,
}

/// Exports.
pub(super) fn label(store: &mut dyn Store, command: &LabelCommand, screen: &mut Screen) -> anyhow::Result<()> {
    match command {
        LabelCommand::Export => export(store, screen),
    }
}

fn export(store: &mut dyn Store, screen: &mut Screen) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let page = store.labels(after, PAGE)?;
        let Some((last, _)) = page.last() else {
            if after == 0 {
                screen.note("nothing was said yet; see tidings event merge, event split and story mark");
            }
            return Ok(());
        };
        after = *last;
        page.iter().try_for_each(|(id, view)| screen.record(&wire::LabelLine::of(*id, view)))?;
    }
}
