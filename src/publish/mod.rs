//! Rung 2: a topic's events as a feed for other programs: Atom 1.0 (RFC 4287), RSS 2.0 and JSON Feed 1.1, an entry an event.
//!
//! Each format is a short writer by hand over the same [`Document`]. The server answers with feeds, the hub posts them.

mod document;

mod atom;
mod json;
mod rss;
mod xml;

pub use document::{Document, Item, Part, Place};

use crate::model::FeedFormat;

/// A document in a format.
pub fn write(document: &Document, format: FeedFormat) -> String {
    match format {
        FeedFormat::Atom => atom::write(document),
        FeedFormat::Rss => rss::write(document),
        FeedFormat::Json => json::write(document),
    }
}

/// The media type of what is written so, with its parameters.
pub fn media_type(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Atom => "application/atom+xml; charset=utf-8",
        FeedFormat::Rss => "application/rss+xml; charset=utf-8",
        FeedFormat::Json => "application/feed+json; charset=utf-8",
    }
}
