//! Formats that people read without glue: a notification for a chat or push service, and what the answer means there.
//!
//! Each service is a file: its body within its bounds, and what it says otherwise than HTTP does. The rules that follow
//! from an answer are every webhook's ([`super::judge`]), held against [`understood`].

mod cloud_events;
mod digest;
mod discord;
mod email;
mod event;
mod gotify;
mod matrix;
mod meaning;
mod message;
mod ntfy;
mod slack;
mod teams;
mod telegram;
mod text;

use serde_json::Value;

pub use cloud_events::{Formed, formed};
pub use email::{ANSWERED_COMMAND, Letter, judge as judge_mail, letter, showable as showable_mail};

use super::RetryPolicy;
use super::webhook::limits;
use crate::model::{AddressError, Chat, DeliveryClaim, Exchange, Method, Redirects, Request, Service, WebUrl};
use meaning::Meaning;
use message::Message;

/// Makes the request of one attempt: the notification as the service shows it.
///
/// # Errors
/// When the service's address can't carry what belongs behind it.
pub fn prepare(claim: &DeliveryClaim, chat: &Chat, policy: &RetryPolicy) -> Result<Request, AddressError> {
    let id = &claim.notification.id.0;
    let message = Message::read(&claim.notification.body);
    let body = body(&message, chat);
    let token = chat.token().reveal();
    let bearer = || ("authorization".to_owned(), format!("Bearer {token}"));
    let mut headers = vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
    let (method, url) = match chat.service() {
        Service::Slack | Service::Discord | Service::Teams => (Method::Post, chat.url().clone()),
        Service::Telegram => (Method::Post, below(chat.url(), &[&format!("bot{token}"), "sendMessage"])?),
        Service::Matrix => {
            headers.push(bearer());
            let room = ["_matrix", "client", "v3", "rooms", chat.room(), "send", "m.room.message", id.as_str()];
            (Method::Put, below(chat.url(), &room)?)
        }
        Service::Ntfy => {
            if !token.is_empty() {
                headers.push(bearer());
            }
            (Method::Post, server_of(chat.url())?)
        }
        Service::Gotify => {
            headers.push(("x-gotify-key".to_owned(), token.to_owned()));
            (Method::Post, below(chat.url(), &["message"])?)
        }
    };
    Ok(Request {
        method,
        url,
        headers,
        body: body.to_string().into_bytes(),
        redirects: Redirects::Refuse,
        limits: limits(policy.timeout),
    })
}

fn body(message: &Message, chat: &Chat) -> Value {
    match chat.service() {
        Service::Slack => slack::body(message),
        Service::Discord => discord::body(message),
        Service::Teams => teams::body(message),
        Service::Telegram => telegram::body(message, chat),
        Service::Matrix => matrix::body(message),
        Service::Ntfy => ntfy::body(message, chat),
        Service::Gotify => gotify::body(message, chat),
    }
}

/// The address with steps behind its path, each escaped.
fn below(url: &WebUrl, steps: &[&str]) -> Result<WebUrl, AddressError> {
    let mut url = url.as_url().clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(steps);
    }
    url.set_query(None);
    url.set_fragment(None);
    WebUrl::parse(url.as_str())
}

/// The address without its last step: an ntfy topic's server.
fn server_of(url: &WebUrl) -> Result<WebUrl, AddressError> {
    let mut url = url.as_url().clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop().push("");
    }
    url.set_query(None);
    url.set_fragment(None);
    WebUrl::parse(url.as_str())
}

/// An exchange in HTTP's common terms: a service that says in its body what others say by status and Retry-After is
/// taken at its word. What was answered is shown as it was.
///
/// # Errors
/// The failure, where there was one.
pub fn understood(service: Service, exchange: &Exchange) -> Exchange {
    exchange.clone().map(|response| {
        let meaning = match service {
            Service::Slack => slack::meaning(&response),
            Service::Discord => discord::meaning(&response),
            Service::Telegram => telegram::meaning(&response),
            Service::Matrix => matrix::meaning(&response),
            Service::Teams | Service::Ntfy | Service::Gotify => Meaning::AsItSays,
        };
        meaning.of(&response)
    })
}

/// The exchange as it may be kept and shown: nothing in it gives leave to write. Where a service's answer calls for
/// something to be done, the body says what.
///
/// # Errors
/// The failure, where there was one.
pub fn showable(chat: &Chat, exchange: Exchange) -> Exchange {
    let hidden = hidden(chat);
    let clean = |text: &str| hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[secret]"));
    match exchange {
        Ok(mut response) => {
            let advice = match chat.service() {
                Service::Telegram => telegram::advice(&response),
                Service::Slack
                | Service::Discord
                | Service::Teams
                | Service::Matrix
                | Service::Ntfy
                | Service::Gotify => None,
            };
            let said = advice.unwrap_or_else(|| String::from_utf8_lossy(&response.body).into_owned());
            response.body = clean(&said).into_bytes();
            for (_, value) in &mut response.headers.0 {
                *value = clean(value);
            }
            Ok(response)
        }
        Err(mut failure) => {
            failure.detail = clean(&failure.detail);
            Err(failure)
        }
    }
}

/// What must not be shown: the token, and what stands behind the host of an address that is a secret.
fn hidden(chat: &Chat) -> Vec<String> {
    let url = chat.url().as_url();
    let path = url.path().trim_matches('/');
    let query = url.query().unwrap_or_default();
    let parts = if chat.service().has_secret_address() { [path, query] } else { ["", ""] };
    let all = [chat.token().reveal(), parts[0], parts[1]];
    // Shorter ones would blot out words; no secret is so short, and a topic of ntfy is named by its owner.
    all.into_iter().filter(|secret| secret.len() >= 4).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
