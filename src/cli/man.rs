//! `tidings man`: the manual pages.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use super::arguments::Arguments;
use super::screen::Screen;

/// One page, or all.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings man | man -l -
  tidings man --dir /usr/local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write the pages of all commands to this folder instead
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

/// Prints the main page, or writes all of them.
pub(super) fn man(args: &ManArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let command = Arguments::command();
    if let Some(dir) = &args.dir {
        return clap_mangen::generate_to(command, dir).with_context(|| format!("write to {}", dir.display()));
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(screen.raw(&page)?)
}
