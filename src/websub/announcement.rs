//! What a publisher announces of hubs, and what follows for the channel of its source.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Announced, Channel, ChannelPhase, Headers, Response, WebUrl};

use super::link::links;

/// A feed that can be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The feed's own address, as the publisher writes it.
    pub topic: String,
    /// Its hubs, in the publisher's order; never empty.
    pub hubs: Vec<WebUrl>,
}

/// Hubs of one feed that are kept: one is used, the others stand by.
const HUBS_MAX: usize = 4;
/// The longest topic: more is no address that anybody wrote.
const TOPIC_BYTES_MAX: usize = 2_048;

/// What an answer announces: by its Link header first, else in the document
/// ([section 4](https://www.w3.org/TR/websub/#discovery)). `None` unless both a hub and the feed's own address are named.
pub fn announced(response: &Response, document: &Announced) -> Option<Announcement> {
    let by_header = |relation: &str| by_header(&response.headers, relation);
    let hubs = Some(by_header("hub")).filter(|hubs| !hubs.is_empty()).unwrap_or_else(|| document.hubs.clone());
    let topic = by_header("self").into_iter().next().or_else(|| document.self_link.clone())?;
    // A relative address is against the rules of Atom and of the Link header's use here; it is meant all the same.
    let topic = match WebUrl::parse(&topic) {
        Ok(_) => topic,
        Err(_) => response.url.join(&topic).ok()?.as_str().to_owned(),
    };
    if topic.len() > TOPIC_BYTES_MAX {
        return None;
    }
    let mut known: Vec<WebUrl> = Vec::new();
    for hub in hubs.iter().filter_map(|hub| response.url.join(hub).ok()) {
        if !known.contains(&hub) && known.len() < HUBS_MAX {
            known.push(hub);
        }
    }
    (!known.is_empty()).then_some(Announcement { topic, hubs: known })
}

fn by_header(headers: &Headers, relation: &str) -> Vec<String> {
    let fields = headers.0.iter().filter(|(name, _)| name == "link");
    let of_relation = fields.flat_map(|(_, value)| links(value)).filter(|l| l.relations.iter().any(|r| r == relation));
    of_relation.map(|link| link.target.to_owned()).collect()
}

/// What follows from an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heed {
    /// All is as it was.
    Nothing,
    /// A channel is to be begun, and the one there was (if any) to be ended.
    Begin(Announcement),
    /// The channel goes on, with other hubs standing by.
    Keep(Box<Channel>),
    /// The channel is to be ended: no hub is named any more.
    End,
}

/// A hub that was asked for one topic is asked for no other within so long.
const TOPIC_KEPT: SignedDuration = SignedDuration::from_hours(12);

/// Holds what a whole document announces against the channel of its source.
pub fn heed(announcement: Option<Announcement>, channel: Option<&Channel>, now: Timestamp) -> Heed {
    match (announcement, channel) {
        (None, None) => Heed::Nothing,
        (None, Some(_)) => Heed::End,
        (Some(announcement), None) => Heed::Begin(announcement),
        (Some(announcement), Some(channel)) => {
            let spec = &channel.spec;
            let in_use = spec.hubs.first();
            let is_left = spec.topic != announcement.topic && !keeps_topic(channel, now);
            if is_left || !in_use.is_some_and(|hub| announcement.hubs.contains(hub)) {
                return Heed::Begin(announcement);
            }
            let mut hubs = announcement.hubs;
            if let Some(place) = hubs.iter().position(|hub| Some(hub) == in_use) {
                hubs.rotate_left(place);
            }
            if hubs == spec.hubs {
                return Heed::Nothing;
            }
            let mut kept = channel.clone();
            kept.spec.hubs = hubs;
            Heed::Keep(Box::new(kept))
        }
    }
}

/// Whether a channel goes on although its feed gives another address of its own: some give another in each document (a number
/// against caches, `http` or `https` as the backend sees it), and their hub would be asked twice each time. Where the hub
/// pushes what the feed brings, its topic is right; where it doesn't, the other one is tried now and then.
fn keeps_topic(channel: &Channel, now: Timestamp) -> bool {
    let state = &channel.state;
    if channel.is_open(now) && state.distrusted_until.is_none_or(|until| until <= now) {
        return true;
    }
    let (since, until) = (now.checked_sub(TOPIC_KEPT), now.checked_add(TOPIC_KEPT));
    match state.phase {
        // It is asked again a day after it refused.
        ChannelPhase::Refused => until.is_ok_and(|until| state.due_at > until),
        ChannelPhase::Asking | ChannelPhase::Open | ChannelPhase::Ending => {
            let last = state.asked_at.or(state.open_since);
            last.is_none_or(|last| since.is_ok_and(|since| last > since))
        }
    }
}
