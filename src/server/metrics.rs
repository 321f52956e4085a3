//! `/metrics`: the status and the store's counts as OpenMetrics text.
//!
//! Every number is read at the scrape: nothing is counted twice and nothing can drift. Names are fixed; each stands
//! with its help in [`Scrape::encode`].

use std::collections::BTreeMap;
use std::fmt;

use axum::extract::State;
use axum::http::{HeaderName, header};
use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::problem::Problem;
use super::state::AppState;
use crate::daemon::{Figures, Histogram, LoopName, Status};
use crate::port::{Counts, StoreTrouble};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers a scrape. A store that fails is told as `tidings_store_up 0`; the loops' figures come all the same.
pub(super) async fn scrape(State(app): State<AppState>) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let counts = match app.keeper.read(|store| store.counts()).await {
        Ok(counts) => Some(counts),
        Err(error) => {
            tracing::warn!(error = %error, "the store failed a scrape");
            None
        }
    };
    let scrape = Scrape { trouble: app.keeper.trouble(), ..Scrape::of(&app.status, counts, app.clock.now()) };
    let mut registry = Registry::default();
    registry.register_collector(Box::new(scrape));
    let mut body = String::new();
    // Writing to a `String` fails only when a number can't be formatted.
    text::encode(&mut body, &registry).map_err(|_unformatted| Problem::internal())?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], body))
}

/// The numbers of one scrape.
#[derive(Debug)]
struct Scrape {
    now: Timestamp,
    started_at: Timestamp,
    turns: Vec<(LoopName, Option<Timestamp>)>,
    figures: Figures,
    counts: Option<Counts>,
    trouble: Option<StoreTrouble>,
}

impl Scrape {
    fn of(status: &Status, counts: Option<Counts>, now: Timestamp) -> Self {
        Self {
            now,
            started_at: status.started_at(),
            turns: LoopName::ALL.into_iter().map(|name| (name, status.last_turn(name))).collect(),
            figures: status.figures(),
            counts,
            trouble: None,
        }
    }

    fn seconds_since(&self, then: Timestamp) -> f64 {
        self.now.duration_since(then).as_secs_f64().max(0.0)
    }

    fn encode_process(&self, page: &mut Page<'_>) -> fmt::Result {
        let version = BTreeMap::from([(env!("CARGO_PKG_VERSION"), 1.0)]);
        page.gauges("tidings_build_info", "The version that runs", "version", &version)?;
        page.gauge(
            "tidings_start_time_seconds",
            "When the daemon started",
            self.started_at.as_duration().as_secs_f64(),
        )?;
        let ages: BTreeMap<_, _> =
            self.turns.iter().filter_map(|(name, at)| Some((name.label(), self.seconds_since((*at)?)))).collect();
        page.gauges("tidings_loop_age_seconds", "Since each loop last turned", "loop", &ages)
    }

    fn encode_figures(&self, page: &mut Page<'_>) -> fmt::Result {
        let figures = &self.figures;
        page.counters("tidings_polls", "Polls by outcome", "outcome", &figures.polls)?;
        page.histogram("tidings_poll_duration_seconds", "How long polls took", &figures.poll_time)?;
        page.counters("tidings_pushes", "Pushes of hubs by what became of them", "outcome", &figures.pushes)?;
        page.counters(
            "tidings_hub_visits",
            "Visits to followers' callbacks by what came of them",
            "outcome",
            &figures.visits,
        )?;
        page.counters("tidings_articles", "Article pages fetched, by outcome", "outcome", &figures.articles)?;
        let stories = BTreeMap::from([("new", figures.stories_new), ("revised", figures.stories_revised)]);
        page.counters("tidings_stories", "Stories that polls brought", "change", &stories)?;
        page.counters("tidings_decisions", "Decisions by ruling", "ruling", &figures.decisions)?;
        page.counter("tidings_events_opened", "Events opened", figures.events_opened)?;
        page.counters("tidings_notifications", "Notifications made, by type", "type", &figures.notifications)?;
        page.counters("tidings_attempts", "Delivery attempts by what followed", "result", &figures.attempts)?;
        page.histogram("tidings_attempt_duration_seconds", "How long delivery attempts took", &figures.attempt_time)?;
        let help = "How endpoints turned: left alone, well again, disabled";
        page.counters("tidings_endpoint_turns", help, "turn", &figures.endpoints)?;
        let help = "From a story read to the start of the first attempt to tell it";
        page.histogram("tidings_telling_latency_seconds", help, &figures.latency)
    }

    fn encode_counts(&self, page: &mut Page<'_>, counts: &Counts) -> fmt::Result {
        let well = counts.sources.saturating_sub(counts.sources_failing);
        let sources = BTreeMap::from([("well", well), ("failing", counts.sources_failing)]);
        page.gauges("tidings_sources", "Sources in force, by health", "health", &sources)?;
        page.gauge("tidings_topics", "Topics in force", counts.topics)?;
        page.gauge("tidings_subscriptions", "Subscriptions that are served", counts.subscriptions)?;
        page.gauge("tidings_store_stories", "Stories stored", counts.stories)?;
        page.gauge("tidings_store_events", "Events stored", counts.events)?;
        page.gauge("tidings_stories_awaiting", "Stories that wait for their article page", counts.awaiting)?;
        page.gauge("tidings_stories_undecided", "Stories that wait to be decided", counts.undecided)?;
        page.gauge("tidings_deliveries_pending", "Deliveries that wait to be sent", counts.pending)?;
        let disabled = counts.subscriptions_disabled;
        page.gauge("tidings_subscriptions_disabled", "Subscriptions that are disabled", disabled)?;
        let endpoints = BTreeMap::from([("failing", counts.endpoints_failing), ("paused", counts.endpoints_resting)]);
        page.gauges("tidings_endpoints_in_trouble", "Endpoints by the trouble they are in", "trouble", &endpoints)?;
        page.gauge("tidings_deliveries_kept", "Deliveries kept until their subscriptions are enabled", counts.kept)?;
        let settled = BTreeMap::from([("delivered", counts.delivered), ("undelivered", counts.undelivered)]);
        page.gauges("tidings_deliveries_settled", "Deliveries stored that are settled", "result", &settled)?;
        let oldest = counts.oldest_pending_at.map_or(0.0, |at| self.seconds_since(at));
        page.gauge("tidings_delivery_oldest_pending_seconds", "Age of the oldest pending delivery", oldest)
    }
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.encode_process(&mut page)?;
        self.encode_figures(&mut page)?;
        page.gauge("tidings_store_up", "Whether the store answers", u64::from(self.counts.is_some()))?;
        let met = self.trouble.as_ref().map(StoreTrouble::label);
        let troubles = StoreTrouble::PASSING.map(|word| (word, f64::from(u8::from(met == Some(word)))));
        let help = "What keeps the store from writing: 1 while it does";
        page.gauges("tidings_store_trouble", help, "trouble", &BTreeMap::from(troubles))?;
        match &self.counts {
            Some(counts) => self.encode_counts(&mut page, counts),
            None => Ok(()),
        }
    }
}

/// The text under way: a method a kind of metric.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        ConstCounter::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Counter)?)
    }

    fn counters(&mut self, name: &str, help: &str, label: &str, values: &BTreeMap<&str, u64>) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (value, count) in values {
            ConstCounter::new(*count).encode(family.encode_family(&[(label, *value)])?)?;
        }
        Ok(())
    }

    fn gauge<N>(&mut self, name: &str, help: &str, value: N) -> fmt::Result
    where
        ConstGauge<N>: prometheus_client::encoding::EncodeMetric,
    {
        ConstGauge::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }

    fn gauges<N: Copy>(&mut self, name: &str, help: &str, label: &str, values: &BTreeMap<&str, N>) -> fmt::Result
    where
        ConstGauge<N>: prometheus_client::encoding::EncodeMetric,
    {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (value, number) in values {
            ConstGauge::new(*number).encode(family.encode_family(&[(label, *value)])?)?;
        }
        Ok(())
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) -> fmt::Result {
        let buckets: Vec<_> = histogram
            .buckets()
            .into_iter()
            .map(|(bound, count)| (bound.map_or(f64::INFINITY, |bound| bound.as_secs_f64()), count))
            .collect();
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(histogram.sum().as_secs_f64(), histogram.count(), &buckets, None)
    }
}
