//! `tidings source export`: all sources as OPML.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use crate::feed::opml;
use crate::model::SourceSpec;
use crate::port::{Listed, Store};

use crate::cli::exit::Refusal;
use crate::cli::screen::{Screen, shown};
use crate::text::counted;

/// Where to write.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source export sources.opml
  tidings source export | gzip > sources.opml.gz

Other programs read names, addresses, languages and categories; tidings reads all of it back.")]
pub(in crate::cli) struct ExportArgs {
    /// A file that is not there yet; stdout otherwise
    pub(super) file: Option<String>,
}

/// Writes all sources in force.
pub(super) fn export(store: &mut dyn Store, args: &ExportArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let specs: Vec<SourceSpec> = store.sources(Listed::Current)?.into_iter().map(|source| source.spec).collect();
    let text = opml::write(&specs, "Sources of tidings", screen.now());
    let Some(file) = args.file.as_deref().filter(|file| *file != "-") else {
        if screen.is_json() {
            let why = "what is exported is OPML, not JSON: name a file, or leave --json out".to_owned();
            return Err(Refusal::Usage(why).into());
        }
        return Ok(screen.raw(text.as_bytes())?);
    };
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let mut opened = opened.map_err(|why| {
        let is_there = why.kind() == ErrorKind::AlreadyExists;
        let file = shown(file);
        Refusal::Data(if is_there {
            format!("{file} exists already; name a new file")
        } else {
            format!("write {file}: {why}")
        })
    })?;
    opened
        .write_all(text.as_bytes())
        .and_then(|()| opened.sync_all())
        .with_context(|| format!("write {}", shown(file)))?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"file": file, "sources": specs.len()}))?);
    }
    Ok(screen.line(&format!("wrote {} to {}", counted(specs.len(), "source", "sources"), shown(file)))?)
}
