//! `tidings doctor`: looks into what may be wrong, and says what to do. Works while the daemon runs and when it doesn't.
//!
//! It changes nothing and sends nothing to anybody but conditional requests to feeds; endpoints are connected to, and
//! told nothing. A file here holds one group of checks; each check is a line.

mod files;
mod machine;
mod network;
mod store;

use std::path::Path;

use clap::Args;
use serde_json::json;

use crate::config::{Problems, Settings};

use super::exit::{Exit, Told};
use super::screen::{Screen, shown};
use super::status::{self, Gathered};

/// How far to look.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Ask all sources and resolve all names, in place of a few; each domain at its spacing
    #[arg(long)]
    all: bool,
    /// Ask nobody outside this machine
    #[arg(long, conflicts_with = "all")]
    offline: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warning,
    Failure,
}

impl Level {
    fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// What a check found.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    check: &'static str,
    level: Level,
    said: String,
    help: Option<String>,
}

fn ok(check: &'static str, said: impl Into<String>) -> Finding {
    Finding { check, level: Level::Ok, said: said.into(), help: None }
}

fn warning(check: &'static str, said: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { check, level: Level::Warning, said: said.into(), help: Some(help.into()) }
}

fn failure(check: &'static str, said: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { check, level: Level::Failure, said: said.into(), help: Some(help.into()) }
}

/// Writes findings as they come.
struct Report<'a> {
    screen: &'a mut Screen,
    worst: Level,
}

impl Report<'_> {
    fn tell(&mut self, findings: impl IntoIterator<Item = Finding>) -> anyhow::Result<()> {
        for Finding { check, level, said, help } in findings {
            self.worst = self.worst.max(level);
            if self.screen.is_json() {
                self.screen.record(&json!({"check": check, "level": level.label(), "said": said, "help": help}))?;
                continue;
            }
            self.screen.line(&format!("{:<8} {check:<14} {}", level.label(), shown(&said)))?;
            if let Some(help) = help {
                self.screen.line(&format!("{:24}{}", "", shown(&help)))?;
            }
        }
        Ok(())
    }
}

/// Checks everything. Fails where anything has failed: with the code for a wrong configuration, else with "unavailable".
pub(super) async fn doctor(
    file: &Path,
    settings: Result<Settings, Problems>,
    args: &DoctorArgs,
    credentials: Option<&Path>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let now = screen.now();
    let mut report = Report { screen, worst: Level::Ok };
    let settings = match settings {
        Ok(settings) => settings,
        Err(problems) => {
            let told = problems.told().map(|told| {
                let place = told.line.map_or(String::new(), |line| format!("line {line}: "));
                failure("configuration", format!("{place}{}", told.what), "tidings check shows it with its place")
            });
            report.tell(told.collect::<Vec<_>>())?;
            report.tell([machine::certificates(), machine::synchronised()])?;
            return Err(Told(Exit::Config).into());
        }
    };
    report.tell([files::configuration(file, &settings)])?;
    report.tell(files::secrets(file, credentials))?;
    report.tell(daemon(&settings, now).await?)?;
    report.tell(store::check(&settings, now))?;
    report.tell([machine::certificates(), machine::synchronised()])?;
    if !args.offline {
        report.tell(network::check(&settings, args.all, now).await?)?;
    }
    if report.worst == Level::Failure { Err(Told(Exit::Unavailable).into()) } else { Ok(()) }
}

/// Whether a daemon runs, of this version, and is ready.
async fn daemon(settings: &Settings, now: jiff::Timestamp) -> anyhow::Result<Vec<Finding>> {
    let Gathered { status, silence, .. } = status::gather(settings, now).await?;
    let mut findings = Vec::new();
    // It says the rest by the store, where no daemon does.
    if let Some(problem) = &silence {
        findings.push(warning("daemon", problem.what.clone(), problem.help.clone()));
    }
    let ours = env!("CARGO_PKG_VERSION");
    if status.version != ours {
        let said = format!("version {} runs, and this is {ours}", status.version);
        findings.push(warning("daemon", said, "systemctl restart tidings"));
    }
    for problem in status.problems.iter().filter(|problem| silence.as_ref() != Some(*problem)) {
        let told = if problem.level == "error" { failure } else { warning };
        findings.push(told("daemon", problem.what.clone(), problem.help.clone()));
    }
    if findings.is_empty() {
        findings.push(ok("daemon", "runs, all its loops turn, and nothing is amiss"));
    }
    Ok(findings)
}
