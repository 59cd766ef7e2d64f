//! A client connection from its first byte to its close: TLS, the choice between HTTP/1 and HTTP/2, and drain.

use super::connect::LocalExecutor;
use super::forward::{self, Connection};
use super::guard::Guard;
use super::server::Phase;
use super::wire::{Stream, Wire, WireLimits};
use super::worker::{Intake, Worker};
use bytes::BytesMut;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// What an HTTP/2 client says first (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Streams a client may have open on one connection.
const MAX_STREAMS: u32 = 256;
/// HTTP/2 flow control: how much a client may send ahead, per stream and per connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// A silent HTTP/2 client is asked for a sign of life this often, and given up after as long again.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Serves one client connection until it closes.
pub(super) async fn serve<G: Guard>(worker: Rc<Worker<G>>, intake: Intake) {
    let Intake { stream, peer, seat } = intake;
    if let Err(error) = run(worker, stream, peer).await {
        // Clients come and go; none of this is the gateway's fault, and exchanges have their own records.
        tracing::debug!(%peer, %error, "a client connection ended early");
    }
    drop(seat);
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn run<G: Guard>(worker: Rc<Worker<G>>, stream: std::net::TcpStream, peer: SocketAddr) -> Result<(), Failed> {
    stream.set_nodelay(true)?;
    let stream = TcpStream::from_std(stream)?;
    let limits = &worker.limits;
    let opening = open(&worker, stream);
    let mut phase = worker.phase.clone();
    let opened = tokio::select! {
        opened = tokio::time::timeout(limits.head, opening) => opened,
        // A connection that has not asked for anything yet need not be waited for.
        _ = phase.wait_for(|phase| *phase != Phase::Running) => return Ok(()),
    };
    let Some(Opened { stream, first, http2, certificate }) =
        opened.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??
    else {
        return Ok(());
    };
    let wire_limits = WireLimits {
        max_head: limits.max_head,
        head: limits.head,
        keep_alive: limits.keep_alive,
        write_stall: limits.write_stall,
    };
    let wire = if http2 { Wire::raw(stream, first, wire_limits) } else { Wire::http1(stream, first, wire_limits) };
    let connection = Rc::new(Connection {
        inspection: wire.inspection(),
        worker: worker.clone(),
        peer,
        certificate,
        requests: Cell::new(0),
        session: RefCell::new(None),
    });
    let exchanges = connection.clone();
    let service = service_fn(move |request| forward::serve(&exchanges, request));
    let io = TokioIo::new(wire);
    if http2 {
        let served = http2::Builder::new(LocalExecutor)
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(u32::try_from(limits.max_head).unwrap_or(u32::MAX))
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY)
            .serve_connection(io, service);
        let mut served = pin!(served);
        tokio::select! {
            ended = &mut served => ended?,
            _ = phase.wait_for(|phase| *phase != Phase::Running) => {
                served.as_mut().graceful_shutdown();
                served.await?;
            }
        }
    } else {
        // Heads are timed on the wire, where a connection between two exchanges can be told from one inside a head.
        let mut served = http1::Builder::new().header_read_timeout(None).serve_connection(io, service);
        tokio::select! {
            ended = &mut served => ended?,
            _ = phase.wait_for(|phase| *phase != Phase::Running) => {
                std::pin::Pin::new(&mut served).graceful_shutdown();
                (&mut served).await?;
            }
        }
        if let Some(session) = connection.session.take() {
            let left = served.into_parts();
            session.run(left.io.into_inner(), left.read_buf).await;
        }
    }
    Ok(())
}

/// A connection whose protocol is known.
struct Opened {
    stream: Stream,
    /// Bytes read to find out.
    first: BytesMut,
    http2: bool,
    /// The client's verified certificate.
    certificate: Option<Vec<u8>>,
}

/// Takes the TLS handshake, if there is to be one, and finds out which protocol the client speaks. `None`: it left.
async fn open<G: Guard>(worker: &Worker<G>, stream: TcpStream) -> io::Result<Option<Opened>> {
    let mut certificate = None;
    let mut agreed = None;
    let mut stream = match &worker.tls {
        None => Stream::Plain(stream),
        Some(acceptor) => {
            let stream = acceptor.accept(stream).await?;
            let session = stream.get_ref().1;
            certificate = session.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.to_vec());
            agreed = session.alpn_protocol().map(|protocol| protocol == b"h2");
            Stream::Tls(Box::new(stream))
        }
    };
    let mut first = BytesMut::new();
    let http2 = match agreed {
        Some(http2) => http2,
        None => loop {
            if stream.read_buf(&mut first).await? == 0 {
                return Ok(None);
            }
            let shared = first.len().min(PREFACE.len());
            if first[..shared] != PREFACE[..shared] {
                break false;
            }
            if shared == PREFACE.len() {
                break true;
            }
        },
    };
    Ok(Some(Opened { stream, first, http2, certificate }))
}
