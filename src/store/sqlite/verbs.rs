//! The one place where the port's verbs are listed: each in a transaction or a savepoint of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::super::fault::Fault;
use super::super::{
    article, claim, decision, event, label, log, market, outbox, plan, poll, recall, relevance, retention, robots,
    search, settlement, shelf, source, story, subscription, survey, sync, topic, trial, upkeep,
};
use super::{SqliteStore, lost_group, run_word};
use crate::ingest::Recalled;
use crate::model::{
    ArticleClaim, ArticleRecord, Commit, Corrected, Correction, Delivery, DeliveryClaim, DeliveryId, DomainPause,
    EntryKey, Event, EventId, EventView, FeedPlace, Impossible, Known, LabelView, Notification, NotificationId,
    PollRecord, Recorded, Relevance, RobotsText, Settlement, Source, SourceClaim, SourceId, SourceSpec, Story,
    StoryChange, StoryId, Subscription, SubscriptionId, SubscriptionSpec, Topic, TopicKey, TopicSpec,
};
use crate::port::{
    ClaimDeliveries, ClaimSources, Counts, Crowd, Declared, DeliveryFilter, Due, Durable, EventFilter, Explained,
    IndexSeed, Listed, LogFilter, LogPage, PaceSample, Past, Stands, Store, StoreError, StoreTrouble, Synced,
};

impl Store for SqliteStore {
    fn group(&mut self, until: Durable) -> Result<(), StoreError> {
        const VERB: &str = "group";
        if self.grouped || self.viewing {
            return Err(Fault::Refused("a group or a view is under way already".to_owned()).of(VERB, None));
        }
        self.renew()?;
        let begun = self.outlive(until).and_then(|()| run_word(&self.db, "BEGIN IMMEDIATE"));
        begun.map_err(|fault| self.failed(fault, VERB))?;
        self.grouped = true;
        Ok(())
    }

    fn commit_group(&mut self) -> Result<(), StoreError> {
        const VERB: &str = "commit_group";
        if !self.grouped {
            return Err(Fault::Refused("no group is under way".to_owned()).of(VERB, None));
        }
        self.grouped = false;
        if self.db.is_autocommit() {
            return Err(lost_group().of(VERB, None));
        }
        let done = run_word(&self.db, "COMMIT");
        if let Err(fault) = done {
            if !self.db.is_autocommit() {
                // Where even this fails, the connection is opened anew, which has the same effect.
                self.stale |= run_word(&self.db, "ROLLBACK").is_err();
            }
            return Err(self.failed(fault, VERB));
        }
        self.wrote();
        Ok(())
    }

    fn sync(&mut self, declared: &Declared, now: Timestamp) -> Result<Synced, StoreError> {
        self.write("sync", |db| sync::sync(db, declared, now))
    }

    fn release_leases(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.write("release_leases", |db| upkeep::release_leases(db, now))
    }

    fn turn_back_plans(&mut self, by: Option<Duration>, now: Timestamp) -> Result<Duration, StoreError> {
        self.write("turn_back_plans", |db| plan::turn_back(db, by, now))
    }

    fn last_moment(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.read("last_moment", |db| plan::last_moment(db))
    }

    fn due(&mut self) -> Result<Due, StoreError> {
        self.read("due", |db| survey::due(db))
    }

    fn claim_sources(&mut self, claim: &ClaimSources) -> Result<Vec<SourceClaim>, StoreError> {
        self.claim("claim_sources", |db| source::claim(db, claim))
    }

    fn known(&mut self, keys: &[EntryKey]) -> Result<Vec<Known>, StoreError> {
        self.read("known", |db| story::known(db, keys))
    }

    fn record_poll(&mut self, record: &PollRecord) -> Result<Recorded, StoreError> {
        self.run("record_poll", poll::written_in(record), |db| poll::record(db, record))
    }

    fn sample_paces(&mut self, limit: usize) -> Result<PaceSample, StoreError> {
        self.read("sample_paces", |db| source::sample(db, limit))
    }

    fn market(&mut self) -> Result<Vec<u8>, StoreError> {
        self.read("market", |db| market::kept(db))
    }

    fn keep_market(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write("keep_market", |db| market::keep(db, bytes))
    }

    fn claim_articles(&mut self, claim: &ClaimSources) -> Result<Vec<ArticleClaim>, StoreError> {
        self.claim("claim_articles", |db| article::claim(db, claim))
    }

    fn backfill(&mut self, source: SourceId, stories: &[StoryChange], now: Timestamp) -> Result<Recorded, StoreError> {
        self.write("backfill", |db| poll::backfill(db, source, stories, now))
    }

    fn crowd(&mut self, event: EventId, since: Timestamp) -> Result<Option<Crowd>, StoreError> {
        self.read("crowd", |db| event::crowd(db, event, since))
    }

    fn source(&mut self, id: SourceId) -> Result<Option<Source>, StoreError> {
        self.read("source", |db| source::one(db, id))
    }

    fn bring_forward(&mut self, id: SourceId, at: Timestamp, pace: &[u8], now: Timestamp) -> Result<bool, StoreError> {
        self.write("bring_forward", |db| source::bring_forward(db, id, at, pace, now))
    }

    fn polled_since(&mut self, since: Timestamp) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.read("polled_since", |db| source::polled_since(db, since))
    }

    fn robots(&mut self, origin: &str, now: Timestamp) -> Result<Option<RobotsText>, StoreError> {
        self.read("robots", |db| robots::known(db, origin, now))
    }

    fn keep_robots(&mut self, origin: &str, text: &RobotsText, now: Timestamp) -> Result<(), StoreError> {
        self.write("keep_robots", |db| robots::keep(db, origin, text, now))
    }

    fn pauses(&mut self, now: Timestamp) -> Result<Vec<DomainPause>, StoreError> {
        self.read("pauses", |db| claim::pauses(db, now))
    }

    fn resume(&mut self, domain: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.write("resume", |db| claim::resume(db, domain, now))
    }

    fn pause(&mut self, pause: &DomainPause, now: Timestamp) -> Result<(), StoreError> {
        self.write("pause", |db| claim::pause(db, pause, now))
    }

    fn record_article(&mut self, record: &ArticleRecord, now: Timestamp) -> Result<(), StoreError> {
        self.write("record_article", |db| article::record(db, record, now))
    }

    fn poll_now(&mut self, sources: Option<&[SourceId]>, now: Timestamp) -> Result<usize, StoreError> {
        self.write("poll_now", |db| source::poll_now(db, sources, now))
    }

    fn claim_undecided(&mut self, limit: usize) -> Result<Vec<Story>, StoreError> {
        self.read("claim_undecided", |db| story::undecided(db, limit))
    }

    fn index_seed(&mut self, since: Timestamp) -> Result<IndexSeed, StoreError> {
        self.read("index_seed", |db| recall::seed(db, since))
    }

    fn recall(&mut self, stories: &[StoryId]) -> Result<Vec<Recalled>, StoreError> {
        self.read("recall", |db| recall::recall(db, stories))
    }

    fn past(&mut self, stories: &[Story]) -> Result<Vec<Past>, StoreError> {
        self.read("past", |db| label::past(db, stories))
    }

    fn corrections(&mut self) -> Result<u64, StoreError> {
        self.read("corrections", |db| label::corrections(db))
    }

    fn correct(
        &mut self,
        correction: &Correction,
        now: Timestamp,
    ) -> Result<Result<Corrected, Impossible>, StoreError> {
        self.write("correct", |db| label::correct(db, correction, now))
    }

    fn labels(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, LabelView)>, StoreError> {
        self.read("labels", |db| label::list(db, after, limit))
    }

    fn commit_decisions(&mut self, commit: &Commit) -> Result<(), StoreError> {
        self.write("commit_decisions", |db| decision::commit(db, commit))
    }

    fn claim_deliveries(&mut self, claim: &ClaimDeliveries) -> Result<Vec<DeliveryClaim>, StoreError> {
        self.claim("claim_deliveries", |db| outbox::claim(db, claim))
    }

    fn settle(&mut self, settlements: &[Settlement]) -> Result<(), StoreError> {
        self.write("settle", |db| settlement::settle(db, settlements))
    }

    fn delivery_due_after(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.read("delivery_due_after", |db| outbox::due_after(db, now))
    }

    fn notify(&mut self, notification: &Notification, to: SubscriptionId) -> Result<Delivery, StoreError> {
        self.write_surely("notify", |db| trial::notify(db, notification, to))
    }

    fn replay(&mut self, delivery: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
        self.write("replay", |db| outbox::replay(db, delivery, now))
    }

    fn topics(&mut self) -> Result<Vec<Topic>, StoreError> {
        self.read("topics", |db| topic::list(db))
    }

    fn add_topic(&mut self, spec: &TopicSpec, now: Timestamp) -> Result<(), StoreError> {
        self.write("add_topic", |db| topic::add(db, spec, "", now).map(|_version| ()))
    }

    fn remove_topic(&mut self, key: &TopicKey) -> Result<bool, StoreError> {
        self.write("remove_topic", |db| topic::remove(db, key))
    }

    fn relevances(&mut self) -> Result<Vec<Relevance>, StoreError> {
        self.read("relevances", |db| relevance::list(db))
    }

    fn keep_relevance(&mut self, learned: &Relevance) -> Result<(), StoreError> {
        self.write("keep_relevance", |db| relevance::put(db, learned))
    }

    fn forget_relevance(&mut self, topic: &TopicKey) -> Result<bool, StoreError> {
        self.write("forget_relevance", |db| relevance::forget(db, topic))
    }

    fn standings(&mut self, topic: &TopicKey, stories: &[StoryId]) -> Result<Vec<Stands>, StoreError> {
        self.read("standings", |db| relevance::standings(db, topic, stories))
    }

    fn sources(&mut self, which: Listed) -> Result<Vec<Source>, StoreError> {
        self.read("sources", |db| source::list(db, which))
    }

    fn add_source(&mut self, spec: &SourceSpec, now: Timestamp) -> Result<SourceId, StoreError> {
        self.write("add_source", |db| source::add(db, spec, now))
    }

    fn add_sources(&mut self, specs: &[SourceSpec], now: Timestamp) -> Result<Vec<Option<SourceId>>, StoreError> {
        self.write("add_sources", |db| source::add_all(db, specs, now))
    }

    fn remove_source(&mut self, source: SourceId) -> Result<bool, StoreError> {
        self.write("remove_source", |db| source::remove(db, source))
    }

    fn subscription(&mut self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        self.read("subscription", |db| subscription::in_force(db, id))
    }

    fn change_source(&mut self, source: SourceId, spec: &SourceSpec, now: Timestamp) -> Result<bool, StoreError> {
        self.write("change_source", |db| source::change(db, source, spec, now))
    }

    fn subscriptions(&mut self) -> Result<Vec<Subscription>, StoreError> {
        self.read("subscriptions", subscription::list)
    }

    fn subscriptions_unless(&mut self, known: u64) -> Result<Option<(u64, Vec<Subscription>)>, StoreError> {
        self.read("subscriptions_unless", |db| subscription::list_unless(db, known))
    }

    fn add_subscription(&mut self, spec: &SubscriptionSpec, now: Timestamp) -> Result<SubscriptionId, StoreError> {
        self.write("add_subscription", |db| subscription::add(db, spec, now))
    }

    fn remove_subscription(&mut self, subscription: SubscriptionId) -> Result<bool, StoreError> {
        self.write("remove_subscription", |db| subscription::remove(db, subscription))
    }

    fn events(&mut self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.read("events", |db| event::list(db, filter))
    }

    fn told_last(
        &mut self,
        topic: &TopicKey,
        before: Option<FeedPlace>,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.read("told_last", |db| event::told_last(db, topic, before, limit))
    }

    fn event(&mut self, event: EventId) -> Result<Option<EventView>, StoreError> {
        self.read("event", |db| event::view(db, event))
    }

    fn deliveries(&mut self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        self.read("deliveries", |db| shelf::list(db, filter))
    }

    fn delivery(&mut self, delivery: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.read("delivery", |db| outbox::one(db, delivery))
    }

    fn readings(&mut self, since: Timestamp) -> Result<BTreeMap<TopicKey, usize>, StoreError> {
        self.read("readings", |db| article::readings(db, since))
    }

    fn find_story(&mut self, keys: &[EntryKey], id: Option<StoryId>) -> Result<Option<StoryId>, StoreError> {
        self.read("find_story", |db| story::find(db, keys, id))
    }

    fn explain(&mut self, story: StoryId) -> Result<Option<Explained>, StoreError> {
        self.read("explain", |db| survey::explain(db, story))
    }

    fn search(&mut self, words: &str, limit: usize) -> Result<Vec<Story>, StoreError> {
        self.search_before(words, StoryId(i64::MAX), limit)
    }

    fn search_before(&mut self, words: &str, before: StoryId, limit: usize) -> Result<Vec<Story>, StoreError> {
        self.read("search", |db| search::find(db, words, before, limit))
    }

    fn stories_since(&mut self, since: Timestamp, after: StoryId, limit: usize) -> Result<Vec<Story>, StoreError> {
        self.read("stories_since", |db| story::since(db, since, after, limit))
    }

    fn stories_of(&mut self, source: SourceId, until: Timestamp, limit: usize) -> Result<Vec<Story>, StoreError> {
        self.read("stories_of", |db| story::of(db, source, until, limit))
    }

    fn counts(&mut self) -> Result<Counts, StoreError> {
        self.read("counts", |db| survey::counts(db))
    }

    fn notification(&mut self, id: &NotificationId) -> Result<Option<Notification>, StoreError> {
        self.read("notification", |db| outbox::notification(db, id))
    }

    fn log(&mut self, filter: &LogFilter) -> Result<LogPage, StoreError> {
        self.read("log", |db| log::page(db, filter))
    }

    fn retain(
        &mut self,
        off_topic_before: Timestamp,
        deliveries_before: Timestamp,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.write("retain", |db| retention::retain(db, off_topic_before, deliveries_before, limit))
    }

    fn backup(&mut self, file: &Path) -> Result<(), StoreError> {
        const VERB: &str = "backup";
        if self.grouped || self.viewing {
            return Err(Fault::Refused("a copy can't be made within a group or a view".to_owned()).of(VERB, None));
        }
        self.renew()?;
        upkeep::backup(&self.db, file).map_err(|fault| self.failed(fault, VERB))
    }

    fn trouble(&self) -> Option<StoreTrouble> {
        self.trouble.as_ref().map(|(met, _)| met.clone())
    }

    fn check(&mut self, patience: Duration) -> Result<Vec<String>, StoreError> {
        self.renew()?;
        upkeep::check(&mut self.db.connection, patience).map_err(|fault| self.failed(fault, "check"))
    }
}
