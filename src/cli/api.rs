//! The HTTP server as a task of the daemon: what it is given, and where it listens.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::config::{SelfServiceSettings, Settings};
use crate::daemon::{self, Callback, Hub, Parts, Seeker, Stop, Task, Verifier};
use crate::model::{PageSelectors, Secret, WebUrl};
use crate::net::{Allow, Guard};
use crate::page::Selectors;
use crate::server::{
    self, Access, Allowance, AppState, Change, Checks, Devices, Fault, HubDesk, Openness, PollBounds, Quota, Searches,
    SelfService, Shared, Streams, Workshop,
};

use super::assembly::guard;
use super::checks;
use super::inherited::Inherited;
use super::secret::{TOKENS, entropy, token_hash};
use super::subscription::test_notification;

/// A socket that the server answers at.
pub(super) struct Listening {
    listener: TcpListener,
    /// Where it really listens.
    pub(super) bound: SocketAddr,
}

/// Takes the sockets that systemd has handed over, else binds the configured address; none when the server is switched off.
///
/// # Errors
/// When the address can't be bound: it is taken, or not this machine's.
pub(super) async fn listen(settings: &Settings, inherited: Inherited) -> anyhow::Result<Vec<Listening>> {
    for why in &inherited.useless {
        tracing::warn!("was handed what it can't serve at, and leaves it: {why}");
    }
    let Some(address) = settings.server.listen else {
        if !inherited.tcp.is_empty() {
            tracing::warn!(
                "nothing is served at the sockets of tidings.socket, as server.listen is \"\": stop that unit"
            );
        }
        return Ok(Vec::new());
    };
    if inherited.tcp.is_empty() {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("listen on {address}: give server.listen another address, or \"\" to serve nothing")
        })?;
        let bound = listener.local_addr().context("ask where the server listens")?;
        return Ok(vec![Listening { listener, bound }]);
    }
    let mut all = Vec::new();
    for listener in inherited.tcp {
        listener.set_nonblocking(true).context("take over a socket of tidings.socket")?;
        let listener = TcpListener::from_std(listener).context("take over a socket of tidings.socket")?;
        let bound = listener.local_addr().context("ask where tidings.socket listens")?;
        all.push(Listening { listener, bound });
    }
    if !all.iter().any(|listening| listening.bound == address) {
        let bound: Vec<String> = all.iter().map(|listening| listening.bound.to_string()).collect();
        let bound = bound.join(" and ");
        tracing::warn!(
            "serves at {bound}, as tidings.socket says, and not at {address}, as server.listen says: make them the same, \
             or disable tidings.socket"
        );
    }
    Ok(all)
}

/// The names under which it is reached: where there are any, hubs come by the callback's, too.
fn hosts(settings: &Settings) -> Arc<[String]> {
    let named = settings.server.hosts.iter();
    let callback = settings.websub.callback.as_ref().map(|callback| callback.host_text().to_owned());
    named.cloned().chain(callback.filter(|_| !settings.server.hosts.is_empty())).collect()
}

/// A reload may name a relay, or none any more.
fn has_relay(parts: &Parts) -> Arc<dyn Fn() -> bool + Send + Sync> {
    let terms = parts.terms.clone();
    Arc::new(move || terms.borrow().mail.is_some())
}

/// The server and what feeds its streams, as tasks.
///
/// # Errors
/// When an entry of `network.allow` can't be read.
pub(super) fn tasks(
    listeners: Vec<Listening>,
    settings: &Settings,
    parts: &Parts,
) -> anyhow::Result<Vec<(&'static str, Task)>> {
    let streams = Streams::new(parts.bells.log.clone()).showing(parts.bells.events.clone());
    let guests = parts.keeper.for_guests();
    let state = AppState::new(Shared {
        keeper: guests.clone(),
        status: parts.status.clone(),
        patience: daemon::PATIENCE,
        clock: Arc::clone(&parts.clock),
        access: Access::new(
            guests,
            Arc::clone(&parts.clock),
            settings.server.token.as_ref(),
            TOKENS,
            allowance(settings),
        ),
        poll_bounds: PollBounds { min: settings.poll.interval_min, max: settings.poll.interval_max },
        checks: Checks { has_relay: has_relay(parts), ..checks() },
        streams: streams.clone(),
        callback: Some(Callback::new(parts)),
        devices: devices(settings, parts)?,
        verifier: Some(Verifier::new(parts)),
        seeker: Some(Seeker::new(parts)),
        self_service: self_service(settings)?,
        changed: changed(parts),
        openness: Openness {
            stream: settings.server.public_stream,
            origins: settings.server.origins.clone().into(),
            pages: settings.server.public_pages,
            hosts: hosts(settings),
            proxies: settings.server.trusted_proxies.iter().filter_map(|text| Allow::parse(text).ok()).collect(),
        },
        hub: Some(hub(settings, parts)?),
        workshop: workshop(parts),
        searches: Searches::default(),
    });
    let openness = state.openness.clone();
    let router = server::router(state);
    let (fed, keeper) = (streams.clone(), parts.keeper.clone());
    let feed: Task = Box::new(move |_ends_with_the_streams| {
        Box::pin(async move {
            fed.feed(&keeper).await;
            Ok(())
        })
    });
    let mut tasks = vec![("streams", feed)];
    for Listening { listener, bound: _ } in listeners {
        let (router, streams, openness) = (router.clone(), streams.clone(), openness.clone());
        let serve: Task = Box::new(move |stop: Stop| {
            Box::pin(async move {
                let stopped = async move {
                    stop.heard().await;
                    streams.end();
                };
                server::serve(listener, router, openness, stopped).await.context("serve HTTP")
            })
        });
        tasks.push(("server", serve));
    }
    Ok(tasks)
}

/// What that which is sent in is judged by. A mailbox is taken as if a relay were configured: commands that take one ask by themselves.
pub(super) fn checks() -> Checks {
    Checks {
        query,
        selectors,
        has_relay: Arc::new(|| true),
        secret: checks::signing_secret,
        // With no randomness there is no secret: an empty one is refused by the check that follows.
        new_secret: Arc::new(|scheme| Secret::new(entropy().map(|e| scheme.secret(&e)).unwrap_or_default())),
        test: Arc::new(test_notification),
    }
}

/// What rings the loop that has news.
fn changed(parts: &Parts) -> Arc<dyn Fn(Change) + Send + Sync> {
    let (bells, market) = (parts.bells.clone(), parts.market.clone());
    Arc::new(move |change| match change {
        Change::Sources => {
            market.changed();
            bells.poll.ring();
            bells.push.ring();
        }
        Change::Topics => bells.decide.ring(),
        Change::Subscriptions => {
            bells.decide.ring();
            bells.verify.ring();
            bells.dispatch.ring();
        }
        Change::Corrections => {
            bells.decide.ring();
            bells.told();
            bells.events.ring();
            bells.hub.ring();
        }
        Change::Deliveries => bells.told(),
    })
}

/// How many requests may be made under `/v1`.
fn allowance(settings: &Settings) -> Allowance {
    Allowance {
        requests_per_minute: settings.server.requests_per_minute,
        failures_per_minute: settings.server.failures_per_minute,
    }
}

/// What previews are made with: events are told apart as the terms in force say, which may be reloaded.
fn workshop(parts: &Parts) -> Workshop {
    let terms = parts.terms.clone();
    Workshop::new(move || terms.borrow().events)
}

/// Where subscribers ask for pushes of our feeds; whether it is open is the terms' to say, as they may be reloaded.
fn hub(settings: &Settings, parts: &Parts) -> anyhow::Result<HubDesk> {
    let guard = guard(&settings.network)?;
    Ok(HubDesk {
        hub: Hub::new(parts),
        quota: Quota::new(settings.hub.hourly_per_address),
        check: Arc::new(move |callback| guard.check_url(callback).err().map(|refused| refused.detail)),
    })
}

/// What browsers subscribe to, unless it is switched off.
fn devices(settings: &Settings, parts: &Parts) -> anyhow::Result<Option<Devices>> {
    let push = &settings.push;
    let Some(web_push) = parts.web_push.as_ref().filter(|_| push.enabled) else { return Ok(None) };
    let guard = guard(&settings.network)?;
    let services = push.services.clone();
    Ok(Some(Devices {
        public_key: web_push.public_key().to_owned(),
        most: push.devices_max,
        quota: Quota::new(push.hourly_per_address),
        check: Arc::new(move |endpoint| endpoint_fault(endpoint, services.as_deref(), &guard)),
    }))
}

/// What is wrong with a push service's address. Messages name its host alone: the rest gives the right to post.
fn endpoint_fault(endpoint: &WebUrl, services: Option<&[String]>, guard: &Guard) -> Option<String> {
    let host = endpoint.host_text();
    let is_below = |service: &String| {
        host.strip_suffix(service.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    if services.is_some_and(|services| !services.iter().any(is_below)) {
        return Some(format!("the push service {host} is none of those posted to (`services` in [push])"));
    }
    if let Err(refused) = guard.check_url(endpoint) {
        return Some(refused.detail);
    }
    let is_safe = endpoint.is_https() || guard.is_near(endpoint);
    (!is_safe).then(|| format!("the push service {host} must be reached over https"))
}

/// What anybody may subscribe to, unless it is switched off.
fn self_service(settings: &Settings) -> anyhow::Result<Option<SelfService>> {
    let SelfServiceSettings { enabled, topics, subscriptions_max, daily_per_address } = settings.self_service.clone();
    if !enabled {
        return Ok(None);
    }
    let guard = guard(&settings.network)?;
    Ok(Some(SelfService {
        topics,
        most: subscriptions_max,
        quota: Quota::daily(daily_per_address),
        check: Arc::new(move |url| hook_fault(url, &guard)),
        chance: || entropy().ok(),
        hash: token_hash,
    }))
}

/// What is wrong with an address that a stranger names.
fn hook_fault(url: &WebUrl, guard: &Guard) -> Option<String> {
    if guard.check_url(url).is_err() {
        return Some("nothing is posted to this address from here".to_owned());
    }
    let is_safe = url.is_https() || guard.is_near(url);
    (!is_safe).then(|| "it must be reached over https".to_owned())
}

fn query(text: &str) -> Vec<Fault> {
    checks::query(text).into_iter().map(|p| Fault { span: p.span, message: p.message, help: p.help }).collect()
}

fn selectors(selectors: &PageSelectors) -> Option<(&'static str, String)> {
    Selectors::compile(selectors).err().map(|error| (error.name, error.why))
}
