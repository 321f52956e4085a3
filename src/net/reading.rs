//! Reading an answer: its head is held to its bounds, its body read as fast as it must come and unpacked on the way.

use std::pin::Pin;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Sleep;

use super::Bounds;
use super::client::Sent;
use super::decode::{Body, Coding, Cut};
use super::fault::{self, Phase};
use crate::model::{Exchange, Failure, FailureKind, Headers, Method, Response};

/// A body's buffer begins no larger, whatever length is announced.
const BUFFER_BYTES: usize = 256 * 1024;
/// Bytes on the wire that are unpacked at once: four megabytes at the most, some milliseconds.
const PORTION_BYTES: usize = 4 * 1024;

/// Reads the body and puts the answer together.
///
/// Only of an answer that is a document is the body wanted whole. Of others the status says what came of the request, and when to come
/// again: they stand with as much of their body as can be read. What a 304 or 204 says of its coding means nothing, as it has no body.
///
/// What answers a POST is only shown to people, and its status has said already what came of it: such a body is cut
/// where it is too long, late or broken, and the answer stands. Otherwise an endpoint that took a notification and
/// then says too much would be sent it again.
pub(super) async fn finish(
    mut answer: reqwest::Response,
    sent: &Sent<'_>,
    redirects: Vec<u16>,
    time: &mut Pin<Box<Sleep>>,
) -> Exchange {
    let max = sent.limits.body_bytes;
    let announced = answer.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
    let is_wanted = sent.method == Method::Get && matches!(answer.status().as_u16(), 200..=203 | 206..=299);
    let coding = Coding::of(answer.headers());
    let mut body = Body::new(coding.clone().unwrap_or(Coding::Told), max, announced.min(BUFFER_BYTES), sent.bounds);
    let read = match coding {
        // Over HTTP/1 there is none, as is known before it is read; over HTTP/2 the stream may not have ended.
        Ok(_) if answer.content_length() == Some(0) && answer.version() <= http::Version::HTTP_11 => {
            body.end().map_err(|cut| told(&cut, sent))
        }
        Ok(_) if announced > max && is_wanted => Err(too_large(sent)),
        Ok(_) => read(&mut answer, &mut body, sent, time).await,
        Err(what) => {
            let detail = format!("the body from {} {what}", sent.url.host_text());
            Err(Failure { kind: FailureKind::Decode, detail })
        }
    };
    match read {
        Err(failure) if is_wanted => return Err(failure),
        Err(_) | Ok(()) => {}
    }
    Ok(Response { body: body.into_plain(), ..head(&answer, sent, redirects) })
}

/// An answer without its body.
pub(super) fn head(answer: &reqwest::Response, sent: &Sent<'_>, redirects: Vec<u16>) -> Response {
    let lower = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = Headers(answer.headers().iter().map(lower).collect());
    Response { status: answer.status().as_u16(), headers, body: Vec::new(), url: sent.url.clone(), redirects }
}

/// Holds a head's size to its bounds. hyper has buffered it by now: no more than 408 kB of HTTP/1, and of HTTP/2 no more
/// than this bound.
pub(super) fn check_head(headers: &HeaderMap, bounds: &Bounds, host: &str) -> Result<(), Failure> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > bounds.head_bytes || headers.len() > bounds.head_fields {
        return Err(fault::large_head(host, bounds));
    }
    Ok(())
}

/// Reads into `body` until its end, its limits or the end of time.
async fn read(
    answer: &mut reqwest::Response,
    body: &mut Body,
    sent: &Sent<'_>,
    time: &mut Pin<Box<Sleep>>,
) -> Result<(), Failure> {
    let mut pace = Pace::new(sent);
    loop {
        let chunk = tokio::select! {
            biased;
            () = time.as_mut() => return Err(late(sent, body)),
            () = pace.window.as_mut(), if sent.method == Method::Get => {
                if pace.is_slow(body.wire()) {
                    return Err(slow(sent, body));
                }
                continue;
            }
            chunk = sent.apart.drive(answer.chunk()) => chunk,
        };
        match chunk.map_err(|error| fault::failure(&error, Phase::Body, sent))? {
            Some(chunk) => push(body, &chunk).await.map_err(|cut| told(&cut, sent))?,
            None => return body.end().map_err(|cut| told(&cut, sent)),
        }
    }
}

/// Unpacks what came, portion by portion: other tasks have their turn between.
async fn push(body: &mut Body, chunk: &[u8]) -> Result<(), Cut> {
    for portion in chunk.chunks(PORTION_BYTES) {
        body.push(portion)?;
        tokio::task::coop::consume_budget().await;
    }
    Ok(())
}

/// Whether a body comes fast enough.
struct Pace<'a> {
    bounds: &'a Bounds,
    window: Pin<Box<Sleep>>,
    /// Bytes on the wire when the window began.
    before: usize,
}

impl<'a> Pace<'a> {
    fn new(sent: &Sent<'a>) -> Self {
        Self { bounds: sent.bounds, window: Box::pin(tokio::time::sleep(sent.bounds.slow)), before: 0 }
    }

    /// Whether too little has come in the window that is over; begins the next.
    fn is_slow(&mut self, wire: usize) -> bool {
        let came = wire.saturating_sub(self.before);
        self.before = wire;
        let end = self.window.deadline() + self.bounds.slow;
        self.window.as_mut().reset(end);
        came < self.bounds.slowest_bytes
    }
}

fn late(sent: &Sent<'_>, body: &Body) -> Failure {
    let (host, secs, bytes) = (sent.url.host_text(), sent.limits.total.as_secs_f64(), body.wire());
    let detail = format!(
        "the body from {host} was not complete within {secs} s: {bytes} bytes had come; if it is that long, raise total_timeout_secs in [network]"
    );
    Failure { kind: FailureKind::Timeout, detail }
}

fn slow(sent: &Sent<'_>, body: &Body) -> Failure {
    let Bounds { slow, slowest_bytes, .. } = sent.bounds;
    let (host, secs, bytes) = (sent.url.host_text(), slow.as_secs_f64(), body.wire());
    let detail = format!(
        "the body from {host} came too slowly: fewer than {slowest_bytes} bytes in {secs} s, {bytes} in all; on a line that is so slow, lower slowest_bytes_per_sec in [network]"
    );
    Failure { kind: FailureKind::Timeout, detail }
}

fn told(cut: &Cut, sent: &Sent<'_>) -> Failure {
    let host = sent.url.host_text();
    match cut {
        Cut::TooLarge => too_large(sent),
        Cut::Bomb { wire } => {
            let ratio = sent.bounds.expansion;
            let detail = format!(
                "the body from {host} becomes more than {ratio} times the {wire} bytes that were sent: a decompression bomb, or a broken server"
            );
            Failure { kind: FailureKind::TooLarge, detail }
        }
        Cut::Damaged(words) => {
            let place = format!("{host}:{}", sent.url.port());
            let detail = format!("the body from {place} can't be decompressed: cut off or damaged ({words})");
            Failure { kind: FailureKind::Decode, detail }
        }
    }
}

fn too_large(sent: &Sent<'_>) -> Failure {
    let (host, max) = (sent.url.host_text(), sent.limits.body_bytes);
    let detail = format!(
        "the body from {host} is larger than {max} bytes; if that is meant, raise feed_body_mib or page_body_mib in [network]"
    );
    Failure { kind: FailureKind::TooLarge, detail }
}
