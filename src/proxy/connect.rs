//! Opens connections to upstreams: name lookup, TCP, TLS with ALPN, HTTP handshake.

use super::body::UpstreamBody;
use super::failure::Failure;
use super::pool::{Connected, Driver, Http1, Http2};
use super::upstream::{Origin, Protocol};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// HTTP/2 flow control: how much an upstream may send ahead of the client's reading, per stream and per connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// A silent HTTP/2 connection is asked for a sign of life this often, and given up after as long again.
const PING_EVERY: Duration = Duration::from_secs(30);

/// Runs hyper's tasks on the worker's own thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalExecutor;

impl<F> hyper::rt::Executor<F> for LocalExecutor
where
    F: Future + 'static,
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

/// Opens a connection. The caller keeps the deadline.
pub(super) async fn connect(origin: &Origin) -> Result<Connected, Failure> {
    let tcp = reach(origin).await?;
    let Some(tls) = &origin.tls else { return handshake(tcp, origin.protocol == Protocol::Http2).await };
    let stream = secure(origin, tls.config.clone(), tls.name.clone(), tcp).await?;
    let http2 = match (origin.protocol, stream.get_ref().1.alpn_protocol()) {
        (Protocol::Http2, _) | (Protocol::Auto, Some(b"h2")) => true,
        (Protocol::Auto | Protocol::Http1, _) => false,
    };
    handshake(stream, http2).await
}

/// Opens a connection for one request in HTTP/1.1, which may upgrade it. The caller keeps the deadline.
pub(super) async fn connect_http1(origin: &Origin) -> Result<Http1, Failure> {
    let tcp = reach(origin).await?;
    let Some(tls) = &origin.tls else { return handshake_http1(tcp).await };
    let mut config = rustls::ClientConfig::clone(&tls.config);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    handshake_http1(secure(origin, config.into(), tls.name.clone(), tcp).await?).await
}

async fn reach(origin: &Origin) -> Result<TcpStream, Failure> {
    dial(origin).await.map_err(|error| {
        tracing::debug!(host = origin.host, port = origin.port, %error, "connecting to the upstream failed");
        Failure::ConnectFailed
    })
}

async fn secure(
    origin: &Origin,
    config: Arc<rustls::ClientConfig>,
    name: ServerName<'static>,
    tcp: TcpStream,
) -> Result<TlsStream<TcpStream>, Failure> {
    TlsConnector::from(config).connect(name, tcp).await.map_err(|error| {
        tracing::warn!(host = origin.host, port = origin.port, %error, "the TLS handshake with the upstream failed");
        Failure::TlsFailed
    })
}

/// Tries the host's addresses in the resolver's order.
async fn dial(origin: &Origin) -> std::io::Result<TcpStream> {
    let mut last = None;
    for address in tokio::net::lookup_host((origin.host.as_str(), origin.port)).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address")))
}

async fn handshake<S>(stream: S, http2: bool) -> Result<Connected, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if http2 {
        let io = TokioIo::new(stream);
        let (sender, connection) = http2::Builder::new(LocalExecutor)
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY)
            .handshake(io)
            .await
            .map_err(|_| Failure::UpstreamBroken)?;
        let driver = Driver::spawn(async { drop(connection.await) });
        return Ok(Connected::Http2(Http2 { sender, _driver: driver }));
    }
    handshake_http1(stream).await.map(Connected::Http1)
}

async fn handshake_http1<S>(stream: S) -> Result<Http1, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let io = TokioIo::new(stream);
    let (sender, connection) =
        http1::Builder::new().handshake::<_, UpstreamBody>(io).await.map_err(|_| Failure::UpstreamBroken)?;
    let driver = Driver::spawn(async { drop(connection.with_upgrades().await) });
    Ok(Http1 { sender, _driver: driver })
}
