//! HTTP/2 and TLS on both sides.

use super::parties::{Client, Gateway, Script, Setup};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis::proxy::guard::Delivery;
use portcullis::proxy::tls::server_config;
use portcullis::proxy::upstream::{Protocol, Trust};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep};
use tokio_rustls::{TlsAcceptor, TlsConnector};

type Sender = http2::SendRequest<Full<Bytes>>;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn http2_on<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Sender {
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn http2_to(address: SocketAddr) -> Sender {
    http2_on(TcpStream::connect(address).await.unwrap()).await
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(format!("http://gateway{path}")).body(Full::new(body.into())).unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

/// A certificate authority and what it signed.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Certificate and key for `localhost`, as PEM.
    pub(super) fn sign(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn client(&self, alpn: &[&[u8]], identity: Option<(String, String)>) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
                )
                .unwrap(),
        };
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

/// An HTTP/2 upstream. `/…/hang` never answers, `/…/drip` streams until the client leaves; both tell when they are dropped.
struct Upstream2 {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    dropped: mpsc::UnboundedReceiver<()>,
}

struct TellDrop(mpsc::UnboundedSender<()>);

impl Drop for TellDrop {
    fn drop(&mut self) {
        // The test may have ended already.
        let _ended = self.0.send(());
    }
}

type Reply2 = http_body_util::combinators::UnsyncBoxBody<Bytes, Infallible>;

async fn answer2(request: Request<Incoming>, tell: mpsc::UnboundedSender<()>) -> Result<Response<Reply2>, Infallible> {
    let head = format!("{:?} {} host={:?}\n", request.version(), request.uri(), request.headers().get("host"));
    if request.uri().path().ends_with("/hang") {
        let _guard = TellDrop(tell);
        std::future::pending::<()>().await;
    } else if request.uri().path().ends_with("/drip") {
        return Ok(Response::new(Drip::new(TellDrop(tell)).boxed_unsync()));
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Ok(Response::new(Full::new([head.into_bytes(), body.into()].concat().into()).boxed_unsync()))
}

/// A body of one piece every 5 ms, without end.
struct Drip {
    _guard: TellDrop,
    next: Pin<Box<Sleep>>,
}

impl Drip {
    fn new(guard: TellDrop) -> Self {
        Self { _guard: guard, next: Box::pin(sleep(Duration::from_millis(5))) }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.next.as_mut().poll(cx));
        self.next = Box::pin(sleep(Duration::from_millis(5)));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"drip ")))))
    }
}

impl Upstream2 {
    async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        let (tell, dropped) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let (tls, tell) = (tls.clone(), tell.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer2(request, tell.clone()));
                    let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    // Ends with the client; how is the test's business elsewhere.
                    let _ended = match tls {
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            builder.serve_connection(TokioIo::new(stream), service).await
                        }
                        None => builder.serve_connection(TokioIo::new(stream), service).await,
                    };
                });
            }
        });
        Self { address, connections, dropped }
    }
}

#[test]
fn http2_in_clear_by_prior_knowledge() {
    let upstream = Script::echo();
    let gateway = Gateway::to(upstream.address);
    runtime().block_on(async {
        let mut sender = http2_to(gateway.address()).await;
        for mode in ["through", "stream", "whole", "unseen"] {
            let response = sender.send_request(post(&format!("/{mode}/x?y=1"), "hello")).await.unwrap();
            assert_eq!((response.version(), response.status()), (Version::HTTP_2, StatusCode::OK));
            assert_eq!(response.headers()["x-upstream"], "echo");
            let text = text(response).await;
            assert!(text.starts_with(&format!("POST /{mode}/x?y=1 HTTP/1.1\n")), "{text}");
            assert!(text.ends_with("\n\nhello"), "{text}");
        }
        // HTTP/2's own ambiguity about the host.
        let mut request = post("/through", "");
        request.headers_mut().insert("host", "other".parse().unwrap());
        assert_eq!(sender.send_request(request).await.unwrap().status(), StatusCode::BAD_REQUEST);
    });
    // The same port still speaks HTTP/1.1.
    assert_eq!(gateway.client().get("/through").status(), 200);
}

#[test]
fn tls_agrees_on_a_version_and_knows_client_certificates() {
    let upstream = Script::echo();
    let authority = Authority::new();
    let (certificate, key) = authority.sign();
    let pem = authority.pem();
    let mut setup = Setup::new();
    setup.settings.tls = Some(server_config(certificate.as_bytes(), key.as_bytes(), Some(pem.as_bytes())).unwrap());
    let gateway = setup.start(upstream.address);
    runtime().block_on(async {
        let name = ServerName::try_from("localhost").unwrap();
        let connect = async |connector: TlsConnector| {
            connector.connect(name.clone(), TcpStream::connect(gateway.address()).await.unwrap()).await.unwrap()
        };
        let stream = connect(authority.client(&[b"h2", b"http/1.1"], Some(authority.sign()))).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let response = http2_on(stream).await.send_request(post("/stream", "two")).await.unwrap();
        assert!(text(response).await.ends_with("two"));

        for alpn in [&[&b"http/1.1"[..]][..], &[]] {
            let stream = connect(authority.client(alpn, Some(authority.sign()))).await;
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            let mut request = post("/stream", "one");
            *request.uri_mut() = "/stream".parse().unwrap();
            request.headers_mut().insert("host", "gateway".parse().unwrap());
            assert!(text(sender.send_request(request).await.unwrap()).await.ends_with("one"));
        }

        // Without a certificate there is no answer.
        let stream = connect(authority.client(&[b"h2"], None)).await;
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        assert!(sender.send_request(post("/stream", "no")).await.is_err());
    });
    let log = gateway.log.lock().unwrap();
    let begun: Vec<_> = log.iter().filter(|seen| matches!(seen, super::parties::Seen::Begin { .. })).collect();
    assert_eq!(begun, vec![&super::parties::Seen::Begin { client_certificate: true }; 3]);
}

#[test]
fn upstreams_are_reached_over_tls_with_the_version_they_prefer() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign();
    let runtime = runtime();
    let config = server_config(certificate.as_bytes(), key.as_bytes(), None).unwrap();
    let upstream = runtime.block_on(Upstream2::start(Some(TlsAcceptor::from(config))));
    let mut setup = Setup::new();
    setup.scheme = "https";
    setup.trust = Trust::new(Some(authority.pem().as_bytes())).unwrap();
    let gateway = setup.start(upstream.address);
    let mut client = gateway.client();
    for mode in ["through", "stream", "whole", "unseen"] {
        let answer = client.post(&format!("/{mode}"), "hello");
        let port = upstream.address.port();
        assert_eq!(answer.text(), format!("HTTP/2.0 https://localhost:{port}/{mode} host=None\nhello"));
    }
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 1);

    // An authority nobody vouches for is not trusted.
    let mut setup = Setup::new();
    setup.scheme = "https";
    let gateway = setup.start(upstream.address);
    let answer = gateway.client().get("/through");
    assert_eq!((answer.status(), answer.text().as_str()), (502, r#"{"error":"tls_failed"}"#));
}

#[test]
fn a_client_that_leaves_resets_the_upstreams_stream_and_not_its_connection() {
    let runtime = runtime();
    let mut upstream = runtime.block_on(Upstream2::start(None));
    let mut setup = Setup::new();
    setup.protocol = Protocol::Http2;
    let gateway = setup.start(upstream.address);
    let soon = Duration::from_secs(10);

    // HTTP/1 clients: before the answer, and during it.
    let mut client = gateway.client();
    client.send("GET /stream/hang HTTP/1.1\r\nhost: a\r\n\r\n");
    super::parties::wait_for("the request to arrive", || {
        (upstream.connections.load(Ordering::SeqCst) == 1).then_some(())
    });
    // The handler must have begun for its drop to be seen.
    std::thread::sleep(Duration::from_millis(100));
    drop(client);
    runtime.block_on(async { tokio::time::timeout(soon, upstream.dropped.recv()).await.unwrap().unwrap() });
    let mut client = gateway.client();
    client.send("GET /stream/drip HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(client.head().unwrap().status(), 200);
    assert_eq!(client.chunk().unwrap(), b"drip ");
    drop(client);
    runtime.block_on(async { tokio::time::timeout(soon, upstream.dropped.recv()).await.unwrap().unwrap() });

    // An HTTP/2 client that drops one of its streams.
    runtime.block_on(async {
        let mut sender = http2_to(gateway.address()).await;
        let mut response = sender.send_request(post("/through/drip", "")).await.unwrap();
        assert!(response.body_mut().frame().await.unwrap().unwrap().is_data());
        drop(response);
        tokio::time::timeout(soon, upstream.dropped.recv()).await.unwrap().unwrap();
        let response = sender.send_request(post("/through", "alive")).await.unwrap();
        assert!(text(response).await.ends_with("alive"));
    });
    assert_eq!(gateway.outcome(2).delivery, Delivery::ClientGone);
    assert_eq!(upstream.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_thousand_streams_at_once() {
    let runtime = runtime();
    let upstream = runtime.block_on(Upstream2::start(None));
    let mut setup = Setup::new();
    setup.protocol = Protocol::Http2;
    setup.settings.workers = std::num::NonZeroUsize::new(2);
    let gateway = setup.start(upstream.address);
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for connection in 0..5 {
            let sender = http2_to(gateway.address()).await;
            for n in 0..200 {
                let mut sender = sender.clone();
                tasks.spawn(async move {
                    let body = format!("{connection} {n} ").repeat(200);
                    let response = sender.send_request(post("/stream", body.clone())).await.unwrap();
                    assert_eq!(response.status(), StatusCode::OK);
                    assert!(text(response).await.ends_with(&body));
                });
            }
        }
        let mut done = 0;
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
            done += 1;
        }
        assert_eq!(done, 1_000);
    });
    let connections = upstream.connections.load(Ordering::SeqCst);
    assert!((2..=20).contains(&connections), "{connections} upstream connections");
}

#[test]
fn drain_tells_http2_clients_to_go_away_and_lets_streams_end() {
    let upstream = Script::play(|mut connection: Client| {
        while connection.request().is_some() {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf");
            std::thread::sleep(Duration::from_millis(200));
            connection.send("half");
        }
    });
    let mut gateway = Gateway::to(upstream.address);
    let running = gateway.running.take().unwrap();
    runtime().block_on(async {
        let mut sender = http2_to(running.address()).await;
        let response = sender.send_request(post("/stream", "x")).await.unwrap();
        running.drain();
        assert_eq!(text(response).await, "halfhalf");
        let closed = async {
            while !sender.is_closed() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), closed).await.unwrap();
    });
    running.wait().unwrap();
}
