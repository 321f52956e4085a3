//! Endpoints of every kind, as they were declared.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn chat(service: Service, token: &str, room: &str, priority: Option<u8>) -> Endpoint {
    let parts = ChatParts {
        url: Some(url("https://service.example/desk")),
        token: Some(Secret::new(token)),
        room: Some(room.to_owned()),
        priority,
    };
    Endpoint::Chat(Chat::new(service, parts).unwrap())
}

fn endpoints() -> Vec<Endpoint> {
    let hook = || Endpoint::webhook(url("https://hook.example/in"), Secret::new("whsec_AAAA"));
    let mut all: Vec<_> = WebhookForm::ALL.into_iter().map(|form| hook().formed(form)).collect();
    all.extend([Service::Slack, Service::Discord, Service::Teams].map(|service| chat(service, "", "", None)));
    all.push(chat(Service::Telegram, "12345:AAbbCCdd", "-100123", None));
    all.push(chat(Service::Matrix, "syt_token", "!room:service.example", None));
    all.push(chat(Service::Ntfy, "", "", Some(4)));
    all.push(chat(Service::Gotify, "token", "", Some(8)));
    all.push(Endpoint::Email(Mailbox::parse("person@example.org").unwrap()));
    all
}

#[test]
fn an_endpoint_of_every_kind_comes_back_as_it_was_made_and_as_it_was_changed() {
    holds(|store| {
        let specs: Vec<_> = endpoints()
            .into_iter()
            .enumerate()
            .map(|(i, endpoint)| SubscriptionSpec::new(format!("s{i}"), endpoint, Filter::default()))
            .collect();
        for spec in &specs {
            store.add_subscription(spec, at(0)).unwrap();
        }
        let held = |store: &mut SqliteStore| -> Vec<_> {
            store.subscriptions().unwrap().into_iter().map(|held| held.spec).collect()
        };
        assert_eq!(held(store), specs);

        let mut changed = specs;
        changed.rotate_left(1);
        for (i, spec) in changed.iter_mut().enumerate() {
            spec.name = format!("s{i}");
        }
        let ids: Vec<_> = store.subscriptions().unwrap().iter().map(|held| held.id).collect();
        for id in ids {
            store.remove_subscription(id).unwrap();
        }
        for spec in &changed {
            store.add_subscription(spec, at(1)).unwrap();
        }
        assert_eq!(held(store), changed, "one of that name is taken up again, whatever it was");
    });
}

#[test]
fn a_service_that_says_its_place_is_gone_is_disabled_and_one_that_is_removed_leaves_no_token() {
    holds(|store| {
        let endpoint = chat(Service::Gotify, "token", "", None);
        let id = store.add_subscription(&SubscriptionSpec::new("g", endpoint, Filter::default()), at(0)).unwrap();
        store.notify(&notification("one", None), id).unwrap();
        let claims = store.claim_deliveries(&deliveries_due(at(5))).unwrap();
        store.settle(&[settlement(&claims[0], at(5), Verdict::Gone)]).unwrap();
        assert_eq!(store.subscriptions().unwrap()[0].state, SubscriptionState::Disabled);

        store.remove_subscription(id).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        store.backup(&copy).unwrap();
        let db = rusqlite::Connection::open(&copy).unwrap();
        let secret: String = db.query_row("SELECT secret FROM subscription", [], |row| row.get(0)).unwrap();
        assert_eq!(secret, "");
    });
}
