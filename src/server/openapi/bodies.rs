//! What may be sent as a body. `fields.rs` reads it, with every fault told at once; a test holds the names against what is read.
#![expect(dead_code, reason = "these are shapes: only their schemas are made")]

use utoipa::ToSchema;
use utoipa::openapi::Schema;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

use crate::model::{Corrections, DeliveryOrder, Format, NotificationType, PayloadShape, Priority, Scope};

/// A topic to watch.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicBody {
    /// Its id.
    #[schema(schema_with = topic_id)]
    id: String,
    /// What stories are on it (docs/topics.md).
    #[schema(min_length = 1)]
    query: String,
    /// For people; the id where there is none.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// A source's first poll tells what is younger; 24 where not given.
    #[schema(minimum = 1, maximum = 8784)]
    fresh_hours: Option<u64>,
    /// Later polls tell what is younger; 7 where not given.
    #[schema(minimum = 1, maximum = 36525)]
    stale_days: Option<u64>,
    /// The topic's first day.
    #[schema(schema_with = day)]
    from: Option<String>,
    /// The topic's last day.
    #[schema(schema_with = day)]
    until: Option<String>,
}

/// What changes of a topic (a merge patch, RFC 7396): what is not named stays, `null` gives back what is usual.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicPatch {
    /// It stays, whatever is sent.
    id: Option<String>,
    /// What stories are on it (docs/topics.md).
    #[schema(min_length = 1)]
    query: Option<String>,
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(minimum = 1, maximum = 8784)]
    fresh_hours: Option<u64>,
    #[schema(minimum = 1, maximum = 36525)]
    stale_days: Option<u64>,
    #[schema(schema_with = day)]
    from: Option<String>,
    #[schema(schema_with = day)]
    until: Option<String>,
}

/// Which version is saved anew.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UndoBody {
    /// Its number; the one before the newest where not given.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    version: Option<u64>,
}

/// A query to try.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewBody {
    /// The query.
    #[schema(min_length = 1)]
    query: String,
    /// The topic that it would change; it is held against what that tells.
    #[schema(schema_with = topic_or_none)]
    topic: Option<String>,
    /// Days that are looked through; 30 where not given.
    #[schema(minimum = 1, maximum = 366)]
    days: Option<u64>,
    /// The topic's first day; its own where neither is given.
    #[schema(schema_with = day)]
    from: Option<String>,
    /// The topic's last day.
    #[schema(schema_with = day)]
    until: Option<String>,
}

/// A feed or page to poll.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceBody {
    /// Its web address.
    url: String,
    /// For people; the host where there is none.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Whose stories these are; the site where not given.
    publisher: Option<String>,
    /// A `page` without `select` has its articles found by what repeats.
    #[schema(schema_with = kind)]
    kind: Option<String>,
    select: Option<SelectBody>,
    #[schema(pattern = "^[a-z]{2,3}$")]
    lang: Option<String>,
    /// Topics that its stories are held against; all where empty.
    #[schema(schema_with = topic_ids)]
    topics: Option<Vec<String>>,
    #[schema(minimum = 1, maximum = 44640)]
    interval_min_minutes: Option<u64>,
    #[schema(minimum = 1, maximum = 44640)]
    interval_max_minutes: Option<u64>,
    #[schema(schema_with = priority)]
    priority: Option<String>,
    /// Whether each story's article page is read.
    full_text: Option<bool>,
}

/// Where something to poll is looked for.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscoverBody {
    /// A web address; its scheme may be left out.
    url: String,
    /// The language of what is looked for, where there are several.
    #[schema(pattern = "^[a-z]{2,3}$")]
    lang: Option<String>,
    /// Topics that previews are held against; all where empty.
    #[schema(schema_with = topic_ids)]
    topics: Option<Vec<String>>,
}

/// What changes of a source (a merge patch, RFC 7396): what is not named stays, `null` gives back what is usual.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourcePatch {
    #[schema(max_length = 100)]
    name: Option<String>,
    publisher: Option<String>,
    /// Its old validators are forgotten when this or `select` changes.
    #[schema(schema_with = kind)]
    kind: Option<String>,
    select: Option<SelectBody>,
    #[schema(pattern = "^[a-z]{2,3}$")]
    lang: Option<String>,
    #[schema(schema_with = topic_ids)]
    topics: Option<Vec<String>>,
    #[schema(minimum = 1, maximum = 44640)]
    interval_min_minutes: Option<u64>,
    #[schema(minimum = 1, maximum = 44640)]
    interval_max_minutes: Option<u64>,
    #[schema(schema_with = priority)]
    priority: Option<String>,
    full_text: Option<bool>,
}

/// CSS selectors of a list page.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SelectBody {
    /// An article's place in the list.
    #[schema(min_length = 1)]
    item: String,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    summary: Option<String>,
}

/// A subscription: what is told (docs/stories.md), how (docs/webhooks.md), and where (docs/formats.md): `url`, or `format` with its
/// own fields, or `email`.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionBody {
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(schema_with = topic_ids)]
    topics: Option<Vec<String>>,
    #[schema(schema_with = types)]
    types: Option<Vec<String>>,
    /// Which `event.updated` are told: `never`, `outcome`, `publishers = N`, `changed` or `each`.
    updates: Option<String>,
    #[schema(schema_with = corrections)]
    corrections: Option<String>,
    #[schema(schema_with = languages)]
    languages: Option<Vec<String>>,
    publishers: Option<Vec<String>>,
    /// Asks for more than a topic.
    query: Option<String>,
    #[schema(minimum = 1, maximum = 1000)]
    min_publishers: Option<u32>,
    /// `every N seconds|minutes|hours|days` or `daily HH:MM ZONE`.
    digest: Option<String>,
    digest_empty: Option<bool>,
    /// `HH:MM-HH:MM ZONE`.
    quiet: Option<String>,
    /// Types that pass quiet hours and digests.
    #[schema(schema_with = types)]
    at_once: Option<Vec<String>>,
    /// `N seconds|minutes|hours|days`, 1 second to 30 days.
    expire_after: Option<String>,
    #[schema(schema_with = payload)]
    payload: Option<String>,
    #[schema(minimum = 1, maximum = 1)]
    payload_version: Option<u32>,
    #[schema(minimum = 1, maximum = 256)]
    max_in_flight: Option<u32>,
    #[schema(minimum = 1, maximum = 6000)]
    rate_per_minute: Option<u32>,
    #[schema(schema_with = order)]
    order: Option<String>,
    /// Whether its endpoint must give a challenge back first.
    verify: Option<bool>,
    #[schema(schema_with = format)]
    format: Option<String>,
    email: Option<String>,
    url: Option<String>,
    /// What webhooks are signed with; one is made where it is not given.
    secret: Option<String>,
    #[schema(schema_with = signing)]
    signing: Option<String>,
    /// A service's own.
    token: Option<String>,
    /// A service's own.
    room: Option<String>,
    /// A service's own.
    #[schema(minimum = 1, maximum = 10)]
    priority: Option<u8>,
}

/// What changes of a subscription (a merge patch, RFC 7396): what is not named stays, `null` gives back what is usual.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionPatch {
    #[schema(schema_with = topic_ids)]
    topics: Option<Vec<String>>,
    #[schema(schema_with = types)]
    types: Option<Vec<String>>,
    updates: Option<String>,
    #[schema(schema_with = corrections)]
    corrections: Option<String>,
    #[schema(schema_with = languages)]
    languages: Option<Vec<String>>,
    publishers: Option<Vec<String>>,
    query: Option<String>,
    #[schema(minimum = 1, maximum = 1000)]
    min_publishers: Option<u32>,
    digest: Option<String>,
    digest_empty: Option<bool>,
    quiet: Option<String>,
    #[schema(schema_with = types)]
    at_once: Option<Vec<String>>,
    expire_after: Option<String>,
    #[schema(schema_with = payload)]
    payload: Option<String>,
    #[schema(minimum = 1, maximum = 1)]
    payload_version: Option<u32>,
    #[schema(minimum = 1, maximum = 256)]
    max_in_flight: Option<u32>,
    #[schema(minimum = 1, maximum = 6000)]
    rate_per_minute: Option<u32>,
    #[schema(schema_with = order)]
    order: Option<String>,
}

/// Events that are the same one.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeBody {
    /// The others' ids.
    #[schema(schema_with = rows)]
    with: Vec<i64>,
}

/// Stories that tell of another event than the one they are in.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SplitBody {
    #[schema(schema_with = rows)]
    stories: Vec<i64>,
    /// Whether subscribers are told of the new event.
    tell: Option<bool>,
}

/// Whether a story is on a topic.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MarkBody {
    #[schema(schema_with = mark)]
    mark: String,
    /// The topic, where it isn't plain.
    topic: Option<String>,
    /// Whether subscribers are told of what follows.
    tell: Option<bool>,
}

/// A new signing secret.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateBody {
    /// Hours for which the old one signs too; 24 where not given.
    #[schema(minimum = 0, maximum = 720)]
    keep_hours: Option<u64>,
    /// One is made where it is not given.
    secret: Option<String>,
    #[schema(schema_with = signing)]
    signing: Option<String>,
}

/// What is to be sent again.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecoverBody {
    /// What was told since.
    #[schema(format = DateTime)]
    since: String,
}

/// A token for the API.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    /// Whose it is, or what it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(schema_with = scope)]
    scope: String,
    /// Days until it expires; without them it never does.
    #[schema(minimum = 1, maximum = 3653)]
    expires_days: Option<u32>,
}

/// A text that is one of `words`, as a parameter or a field that must be there.
pub(super) fn word<'a>(words: impl IntoIterator<Item = &'a str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// A field that is one of `words`, or `null`.
fn maybe<'a>(words: impl IntoIterator<Item = &'a str>) -> Object {
    let words = words.into_iter().map(serde_json::Value::from).chain([serde_json::Value::Null]);
    let either = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(either).enum_values(Some(words)).build()
}

/// A list of such texts, or `null`.
fn list(of: Object) -> Schema {
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(of)
        .max_items(Some(1_000))
        .build()
        .into()
}

/// A topic's id.
pub(super) fn topic_id() -> Object {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z0-9_-]{1,64}$")).build()
}

fn topic_or_none() -> Object {
    let either = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(either).pattern(Some("^[a-z0-9_-]{1,64}$")).build()
}

fn topic_ids() -> Schema {
    list(topic_id())
}

fn languages() -> Schema {
    list(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z]{2,3}$")).build())
}

fn types() -> Schema {
    list(word(NotificationType::ALL.map(NotificationType::label)))
}

/// Numbers of things, at least one.
fn rows() -> Schema {
    let row = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    ArrayBuilder::new().items(row).min_items(Some(1)).max_items(Some(1_000)).build().into()
}

fn day() -> Object {
    let either = SchemaType::from_iter([Type::String, Type::Null]);
    let format = utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Date);
    ObjectBuilder::new().schema_type(either).format(Some(format)).build()
}

fn kind() -> Object {
    maybe(["feed", "page"])
}

fn priority() -> Object {
    maybe(Priority::ALL.map(Priority::label))
}

fn corrections() -> Object {
    maybe(Corrections::ALL.map(Corrections::label))
}

fn payload() -> Object {
    maybe(PayloadShape::ALL.map(PayloadShape::label))
}

fn order() -> Object {
    maybe(DeliveryOrder::ALL.map(DeliveryOrder::label))
}

fn format() -> Object {
    let words = Format::words();
    maybe(words.split(", "))
}

fn signing() -> Object {
    maybe(["v1", "v1a"])
}

fn mark() -> Object {
    word(["on-topic", "off-topic"])
}

fn scope() -> Object {
    word(Scope::ALL.map(Scope::label))
}
