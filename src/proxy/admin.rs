//! The admin listener: `/metrics`, `/healthz`, `/readyz`, reload, and a user's risk.
//!
//! With a token, everything but the two health checks asks for `authorization: Bearer …`.

use super::server::{Phase, TokenDigest, token_digest};
use crate::telemetry::{self, Telemetry};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
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

    /// Takes a judgement from outside about a user; the body is a JSON object.
    ///
    /// # Errors
    /// What is wrong with the body, and how to mend it.
    fn signal(&self, user: &str, body: &[u8]) -> Result<(), String>;

    /// Why the gateway should get no traffic now, if so.
    fn unready(&self) -> Option<&'static str>;
}

/// Largest body of an admin call, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// The state of the admin listener.
pub(super) struct Admin {
    token: Option<TokenDigest>,
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
        token: Option<TokenDigest>,
        reload: Box<dyn Fn() -> Result<u64, String> + Send + Sync>,
        api: Arc<dyn AdminApi>,
        telemetry: Arc<Telemetry>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self { token, reload, api, telemetry, phase }
    }

    /// Compared as digests and in constant time: neither the token's bytes nor its length show in the time taken.
    fn authorized(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, given) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(given.trim())
        });
        given.is_some_and(|given| verify_slices_are_equal(&token_digest(given), token).is_ok())
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let get = request.method() == Method::GET;
        match path.as_str() {
            "/healthz" if get => return text(StatusCode::OK, "ok\n"),
            "/readyz" if get => {
                let draining = *self.phase.borrow() != Phase::Running;
                return match self.api.unready() {
                    _ if draining => text(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
                    Some(why) => text(StatusCode::SERVICE_UNAVAILABLE, why),
                    None => text(StatusCode::OK, "ready\n"),
                };
            }
            _ => {}
        }
        if !self.authorized(request.headers()) {
            let mut response = problem(StatusCode::UNAUTHORIZED, "give the admin token as `authorization: Bearer …`");
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return response;
        }
        match path.as_str() {
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
                Some(user) if !user.is_empty() && request.method() == Method::POST => {
                    let Ok(user) = percent_decode_str(user).decode_utf8().map(|u| u.into_owned()) else {
                        return problem(StatusCode::BAD_REQUEST, "the user's name is not UTF-8");
                    };
                    let Ok(sent) = Limited::new(request.into_body(), LARGEST_BODY).collect().await else {
                        return problem(StatusCode::BAD_REQUEST, "the body cannot be read");
                    };
                    match self.api.signal(&user, &sent.to_bytes()) {
                        Ok(()) => json(StatusCode::OK, &json!({ "user": user, "taken": true })),
                        Err(why) => problem(StatusCode::UNPROCESSABLE_ENTITY, &why),
                    }
                }
                Some(user) if !user.is_empty() => wrong_method("GET, POST"),
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
