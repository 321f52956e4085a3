//! Opening a stream, and its life.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::frame;
use super::latest::Latest;
use super::pages::Shown;
use super::seats::{Seat, Seats};
use crate::daemon::{Gong, Keeper, Listener, MAX_WAIT};
use crate::model::{NotificationType, Sequence};
use crate::port::LogFilter;
use crate::server::auth::Stranger;
use crate::server::notifications::{topic, types};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::state::AppState;

/// What a stream without the token gives: what the feeds show, too. That a source fails is the operator's affair.
const PUBLIC: [NotificationType; 3] =
    [NotificationType::EventOpened, NotificationType::EventUpdated, NotificationType::EventMerged];
/// Notifications read at once: at most 20 kB each.
const PAGE: usize = 16;
/// Silence after which a sign of life is sent (WHATWG HTML, section 9.2.7, advises 15 seconds).
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The wait that a client is asked for before it connects again is within these, from client to client another: all are
/// cut when the daemon ends, and need not come back at once.
const RETRY_MS: std::ops::Range<u64> = 1_000..5_000;
/// Spreads the waits of clients that came one after another: prime to the width of their range.
const RETRY_STRIDE: u64 = 1_237;

/// The open streams; cheap to clone.
#[derive(Debug, Clone)]
pub struct Streams {
    news: Gong,
    seats: Seats,
    opened: Arc<AtomicU64>,
    latest: Latest,
    ended: watch::Sender<bool>,
    /// What open pages of events have in common.
    pub(super) shown: Shown,
}

impl Streams {
    /// No stream yet; `news` rings when the log has grown.
    pub fn new(news: Gong) -> Self {
        Self {
            news,
            seats: Seats::new(),
            opened: Arc::default(),
            latest: Latest::default(),
            ended: watch::Sender::default(),
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
        self.ended.send_replace(true);
        self.shown.end();
    }

    /// Takes a place: for a stranger at an address, or (`None`) for whoever has a token.
    pub(super) fn seat(&self, stranger: Option<Client>) -> Result<Seat, Problem> {
        self.seats.take(stranger).map_err(Problem::busy)
    }

    pub(super) fn retry(&self) -> Duration {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let width = RETRY_MS.end - RETRY_MS.start;
        Duration::from_millis(RETRY_MS.start + number.wrapping_mul(RETRY_STRIDE) % width)
    }
}

/// Answers with a stream that goes on from the last event that the client had, or from now on.
pub(in crate::server) async fn open(
    State(app): State<AppState>,
    stranger: Option<Extension<Stranger>>,
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
    let streams = app.streams;
    let seat = streams.seat(stranger.map(|_no_token| client))?;
    // From before the first look on, so that nothing comes between the two unheard.
    let (news, ended) = (streams.news.listen(), streams.ended.subscribe());
    let is_named = place.is_some();
    let place = match place {
        Some(place) => place,
        None => app.keeper.read(|store| store.log(&LogFilter::default())).await?.last,
    };
    let filter = LogFilter { after: place, topic, types, limit: PAGE };
    let start = Some(frame::start(streams.retry(), place, is_named));
    let reader = Reader { keeper: app.keeper, latest: streams.latest, filter, news, ended, start, _seat: seat };
    let body = Body::from_stream(stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(chunk), reader))
    }));
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
            let (latest, filter) = (self.latest.clone(), self.filter.clone());
            let chunk = match self.keeper.read(move |store| latest.read(store, &filter)).await {
                Ok(chunk) => chunk,
                Err(error) => {
                    tracing::warn!("a stream ends, for the store failed it: {error}");
                    return None;
                }
            };
            self.filter.after = chunk.place;
            if !chunk.text.is_empty() {
                return Some(chunk.text);
            }
            if chunk.has_more {
                continue;
            }
            // Five seconds for other processes, which ring no gong.
            tokio::select! {
                () = self.news.wait(MAX_WAIT) => {}
                () = &mut silence => return Some(frame::alive(self.filter.after).into()),
                _ = self.ended.changed() => {}
            }
        }
        None
    }
}
