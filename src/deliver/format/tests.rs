//! Each format of each type, as it is sent; bounds and meanings.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::deliver::judge;
use crate::model::{
    ChatParts, DeliveryId, Endpoint, EventId, Failure, FailureKind, Filter, Headers, Notification, NotificationId,
    NotificationType, Origin, Response, Secret, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionState,
    TopicKey, Verdict, WebhookForm,
};

const ID: &str = "msg_0123456789abcdef0123456789abcdef";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn chat(service: Service) -> Chat {
    let (url, token, room, priority) = match service {
        Service::Slack => (Some("https://hooks.slack.example/services/T0/B0/s3cret"), None, None, None),
        Service::Discord => (Some("https://discord.example/api/webhooks/1/s3cret?thread_id=5"), None, None, None),
        Service::Teams => (Some("https://flows.example/workflows/1?sig=s3cret"), None, None, None),
        Service::Telegram => (None, Some("12345:s3cret_key"), Some("-1001234567890"), None),
        Service::Matrix => (Some("https://matrix.example"), Some("syt_s3cret"), Some("!room:matrix.example"), None),
        Service::Ntfy => (Some("https://ntfy.example/base/desk-s3cret"), Some("tk_s3cret"), None, Some(4)),
        Service::Gotify => (Some("https://gotify.example/sub/"), Some("As3cret"), None, Some(8)),
    };
    let parts = ChatParts {
        url: url.map(|url| WebUrl::parse(url).unwrap()),
        token: token.map(Secret::new),
        room: room.map(str::to_owned),
        priority,
    };
    Chat::new(service, parts).unwrap()
}

fn claim(kind: NotificationType, endpoint: Endpoint, body: String) -> DeliveryClaim {
    DeliveryClaim {
        id: DeliveryId(1),
        notification: Notification {
            id: NotificationId(ID.to_owned()),
            kind,
            topic: TopicKey::parse("arms"),
            event: Some(EventId(7)),
            story: None,
            source: None,
            created_at: at("2026-11-24T15:01:04Z"),
            body,
        },
        subscription: Arc::new(Subscription {
            id: SubscriptionId(1),
            spec: SubscriptionSpec::new("desk", endpoint, Filter::default()),
            origin: Origin::Config,
            state: SubscriptionState::Active,
            created_at: at("2026-11-24T15:00:00Z"),
        }),
        attempts: 0,
        created_at: at("2026-11-24T15:01:04Z"),
        fence: 1,
    }
}

fn story(title: &str, publisher: &str, lang: &str, summary: &str) -> Value {
    json!({"id": 1, "url": "https://n.example/1", "link": "https://n.example/1?a=1&b=(2)|3", "title": title,
        "publisher": publisher, "lang": lang, "ruling": "opened", "summary": summary})
}

fn envelope(kind: &str, data: &Value) -> String {
    json!({"type": kind, "timestamp": "2026-11-24T15:01:04.000Z", "data": data}).to_string()
}

/// Markup of every service, a call to all, an emoji of several characters, and no summary.
fn opened() -> String {
    let title = "<b>A & B</b> *vote* @everyone <!channel> 👩‍👩‍👧 `x` \u{202e}gone";
    let story = story(title, "n.example", "en", "");
    envelope(
        "event.opened",
        &json!({"version": 1, "why": "opened", "topic": {"id": "arms", "name": "Arms & men"},
            "event": {"id": 7, "title": title, "opened_at": "2026-11-24T15:01:03.000Z", "publishers": 1},
            "story": story, "stories": [story], "stories_total": 1, "reasons": []}),
    )
}

/// A correction in Arabic of an event first told in Russian.
fn corrected() -> String {
    let first = story("Резолюция принята", "тасс.example", "ru", "");
    let story = story("مجلس الأمن يعتمد القرار (محدث)", "alquds.example", "ar", "صوت المجلس بأغلبية 12 صوتا.");
    envelope(
        "event.updated",
        &json!({"version": 1, "why": "correction", "topic": {"id": "arms", "name": "Оружие"},
            "event": {"id": 7, "title": "Резолюция принята", "opened_at": "2026-11-24T15:01:03.000Z", "publishers": 3},
            "story": story, "stories": [first, story], "stories_total": 2, "reasons": [],
            "changes": [{"kind": "vote", "now": "12", "before": "10"}, {"kind": "date", "now": "24 November", "before": null}]}),
    )
}

fn merged() -> String {
    let story = story("Council adopts text", "n.example", "en", "Told twice.");
    envelope(
        "event.merged",
        &json!({"version": 1, "why": "merged", "topic": {"id": "arms", "name": "Arms"},
            "event": {"id": 7, "title": "Council adopts text", "opened_at": "2026-11-24T15:01:03.000Z", "publishers": 4},
            "story": story, "stories": [story], "stories_total": 5, "reasons": [],
            "merged": [{"id": 9, "title": "UN votes_on_arms"}]}),
    )
}

fn failing() -> String {
    envelope(
        "source.failing",
        &json!({"version": 1, "source": {"id": 3, "name": "Gazette_1", "url": "https://g.example/feed", "publisher": "g.example"},
            "health": "failing", "failures": 5, "last_outcome": "status 503 <oops>", "last_good_at": null,
            "next_poll_at": "2026-11-24T16:00:00.000Z"}),
    )
}

/// The request as text: what a service gets.
fn sent(service: Service, body: &str) -> String {
    let chat = chat(service);
    let claim = claim(NotificationType::EventOpened, Endpoint::Chat(chat.clone()), body.to_owned());
    let request = prepare(&claim, &chat, &RetryPolicy::default()).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let headers = headers.join("\n") + "\n";
    format!("{:?} {}\n{headers}{}", request.method, request.url, serde_json::to_string_pretty(&body).unwrap())
}

macro_rules! snapshots {
    ($($name:ident: $service:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            let kinds = [("opened", opened()), ("corrected", corrected()), ("merged", merged()), ("failing", failing())];
            let all: Vec<_> = kinds.iter().map(|(kind, body)| format!("== {kind}\n{}", sent(Service::$service, body))).collect();
            insta::assert_snapshot!(all.join("\n\n"));
        })+
    };
}

snapshots! {
    slack_gets_blocks: Slack,
    discord_gets_an_embed_that_calls_nobody: Discord,
    teams_gets_an_adaptive_card: Teams,
    telegram_gets_html: Telegram,
    matrix_gets_both_forms_under_the_notifications_own_id: Matrix,
    ntfy_gets_json_at_the_server: Ntfy,
    gotify_gets_a_message_of_the_application: Gotify,
}

#[test]
fn a_digest_and_a_type_that_is_not_known_yet_are_told_by_title_and_lines() {
    let digest = json!({"version": 1, "subscription": "morning", "part": 1, "parts": 1, "count": 3, "entries": [
        {"id": "msg_1", "type": "event.opened",
         "data": {"event": {"title": "One"}, "story": {"title": "First", "link": "https://n.example/1", "publisher": "n.example"}}},
        {"id": "msg_2", "type": "source.failing", "data": {"source": {"name": "Two", "url": "https://n.example/2"}}},
        {"id": "msg_3", "type": "story.rated", "data": {"title": "Three"}},
    ]});
    let message = Message::read(&envelope("digest", &digest));
    assert_eq!((message.heading.as_str(), message.title.text.as_str()), ("Digest", "morning: 3 notifications"));
    let lines: Vec<_> = message.lines.iter().map(|line| (line.text.as_str(), line.link.as_deref())).collect();
    assert_eq!(
        lines,
        [
            ("New: First - n.example", Some("https://n.example/1")),
            ("Source failing: Two - 0 failed polls in a row", Some("https://n.example/2")),
            ("Story rated: Three", None)
        ]
    );
    let later = json!({"version": 1, "title": "Something new", "url": "https://n.example/3"});
    let message = Message::read(&envelope("story.rated", &later));
    assert_eq!((message.heading.as_str(), message.title.text.as_str()), ("Story rated", "Something new"));
    for body in ["", "null", "[]", r#"{"type":"","data":[]}"#, r#"{"type":"event.opened","data":{}}"#] {
        let message = Message::read(body);
        assert!(!message.title.text.is_empty(), "{body}");
    }
}

#[test]
fn a_disabled_subscription_is_told_with_why_and_what_to_do() {
    let data = json!({"version": 1, "subscription": {"id": 3, "name": "newsroom", "kind": "webhook", "endpoint": "https://e.example/hook"},
        "reason": "failing", "failing_since": "2026-11-19T15:00:00.000Z", "failures": 124, "last_outcome": "status 500: no such table",
        "help": "what it misses is kept; when the endpoint is well again: tidings subscription enable 3"});
    let message = Message::read(&envelope("subscription.disabled", &data));
    let lines: Vec<_> = message.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((message.heading.as_str(), message.title.text.as_str()), ("Subscription disabled", "newsroom"));
    assert_eq!(
        lines,
        [
            "status 500: no such table",
            "failing since 2026-11-19T15:00:00.000Z, 124 attempts in a row",
            "what it misses is kept; when the endpoint is well again: tidings subscription enable 3"
        ]
    );
    assert_eq!(message.footer, "https://e.example/hook");
}

/// A part of a digest: events under a long title that each tell of their own, at addresses with `tail`.
fn digest_of(count: usize, tail: &str) -> String {
    let entry = |n: usize| {
        let title = format!("Entry-{n}: the council votes on what it did not vote on the last time that it met");
        let link = format!("https://n.example/stories/{n}/{tail}");
        json!({"id": format!("msg_{n}"), "type": "event.opened", "data": {"event": {"id": n, "title": title, "opened_at": "1"},
            "story": {"title": title, "publisher": "n.example", "lang": "en", "link": link}}})
    };
    let entries: Vec<Value> = (0..count).map(entry).collect();
    let digest =
        json!({"version": 1, "subscription": "morning", "part": 2, "parts": 3, "count": count, "entries": entries});
    envelope("digest", &digest)
}

/// How often a text stands in what a service gets: Matrix has a plain form beside the other, Slack one for those that pass blocks over.
fn forms(service: Service) -> usize {
    if matches!(service, Service::Matrix | Service::Slack) { 2 } else { 1 }
}

#[test]
fn who_gets_no_blocks_of_slacks_message_reads_all_of_it_and_nobody_is_called() {
    let text = |body: &str| {
        let sent = sent(Service::Slack, body);
        let json: Value = serde_json::from_str(&format!("{{{}", sent.split_once("\n{").unwrap().1)).unwrap();
        json["text"].as_str().unwrap().replace('\u{200b}', "^").replace(['\u{2068}', '\u{2069}'], "'")
    };
    insta::assert_snapshot!(text(&corrected()), @"
    Correction: Оружие - <https://n.example/1?a=1&amp;b=%282%29%7C3|Резолюция принята>
    <https://n.example/1?a=1&amp;b=%282%29%7C3|alquds.example: 'مجلس الأمن يعتمد القرار (محدث)'>
    vote: 12 (before: 10)
    date: 24 November
    صوت المجلس بأغلبية 12 صوتا.
    3 publishers, 2 languages
    ");
    insta::assert_snapshot!(text(&digest_of(2, "x")), @"
    Digest - morning: 2 notifications, part 2 of 3
    <https://n.example/stories/0/x|New: Entry-0: the council votes on what it did not vote on the last time that it met - n.example (en)>
    <https://n.example/stories/1/x|New: Entry-1: the council votes on what it did not vote on the last time that it met - n.example (en)>
    ");
    let title = "@channel <!here> [x](https://evil.example) @all";
    let body = envelope(
        "event.opened",
        &json!({"event": {"id": 7, "title": title}, "topic": {"id": "t", "name": "@here"},
        "story": story(title, "n.example", "en", "@here: go")}),
    );
    insta::assert_snapshot!(text(&body), @"
    New: @^here - <https://n.example/1?a=1&amp;b=%282%29%7C3|@^channel &lt;!here&gt; [x]^(https://evil.example) @^all>
    @^here: go
    n.example (en)
    ");
}

#[test]
fn of_a_long_digest_each_service_says_how_many_lines_are_left_out() {
    for count in [1, 10, 60, 100] {
        let body = digest_of(count, "with-a-long-address-as-addresses-are");
        for service in Service::ALL {
            let sent = sent(service, &body);
            let forms = forms(service);
            let shown = sent.matches("Entry-").count();
            let more =
                sent.split("and ").filter_map(|text| text.split_once(" more")?.0.parse::<usize>().ok()).sum::<usize>();
            assert_eq!(shown + more, forms * count, "{service:?} {sent}");
            assert!(sent.contains("part 2 of 3"), "{sent}");
        }
    }
}

#[test]
fn a_part_of_a_digest_is_shown_whole_with_an_address_a_line_however_long_addresses_are() {
    let percent = "%D9%85%D8%AC%D9%84%D8%B3-%D8%A7%D9%84%D8%A3%D9%85%D9%86".repeat(6);
    for tail in ["short", &"CBMiQ0Jp_x-".repeat(40), &percent] {
        for service in Service::ALL {
            let whole = super::super::digest::parts(&[2_000; 100], &Endpoint::Chat(chat(service)))[0].len();
            let sent = sent(service, &digest_of(whole, tail));
            let forms = forms(service);
            assert_eq!(sent.matches("last time that it met - n.example").count(), forms * whole, "{service:?} {sent}");
            assert_eq!(sent.matches(tail).count(), forms * whole, "{service:?} {sent}");
            assert!(!sent.contains(" more"), "{service:?} {sent}");
        }
    }
}

/// A digest of what people see most: something new, what became of it, a source, and signs of every markup.
#[test]
fn a_digest_is_shown_by_each_service_with_what_happened_and_where() {
    let entry = |body: &str| serde_json::from_str::<Value>(body).unwrap();
    let entries = [entry(&opened()), entry(&corrected()), entry(&failing())];
    let digest = json!({"version": 1, "subscription": "desk", "part": 1, "parts": 1, "count": 3, "entries": entries});
    let body = envelope("digest", &digest);
    let all: Vec<_> = Service::ALL.iter().map(|service| format!("== {service:?}\n{}", sent(*service, &body))).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

fn cloud_event(form: WebhookForm) -> (Vec<(String, String)>, Value) {
    let (url, secret) =
        (WebUrl::parse("https://e.example/").unwrap(), Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    let endpoint = Endpoint::webhook(url.clone(), secret.clone()).formed(form);
    let claim = claim(NotificationType::EventOpened, endpoint, opened());
    let key = crate::deliver::SigningSecret::parse(secret.reveal()).unwrap();
    let now = at("2026-11-24T15:02:00Z");
    let request = crate::deliver::prepare_formed(&claim, ((&url, &key), form), now, &RetryPolicy::default());
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let (name, value) = &request.headers[3];
    let signed = crate::deliver::signature::sign(&key, ID, now.as_second(), &request.body);
    assert_eq!((name.as_str(), value), ("webhook-signature", &signed), "what is sent is what is signed");
    (request.headers, body)
}

#[test]
fn a_cloud_event_has_its_attributes_in_the_header_or_in_the_body_and_is_signed() {
    let (headers, body) = cloud_event(WebhookForm::CloudEvents);
    let ce: Vec<_> = headers.iter().filter(|(n, _)| n.starts_with("ce-") || n == "content-type").collect();
    insta::assert_debug_snapshot!(ce, @r#"
    [
        (
            "content-type",
            "application/json",
        ),
        (
            "ce-specversion",
            "1.0",
        ),
        (
            "ce-id",
            "msg_0123456789abcdef0123456789abcdef",
        ),
        (
            "ce-source",
            "/tidings/topics/arms",
        ),
        (
            "ce-type",
            "tidings.event.opened",
        ),
        (
            "ce-time",
            "2026-11-24T15:01:04.000Z",
        ),
        (
            "ce-subject",
            "events/7",
        ),
    ]
    "#);
    assert_eq!(body["event"]["id"], 7, "the body is the data alone");

    let (headers, body) = cloud_event(WebhookForm::CloudEventsStructured);
    assert_eq!(headers[0].1, "application/cloudevents+json; charset=UTF-8");
    assert_eq!(headers.len(), 4);
    assert_eq!(
        (&body["specversion"], &body["id"], &body["type"]),
        (&json!("1.0"), &json!(ID), &json!("tidings.event.opened"))
    );
    assert_eq!((&body["datacontenttype"], &body["data"]["event"]["id"]), (&json!("application/json"), &json!(7)));
}

#[expect(clippy::unnecessary_wraps, reason = "what is judged is an exchange")]
fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    Ok(Response {
        status,
        headers: Headers(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()),
        body: body.as_bytes().to_vec(),
        url: WebUrl::parse("https://s.example/").unwrap(),
        redirects: Vec::new(),
    })
}

fn verdict(service: Service, exchange: &Exchange) -> Verdict {
    let now = at("2026-11-24T15:00:00Z");
    judge(&understood(service, exchange), 0, now, now, &RetryPolicy::default(), 0.5)
}

fn after(secs: i64) -> Verdict {
    Verdict::Retry { at: at("2026-11-24T15:00:00Z") + jiff::SignedDuration::from_secs(secs) }
}

fn put_off(secs: i64) -> Verdict {
    Verdict::PutOff { at: at("2026-11-24T15:00:00Z") + jiff::SignedDuration::from_secs(secs) }
}

#[test]
fn slack_says_ok_and_names_what_is_gone() {
    let verdict = |status, body| verdict(Service::Slack, &answer(status, &[], body));
    assert_eq!(verdict(200, "ok"), Verdict::Delivered);
    assert_eq!(verdict(200, "<html>sign in"), after(5));
    assert_eq!(verdict(404, "no_service"), Verdict::Gone);
    assert_eq!(verdict(410, "channel_is_archived"), Verdict::Gone);
    assert_eq!(verdict(403, "action_prohibited"), after(5));
    assert_eq!(verdict(404, "channel_not_found"), after(5));
    for taken in [r#"{"ok":true}"#, r#"{"success":true}"#, "{\"id\":7}", "{cut"] {
        assert_eq!(verdict(200, taken), Verdict::Delivered, "{taken}");
    }
    assert_eq!(verdict(200, r#"{"ok":false,"error":"channel_not_found"}"#), after(5));
    assert_eq!(verdict(200, r#"{"success":false,"error":"Invalid channel"}"#), after(5));
    assert_eq!(verdict(200, r#"{"ok":false,"error":"ratelimited"}"#), put_off(5));
    assert_eq!(verdict(200, r#"{"success":false,"error":"error-too-many-requests"}"#), put_off(5));
    assert_eq!(verdict(200, r#"{"ok":false,"error":"no_service"}"#), Verdict::Gone);
    assert_eq!(verdict(200, r#"{"ok":false,"message":"No service"}"#), after(5), "what people are told ends nothing");
    assert_eq!(verdict(200, r#"{"ok":false,"error":"No service"}"#), after(5));
    assert_eq!(understood(Service::Slack, &answer(429, &[("retry-after", "30")], "")).unwrap().status, 429);
}

#[test]
fn discord_says_in_json_how_long_to_wait_and_that_a_webhook_is_gone() {
    let limited = answer(429, &[("retry-after", "1")], r#"{"message":"limited","retry_after":64.57,"global":false}"#);
    assert_eq!(verdict(Service::Discord, &limited), put_off(65));
    assert_eq!(verdict(Service::Discord, &answer(204, &[], "")), Verdict::Delivered);
    let unknown = answer(404, &[], r#"{"message":"Unknown Webhook","code":10015}"#);
    assert_eq!(verdict(Service::Discord, &unknown), Verdict::Gone);
    assert_eq!(verdict(Service::Discord, &answer(404, &[], r#"{"code":10003}"#)), after(5));
    for nonsense in ["{\"retry_after\":-1}", "{\"retry_after\":1e300}", "[]", ""] {
        assert_eq!(verdict(Service::Discord, &answer(429, &[], nonsense)), put_off(5), "{nonsense}");
    }
}

#[test]
fn telegram_says_all_in_its_body() {
    let verdict = |status, body| verdict(Service::Telegram, &answer(status, &[], body));
    assert_eq!(verdict(200, r#"{"ok":true,"result":{}}"#), Verdict::Delivered);
    assert_eq!(verdict(200, "<html>"), after(5), "a proxy's page is no success");
    let limited = r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":120}}"#;
    assert_eq!(verdict(429, limited), put_off(120));
    let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
    assert_eq!(verdict(403, blocked), Verdict::Gone);
    assert_eq!(verdict(403, r#"{"ok":false,"error_code":403,"description":"Forbidden: no rights"}"#), after(5));
    let moved =
        r#"{"ok":false,"error_code":400,"description":"Bad Request","parameters":{"migrate_to_chat_id":-100777}}"#;
    assert_eq!(verdict(400, moved), after(5));
    let shown = showable(&chat(Service::Telegram), answer(400, &[], moved)).unwrap();
    insta::assert_snapshot!(String::from_utf8(shown.body).unwrap(), @r#"the group became a supergroup: its chat is -100777 now; set room = "-100777""#);
}

#[test]
fn matrix_says_in_milliseconds_how_long_to_wait() {
    let limited = answer(429, &[], r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":90001}"#);
    assert_eq!(verdict(Service::Matrix, &limited), put_off(91));
    assert_eq!(verdict(Service::Matrix, &answer(200, &[], r#"{"event_id":"$1"}"#)), Verdict::Delivered);
    assert_eq!(verdict(Service::Matrix, &answer(403, &[], r#"{"errcode":"M_FORBIDDEN"}"#)), after(5));
}

#[test]
fn nothing_that_is_kept_of_an_attempt_gives_leave_to_write() {
    for service in Service::ALL {
        let chat = chat(service);
        let words = format!("{} {} {}", chat.url(), chat.url().as_url().path(), chat.token().reveal());
        let kept = showable(&chat, answer(301, &[("location", &words)], &words));
        let failed = showable(&chat, Err(Failure { kind: FailureKind::Protocol, detail: words }));
        assert!(
            !format!("{kept:?} {failed:?}").contains("s3cret") || service == Service::Gotify,
            "{service:?} {kept:?} {failed:?}"
        );
    }
}

/// Any title and summary, those that services treat specially among them.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,400}",
        "[<>&*_~`\\[\\]()|@#:\\\\\"' \\n\u{202e}\u{200d}👩]{0,400}",
        "[Ж界a ]{0,1500}",
        Just("界".repeat(1_500)),
    ]
}

proptest! {
    #[test]
    fn every_format_is_json_within_the_services_bounds(title in nasty(), summary in nasty(), name in nasty(), kind in 0..5usize, links in 0..1_600usize) {
        let story = story(&title, &name, "en", &summary);
        let data = json!({"why": "story", "topic": {"id": "arms", "name": name}, "event": {"id": 1, "title": title, "publishers": 2},
            "story": story, "stories": vec![story.clone(); 2], "changes": [{"kind": "vote", "now": title, "before": name}]});
        let other = json!({"title": title, "items": vec![json!({"title": summary, "url": "https://n.example/x"}); 60]});
        let entry = |n: usize| {
            let mut data = data.clone();
            data["event"]["id"] = (n / 2).into();
            data["story"]["link"] = format!("https://n.example/{}", "&".repeat(links)).into();
            json!({"type": if n.is_multiple_of(2) { "event.opened" } else { "event.updated" }, "data": data})
        };
        let digest = json!({"subscription": name, "count": 12, "entries": (0..12).map(entry).collect::<Vec<_>>()});
        let kinds = [("event.opened", &data), ("event.updated", &data), ("event.merged", &data), ("later", &other), ("digest", &digest)];
        for (kind, data) in [kinds[kind]] {
            let body = envelope(kind, data);
            for service in Service::ALL {
                let chat = chat(service);
                let claim = claim(NotificationType::EventOpened, Endpoint::Chat(chat.clone()), body.clone());
                let request = prepare(&claim, &chat, &RetryPolicy::default()).unwrap();
                let sent: Value = serde_json::from_slice(&request.body).unwrap();
                within_bounds(service, &sent, request.body.len())?;
            }
        }
    }
}

fn units(value: &Value) -> usize {
    value.as_str().unwrap_or_default().encode_utf16().count()
}

fn within_bounds(service: Service, sent: &Value, bytes: usize) -> Result<(), TestCaseError> {
    match service {
        Service::Slack => {
            let mut all = 0;
            for block in sent["blocks"].as_array().unwrap() {
                let text = block.pointer("/text/text").or(block.pointer("/elements/0/text")).unwrap();
                prop_assert!((1..=3_000).contains(&units(text)), "{block}");
                all += units(text);
                let raw = text.as_str().unwrap();
                prop_assert!(!raw.contains("<!"), "nobody is called: {raw}");
            }
            prop_assert!(all <= 12_500, "{all}");
        }
        Service::Discord => {
            let embeds = sent["embeds"].as_array().unwrap();
            let of = |at: &str| embeds.iter().filter_map(|embed| embed.pointer(at)).map(units).collect::<Vec<_>>();
            let parts = [("/author/name", 256), ("/title", 256), ("/description", 4_096), ("/footer/text", 2_048)];
            for (part, most) in parts {
                prop_assert!(of(part).iter().all(|units| (1..=most).contains(units)), "{part} {sent}");
            }
            prop_assert!(units(&embeds[0]["title"]) > 0 && embeds.len() <= 10);
            prop_assert!(parts.iter().flat_map(|(part, _)| of(part)).sum::<usize>() <= 6_000);
            prop_assert_eq!(&sent["allowed_mentions"]["parse"], &json!([]));
        }
        Service::Teams => prop_assert!(bytes <= 28_000, "{bytes}"),
        Service::Telegram => {
            let text = sent["text"].as_str().unwrap();
            let (mut shown, mut is_tag) = (0, false);
            for c in text.chars() {
                is_tag |= c == '<';
                shown += if is_tag { 0 } else { c.len_utf16() };
                is_tag &= c != '>';
            }
            prop_assert!((1..=4_096).contains(&shown) && text.len() <= 32_000, "{shown} {}", text.len());
            for tag in ["a", "b", "i"] {
                let opened = text.matches(&format!("<{tag}>")).count() + text.matches(&format!("<{tag} ")).count();
                prop_assert_eq!(opened, text.matches(&format!("</{tag}>")).count(), "{}", text);
            }
        }
        Service::Matrix => prop_assert!(bytes <= 60_000, "{bytes}"),
        Service::Ntfy => prop_assert!(sent["message"].as_str().unwrap().len() <= 4_096 && bytes <= 30_000),
        Service::Gotify => prop_assert!(!sent["message"].as_str().unwrap().is_empty()),
    }
    Ok(())
}
