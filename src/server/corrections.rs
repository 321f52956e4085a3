//! `/v1/events/{id}/merge` and `/split`, `/v1/stories/{id}/mark`: operators' corrections.

use axum::Json;
use axum::extract::State;

use super::fields::Fields;
use super::params::{Segment, row};
use super::problem::Problem;
use super::state::{AppState, Change};
use super::wire;
use crate::model::{Corrected, Correction, EventId, Hush, Impossible, Mark, NotificationType, StoryId, TopicKey};

pub(super) async fn merge(
    State(app): State<AppState>,
    Segment(id): Segment,
    mut fields: Fields,
) -> Result<Json<wire::Corrected>, Problem> {
    let id = row(&id, "event")?;
    let with = fields.rows("with");
    let events = [id].into_iter().chain(with).map(EventId).collect();
    let correction = fields.finish(Some(Correction::Merge { events }))?;
    carry_out(&app, correction).await
}

pub(super) async fn split(
    State(app): State<AppState>,
    Segment(id): Segment,
    mut fields: Fields,
) -> Result<Json<wire::Corrected>, Problem> {
    let event = EventId(row(&id, "event")?);
    let stories: Vec<StoryId> = fields.rows("stories").into_iter().map(StoryId).collect();
    let hush = hush(&mut fields);
    let correction = fields.finish(Some(Correction::Split { event, stories, hush }))?;
    carry_out(&app, correction).await
}

pub(super) async fn mark(
    State(app): State<AppState>,
    Segment(id): Segment,
    mut fields: Fields,
) -> Result<Json<wire::Corrected>, Problem> {
    let story = StoryId(row(&id, "story")?);
    let mark = match fields.required("mark").as_deref() {
        Some("on-topic") => Some(Mark::OnTopic),
        Some("off-topic") => Some(Mark::OffTopic),
        Some(word) => {
            fields.fault("mark", format!("{word:?} is neither \"on-topic\" nor \"off-topic\""));
            None
        }
        None => None,
    };
    let topic = fields.text("topic").and_then(|id| {
        let key = TopicKey::parse(&id);
        if key.is_none() {
            fields.fault("topic", format!("{id:?} is no topic's id"));
        }
        key
    });
    let hush = hush(&mut fields);
    let correction = fields.finish(mark.map(|mark| Correction::Mark { story, mark, topic, hush }))?;
    carry_out(&app, correction).await
}

fn hush(fields: &mut Fields) -> Hush {
    if fields.flag("tell").unwrap_or(false) { Hush::Tell } else { Hush::Quiet }
}

async fn carry_out(app: &AppState, correction: Correction) -> Result<Json<wire::Corrected>, Problem> {
    Ok(Json((&apply(app, correction).await?).into()))
}

/// Carries a correction out, whoever asks for it: the API or a page.
pub(super) async fn apply(app: &AppState, correction: Correction) -> Result<Corrected, Problem> {
    let now = app.clock.now();
    let asked = correction.clone();
    let done = app.keeper.write(move |store| store.correct(&asked, now)).await?.map_err(|why| refusal(&why))?;
    if done.told > 0 {
        app.status.notified(match correction {
            Correction::Merge { .. } => NotificationType::EventMerged,
            // What a mark tells is told by the decider.
            Correction::Split { .. } | Correction::Mark { .. } => NotificationType::EventOpened,
        });
    }
    (app.changed)(Change::Corrections);
    tracing::info!(?correction, "an operator put events right: {correction:?}");
    Ok(done)
}

fn refusal(why: &Impossible) -> Problem {
    match why {
        Impossible::NoEvent(_) | Impossible::NoStory(_) | Impossible::NoTopic(_) => Problem::not_found(why.to_string()),
        Impossible::Merged(..)
        | Impossible::TooFew
        | Impossible::Topics(..)
        | Impossible::NotIn(..)
        | Impossible::All(_)
        | Impossible::NoneNamed
        | Impossible::Undecided(_)
        | Impossible::OnNone(_)
        | Impossible::WhichTopic(_) => Problem::conflict(why.to_string()),
    }
}
