//! What the hub asks of a callback, and what it posts there.

use std::fmt::Write as _;
use std::time::Duration;

use aws_lc_rs::hmac;
use url::form_urlencoded::Serializer;

use crate::model::{FollowerSpec, Limits, Method, Petition, Redirects, Request, Secret, WebUrl, Wish};

/// A callback's answer: a challenge is far shorter, and else nothing is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// The recommendation asks subscribers to answer at once, and to read afterwards.
const TOTAL: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(10);

/// The question whether the callback meant it, with a challenge that is used once
/// ([section 5.3](https://www.w3.org/TR/websub/#hub-verifies-intent)). The callback's own query is kept.
pub fn verification(spec: &FollowerSpec, petition: &Petition, challenge: &str) -> Option<Request> {
    let mut query = Serializer::new(String::new());
    query
        .append_pair("hub.mode", petition.wish.label())
        .append_pair("hub.topic", &spec.address)
        .append_pair("hub.challenge", challenge);
    if let Wish::Follow { lease, .. } = &petition.wish {
        query.append_pair("hub.lease_seconds", &lease.as_secs().to_string());
    }
    // As text: a query that is parsed and written anew may be another to who wrote it.
    let callback = spec.callback.as_str();
    let joint = if spec.callback.as_url().query().is_some() { '&' } else { '?' };
    let url = WebUrl::parse(&format!("{callback}{joint}{}", query.finish())).ok()?;
    Some(request(Method::Get, url, Vec::new(), Vec::new()))
}

/// What is posted.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// The whole feed, as it is at its address.
    pub body: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// Our hub's address.
    pub hub: &'a str,
}

/// The post of a feed to a follower, signed where it gave a secret
/// ([section 7](https://www.w3.org/TR/websub/#content-distribution)).
pub fn post(spec: &FollowerSpec, secret: Option<&Secret>, post: &Post<'_>) -> Request {
    let link = format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", post.hub, spec.address);
    let mut headers = vec![("content-type".to_owned(), post.media_type.to_owned()), ("link".to_owned(), link)];
    headers.extend(secret.map(|secret| ("x-hub-signature".to_owned(), signature(secret, post.body.as_bytes()))));
    request(Method::Post, spec.callback.clone(), headers, post.body.as_bytes().to_vec())
}

/// SHA-256: each subscriber of the recommendation knows it, and SHA-1 is only for old ones.
fn signature(secret: &Secret, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    let mut text = "sha256=".to_owned();
    for byte in hmac::sign(&key, body).as_ref() {
        // Writing to a `String` can't fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

fn request(method: Method, url: WebUrl, headers: Vec<(String, String)>, body: Vec<u8>) -> Request {
    let limits = Limits { connect: CONNECT, total: TOTAL, body_bytes: ANSWER_BYTES_MAX };
    Request { method, url, headers, body, redirects: Redirects::Refuse, limits }
}
