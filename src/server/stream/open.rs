//! Opening a stream, and its life.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;
use tokio::time::Sleep;

use super::frame;
use super::latest::Latest;
use super::pages::Shown;
use super::seats::{Occupant, Seat, Seats};
use super::tail::{Found, Tail};
use crate::daemon::{Bell, Gong, Keeper};
use crate::model::{NotificationType, Sequence};
use crate::port::{LogFilter, StoreError};
use crate::server::access::Granted;
use crate::server::auth::Stranger;
use crate::server::notifications::{must_be_there, topic, types};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::state::AppState;

/// What a stream without the token gives: what the feeds show, too. That a source fails is the operator's affair.
const PUBLIC: [NotificationType; 3] =
    [NotificationType::EventOpened, NotificationType::EventUpdated, NotificationType::EventMerged];
/// Notifications read at once: at most 20 kB each.
pub(super) const PAGE: usize = 16;
/// How often a stream looks whether it was silent since its last look: twice in the 15 seconds of silence after which a sign of life is
/// due (WHATWG HTML, section 9.2.7). So no event sets a timer.
const LOOK_EVERY: Duration = Duration::from_millis(7_500);
/// The wait that a client is asked for before it connects again is within these, from client to client another: all are
/// cut when the daemon ends, and need not come back at once.
const RETRY_MS: std::ops::Range<u64> = 1_000..5_000;
/// Spreads the waits of clients that came one after another: prime to the width of their range.
const RETRY_STRIDE: u64 = 1_237;

/// The open streams; cheap to clone.
#[derive(Debug, Clone)]
pub struct Streams {
    pub(super) news: Gong,
    /// The end of the log, which most streams wait at.
    pub(super) tail: watch::Sender<Tail>,
    /// Rings when a stream is opened, and when all end.
    pub(super) turned: Bell,
    seats: Seats,
    count: Arc<AtomicU64>,
    latest: Latest,
    /// What open pages of events have in common.
    pub(super) shown: Shown,
}

impl Streams {
    /// No stream yet; `news` rings when the log has grown. They are told nothing but by [`Self::feed`].
    pub fn new(news: Gong) -> Self {
        Self {
            news,
            tail: watch::Sender::default(),
            turned: Bell::default(),
            seats: Seats::new(),
            count: Arc::default(),
            latest: Latest::default(),
            shown: Shown::default(),
        }
    }

    /// The same, with what rings when events changed: open pages show it at once.
    #[must_use]
    pub fn showing(self, events: Gong) -> Self {
        Self { shown: Shown::new(events), ..self }
    }

    /// Ends all of them, each between two events.
    pub fn end(&self) {
        self.tail.send_modify(Tail::end);
        self.turned.ring();
        self.shown.end();
    }

    /// Takes a place: for a stranger, or (`None`) for whoever has a token.
    pub(super) fn seat(&self, stranger: Option<Client>, occupant: Occupant) -> Result<Seat, Problem> {
        self.seats.take(stranger, occupant).map_err(Problem::busy)
    }

    pub(super) fn retry(&self) -> Duration {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let width = RETRY_MS.end - RETRY_MS.start;
        Duration::from_millis(RETRY_MS.start + number.wrapping_mul(RETRY_STRIDE) % width)
    }
}

/// Answers with a stream that goes on from the last event that the client had, or from now on.
pub(in crate::server) async fn open(
    State(app): State<AppState>,
    (stranger, granted): (Option<Extension<Stranger>>, Option<Extension<Granted>>),
    client: Client,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let (topic, mut types) = (topic(&mut params), types(&mut params));
    let place = place(&headers, &mut params);
    params.finish()?;
    if stranger.is_some() {
        only_public(&mut types)?;
    }
    let streams = &app.streams;
    let seat = streams.seat(stranger.map(|_no_token| client), Occupant::Program)?;
    must_be_there(&app, topic.as_ref()).await?;
    // From before the first look on, so that nothing comes between the two unheard.
    let tail = streams.tail.subscribe();
    streams.turned.ring();
    let is_named = place.is_some();
    let place = match place {
        Some(place) => place,
        None => app.keeper.read(|store| store.log(&LogFilter::default())).await?.last,
    };
    let filter = LogFilter { after: place, topic, types, limit: PAGE };
    let reader = Reader {
        start: Some(frame::start(streams.retry(), place, is_named)),
        keeper: app.keeper.clone(),
        latest: streams.latest.clone(),
        filter,
        tail,
        look: Box::pin(tokio::time::sleep(LOOK_EVERY)),
        is_silent: false,
        _seat: seat,
    };
    let chunks = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(chunk), reader))
    });
    let granted = granted.map(|Extension(granted)| granted);
    let body = Body::from_stream(chunks.take_until(Box::pin(app.access.clone().lapse(granted))));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        // nginx would hold events back to fill its buffer.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// Narrows what is asked for to what needs no token.
fn only_public(types: &mut Vec<NotificationType>) -> Result<(), Problem> {
    if types.is_empty() {
        types.extend(PUBLIC);
    }
    if types.iter().all(|asked| PUBLIC.contains(asked)) {
        return Ok(());
    }
    let public = PUBLIC.map(NotificationType::label).join(", ");
    Err(Problem::unauthorized(format!(
        "without a token the stream gives {public} alone: send `Authorization: Bearer TOKEN`"
    )))
}

/// The last event that the client had. The header is sent on a reconnection, to the address of the first connection:
/// so it goes before the parameter.
pub(super) fn place(headers: &HeaderMap, params: &mut Params) -> Option<Sequence> {
    const NAME: &str = "last_event_id";
    let asked = params.parsed(NAME, "a number", |text| text.parse().ok().filter(|n| *n >= 0)).map(Sequence);
    let Some(header) = headers.get("last-event-id").filter(|value| !value.is_empty()) else { return asked };
    let number = header.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|n| *n >= 0);
    if number.is_none() {
        params.fault(NAME, "the header `Last-Event-ID` is not a number that this stream gave".to_owned());
    }
    number.map(Sequence)
}

/// A stream at its place.
struct Reader {
    keeper: Keeper,
    latest: Latest,
    /// What is asked for, after the place.
    filter: LogFilter,
    tail: watch::Receiver<Tail>,
    /// When it is next looked whether a sign of life is due.
    look: Pin<Box<Sleep>>,
    /// Whether nothing was sent since the last look.
    is_silent: bool,
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
        loop {
            let found = self.tail.borrow_and_update().after(&self.filter);
            let text = match found {
                Found::Over => return None,
                Found::Event(text, place) => {
                    self.filter.after = place;
                    Some(text)
                }
                Found::Nothing(place) => {
                    self.filter.after = place;
                    None
                }
                Found::Elsewhere => match self.catch_up().await {
                    Ok(text) => text,
                    Err(error) => {
                        tracing::warn!("a stream was ended, as the store failed: {error}");
                        return None;
                    }
                },
            };
            if text.is_some() {
                self.is_silent = false;
                return text;
            }
            tokio::select! {
                changed = self.tail.changed() => changed.ok()?,
                () = &mut self.look => {
                    let next = self.look.deadline() + LOOK_EVERY;
                    self.look.as_mut().reset(next);
                    if std::mem::replace(&mut self.is_silent, true) {
                        self.is_silent = false;
                        return Some(frame::alive(self.filter.after).into());
                    }
                }
            }
        }
    }

    /// Reads the store on from the place, where that is not what is told just now.
    async fn catch_up(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            let (latest, filter) = (self.latest.clone(), self.filter.clone());
            let chunk = self.keeper.read(move |store| latest.read(store, &filter)).await?;
            self.filter.after = chunk.place;
            if !chunk.text.is_empty() {
                return Ok(Some(chunk.text));
            }
            if !chunk.has_more {
                return Ok(None);
            }
        }
    }
}
