//! `tidings run`: the daemon.

use std::path::{Path, PathBuf};

use crate::config::{Environment, Secrets, Settings};
use crate::daemon::{self, Ended, Reload, Reloaded, Reloading};
use crate::port::Declared;
use crate::text::counted;

use super::api;
use super::assembly::{self, Assembly, Company};
use super::checks::CHECKS;
use super::control::{Asked, Desk};
use super::descriptors;
use super::exit::Refusal;
use super::inherited::Inherited;
use super::log::Spoken;
use super::screen::{Form, Screen};
use super::teller::{self, Shows, Teller};

/// Runs the daemon until it is asked to end. `file` is read again on SIGHUP, and when `tidings reload` asks.
pub(super) async fn run(
    settings: Settings,
    (file, inherited): (PathBuf, Inherited),
    environment: Environment,
    (spoken, screen): (Spoken, &mut Screen),
) -> anyhow::Result<()> {
    let (read, started) = (file.clone(), settings.clone());
    let mut declares = Declares(!settings.declared.is_empty());
    let reload: Reload = Box::new(move || {
        let fresh = crate::config::load(&read, &environment, &CHECKS, Secrets::Required)?;
        declares.take(&fresh.declared, &read)?;
        let notes = fresh.notices.iter().cloned().chain(restart(&started, &fresh)).collect();
        Ok(Reloaded { terms: assembly::terms(&fresh)?, declared: fresh.declared, notes })
    });
    serve(settings, reload, (file, inherited), (spoken, screen)).await
}

/// Whether the configuration in force declares anything.
struct Declares(bool);

impl Declares {
    /// Lets a configuration by.
    ///
    /// # Errors
    /// When it would end all that is declared: as a rule it is a file that was read while it was saved. What is meant so is done by a
    /// restart, which somebody does on purpose.
    fn take(&mut self, fresh: &Declared, file: &Path) -> Result<(), Refusal> {
        if self.0 && fresh.is_empty() {
            return Err(Refusal::Config(format!(
                "{} declares no topic, source or subscription: that would end all that the configuration in force declares. If it was read \
                 while it was saved, reload again; if it is meant, restart the daemon with it, or leave one of them in it",
                file.display()
            )));
        }
        self.0 |= !fresh.is_empty();
        Ok(())
    }
}

/// Says which tables wait for a restart: what they say is built into parts that a reload leaves as they are.
fn restart(started: &Settings, fresh: &Settings) -> Option<String> {
    let changed = [
        ("[server]", started.server != fresh.server),
        ("[push]", started.push != fresh.push),
        ("[self_service]", started.self_service != fresh.self_service),
        ("[storage]", started.storage != fresh.storage),
        ("[control]", started.control != fresh.control),
        ("[log]", started.log != fresh.log),
    ];
    let names: Vec<&str> = changed.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| format!("what {} says now waits for a restart", names.join(", ")))
}

/// Puts the daemon together, says what it is about to do, and runs it. It is given the file that `reload` reads, and the
/// sockets that it was handed.
pub(super) async fn serve(
    settings: Settings,
    reload: Reload,
    (file, inherited): (PathBuf, Inherited),
    (spoken, screen): (Spoken, &mut Screen),
) -> anyhow::Result<()> {
    descriptors::raise();
    let form = if screen.is_json() { Form::Json } else { Form::People };
    let observer = match spoken {
        Spoken::Journal if form == Form::People => teller::to_the_log(),
        Spoken::Journal | Spoken::Lines | Spoken::Json => {
            Teller::new(form, Shows::Service, settings.declared.sources.len(), screen.now()).observer()
        }
    };
    let Assembly { parts, terms, lock, .. } = assembly::assemble(&settings, Company::Alone, observer)?;
    let listeners = api::listen(&settings, inherited).await?;
    let desk = Desk::open(&settings.control)?;
    let reloading = Reloading::new(reload, terms);
    let addresses: Vec<String> = listeners.iter().map(|listening| format!("http://{}/", listening.bound)).collect();
    let address = (!addresses.is_empty()).then(|| addresses.join(", "));
    match spoken {
        Spoken::Json => announce(&settings, address.as_deref()),
        Spoken::Journal | Spoken::Lines => banner(&settings, address.as_deref(), screen),
    }
    let mut tasks = if listeners.is_empty() { Vec::new() } else { api::tasks(listeners, &settings, &parts)? };
    let asked = Asked { reloader: reloading.reloader(), bells: parts.bells.clone(), file };
    tasks.extend(desk.map(|desk| desk.task(asked)));
    let keeper = parts.keeper.clone();
    let ended = daemon::run(parts, reloading, tasks).await;
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
    let (feeds, pages) = (counted(feeds, "feed", "feeds"), counted(pages, "page", "pages"));
    let all = declared.sources.len();
    screen.note(&format!("  sources        {all} ({feeds}, {pages})"));
    screen.note(&format!("  subscriptions  {subscriptions}"));
    screen.note(&format!("  page           {}", address.unwrap_or("switched off (server.listen)")));
    screen.note(&format!("  data           {}", settings.storage.path.display()));
    for notice in &settings.notices {
        screen.note(&format!("  note           {notice}"));
    }
}

/// The same where a program reads each line.
fn announce(settings: &Settings, address: Option<&str>) {
    let declared = &settings.declared;
    let topics: Vec<&str> = declared.topics.iter().map(|t| t.name.as_str()).collect();
    tracing::info!(
        topics = topics.join(", "),
        sources = declared.sources.len(),
        subscriptions = declared.subscriptions.len(),
        page = address.unwrap_or_default(),
        data = %settings.storage.path.display(),
        "tidings starts"
    );
    for notice in &settings.notices {
        tracing::warn!("the configuration: {notice}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Filter, Mailbox, SubscriptionSpec};

    #[test]
    fn a_reload_that_would_end_all_that_is_declared_is_refused_with_what_to_do() {
        let file = Path::new("/etc/tidings/tidings.toml");
        let to = crate::model::Endpoint::Email(Mailbox::parse("person@example.org").unwrap());
        let full = Declared {
            subscriptions: vec![SubscriptionSpec::new("desk", to, Filter::default())],
            ..Declared::default()
        };
        let none = Declared::default();

        let mut declares = Declares(true);
        let refused = declares.take(&none, file).unwrap_err();
        insta::assert_snapshot!(refused, @"/etc/tidings/tidings.toml declares no topic, source or subscription: that would end all that the configuration in force declares. If it was read while it was saved, reload again; if it is meant, restart the daemon with it, or leave one of them in it");
        declares.take(&full, file).unwrap();
        declares.take(&none, file).unwrap_err();

        let mut declares = Declares(false);
        declares.take(&none, file).expect("nothing is declared, and stays so");
        declares.take(&full, file).unwrap();
        declares.take(&none, file).unwrap_err();
    }
}
