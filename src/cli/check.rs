//! `tidings check`: what the configuration says, once it is known to be right.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::json;

use crate::config::Settings;
use crate::model::TopicSpec;

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
    let today = TimeZone::UTC.to_datetime(screen.now()).date();
    let is_over = |topic: &&TopicSpec| topic.span.until().is_some_and(|until| until < today);
    let over = declared.topics.iter().filter(is_over).map(|topic| {
        format!("the topic `{}` is over by its `until`: nothing that is published now is on it", topic.key.as_str())
    });
    let notices: Vec<String> = settings.notices.iter().cloned().chain(over).collect();
    let database = &settings.storage.path;
    if database.is_dir() {
        let database = shown(&database.display().to_string());
        let why = format!("{}: `path` in [storage]: {database} is a folder; name a file in it", shown(&file));
        return Err(Refusal::Config(why).into());
    }
    if screen.is_json() {
        screen.record(&json!({
            "file": file, "topics": topics, "sources": sources, "subscriptions": subscriptions, "unchecked": settings.unread,
            "listen": listen, "database": settings.storage.path.display().to_string(), "model": model, "notices": notices,
        }))?;
        return Ok(());
    }
    for notice in &notices {
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
