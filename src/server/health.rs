//! `/healthz` and `/readyz`: for watchdogs and load balancers, which read the status and no more.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::state::AppState;
use crate::daemon::LoopName;

/// A store that takes longer to count its topics is not ready.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// 200 while every loop turns.
pub(super) async fn alive(State(app): State<AppState>) -> (StatusCode, String) {
    let stuck = app.status.stuck(app.clock.now(), app.patience);
    if stuck.is_empty() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    let names: Vec<_> = stuck.into_iter().map(LoopName::label).collect();
    (StatusCode::SERVICE_UNAVAILABLE, format!("stuck: {}\n", names.join(", ")))
}

/// 200 once the first round of polls has begun, while the store answers and takes writes.
pub(super) async fn ready(State(app): State<AppState>) -> (StatusCode, String) {
    if !app.status.begun() {
        return (StatusCode::SERVICE_UNAVAILABLE, "starting: the first round has not begun\n".to_owned());
    }
    if let Some(trouble) = app.keeper.trouble() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", trouble.words()));
    }
    match tokio::time::timeout(STORE_PATIENCE, app.keeper.read(|store| store.topics())).await {
        Ok(Ok(_topics)) => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "the store failed the readiness check");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n".to_owned())
        }
        Err(_elapsed) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n".to_owned()),
    }
}
