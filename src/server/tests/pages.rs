//! The readers' pages without a browser: what stands in them, for whom, and what their forms do.

use axum::body::BodyDataStream;
use futures_util::StreamExt as _;

use super::*;
use crate::port::{ClaimDeliveries, Store, StoreError};

const TOKEN: &str = "open-sesame";

/// A story, the event that it goes into, and as what.
type Account = (StoryDraft, i64, Ruling);

fn account(number: usize, title: &str, event: i64, ruling: Ruling) -> Account {
    (story(number, title), event, ruling)
}

fn of(mut account: Account, publisher: &str, lang: &str) -> Account {
    account.0.publisher = publisher.to_owned();
    account.0.lang = Some(lang.to_owned());
    account
}

impl World {
    /// Reads these stories in one poll, and decides them so.
    async fn read(&self, accounts: Vec<Account>) {
        self.read_and_tell(accounts, Telling::Silent).await;
    }

    /// The same, told so.
    async fn read_and_tell(&self, accounts: Vec<Account>, telling: Telling) {
        let write = self.keeper.write(move |store| {
            store.poll_now(None, at(0))?;
            let claimed = store.claim_sources(&due_now())?.pop().unwrap();
            let drafts = accounts.iter().map(|(draft, _, _)| draft.clone());
            let changes = drafts.map(|draft| StoryChange::New { draft, fetch_article: false }).collect();
            store.record_poll(&poll(&claimed, changes))?;
            let undecided = store.claim_undecided(100)?;
            let mut commit = Commit { corrections: store.corrections()?, ..Commit::default() };
            for (story, (_, event, ruling)) in undecided.iter().zip(&accounts) {
                open(story, &mut commit);
                let decision = commit.decisions.last_mut().unwrap();
                (decision.event, decision.ruling, decision.telling) = (Some(EventId(*event)), *ruling, telling);
                let opened = commit.opened.last_mut().unwrap();
                opened.id = EventId(*event);
                opened.told_at = (telling != Telling::Silent).then(|| at(1));
                if *ruling != Ruling::Opened {
                    commit.opened.pop();
                    commit.changed.push(EventChange {
                        id: EventId(*event),
                        changed_at: at(9),
                        told_at: None,
                        retitled: None,
                    });
                }
            }
            store.commit_decisions(&commit)
        });
        write.await.unwrap();
    }

    /// A page as a stranger sees it.
    async fn page(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A page as the operator sees it.
    async fn own_page(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, format!("tidings={TOKEN}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn submit(&self, path: &str, form: &str, cookie: Option<&str>) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie.unwrap_or("a=b"));
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Two events: one told by three publishers in two languages, one by one.
    async fn two_events(&self) {
        self.topic_and_source().await;
        self.read(vec![
            of(account(1, "Council votes", 1, Ruling::Opened), "the-wire.example", "en"),
            of(account(2, "Рада голосує", 1, Ruling::Joined), "novyny.example", "uk"),
            of(account(3, "Council votes", 1, Ruling::Copy { of: StoryId(1) }), "echo.example", "en"),
            of(account(4, "Council rests", 2, Ruling::Opened), "the-wire.example", "en"),
        ])
        .await;
    }

    async fn topic_and_source(&self) {
        let add = self.keeper.write(|store| store.add_topic(&council(), at(0)));
        add.await.unwrap();
        let request = Request::post("/v1/sources")
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = json!({"url": "https://www.press.example/feed"}).to_string();
        assert_eq!(self.send(request.body(Body::from(body)).unwrap()).await.status, StatusCode::CREATED);
    }
}

fn told_world() -> World {
    world_with(Some(TOKEN))
}

fn location(answer: &Answer) -> &str {
    answer.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

fn holds(answer: &Answer, expected: &[&str]) {
    for text in expected {
        assert!(answer.text.contains(text), "{text:?} is missing: {}", answer.text);
    }
}

#[tokio::test]
async fn what_was_published_long_ago_stands_under_its_own_day_below_what_is_new() {
    let world = told_world();
    world.topic_and_source().await;
    let published = |number, title, event, secs| {
        let mut account = account(number, title, event, Ruling::Opened);
        account.0.published = Some(at(secs));
        account
    };
    let read = vec![
        published(1, "Council met", 1, -3_600),
        published(2, "Council was founded", 2, -40 * 86_400),
        published(3, "Council meets", 3, -60),
    ];
    world.read(read).await;
    let page = world.page("/").await;
    holds(
        &page,
        &[
            "<section class=\"day\" data-day=\"2026-10-15\"><h2>Thursday, 15 October 2026</h2>",
            ", read <time datetime=\"2026-11-24T",
        ],
    );
    assert_eq!(page.text.matches("class=\"day\"").count(), 2, "{}", page.text);
    let place = |title: &str| page.text.find(title).unwrap();
    assert!(place("Council meets") < place("Council met<") && place("Council met<") < place("Council was founded"));
}

#[tokio::test]
async fn a_page_names_the_feeds_of_what_it_shows_and_titles_are_aligned_by_their_own_writing() {
    let world = told_world();
    world.topic_and_source().await;
    world.read(vec![of(account(1, "المجلس يصوت", 1, Ruling::Opened), "sahifa.example", "ar")]).await;
    let front = world.page("/").await;
    let link = |ending: &str, kind: &str| {
        format!(
            "<link rel=\"alternate\" type=\"application/{kind}\" title=\"The council\" href=\"/feeds/council.{ending}\">"
        )
    };
    holds(&front, &[&link("atom", "atom+xml"), "<h3 dir=\"auto\"><a href="]);
    let topic = world.page("/topics/council").await;
    holds(&topic, &[&link("atom", "atom+xml"), &link("rss", "rss+xml"), &link("json", "feed+json")]);
}

#[tokio::test]
async fn a_card_says_what_happened_who_tells_of_it_and_which_of_them_only_copies() {
    let world = told_world();
    world.two_events().await;
    let page = world.page("/").await;
    holds(
        &page,
        &[
            "<section class=\"day\" data-day=\"2026-11-24\"><h2>Tuesday, 24 November 2026</h2>",
            "<bdi>the-wire.example</bdi> and 2 other publishers",
            "2 languages",
            "<summary>2 more stories</summary>",
            "lang=\"uk\">Рада голосує</a>",
            "<span class=\"copy\">copy of <bdi>the-wire.example</bdi></span>",
            "<a href=\"/events/1\">Why",
            "What the council did",
            "1 source · 4 stories read",
        ],
    );
    let (newer, older) = (page.text.find("Council rests").unwrap(), page.text.find("Рада").unwrap());
    assert!(newer < older);
    assert_eq!(page.text.matches("Council votes</a>").count(), 2, "{}", page.text);
}

#[tokio::test]
async fn filters_stand_in_the_address_and_each_can_be_taken_away() {
    let world = told_world();
    world.two_events().await;
    for (path, events) in [
        ("/?lang=uk", vec![1]),
        ("/?publisher=the-wire.example", vec![1, 2]),
        ("/?lang=en&publisher=novyny.example", vec![1]),
        ("/topics/council?publisher=nobody.example", vec![]),
        ("/?since=2026-11-24&until=2026-11-24", vec![1, 2]),
        ("/?until=2026-11-23", vec![]),
        ("/?publisher=Echo.Example&lang=EN&fbclid=1&utm_source=x&utm_source=y", vec![1]),
        ("/topics/council?before=2", vec![1]),
    ] {
        let page = world.page(path).await;
        let shown = |id: &i64| page.text.contains(&format!("id=\"event-{id}\""));
        assert_eq!([1, 2].into_iter().filter(shown).collect::<Vec<_>>(), events, "{path}");
    }
    let page = world.page("/topics/council?lang=uk&since=2026-11-01").await;
    holds(
        &page,
        &[
            "<a href=\"/topics/council?since=2026-11-01\"><span class=\"unseen\">Take away: </span>Language: <bdi>uk</bdi>",
            "<a href=\"/topics/council?lang=uk\"><span class=\"unseen\">Take away: </span>Since: <bdi>2026-11-01</bdi>",
            "<option value=\"uk\" selected>uk</option>",
            "data-stream=\"/live?lang=uk&amp;since=2026-11-01&amp;topic=council&amp;last_event_id=",
        ],
    );
}

#[tokio::test]
async fn an_address_is_as_short_as_can_be() {
    let world = told_world();
    world.two_events().await;
    for (long, short) in [
        ("/?topic=council", "/topics/council"),
        ("/?q=&lang=uk&publisher=&since=&until=", "/?lang=uk"),
        ("/topics/council?q=+", "/topics/council"),
    ] {
        let answer = world.page(long).await;
        assert_eq!((answer.status, location(&answer)), (StatusCode::SEE_OTHER, short), "{long}");
    }
    assert_eq!(world.page("/?topic=moon").await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.page("/topics/moon").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.page("/?since=yesterday").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_search_takes_the_starts_of_words_or_a_query_and_shows_where_one_is_wrong() {
    let world = told_world();
    world.two_events().await;
    let begun = world.page("/?q=counc+vot").await;
    holds(
        &begun,
        &["<mark>Council</mark> <mark>votes</mark></a>", "event told by 3 publishers", "What the council did"],
    );
    assert!(!begun.text.contains("rests</a>") && begun.text.contains("Stories that hold <bdi>counc vot</bdi>"));
    let query = world.page("/?q=council+-votes+lang:en").await;
    assert!(query.text.contains("rests</a>") && !query.text.contains("votes</a>"), "{}", query.text);
    let narrowed = world.page("/?q=council&publisher=echo.example").await;
    assert_eq!(narrowed.text.matches("<li><h2 dir=\"auto\">").count(), 1, "{}", narrowed.text);
    holds(&world.page("/?q=%3Cimg+src%3Dx%3E").await, &["&lt;img src=x&gt;"]);

    let pasted = world.page("/?q=Live:+council+or+votes+%E2%80%93+(").await;
    holds(&pasted, &["No story fits", "Looked for the words alone. As a query it can't be read"]);
    let pasted = world.page("/?q=Council:+votes+%26").await;
    holds(&pasted, &["<mark>Council</mark> <mark>votes</mark></a>"]);
    let wrong = world.page("/?q=((").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    holds(&wrong, &["<pre dir=\"ltr\">((\n"]);

    let found = world.call_own("/v1/stories?q=council+-votes+lang:en").await.json();
    assert_eq!(found["stories"].as_array().unwrap().len(), 1);
    let first = world.call_own("/v1/stories?q=council&limit=2").await.json();
    assert_eq!(first["stories"].as_array().unwrap().len(), 2);
    let second = world.call_own(first["next"].as_str().unwrap()).await.json();
    assert_eq!((second["stories"].as_array().unwrap().len(), &second["next"]), (2, &Value::Null));
    assert!(world.call_own("/v1/stories?q=(council").await.text.contains("from byte 0"));

    let day = world.call_own("/v1/events?since=2026-11-24&until=2026-11-24&lang=EN").await.json();
    assert_eq!(day["events"].as_array().unwrap().len(), 2, "a day's end is the end");
    for (path, status) in [
        ("/v1/events?topic=moon", StatusCode::NOT_FOUND),
        ("/v1/notifications?topic=moon", StatusCode::NOT_FOUND),
        ("/v1/stream?topic=moon", StatusCode::NOT_FOUND),
        ("/v1/stories?q=council&topic=moon", StatusCode::NOT_FOUND),
        ("/v1/events?lang=english", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(world.call_own(path).await.status, status, "{path}");
    }
}

impl World {
    async fn call_own(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

/// The stream of an open page, as its script reads it.
struct Open {
    body: BodyDataStream,
    text: String,
}

impl Open {
    async fn of(world: &World, path: &str) -> Self {
        let page = world.page(path).await.text;
        let (_, rest) = page.split_once("data-stream=\"").unwrap();
        let address = rest.split_once('"').unwrap().0.replace("&amp;", "&");
        let request = Request::get(address).body(Body::empty()).unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// Event and data of what comes next, up to the place after it.
    async fn next(&mut self) -> Vec<(String, String)> {
        let mut heard = Vec::new();
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |field: &str| {
                    let lines = block.lines().filter_map(|line| line.strip_prefix(field));
                    lines.collect::<Vec<_>>().join("\n")
                };
                let (event, data) = (line("event: "), line("data: "));
                self.text = rest.to_owned();
                match event.as_str() {
                    "place" => return heard,
                    "" => {}
                    _ => heard.push((event, data)),
                }
            }
            self.text.push_str(std::str::from_utf8(&self.body.next().await.unwrap().unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn an_open_page_is_given_each_event_that_is_new_or_changed_since_it_was_made_and_no_other() {
    let world = told_world();
    world.two_events().await;
    let mut all = Open::of(&world, "/").await;
    let mut ukrainian = Open::of(&world, "/?lang=uk").await;
    world
        .read(vec![account(5, "Council <i>wakes</i>", 3, Ruling::Opened), account(6, "It rests", 2, Ruling::Joined)])
        .await;

    let heard = all.next().await;
    let cards: Vec<_> = heard.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(cards, ["card", "card"]);
    let (grown, new) = (&heard[0].1, &heard[1].1);
    assert!(grown.contains("id=\"event-2\"") && grown.contains("1 more story"), "{grown}");
    assert!(new.contains("id=\"event-3\"") && new.contains("Council &lt;i&gt;wakes&lt;/i&gt;"), "{new}");
    // Of other languages: not to be shown there.
    let gone = |id: &str| ("gone".to_owned(), id.to_owned());
    assert_eq!(ukrainian.next().await, [gone("2"), gone("3")]);
    // Nothing changed since this page was made; what changes then is told.
    let mut later = Open::of(&world, "/topics/council").await;
    world.read(vec![account(7, "Again it rests", 2, Ruling::Joined)]).await;
    let heard = later.next().await;
    assert!(heard.len() == 1 && heard[0].1.contains("2 more stories"), "{heard:?}");
}

#[tokio::test]
async fn a_page_of_another_database_is_told_to_be_loaded_anew_and_a_stranger_hears_what_a_stranger_sees() {
    let world = told_world();
    world.two_events().await;
    let request = Request::get("/live?last_event_id=999").body(Body::empty()).unwrap();
    let mut body = world.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream();
    let mut text = String::new();
    while !text.contains("stale") {
        text.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
    }
    assert_eq!(world.page("/live?last_event_id=x").await.status, StatusCode::BAD_REQUEST);
    let closed = world_open(Some(TOKEN), None, Openness { pages: false, ..Openness::default() });
    for path in ["/live", "/", "/topics/council", "/events/1", "/stories/1", "/labels.jsonl"] {
        let answer = closed.page(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(location(&answer).starts_with("/sign-in?then="), "{path}");
    }
}

#[tokio::test]
async fn a_story_says_why_in_words_and_an_untold_one_plainly_why_not() {
    let world = told_world();
    world.two_events().await;
    let page = world.page("/stories/3").await;
    holds(
        &page,
        &[
            "<strong>Nobody was told</strong>: it is a copy of <a href=\"https://press.example/1\"",
            "<b>Published</b> <span class=\"when\"><time datetime=\"2026-11-24T11:59:00Z\">",
            "<span class=\"took\">60 s later</span>",
            "<mark>Council</mark> votes</a></h1>",
            "<dt>Which event does it tell of?</dt><dd><p dir=\"auto\">Nothing like it.</p>",
            "No subscription has taken a notification of it.",
        ],
    );
    assert!(!page.text.contains("This was wrong") && !page.text.contains("<form method=\"post\""), "{}", page.text);
    let event = world.page("/events/1").await;
    holds(
        &event,
        &["Stories, and why each belongs here", "3 stories", "Рада голосує", "<span class=\"copy\">copy</span>"],
    );
    assert!(!event.text.contains("checkbox"), "{}", event.text);
    assert_eq!(world.page("/events/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.page("/stories/no").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_story_on_no_topic_shows_which_parts_of_the_query_do_not_hold() {
    let world = told_world();
    world.topic_and_source().await;
    let decide = world.keeper.write(|store| {
        let claimed = store.claim_sources(&due_now())?.pop().unwrap();
        let draft = StoryDraft { text: "Of other things".to_owned(), ..story(1, "Weather") };
        store.record_poll(&poll(&claimed, vec![StoryChange::New { draft, fetch_article: false }]))?;
        let undecided = store.claim_undecided(1)?.remove(0);
        let mut commit = Commit::default();
        open(&undecided, &mut commit);
        commit.opened.clear();
        let decision = commit.decisions.last_mut().unwrap();
        (decision.event, decision.topic, decision.ruling) = (None, None, Ruling::OffTopic);
        decision.reasons[0] = Reason {
            stage: Stage::Topic,
            text: "it doesn't match the topic's query".to_owned(),
            numbers: vec![],
            story: None,
        };
        store.commit_decisions(&commit)
    });
    decide.await.unwrap();
    holds(
        &world.page("/stories/1").await,
        &[
            "<strong>Nobody was told</strong>: it is on no topic. It doesn't match the topic's query.",
            "What the queries ask for",
            "<code dir=\"auto\">council</code> <span class=\"lacks\">does not hold</span>",
        ],
    );
}

#[tokio::test]
async fn an_operator_splits_merges_and_marks_on_the_pages_and_strangers_do_not() {
    let world = told_world();
    world.two_events().await;
    let own = Some("tidings=open-sesame");
    holds(&world.own_page("/events/1").await, &["name=\"story\" value=\"2\"", "Split them off", "Merge the two"]);
    holds(&world.own_page("/stories/2").await, &["It is not about The council"]);

    let stranger = world.submit("/events/1/split", "story=2", None).await;
    assert_eq!((stranger.status, location(&stranger)), (StatusCode::SEE_OTHER, "/sign-in?then=%2F"));
    let split = world.submit("/events/1/split", "story=2", own).await;
    assert_eq!((split.status, location(&split)), (StatusCode::SEE_OTHER, "/events/3?done=split"));
    assert_eq!(world.changes().last(), Some(&Change::Corrections));
    holds(&world.own_page("/events/3?done=split").await, &["an event of their own now", "Рада голосує"]);
    holds(&world.own_page("/stories/2").await, &["What operators said", "It tells of another event than"]);

    let merged = world.submit("/events/3/merge", "with=1&number=2", own).await;
    assert_eq!(location(&merged), "/events/2?done=merge");
    holds(&world.page("/events/3").await, &["This event went into <a href=\"/events/2\">"]);
    let marked = world.submit("/stories/1/mark", "mark=off-topic&topic=council", own).await;
    assert_eq!(location(&marked), "/stories/1?done=off-topic");

    let export = world.own_page("/labels.jsonl").await;
    let lines: Vec<Value> = export.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = lines.iter().map(|line| line["said"].as_str().unwrap()).collect();
    assert!(said.contains(&"apart") && said.contains(&"same") && said.contains(&"off-topic"), "{said:?}");
    let listed = world.call_own("/v1/labels?limit=1").await.json();
    assert_eq!((listed["labels"].as_array().unwrap().len(), listed["labels"][0]["said"].clone()), (1, json!(said[0])));
    assert!(listed["next"].as_str().unwrap().starts_with("/v1/labels?limit=1&after="), "{listed}");

    for (path, form) in [("/events/1/split", ""), ("/events/1/merge", "number=x"), ("/stories/1/mark", "mark=maybe")] {
        let refused = world.submit(path, form, own).await;
        assert!(refused.status.is_client_error() && refused.text.starts_with("<!DOCTYPE html>"), "{path}");
    }
}

#[tokio::test]
async fn who_was_told_is_named_to_the_operator_and_counted_for_a_stranger() {
    let world = told_world();
    world.topic_and_source().await;
    let accounts = vec![of(account(1, "Council votes", 1, Ruling::Opened), "the-wire.example", "en")];
    world.read_and_tell(accounts, Telling::Told(NotificationType::EventOpened)).await;
    holds(&world.page("/stories/1").await, &["<strong>It was told</strong>", "No subscription was to be told"]);
    holds(&world.page("/events/1").await, &["<strong>it was told</strong>"]);
    let tell = world.keeper.write(|store| {
        let endpoint = Endpoint::webhook(WebUrl::parse("https://hook.example/in").unwrap(), Secret::new("whsec_AAAA"));
        let to = store.add_subscription(&SubscriptionSpec::new("Night <desk>", endpoint, Filter::default()), at(0))?;
        let told = Notification {
            id: NotificationId("msg_told".to_owned()),
            kind: NotificationType::EventOpened,
            topic: TopicKey::parse("council"),
            event: Some(EventId(1)),
            story: Some(StoryId(1)),
            source: None,
            created_at: at(1),
            body: "{}".to_owned(),
        };
        let id = store.notify(&told, to)?.id;
        deliver(store, (id, to), 2)
    });
    tell.await.unwrap();
    for path in ["/stories/1", "/events/1"] {
        let stranger = world.page(path).await;
        holds(&stranger, &["1 subscription was told, the first"]);
        assert!(!stranger.text.contains("desk"), "{}", stranger.text);
        holds(&world.own_page(path).await, &["<bdi>Night &lt;desk&gt;</bdi>", "event.opened", "delivered"]);
    }
    holds(&world.page("/stories/1").await, &["<b>First sent</b>", "<b>First delivered</b>"]);
    holds(&world.page("/stories/1").await, &["<strong>Subscribers were told</strong>"]);
    holds(&world.page("/events/1").await, &["<strong>subscribers were told</strong>"]);

    // Sent again after an hour: that says nothing of how soon it came.
    let again = world.keeper.write(|store| {
        store.replay(DeliveryId(1), at(3_600))?;
        deliver(store, (DeliveryId(1), SubscriptionId(1)), 3_601)
    });
    again.await.unwrap();
    for path in ["/stories/1", "/events/1"] {
        holds(&world.page(path).await, &["1 subscription was told."]);
        holds(&world.own_page(path).await, &["<td>4.0 s, sent again</td>"]);
    }
    assert!(!world.page("/stories/1").await.text.contains("First delivered"));
}

/// Claims what is due, and has it taken three seconds later.
fn deliver(store: &mut dyn Store, (id, to): (DeliveryId, SubscriptionId), second: i64) -> Result<(), StoreError> {
    let claim = ClaimDeliveries {
        now: at(second),
        lease_until: at(second + 60),
        limit: 9,
        unproved_limit: 9,
        slow_limit: 9,
        answers: Arc::default(),
        per_subscription: 9,
        in_flight: std::collections::BTreeMap::new(),
        eased: std::collections::BTreeMap::new(),
        settling: 0,
    };
    let claim = store.claim_deliveries(&claim)?.pop().unwrap();
    store.settle(&[Settlement {
        delivery: id,
        subscription: to,
        fence: claim.fence,
        attempt: Attempt {
            at: at(second + 3),
            took: Duration::ZERO,
            status: Some(200),
            detail: String::new(),
            times: 1,
        },
        verdict: Verdict::Delivered,
        after: After::default(),
    }])
}
