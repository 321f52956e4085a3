//! `tidings check`: what the configuration says, once it is known to be right.

use std::path::Path;

use serde_json::json;

use crate::config::Settings;

use super::exit::Refusal;
use super::model;
use super::screen::{Screen, shown};

/// Says that `file` is right and what it declares. (What is wrong was told when it was loaded.)
pub(super) fn check(settings: &Settings, file: &Path, screen: &mut Screen) -> anyhow::Result<()> {
    let declared = &settings.declared;
    let (topics, sources) = (declared.topics.len(), declared.sources.len());
    let subscriptions = declared.subscriptions.len() + settings.unread;
    let file = file.display().to_string();
    let model = model::find(&settings.model)
        .map_err(|why| Refusal::Config(format!("{}: `path` in [model]: {why}", shown(&file))))?
        .map(|model| model.path().display().to_string());
    let listen = settings.server.listen.map(|address| address.to_string());
    if screen.is_json() {
        screen.record(&json!({
            "file": file, "topics": topics, "sources": sources, "subscriptions": subscriptions, "unchecked": settings.unread,
            "listen": listen, "database": settings.storage.path.display().to_string(), "model": model, "notices": settings.notices,
        }))?;
        return Ok(());
    }
    for notice in &settings.notices {
        screen.note(&format!("note: {}", shown(notice)));
    }
    screen.line(&format!("{} is right", shown(&file)))?;
    screen.field("topics", &topics.to_string())?;
    screen.field("sources", &sources.to_string())?;
    let unchecked = match settings.unread {
        0 => String::new(),
        unread => format!(", of which {unread} with a credential that can't be read here"),
    };
    screen.field("subscriptions", &format!("{subscriptions}{unchecked}"))?;
    screen.field("listens at", listen.as_deref().unwrap_or("nothing"))?;
    screen.field("database", &settings.storage.path.display().to_string())?;
    screen.field("model", model.as_deref().unwrap_or("none: events by words alone"))?;
    Ok(())
}
