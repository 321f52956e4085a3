//! `/healthz` and `/readyz`: for watchdogs and load balancers, and for people who have no token.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::state::AppState;
use super::status;
use crate::daemon::LoopName;

/// 200 while every loop turns. It looks at no store: a full disk or a busy file is no reason to kill the daemon.
pub(super) async fn alive(State(app): State<AppState>) -> (StatusCode, String) {
    let stuck = app.status.stuck(app.clock.now(), app.patience);
    if stuck.is_empty() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    let names: Vec<_> = stuck.into_iter().map(LoopName::label).collect();
    (StatusCode::SERVICE_UNAVAILABLE, format!("stuck: {}\n", names.join(", ")))
}

/// 200 once the first round of polls has begun, while the store answers, and every loop turns and can do its work; else
/// what is not so, a line each. As JSON, where that is asked for, it says how each loop fares.
pub(super) async fn ready(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let status = status::readiness(&app).await;
    let code = if status.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let wanted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if wanted.is_some_and(|wanted| wanted.contains("application/json")) {
        return (code, Json(status)).into_response();
    }
    if status.ready {
        return (code, "ready\n").into_response();
    }
    let lines: Vec<_> = status.problems.iter().map(|problem| format!("{}\n", problem.what)).collect();
    (code, format!("not ready\n{}", lines.concat())).into_response()
}
