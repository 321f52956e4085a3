//! `tidings completions`: for the shells that people use.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::arguments::Arguments;
use super::screen::Screen;

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings completions bash > /etc/bash_completion.d/tidings
  tidings completions fish > ~/.config/fish/completions/tidings.fish")]
pub(super) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    pub(super) shell: Shell,
}

/// Prints the completions.
pub(super) fn completions(args: &CompletionsArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "tidings", &mut text);
    Ok(screen.raw(&text)?)
}
