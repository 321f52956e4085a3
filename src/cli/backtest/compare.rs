//! `tidings backtest --compare`: what another configuration would tell, and what it would no longer.

use serde_json::json;

use crate::ingest::{Replayed, Side, differences};
use crate::model::StoryDraft;

use super::super::screen::{Screen, Table};

/// Prints what is gained and lost from the old configuration to the new.
pub(super) fn print(
    (ids, drafts): (&[String], &[StoryDraft]),
    (old, new): (&[Replayed], &[Replayed]),
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let (found, both) = differences(old, new);
    let count = |side: Side| found.iter().filter(|d| d.side == side).count();
    let (gained, lost) = (count(Side::Gained), count(Side::Lost));
    let mut table = Table::new(["change", "id", "topic", "title", "why not by the other"]);
    for one in &found {
        let id = ids.get(one.place).cloned().unwrap_or_default();
        let title = drafts.get(one.place).map(|d| d.title.clone()).unwrap_or_default();
        if screen.is_json() {
            let topic = one.topic.as_str();
            screen.record(
                &json!({"change": one.side.label(), "id": id, "topic": topic, "title": title, "why": one.why}),
            )?;
        } else {
            table.row([one.side.label().to_owned(), id, one.topic.to_string(), title, one.why.clone()]);
        }
    }
    let total = format!("{} articles: {gained} gained, {lost} lost, {both} told by both", ids.len());
    if screen.is_json() {
        screen.note(&total);
        return Ok(());
    }
    if !found.is_empty() {
        screen.table(&table)?;
    }
    Ok(screen.line(&total)?)
}
