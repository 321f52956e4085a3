//! The stream of an open page: the cards of events as they change, as HTML.
//!
//! Like a stream of the log it has a place and no queue: the place is the latest change that the page shows, and what changed
//! since is read from the store. An event that changed ten times meanwhile comes once, as it is. Notifications are none of it,
//! so neither is what the operator alone is told.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;

use super::frame;
use super::open::place;
use super::seats::{Occupant, Seat};
use crate::daemon::{Gong, Keeper, Listener, MAX_WAIT};
use crate::model::{EventCard, EventVersion};
use crate::port::{EventFilter, Store, StoreError};
use crate::server::access::Granted;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::state::AppState;

/// Events read at once: a card is two to four kB.
const PAGE: usize = 16;
/// Silence after which a sign of life is sent (WHATWG HTML, section 9.2.7, advises 15 seconds).
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Draws cards as HTML, each in one text; the store says what topics are called.
pub(in crate::server) type Draw = fn(&mut dyn Store, &[EventCard]) -> Result<Vec<String>, StoreError>;

/// What changed, as text, and the place after it.
#[derive(Debug, Clone)]
struct Chunk {
    text: Bytes,
    place: EventVersion,
    has_more: bool,
}

/// What all open pages have in common; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Shown {
    events: Gong,
    ended: watch::Sender<bool>,
    /// What was read last: most pages show the same and stand at the same place, so it is read and drawn once.
    latest: Arc<Mutex<Option<(EventVersion, EventFilter, Chunk)>>>,
}

impl Shown {
    /// Nothing yet; `events` rings when some changed.
    pub(super) fn new(events: Gong) -> Self {
        Self { events, ..Self::default() }
    }

    pub(super) fn end(&self) {
        self.ended.send_replace(true);
    }

    fn read(
        &self,
        store: &mut dyn Store,
        after: EventVersion,
        (filter, draw): (&EventFilter, Draw),
    ) -> Result<Chunk, StoreError> {
        // A poisoned lock means a reader panicked: what it read is as good as any.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = latest.as_ref().filter(|(place, asked, _)| *place == after && asked == filter);
        if let Some((_, _, chunk)) = known {
            return Ok(chunk.clone());
        }
        let chunk = read(store, after, (filter, draw))?;
        if !chunk.text.is_empty() {
            *latest = Some((after, filter.clone(), chunk.clone()));
        }
        Ok(chunk)
    }
}

fn read(store: &mut dyn Store, after: EventVersion, (filter, draw): (&EventFilter, Draw)) -> Result<Chunk, StoreError> {
    let changed = store.changed_events(after, filter, PAGE)?;
    let mut text = String::new();
    if after > changed.last {
        // Another database than the one that the page was made of.
        frame::shown(&mut text, changed.last, "stale", "1");
        return Ok(Chunk { text: text.into(), place: changed.last, has_more: false });
    }
    let (mut cards, mut ids) = (Vec::new(), Vec::new());
    for (id, card) in changed.events {
        match card {
            Some(card) => cards.push(card),
            None => ids.push(id),
        }
    }
    // Frames of one chunk end at the same place: a client that has half of them is given all again.
    for id in ids {
        frame::shown(&mut text, after, "gone", &id.to_string());
    }
    for html in draw(store, &cards)? {
        frame::shown(&mut text, after, "card", &html);
    }
    if !text.is_empty() {
        // With data, as some clients pass over a frame that has none, its id too.
        frame::shown(&mut text, changed.through, "place", "1");
    }
    Ok(Chunk { text: text.into(), place: changed.through, has_more: changed.through < changed.last })
}

/// Answers with the stream of a page that was made at the place that the request names, to the holder of a token or a stranger.
///
/// # Errors
/// Where the place is none, or there is no room.
pub(in crate::server) async fn follow(
    app: &AppState,
    holder: Result<Granted, Client>,
    (headers, mut params): (HeaderMap, Params),
    (filter, draw): (EventFilter, Draw),
) -> Result<Response, Problem> {
    let place = place(&headers, &mut params);
    params.finish()?;
    let streams = &app.streams;
    let seat = streams.seat(holder.as_ref().err().copied(), Occupant::Page)?;
    let shown = streams.shown.clone();
    // From before the first look on, so that nothing comes between the two unheard.
    let (news, ended) = (shown.events.listen(), shown.ended.subscribe());
    let place = match place {
        Some(place) => EventVersion(place.0),
        None => app.keeper.read(|store| store.overview()).await?.version,
    };
    let start = Some(frame::start_of_page(streams.retry()));
    let reader = Reader { keeper: app.keeper.clone(), shown, filter, draw, place, news, ended, start, _seat: seat };
    let chunks = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(chunk), reader))
    });
    let body = Body::from_stream(chunks.take_until(Box::pin(app.access.clone().lapse(holder.ok()))));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        // nginx would hold events back to fill its buffer.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// A page's stream at its place.
struct Reader {
    keeper: Keeper,
    shown: Shown,
    filter: EventFilter,
    draw: Draw,
    place: EventVersion,
    news: Listener,
    ended: watch::Receiver<bool>,
    /// What is sent first of all.
    start: Option<String>,
    /// Given back when the client is gone.
    _seat: Seat,
}

impl Reader {
    /// What is to be sent next, once there is something. `None`: the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(start) = self.start.take() {
            return Some(start.into());
        }
        let mut silence = pin!(tokio::time::sleep(KEEP_ALIVE));
        while !*self.ended.borrow() {
            self.news.attend();
            let (shown, filter, draw, place) = (self.shown.clone(), self.filter.clone(), self.draw, self.place);
            let chunk = match self.keeper.read(move |store| shown.read(store, place, (&filter, draw))).await {
                Ok(chunk) => chunk,
                Err(error) => {
                    tracing::warn!("the stream of an open page was ended, as the store failed: {error}");
                    return None;
                }
            };
            self.place = chunk.place;
            if !chunk.text.is_empty() {
                return Some(chunk.text);
            }
            if chunk.has_more {
                continue;
            }
            // Five seconds for other processes, which ring no gong.
            tokio::select! {
                () = self.news.wait(MAX_WAIT) => {}
                () = &mut silence => return Some(Bytes::from_static(b":\n\n")),
                _ = self.ended.changed() => {}
            }
        }
        None
    }
}
