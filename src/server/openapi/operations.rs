//! The calls, in the order of the router's routes.

use utoipa::openapi::HttpMethod::{Delete, Get, Patch, Post};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::bodies::{
    DiscoverBody, MarkBody, MergeBody, PreviewBody, RecoverBody, RotateBody, SourceBody, SourcePatch, SplitBody,
    SubscriptionBody, SubscriptionPatch, TokenBody, TopicBody, TopicPatch, UndoBody, word,
};
use super::operation::{Call, place};
use crate::model::{DeliveryState, NotificationType, Scope, SourceHealth};
use crate::server::problem::Kind;
use crate::server::search::SEARCH_CHARS_MAX;
use crate::server::wire;

fn reads(path: &'static str, id: &'static str, does: &'static str) -> Call {
    Call::new(Scope::Read, Get, path, id, does)
}

fn posts(path: &'static str, id: &'static str, does: &'static str) -> Call {
    Call::new(Scope::Write, Post, path, id, does)
}

fn patches(path: &'static str, id: &'static str, does: &'static str) -> Call {
    Call::new(Scope::Write, Patch, path, id, does).may(Kind::Conflict).guarded()
}

fn deletes(path: &'static str, id: &'static str, does: &'static str) -> Call {
    Call::new(Scope::Write, Delete, path, id, does).done("It is gone.").may(Kind::Conflict).guarded()
}

/// A text that is no word of a list; what it must be is said beside it.
fn text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

/// A topic's id as a parameter, which says nothing where it is empty.
fn topic() -> Object {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some("^([a-z0-9_-]{1,64})?$")).build()
}

fn limit() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(200)).build()
}

fn limited(call: Call) -> Call {
    call.asks("limit", limit(), "So many at most; 50 where not given.")
}

/// Pages of a list by number.
fn numbered(call: Call) -> Call {
    call.asks("limit", limit(), "So many at most; 200 where not given.").asks(
        "after",
        place(),
        "Those numbered above this: `next` has it.",
    )
}

/// Pages of a list, newest first.
fn paged(call: Call) -> Call {
    limited(call).asks("before", place(), "Those numbered below this: `next` has it.")
}

/// All calls.
pub(super) fn all() -> Vec<Call> {
    [status(), topics(), sources(), events(), stories(), told(), deliveries(), subscriptions(), endpoints(), tokens()]
        .into_iter()
        .flatten()
        .collect()
}

fn status() -> Vec<Call> {
    vec![
        reads("/status", "showStatus", "Says how the daemon fares: its loops, what waits, what is amiss")
            .gives::<wire::Status>(200, "How it fares."),
    ]
}

fn topics() -> Vec<Call> {
    vec![
        reads("/topics", "listTopics", "Lists topics").gives::<wire::Topics>(200, "All of them.").may(Kind::Malformed),
        posts("/topics", "addTopic", "Watches another topic")
            .takes::<TopicBody>()
            .gives::<wire::Topic>(201, "The topic.")
            .located()
            .tagged()
            .may(Kind::Conflict),
        reads("/topics/{id}", "showTopic", "Shows a topic").gives::<wire::Topic>(200, "The topic.").tagged(),
        patches("/topics/{id}", "changeTopic", "Changes a topic, as a new version of it")
            .takes::<TopicPatch>()
            .gives::<wire::Topic>(200, "The topic as it is now.")
            .tagged(),
        deletes("/topics/{id}", "removeTopic", "Watches a topic no longer"),
        paged(
            reads("/topics/{id}/versions", "listTopicVersions", "Lists the versions of a topic, newest first")
                .gives::<wire::TopicVersions>(200, "A page of them."),
        ),
        posts("/topics/{id}/undo", "undoTopic", "Saves an older version of a topic anew")
            .may_take::<UndoBody>()
            .gives::<wire::Topic>(200, "The topic as it is now.")
            .may(Kind::Conflict),
        posts("/preview", "previewQuery", "Says what a query would have told of what is stored")
            .takes::<PreviewBody>()
            .gives::<wire::Preview>(200, "What it would have told, and what the saved query would have."),
    ]
}

fn sources() -> Vec<Call> {
    let health =
        [SourceHealth::Well, SourceHealth::Silent, SourceHealth::Failing, SourceHealth::Gone].map(SourceHealth::label);
    let list = reads("/sources", "listSources", "Lists sources and how they fare, by number")
        .asks("health", word(health), "Only those that fare so.")
        .gives::<wire::Sources>(200, "A page of them.");
    vec![
        numbered(list),
        posts("/sources", "addSource", "Polls another source")
            .takes::<SourceBody>()
            .gives::<wire::Source>(201, "The source.")
            .located()
            .tagged()
            .may(Kind::Conflict),
        reads("/sources/{id}", "showSource", "Shows a source, and why its next poll is when it is")
            .gives::<wire::Source>(200, "The source.")
            .tagged(),
        patches("/sources/{id}", "changeSource", "Changes how a source is polled and named")
            .takes::<SourcePatch>()
            .gives::<wire::Source>(200, "The source as it is now.")
            .tagged(),
        deletes("/sources/{id}", "removeSource", "Polls a source no longer; its stories stay"),
        posts("/sources/{id}/poll", "pollSource", "Makes a source due at once")
            .gives::<wire::Source>(202, "The source.")
            .may(Kind::Conflict),
        posts("/sources/{id}/resume", "resumeSource", "Asks a source's domain again that is left alone")
            .gives::<wire::Source>(200, "The source as it is now.")
            .may(Kind::Conflict),
        posts("/sources/discover", "discoverSources", "Looks for what can be polled at an address")
            .takes::<DiscoverBody>()
            .gives::<wire::Discovered>(200, "What was found, with a preview of each.")
            .may(Kind::Conflict)
            .may(Kind::Closed),
        reads("/sources/opml", "exportSources", "Gives all sources as OPML")
            .gives_other(200, "The list.", "text/x-opml; charset=utf-8")
            .may(Kind::Malformed),
        posts("/sources/opml", "importSources", "Adds what is in a list of sources and not there yet")
            .asks("topic", topic(), "The topic that they are for; else as the list's folders say.")
            .asks("dry_run", word(["true", "false"]), "`true`: only says what it would do.")
            .takes_text("OPML of any version, or one address a line; 8 MiB at most.")
            .gives::<wire::Imported>(200, "What became of each.")
            .may(Kind::NotFound),
    ]
}

fn events() -> Vec<Call> {
    let list = reads("/events", "listEvents", "Lists events, newest first")
        .asks("topic", topic(), "Of this topic.")
        .asks("lang", text(), "With a story in this language, by its code.")
        .asks("publisher", text(), "With a story of this publisher.")
        .asks("since", text(), "Opened since a time or a day.")
        .asks("until", text(), "Opened before a time or a day's end.")
        .asks("told", word(["true", "false"]), "`true`: only those that were told.")
        .gives::<wire::Events>(200, "A page of them.")
        .may(Kind::NotFound);
    vec![
        paged(list),
        reads("/events/{id}", "showEvent", "Shows an event with its stories, and why each belongs to it")
            .gives::<wire::EventWithStories>(200, "The event."),
        posts("/events/{id}/merge", "mergeEvents", "Says that events are one")
            .takes::<MergeBody>()
            .gives::<wire::Corrected>(200, "What it did.")
            .may(Kind::Conflict),
        posts("/events/{id}/split", "splitEvent", "Says that stories tell of another event")
            .takes::<SplitBody>()
            .gives::<wire::Corrected>(200, "What it did.")
            .may(Kind::Conflict),
    ]
}

fn stories() -> Vec<Call> {
    let words =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(SEARCH_CHARS_MAX)).build();
    let search = reads("/stories", "searchStories", "Finds stories by words or a query, newest first")
        .asks_for("q", words, "Words that all occur in some form, or a query in the language of topics.")
        .asks("topic", topic(), "On this topic.")
        .asks("lang", text(), "In this language, by its code.")
        .asks("publisher", text(), "Of this publisher.")
        .asks("since", text(), "First seen since a time or a day.")
        .asks("until", text(), "First seen before a time or a day's end.")
        .gives::<wire::Stories>(200, "A page of them.")
        .may(Kind::NotFound);
    let labels = reads("/labels", "listLabels", "Lists what operators said of stories, oldest first")
        .asks("after", place(), "Those numbered above this: `next` has it.")
        .gives::<wire::Labels>(200, "A page of them.");
    vec![
        paged(search),
        limited(labels),
        reads("/stories/{id}", "explainStory", "Says all that is known of a story: why it was told or not")
            .gives::<wire::Explained>(200, "The story, and what was decided of it."),
        posts("/stories/{id}/mark", "markStory", "Says whether a story is on a topic")
            .takes::<MarkBody>()
            .gives::<wire::Corrected>(200, "What it did.")
            .may(Kind::Conflict),
    ]
}

fn told() -> Vec<Call> {
    let words = NotificationType::ALL.map(NotificationType::label).join(", ");
    let types = format!("One or more of {words}, with commas between them.");
    let list = reads("/notifications", "readLog", "Reads the log of all that was told, oldest first")
        .asks("after", place(), "What comes after this place.")
        .asks("topic", topic(), "Of this topic.")
        .asks("types", text(), &types)
        .gives::<wire::Log>(200, "A page of it.")
        .may(Kind::NotFound)
        .may(Kind::Gone);
    let stream = reads("/stream", "followLog", "Follows the log as server-sent events (docs/streams.md)")
        .asks("last_event_id", place(), "Goes on after this place; the header `Last-Event-ID` goes before it.")
        .asks("topic", topic(), "Of this topic.")
        .asks("types", text(), &types)
        .gives_other(200, "A stream without end.", "text/event-stream")
        .may(Kind::NotFound);
    vec![limited(list), stream]
}

fn deliveries() -> Vec<Call> {
    let list = reads("/deliveries", "listDeliveries", "Lists deliveries with their attempts, newest first")
        .asks("subscription", place(), "To this subscription.")
        .asks("state", word(DeliveryState::ALL.map(DeliveryState::label)), "In this state.")
        .asks("since", text(), "Made since a time or a day.")
        .asks("event", place(), "Of this event.")
        .gives::<wire::Deliveries>(200, "A page of them.");
    vec![
        paged(list),
        reads("/deliveries/{id}", "showDelivery", "Shows a delivery with what it sends")
            .gives::<wire::Delivery>(200, "The delivery."),
        posts("/deliveries/{id}/replay", "replayDelivery", "Sends a finished delivery again, under the same id")
            .gives::<wire::Delivery>(202, "The delivery, pending again.")
            .may(Kind::Conflict),
    ]
}

fn subscriptions() -> Vec<Call> {
    let list = reads("/subscriptions", "listSubscriptions", "Lists subscriptions and how they fare, by number")
        .gives::<wire::Subscriptions>(200, "A page of them.");
    vec![
        numbered(list),
        posts("/subscriptions", "addSubscription", "Subscribes an endpoint")
            .takes::<SubscriptionBody>()
            .gives::<wire::NewSubscription>(201, "The subscription, and its secret this once.")
            .located()
            .tagged()
            .may(Kind::Conflict),
        posts(
            "/subscriptions/{id}/rotate",
            "rotateSecret",
            "Gives a webhook a new secret; the old one signs too for a while",
        )
        .may_take::<RotateBody>()
        .gives::<wire::Rotated>(200, "The subscription, and its new secret this once.")
        .may(Kind::Conflict),
        reads("/subscriptions/{id}", "showSubscription", "Shows a subscription and how its endpoint fares")
            .gives::<wire::Subscription>(200, "The subscription.")
            .tagged(),
        patches("/subscriptions/{id}", "changeSubscription", "Changes what a subscription is told, and how")
            .takes::<SubscriptionPatch>()
            .gives::<wire::Subscription>(200, "The subscription as it is now.")
            .tagged(),
        deletes("/subscriptions/{id}", "removeSubscription", "Tells a subscription nothing any more"),
    ]
}

fn endpoints() -> Vec<Call> {
    vec![
        posts(
            "/subscriptions/{id}/verify",
            "verifySubscription",
            "Asks an endpoint whether it wants what it would be told",
        )
        .gives::<wire::Subscription>(200, "It does.")
        .may(Kind::Conflict),
        posts("/subscriptions/{id}/test", "testSubscription", "Sends a test")
            .gives::<wire::Delivery>(202, "The delivery.")
            .located()
            .may(Kind::Conflict),
        posts("/subscriptions/{id}/enable", "enableSubscription", "Serves a disabled subscription again")
            .asks("replay", text(), "`all` that it missed, as where not given; `none`; or what was told since a time.")
            .gives::<wire::Enabled>(200, "The subscription, and how much is sent.")
            .may(Kind::Conflict),
        posts(
            "/subscriptions/{id}/disable",
            "disableSubscription",
            "Serves a subscription no longer, and keeps what it misses",
        )
        .gives::<wire::Subscription>(200, "The subscription.")
        .may(Kind::Conflict),
        posts("/subscriptions/{id}/recover", "recoverDeliveries", "Sends again what was told since a time")
            .takes::<RecoverBody>()
            .gives::<wire::Recovered>(200, "How much is sent.")
            .may(Kind::Conflict),
    ]
}

fn tokens() -> Vec<Call> {
    let call = |method, path, id, does| Call::new(Scope::Admin, method, path, id, does);
    vec![
        call(Get, "/tokens", "listTokens", "Lists tokens")
            .gives::<wire::Tokens>(200, "All that were made.")
            .may(Kind::Malformed),
        call(Post, "/tokens", "addToken", "Makes a token")
            .takes::<TokenBody>()
            .gives::<wire::NewToken>(201, "The token, and its text this once.")
            .located()
            .may(Kind::Conflict),
        call(Get, "/tokens/{id}", "showToken", "Shows a token").gives::<wire::Token>(200, "The token."),
        call(Delete, "/tokens/{id}", "removeToken", "Removes a token").done("It counts no longer."),
    ]
}
