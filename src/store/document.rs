//! The JSON columns: each a document with a version of its own, apart from the model's types.

use std::time::Duration;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{
    Corrections, DigestPlan, Filter, Manner, NotificationType, PageSelectors, PayloadShape, PlanError, Quiet, Reason,
    Stage, StoryId, TopicKey, Updates, WebUrl,
};

/// The version that is written.
const VERSION: u32 = 1;

/// Why a document can't be read.
#[derive(Debug, thiserror::Error)]
enum DocumentError {
    #[error("version {0} of the document is not known")]
    Version(u32),
    #[error("{0:?} is none of the known words")]
    Word(String),
}

/// A JSON column around its row type.
#[derive(Debug)]
pub(super) struct Document<T>(pub(super) T);

/// A row type: converts from and to the model.
pub(super) trait Stored: Serialize + DeserializeOwned {
    /// The version it was read with.
    fn version(&self) -> u32;
}

impl<T: Stored> Document<T> {
    /// The document's text.
    pub(super) fn write(&self) -> rusqlite::Result<String> {
        serde_json::to_string(&self.0).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
    }

    /// Reads a document's text.
    pub(super) fn read(text: &str) -> FromSqlResult<T> {
        let row: T = serde_json::from_str(text).map_err(|e| FromSqlError::Other(Box::new(e)))?;
        if row.version() != VERSION {
            return Err(FromSqlError::Other(Box::new(DocumentError::Version(row.version()))));
        }
        Ok(row)
    }
}

impl<T: Stored> ToSql for Document<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.write()?.into())
    }
}

impl<T: Stored> FromSql for Document<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::read(value.as_str()?).map(Self)
    }
}

macro_rules! stored {
    ($($name:ident),+) => {
        $(impl Stored for $name {
            fn version(&self) -> u32 {
                self.v
            }
        })+
    };
}
stored!(TopicsRow, SelectorsRow, HubsRow, FilterRow, MannerRow, ReasonsRow);

fn topic_keys(words: Vec<String>) -> rusqlite::Result<Vec<TopicKey>> {
    words.into_iter().map(|word| TopicKey::parse(&word).ok_or_else(|| unknown(word))).collect()
}

/// The error for a word that none of ours is.
fn unknown(word: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(DocumentError::Word(word)))
}

/// A source's topics.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TopicsRow {
    v: u32,
    topics: Vec<String>,
}

impl TopicsRow {
    pub(super) fn of(topics: &[TopicKey]) -> Document<Self> {
        Document(Self { v: VERSION, topics: topics.iter().map(ToString::to_string).collect() })
    }

    pub(super) fn into_model(self) -> rusqlite::Result<Vec<TopicKey>> {
        topic_keys(self.topics)
    }
}

/// A page source's selectors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SelectorsRow {
    v: u32,
    item: String,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    summary: Option<String>,
}

impl SelectorsRow {
    pub(super) fn of(selectors: &PageSelectors) -> Document<Self> {
        let PageSelectors { item, link, title, date, summary } = selectors.clone();
        Document(Self { v: VERSION, item, link, title, date, summary })
    }

    pub(super) fn into_model(self) -> PageSelectors {
        PageSelectors { item: self.item, link: self.link, title: self.title, date: self.date, summary: self.summary }
    }
}

/// A channel's hubs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HubsRow {
    v: u32,
    hubs: Vec<String>,
}

impl HubsRow {
    pub(super) fn of(hubs: &[WebUrl]) -> Document<Self> {
        Document(Self { v: VERSION, hubs: hubs.iter().map(ToString::to_string).collect() })
    }

    pub(super) fn into_model(self) -> rusqlite::Result<Vec<WebUrl>> {
        self.hubs.into_iter().map(|hub| WebUrl::parse(&hub).map_err(|_no_address| unknown(hub))).collect()
    }
}

/// A subscription's filter.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FilterRow {
    v: u32,
    topics: Vec<String>,
    types: Vec<String>,
    languages: Vec<String>,
    publishers: Vec<String>,
    /// Written since schema 6; without them event.updated means each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updates: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrections: Option<String>,
    /// Written since schema 15; without it one publisher is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_publishers: Option<u32>,
}

impl FilterRow {
    pub(super) fn of(filter: &Filter) -> Document<Self> {
        Document(Self {
            v: VERSION,
            topics: filter.topics.iter().map(ToString::to_string).collect(),
            types: filter.types.iter().map(|t| t.label().to_owned()).collect(),
            languages: filter.languages.clone(),
            publishers: filter.publishers.clone(),
            updates: Some(filter.updates.to_string()),
            corrections: Some(filter.corrections.label().to_owned()),
            query: filter.query.clone(),
            min_publishers: Some(filter.min_publishers).filter(|count| *count > 1),
        })
    }

    pub(super) fn into_model(self) -> rusqlite::Result<Filter> {
        Ok(Filter {
            topics: topic_keys(self.topics)?,
            types: self
                .types
                .into_iter()
                .map(|word| NotificationType::parse(&word).ok_or_else(|| unknown(word)))
                .collect::<Result<_, _>>()?,
            languages: self.languages,
            publishers: self.publishers,
            updates: match self.updates {
                Some(text) => Updates::parse(&text).ok_or_else(|| unknown(text))?,
                None => Updates::Each,
            },
            corrections: match self.corrections {
                Some(word) => Corrections::parse(&word).ok_or_else(|| unknown(word))?,
                None => Corrections::Each,
            },
            query: self.query,
            min_publishers: self.min_publishers.unwrap_or(1),
        })
    }
}

/// How a subscription is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MannerRow {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(default)]
    digest_empty: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet: Option<String>,
    #[serde(default)]
    at_once: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expire_after_secs: Option<u64>,
    payload: String,
    payload_version: u32,
}

impl MannerRow {
    /// `None` of one that is as usual.
    pub(super) fn of(manner: &Manner) -> Option<Document<Self>> {
        (*manner != Manner::default()).then(|| {
            Document(Self {
                v: VERSION,
                digest: manner.digest.as_ref().map(ToString::to_string),
                digest_empty: manner.digest_empty,
                quiet: manner.quiet.as_ref().map(ToString::to_string),
                at_once: manner.at_once.iter().map(|kind| kind.label().to_owned()).collect(),
                expire_after_secs: manner.expire_after.map(|expiry| expiry.as_secs()),
                payload: manner.payload.label().to_owned(),
                payload_version: manner.payload_version,
            })
        })
    }

    pub(super) fn into_model(self) -> rusqlite::Result<Manner> {
        let kind = |word: String| NotificationType::parse(&word).ok_or_else(|| unknown(word));
        Ok(Manner {
            digest: read(self.digest, DigestPlan::parse)?,
            digest_empty: self.digest_empty,
            quiet: read(self.quiet, Quiet::parse)?,
            at_once: self.at_once.into_iter().map(kind).collect::<Result<_, _>>()?,
            expire_after: self.expire_after_secs.map(Duration::from_secs),
            payload: PayloadShape::parse(&self.payload).ok_or_else(|| unknown(self.payload))?,
            payload_version: self.payload_version,
        })
    }
}

fn read<T>(text: Option<String>, parse: impl Fn(&str) -> Result<T, PlanError>) -> rusqlite::Result<Option<T>> {
    text.map(|text| parse(&text).map_err(|_no_plan| unknown(text))).transpose()
}

/// A decision's reasons.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReasonsRow {
    v: u32,
    reasons: Vec<ReasonRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReasonRow {
    stage: String,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<(String, Option<f64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    story: Option<i64>,
}

const STAGES: [Stage; 6] = [Stage::Topic, Stage::Identity, Stage::Copy, Stage::Event, Stage::Tell, Stage::Operator];

/// The names that reasons' numbers go by. What is not listed is read back as [`UNNAMED`].
const NUMBER_NAMES: [&str; 57] = [
    "age_days",
    "age_hours",
    "agreement",
    "apart_hours",
    "bonus",
    "candidates",
    "chars",
    "common",
    "containment",
    "copies",
    "cosine",
    "days",
    "distance",
    "entities",
    "events",
    "fresh_hours",
    "gap_hours",
    "hours",
    "jaccard",
    "known",
    "languages",
    "length",
    "margin",
    "matched",
    "meaning",
    "names",
    "names_alike",
    "names_otherwise",
    "novelty",
    "numbers",
    "numbers_alike",
    "numbers_otherwise",
    "of_longer",
    "overlap",
    "penalty",
    "position",
    "publishers",
    "rank",
    "rare_terms",
    "relevance",
    "revision",
    "runner_up",
    "score",
    "share",
    "shared",
    "similarity",
    "size",
    "stale_days",
    "stories",
    "terms",
    "threshold",
    "title",
    "tokens",
    "weight",
    "window_days",
    "window_hours",
    "words",
];

/// The name of a number whose own is not known.
const UNNAMED: &str = "number";

impl ReasonsRow {
    pub(super) fn of(reasons: &[Reason]) -> Document<Self> {
        let row = |reason: &Reason| ReasonRow {
            stage: reason.stage.label().to_owned(),
            text: reason.text.clone(),
            numbers: reason.numbers.iter().map(|(name, x)| ((*name).to_owned(), x.is_finite().then_some(*x))).collect(),
            story: reason.story.map(|s| s.0),
        };
        Document(Self { v: VERSION, reasons: reasons.iter().map(row).collect() })
    }

    pub(super) fn into_model(self) -> rusqlite::Result<Vec<Reason>> {
        self.reasons.into_iter().map(ReasonRow::into_model).collect()
    }
}

impl ReasonRow {
    fn into_model(self) -> rusqlite::Result<Reason> {
        let stage = STAGES.into_iter().find(|s| s.label() == self.stage).ok_or_else(|| unknown(self.stage))?;
        let named = |(name, x): (String, Option<f64>)| {
            let known = NUMBER_NAMES.into_iter().find(|n| *n == name).unwrap_or(UNNAMED);
            (known, x.unwrap_or(f64::NAN))
        };
        Ok(Reason {
            stage,
            text: self.text,
            numbers: self.numbers.into_iter().map(named).collect(),
            story: self.story.map(StoryId),
        })
    }
}
