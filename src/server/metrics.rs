//! `/metrics`: the status and the store's counts as OpenMetrics text.
//!
//! Every number is read at the scrape, but for the store's, which are read once for all who scrape within some seconds: nothing
//! is counted twice and nothing can drift. Names are fixed; each stands with its help here and in docs/monitoring.md, and no
//! label has values that come from outside (no source, endpoint or address), so that there are as many series with a million
//! sources as with ten.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use axum::Extension;
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
use super::shared_survey::{Made, SharedSurvey};
use super::state::AppState;
use crate::daemon::{Figures, Histogram, LoopName, LoopState, ReloadOutcome, Status, Step, Watchdog};
use crate::port::{StoreTrouble, Survey};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A store that takes longer than this does not answer: the scraper waits ten seconds at most.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// Answers a scrape. A store that fails is told as `tidings_store_up 0`; the loops' figures come all the same.
pub(super) async fn scrape(
    State(app): State<AppState>,
    Extension(shared): Extension<SharedSurvey>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let made = match tokio::time::timeout(STORE_PATIENCE, shared.ask(&app.keeper, &app.clock)).await {
        Ok(Ok(made)) => Some(made),
        Ok(Err(error)) => {
            tracing::warn!("/metrics lacks what the store counts, as the store failed: {error}");
            None
        }
        // It is counted on: the next scrape is given what comes of it.
        Err(_elapsed) => shared.stopgap(app.clock.now()),
    };
    let scrape = Scrape { trouble: app.keeper.trouble(), ..Scrape::of(&app.status, made) };
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
    started_at: Timestamp,
    loops: Vec<(LoopName, LoopState)>,
    watchdog: Watchdog,
    reload: Option<ReloadOutcome>,
    figures: Figures,
    made: Option<Made>,
    trouble: Option<StoreTrouble>,
}

/// A moment as Prometheus has it.
fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

impl Scrape {
    fn of(status: &Status, made: Option<Made>) -> Self {
        Self {
            started_at: status.started_at(),
            loops: LoopName::ALL.into_iter().map(|name| (name, status.of_loop(name))).collect(),
            watchdog: status.watchdog(),
            reload: status.last_reload(),
            figures: status.figures(),
            made,
            trouble: None,
        }
    }

    fn encode_process(&self, page: &mut Page<'_>) -> fmt::Result {
        let version = BTreeMap::from([(env!("CARGO_PKG_VERSION"), 1.0)]);
        page.gauges("tidings_build_info", "The version that runs", "version", &version)?;
        page.gauge("tidings_start_timestamp_seconds", "When the daemon started", seconds(self.started_at))?;
        let turned = self.loops.iter().filter_map(|(name, state)| Some((name.label(), seconds(state.turned_at?))));
        let turned: BTreeMap<_, _> = turned.collect();
        page.gauges("tidings_loop_last_turn_timestamp_seconds", "When each loop last turned", "loop", &turned)?;
        let turns: BTreeMap<_, _> = self.loops.iter().map(|(name, state)| (name.label(), state.turns)).collect();
        page.counters("tidings_loop_turns", "Turns of each loop", "loop", &turns)?;
        let refused = self.loops.iter().map(|(name, state)| (name.label(), u64::from(state.refused.is_some())));
        let help = "Whether each loop can't do its work for now, as a rule for the store refuses";
        page.gauges("tidings_loop_refused", help, "loop", &refused.collect())?;
        if let Some(fed_at) = self.watchdog.fed_at {
            let help = "When all loops were last found to turn, and the service manager's watchdog fed";
            page.gauge("tidings_watchdog_last_fed_timestamp_seconds", help, seconds(fed_at))?;
        }
        let good = self.reload.is_none_or(|reload| reload.is_good);
        let help = "Whether the configuration was taken up at the last reload, or there was none";
        page.gauge("tidings_config_last_reload_successful", help, u64::from(good))
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
        // From the start: an alert that asks for the growth of what is absent never fires.
        let mut attempts = BTreeMap::from(["delivered", "retry", "expired", "gone"].map(|result| (result, 0)));
        attempts.extend(&figures.attempts);
        page.counters("tidings_attempts", "Delivery attempts by what followed", "result", &attempts)?;
        page.histogram("tidings_attempt_duration_seconds", "How long delivery attempts took", &figures.attempt_time)?;
        let help = "How endpoints turned: left alone, well again, disabled";
        page.counters("tidings_endpoint_turns", help, "turn", &figures.endpoints)?;
        let help = "How long each step took: published to seen, to decided, to sent, to delivered";
        page.histograms("tidings_step_duration_seconds", help, ("step", Step::label), &figures.steps)
    }

    fn encode_survey(page: &mut Page<'_>, made: &Made) -> fmt::Result {
        let Made { at, ref survey, .. } = *made;
        let Survey { counts, due, backlog, size, .. } = &**survey;
        // By when it was counted: what was taken up since has not waited until now.
        let seconds_since =
            |then: Option<Timestamp>| then.map_or(0.0, |then| at.duration_since(then).as_secs_f64().max(0.0));
        let sources = survey.sources.iter().map(|(health, count)| (health.label(), *count)).collect();
        page.gauges("tidings_sources", "Sources in force, by health", "health", &sources)?;
        page.gauge("tidings_topics", "Topics in force", counts.topics)?;
        page.gauge("tidings_store_stories", "Stories stored", counts.stories)?;
        page.gauge("tidings_store_events", "Events stored", counts.events)?;
        let waiting = BTreeMap::from([
            ("sources", backlog.sources),
            ("articles", counts.awaiting),
            ("stories", counts.undecided),
            ("deliveries", backlog.deliveries),
            ("pushes", backlog.pushes),
            ("followers", backlog.followers),
            ("verifications", backlog.verifications),
        ]);
        page.gauges("tidings_due", "What is due and waits for its loop, by kind", "kind", &waiting)?;
        let help =
            "How long the oldest of what waits has waited: sources to be polled, stories to be decided, deliveries";
        let oldest = BTreeMap::from([
            ("sources", seconds_since(due.source_at)),
            ("stories", seconds_since(survey.oldest_undecided_at)),
            ("deliveries", seconds_since(counts.oldest_pending_at)),
        ]);
        page.gauges("tidings_oldest_waiting_seconds", help, "kind", &oldest)?;
        if let Some(at) = survey.newest_story_at {
            page.gauge("tidings_newest_story_timestamp_seconds", "When the newest story was seen", seconds(at))?;
        }
        let deliveries = BTreeMap::from([
            ("pending", counts.pending),
            ("held", backlog.digests),
            ("kept", counts.kept),
            ("delivered", counts.delivered),
            ("undelivered", counts.undelivered),
        ]);
        page.gauges("tidings_deliveries", "Deliveries stored, by state", "state", &deliveries)?;
        let served = BTreeMap::from([("active", counts.subscriptions), ("disabled", counts.subscriptions_disabled)]);
        page.gauges("tidings_subscriptions", "Subscriptions, by state", "state", &served)?;
        let endpoints = BTreeMap::from([("failing", counts.endpoints_failing), ("paused", counts.endpoints_resting)]);
        page.gauges("tidings_endpoints_in_trouble", "Endpoints by the trouble they are in", "trouble", &endpoints)?;
        let bytes = BTreeMap::from([
            ("used", size.database_bytes.saturating_sub(size.unused_bytes)),
            ("unused", size.unused_bytes),
            ("log", size.log_bytes),
        ]);
        page.gauges("tidings_store_size_bytes", "Bytes of the store, by part", "part", &bytes)?;
        let Some(disk) = size.disk else { return Ok(()) };
        page.gauge("tidings_store_disk_free_bytes", "Bytes free on the store's file system", disk.free_bytes)?;
        page.gauge("tidings_store_disk_size_bytes", "Bytes of the store's file system", disk.total_bytes)
    }
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.encode_process(&mut page)?;
        self.encode_figures(&mut page)?;
        page.gauge("tidings_store_up", "Whether the store answers", u64::from(self.made.is_some()))?;
        let met = self.trouble.as_ref().map(StoreTrouble::label);
        let troubles = StoreTrouble::PASSING.map(|word| (word, f64::from(u8::from(met == Some(word)))));
        let help = "What keeps the store from writing: 1 while it does";
        page.gauges("tidings_store_trouble", help, "trouble", &BTreeMap::from(troubles))?;
        match &self.made {
            Some(made) => Self::encode_survey(&mut page, made),
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

    fn histograms<L: Copy>(
        &mut self,
        name: &str,
        help: &str,
        (label, word): (&str, fn(L) -> &'static str),
        values: &BTreeMap<L, Histogram>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (value, histogram) in values {
            let (sum, count) = (histogram.sum().as_secs_f64(), histogram.count());
            let labels = [(label, word(*value))];
            let mut metric = family.encode_family(&labels)?;
            metric.encode_histogram::<NoLabelSet>(sum, count, &buckets(histogram), None)?;
        }
        Ok(())
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) -> fmt::Result {
        let buckets = buckets(histogram);
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(histogram.sum().as_secs_f64(), histogram.count(), &buckets, None)
    }
}

fn buckets(histogram: &Histogram) -> Vec<(f64, u64)> {
    let bound = |bound: Option<Duration>| bound.map_or(f64::INFINITY, |bound| bound.as_secs_f64());
    histogram.buckets().into_iter().map(|(upper, count)| (bound(upper), count)).collect()
}
