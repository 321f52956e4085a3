//! `tidings topic history`: a topic's versions, and how each differs from the one before.

use crate::model::{Topic, TopicVersion};
use crate::port::Store;
use crate::server::wire;

use super::super::screen::Screen;

/// Shows the versions, the newest first.
pub(super) fn show(store: &mut dyn Store, topic: &Topic, screen: &mut Screen) -> anyhow::Result<()> {
    let versions = store.topic_versions(&topic.spec.key, None, usize::MAX)?;
    if screen.is_json() {
        return Ok(versions.iter().try_for_each(|version| screen.record(&wire::TopicVersion::from(version)))?);
    }
    let before = versions.iter().skip(1).map(Some).chain([None]);
    for (version, before) in versions.iter().zip(before) {
        one(version, before, screen)?;
    }
    Ok(())
}

fn one(version: &TopicVersion, before: Option<&TopicVersion>, screen: &mut Screen) -> anyhow::Result<()> {
    let again = version.restores.map(|number| format!(", version {number} again")).unwrap_or_default();
    screen.heading(&format!("version {}{again}", version.number))?;
    let by = if version.saved_by.is_empty() { "not known" } else { &version.saved_by };
    screen.field("saved", &screen.when(version.saved_at))?;
    screen.field("by", by)?;
    let Some(before) = before else {
        screen.field("query", version.spec.query.trim())?;
        return Ok(screen.line("")?);
    };
    let lines = version.spec.changes_since(&before.spec);
    if lines.is_empty() {
        screen.line("as before")?;
    }
    for (what, old, new) in lines {
        screen.difference(what, &old, &new)?;
    }
    Ok(screen.line("")?)
}
