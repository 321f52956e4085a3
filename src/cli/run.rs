//! `tidings run`: the daemon.

use std::path::PathBuf;

use crate::config::{Environment, Secrets, Settings};
use crate::daemon::{self, Ended, Reload, Reloaded};

use super::api;
use super::assembly::{self, Assembly, Company};
use super::checks::CHECKS;
use super::log::Spoken;
use super::screen::{Form, Screen};
use super::teller::{self, Shows, Teller};

/// Runs the daemon until it is asked to end. `file` is read again on SIGHUP.
pub(super) async fn run(
    settings: Settings,
    file: PathBuf,
    environment: Environment,
    (spoken, screen): (Spoken, &mut Screen),
) -> anyhow::Result<()> {
    let reload: Reload = Box::new(move || {
        let fresh = crate::config::load(&file, &environment, &CHECKS, Secrets::Required).map_err(|p| p.to_string())?;
        let terms = assembly::terms(&fresh).map_err(|error| format!("{error:#}"))?;
        Ok(Reloaded { terms, declared: fresh.declared })
    });
    serve(settings, reload, (spoken, screen)).await
}

/// Puts the daemon together, says what it is about to do, and runs it.
pub(super) async fn serve(
    settings: Settings,
    reload: Reload,
    (spoken, screen): (Spoken, &mut Screen),
) -> anyhow::Result<()> {
    let form = if screen.is_json() { Form::Json } else { Form::People };
    let observer = match spoken {
        Spoken::Journal if form == Form::People => teller::to_the_log(),
        Spoken::Journal | Spoken::Lines => {
            Teller::new(form, Shows::Service, settings.declared.sources.len(), screen.now()).observer()
        }
    };
    let Assembly { parts, terms, lock } = assembly::assemble(&settings, Company::Alone, observer)?;
    let listening = api::listen(&settings).await?;
    let address = listening.as_ref().map(|(_, bound)| format!("http://{bound}/"));
    banner(&settings, address.as_deref(), screen);
    let mut tasks = Vec::new();
    if let Some((listener, _)) = listening {
        tasks.extend(api::tasks(listener, &settings, &parts)?);
    }
    let keeper = parts.keeper.clone();
    let ended = daemon::run(parts, terms, reload, tasks).await;
    keeper.close().await;
    drop(lock);
    if ended? == Ended::Cut {
        screen.note("stopped; what was under way is done again at the next start");
    }
    Ok(())
}

/// What the daemon is about to do, on stderr: stdout is for what happens.
fn banner(settings: &Settings, address: Option<&str>, screen: &mut Screen) {
    let declared = &settings.declared;
    let pages = declared.sources.iter().filter(|s| s.kind.is_page()).count();
    let topics: Vec<&str> = declared.topics.iter().map(|t| t.name.as_str()).collect();
    let subscriptions = match declared.subscriptions.len() {
        0 => "none in the configuration: events are shown here (tidings subscription add NAME URL)".to_owned(),
        n => n.to_string(),
    };
    let feeds = declared.sources.len() - pages;
    screen.note(&format!("tidings {}", env!("CARGO_PKG_VERSION")));
    screen.note(&format!("  topics         {}", topics.join(", ")));
    let counted = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let (all, feeds, pages) = (declared.sources.len(), counted(feeds, "feed"), counted(pages, "page"));
    screen.note(&format!("  sources        {all} ({feeds}, {pages})"));
    screen.note(&format!("  subscriptions  {subscriptions}"));
    screen.note(&format!("  page           {}", address.unwrap_or("switched off (server.listen)")));
    screen.note(&format!("  data           {}", settings.storage.path.display()));
    for notice in &settings.notices {
        screen.note(&format!("  note           {notice}"));
    }
}
