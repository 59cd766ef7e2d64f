//! The admin listener: `/metrics`, `/healthz`, `/readyz`, reload, and a user's risk.
//!
//! With a token, everything but the two health checks asks for `authorization: Bearer …`.

use super::server::Phase;
use crate::telemetry::{self, Telemetry};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Admin connections at a time.
const MAX_CONNECTIONS: usize = 64;
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// What the gateway's brain answers to the admin API. Called on the control thread: it must not block for long.
pub trait AdminApi: Send + Sync + 'static {
    /// A user's risk as a JSON object; `None` for a user never seen.
    fn risk(&self, user: &str) -> Option<String>;
}

/// The state of the admin listener.
pub(super) struct Admin {
    token: Option<Digest>,
    reload: Box<dyn Fn() -> Result<u64, String> + Send + Sync>,
    api: Arc<dyn AdminApi>,
    telemetry: Arc<Telemetry>,
    phase: watch::Receiver<Phase>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").finish_non_exhaustive()
    }
}

impl Admin {
    pub(super) fn new(
        token: Option<&str>,
        reload: Box<dyn Fn() -> Result<u64, String> + Send + Sync>,
        api: Arc<dyn AdminApi>,
        telemetry: Arc<Telemetry>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let token = token.filter(|token| !token.is_empty()).map(|token| digest(&SHA256, token.as_bytes()));
        Self { token, reload, api, telemetry, phase }
    }

    /// Compared as digests and in constant time: neither the token's bytes nor its length show in the time taken.
    fn authorized(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, given) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(given.trim())
        });
        given.is_some_and(|given| {
            verify_slices_are_equal(digest(&SHA256, given.as_bytes()).as_ref(), token.as_ref()).is_ok()
        })
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let get = request.method() == Method::GET;
        match path {
            "/healthz" if get => return text(StatusCode::OK, "ok\n"),
            "/readyz" if get => {
                return match *self.phase.borrow() {
                    Phase::Running => text(StatusCode::OK, "ready\n"),
                    _ => text(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
                };
            }
            _ => {}
        }
        if !self.authorized(request.headers()) {
            let mut response = problem(StatusCode::UNAUTHORIZED, "give the admin token as `authorization: Bearer …`");
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return response;
        }
        match path {
            "/metrics" if get => body(StatusCode::OK, telemetry::CONTENT_TYPE, self.telemetry.render()),
            "/-/reload" | "/api/v1/reload" if request.method() == Method::POST => {
                let reloading = self.clone();
                match tokio::task::spawn_blocking(move || (reloading.reload)()).await {
                    Ok(Ok(generation)) => json(StatusCode::OK, &json!({ "generation": generation })),
                    Ok(Err(problems)) => json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "problems": problems })),
                    Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "the reload failed; see the log"),
                }
            }
            "/healthz" | "/readyz" | "/metrics" => wrong_method("GET"),
            "/-/reload" | "/api/v1/reload" => wrong_method("POST"),
            _ => match path.strip_prefix("/api/v1/risk/") {
                Some(user) if !user.is_empty() && get => {
                    match percent_decode_str(user).decode_utf8().ok().and_then(|user| self.api.risk(&user)) {
                        Some(risk) => body(StatusCode::OK, "application/json", risk),
                        None => problem(StatusCode::NOT_FOUND, "this user has not been seen"),
                    }
                }
                Some(user) if !user.is_empty() => wrong_method("GET"),
                _ => problem(StatusCode::NOT_FOUND, "no such page; see `/metrics`, `/healthz`, `/readyz`"),
            },
        }
    }
}

/// Serves the admin listener for as long as the program runs.
pub(super) async fn serve(listener: TcpListener, admin: Arc<Admin>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let admin = admin.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answer = admin.clone().answer(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service);
            if let Err(error) = served.await {
                tracing::debug!(%error, "an admin connection ended early");
            }
            drop(place);
        });
    }
}

fn body(status: StatusCode, content_type: &'static str, content: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn text(status: StatusCode, content: &'static str) -> Response<Full<Bytes>> {
    body(status, "text/plain; charset=utf-8", content)
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response<Full<Bytes>> {
    body(status, "application/json", value.to_string())
}

fn problem(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    json(status, &json!({ "error": message }))
}

fn wrong_method(allowed: &'static str) -> Response<Full<Bytes>> {
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, &format!("use {allowed}"));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
