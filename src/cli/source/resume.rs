//! `tidings source resume`: a host that asked to be left alone is asked again before that is over.

use serde_json::json;

use crate::model::{Source, SourceHealth, WebUrl};
use crate::port::{Listed, Store};
use crate::text::counted;
use crate::url::registrable;

use crate::cli::lookup;
use crate::cli::screen::{Screen, shown};

/// Has a domain left alone no longer.
pub(super) fn resume(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let (sources, now) = (store.sources(Listed::Current)?, screen.now());
    let paused = store.pauses(now)?;
    let domain = match lookup::source_among(&sources, wanted) {
        Ok(source) => domain(source).to_owned(),
        // Article pages of a domain without sources wait as well.
        Err(why) => {
            let host = WebUrl::parse(wanted).or_else(|_no_scheme| WebUrl::parse(&format!("https://{wanted}")));
            let host = host.ok().map(|url| registrable(url.host_text()).to_owned());
            let is_known = |domain: &String| {
                paused.iter().any(|pause| pause.domain == *domain)
                    || sources.iter().any(|source| self::domain(source) == domain)
            };
            host.filter(is_known).ok_or(why)?
        }
    };
    let is_resumed = store.resume(&domain, now)?;
    let is_due = |source: &Source| source.state.next_poll_at <= now && source.state.health != SourceHealth::Gone;
    let sources = store.sources(Listed::Current)?;
    let count = sources.iter().filter(|source| self::domain(source) == domain && is_due(source)).count();
    if screen.is_json() {
        return Ok(screen.record(&json!({"domain": domain, "resumed": is_resumed, "sources": count}))?);
    }
    let name = shown(&domain);
    if !is_resumed {
        return Ok(screen.line(&format!("{name} is not left alone: there is nothing to resume"))?);
    }
    let sources = counted(count, "source of it is due", "sources of it are due");
    screen.line(&format!("{name} is left alone no longer: {sources}"))?;
    screen.note("A running daemon asks it within seconds. If it asks to be left alone once more, that holds again.");
    Ok(())
}

fn domain(source: &Source) -> &str {
    registrable(source.spec.url.host_text())
}
