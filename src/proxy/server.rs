//! Sockets, threads, signals: start the gateway, and drain it.

use super::admin::{self, Admin, AdminApi};
use super::generations::{Cause, Generations};
use super::guard::Guard;
use super::worker::{self, Intake, Plan, Seat};
use crate::telemetry::Telemetry;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;

/// Connections the kernel queues for us; Linux caps it at `net.core.somaxconn` (4096 by default).
const BACKLOG: i32 = 4096;

/// Caps and deadlines on the client's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request head.
    pub max_head: usize,
    /// Client connections at a time; more wait in the kernel's queue.
    pub max_connections: usize,
    /// A request head, from its first byte; also the TLS handshake.
    pub head: Duration,
    /// Between two pieces of a request's body.
    pub body_idle: Duration,
    /// A request's body in all.
    pub body_total: Duration,
    /// An idle connection between two exchanges.
    pub keep_alive: Duration,
    /// A client that does not read.
    pub write_stall: Duration,
    /// An idle upstream connection in the pool.
    pub pool_idle: Duration,
    /// Exchanges under way at shutdown.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_head: 64 * 1024,
            max_connections: 10_000,
            head: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            body_total: Duration::from_secs(300),
            // nginx's `keepalive_timeout`.
            keep_alive: Duration::from_secs(75),
            write_stall: Duration::from_secs(60),
            // Below the 60 s after which common load balancers close idle connections.
            pool_idle: Duration::from_secs(50),
            drain: Duration::from_secs(30),
        }
    }
}

/// SHA-256 of the admin listener's bearer token.
pub type TokenDigest = [u8; 32];

/// The digest of a token.
pub fn token_digest(token: &str) -> TokenDigest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// How the gateway listens.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Addresses clients connect to; at least one.
    pub listen: Vec<SocketAddr>,
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The admin listener; none without an address.
    pub admin: Option<SocketAddr>,
    /// Bearer token of the admin listener, as its digest. Required off loopback.
    pub admin_token: Option<TokenDigest>,
    /// Worker threads; by default one per core.
    pub workers: Option<NonZeroUsize>,
    pub limits: Limits,
    /// Take SIGTERM and SIGINT (drain, the second time stop) and SIGHUP (reload).
    pub signals: bool,
}

impl Settings {
    /// Defaults for a gateway at `listen`.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen: vec![listen],
            tls: None,
            admin: None,
            admin_token: None,
            workers: None,
            limits: Limits::default(),
            signals: false,
        }
    }
}

/// Where the gateway is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// No new connections; exchanges under way may end.
    Draining,
    /// Everything is cut.
    Stopping,
}

/// A gateway whose sockets are open, but that does not accept yet.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    /// At least one.
    listeners: Vec<TcpListener>,
    admin: Option<TcpListener>,
}

impl Server {
    /// Opens the sockets.
    ///
    /// # Errors
    /// A message when an address cannot be used, or when the admin listener would be open to others without a token.
    pub fn bind(settings: Settings) -> Result<Self, String> {
        if let Some(admin) = settings.admin
            && !admin.ip().is_loopback()
            && settings.admin_token.is_none()
        {
            return Err(format!(
                "the admin listener `{admin}` is reachable from other machines and has no token; \
                 set a token or listen on 127.0.0.1"
            ));
        }
        let listeners: Vec<TcpListener> = settings.listen.iter().map(|at| listen(*at)).collect::<Result<_, _>>()?;
        if listeners.is_empty() {
            return Err("there is no address to listen on".into());
        }
        let admin = settings.admin.map(listen).transpose()?;
        Ok(Self { settings, listeners, admin })
    }

    /// The first address clients connect to; with its port, if any free one was asked for.
    pub fn address(&self) -> SocketAddr {
        self.listeners[0].local_addr().expect("a bound socket has an address")
    }

    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(|admin| admin.local_addr().expect("a bound socket has an address"))
    }

    /// Starts threads and accepts connections.
    ///
    /// # Errors
    /// When threads or runtimes cannot be set up.
    pub fn start<G: Guard>(
        self,
        generations: Arc<Generations<G>>,
        api: Arc<dyn AdminApi>,
        telemetry: Arc<Telemetry>,
    ) -> std::io::Result<Running> {
        let (address, admin_address) = (self.address(), self.admin_address());
        let (phase, phases) = watch::channel(Phase::Running);
        let Self { settings, listeners, admin } = self;
        let count = settings.workers.or(std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let mut desks = Vec::with_capacity(count);
        let mut threads = Vec::with_capacity(count);
        for n in 0..count {
            let (send, intake) = mpsc::unbounded_channel();
            let plan = Plan {
                generations: generations.clone(),
                telemetry: telemetry.clone(),
                limits: settings.limits,
                tls: settings.tls.clone().map(TlsAcceptor::from),
                phase: phases.clone(),
                intake,
            };
            let run = move || worker::run(plan);
            threads.push(std::thread::Builder::new().name(format!("portcullis-{n}")).spawn(run)?);
            desks.push(Desk { send, load: Arc::default() });
        }
        let reloads = generations.clone();
        let admin = admin.map(|listener| {
            let reload = Box::new(move || reloads.reload(Cause::Admin));
            let token = settings.admin_token;
            (listener, Arc::new(Admin::new(token, reload, api, telemetry.clone(), phases.clone())))
        });
        let control = Control {
            listeners,
            admin,
            desks: desks.into(),
            telemetry,
            max_connections: settings.limits.max_connections,
            signals: settings.signals,
            phase: phase.clone(),
        };
        let reload = move || generations.reload(Cause::Signal);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("portcullis-control".into()).spawn(move || {
            let ended = runtime.block_on(control.run(threads, Arc::new(reload)));
            // Reloads that still run on blocking threads are not waited for.
            runtime.shutdown_background();
            ended
        })?;
        Ok(Running { address, admin_address, phase, thread: Some(thread) })
    }
}

/// A running gateway. Dropping it cuts everything.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    admin_address: Option<SocketAddr>,
    phase: watch::Sender<Phase>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// Stops accepting; exchanges under way may end within the drain limit.
    pub fn drain(&self) {
        self.phase.send_if_modified(|phase| {
            let running = *phase == Phase::Running;
            if running {
                *phase = Phase::Draining;
            }
            running
        });
    }

    /// Waits until the gateway has drained, by signal or by [`Running::drain`].
    ///
    /// # Errors
    /// When a listener or a worker failed.
    pub fn wait(mut self) -> std::io::Result<()> {
        self.join()
    }

    fn join(&mut self) -> std::io::Result<()> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Err(std::io::Error::other("the control thread panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.phase.send_replace(Phase::Stopping);
            // `wait` is there for whoever wants the result.
            let _ended = self.join();
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok::<TcpListener, std::io::Error>(socket.into())
    };
    open().map_err(|error| format!("cannot listen on `{address}`: {error}"))
}

/// The way to one worker.
struct Desk {
    send: mpsc::UnboundedSender<Intake>,
    load: Arc<AtomicUsize>,
}

/// The control thread's work.
struct Control {
    listeners: Vec<TcpListener>,
    admin: Option<(TcpListener, Arc<Admin>)>,
    desks: Arc<[Desk]>,
    telemetry: Arc<Telemetry>,
    max_connections: usize,
    signals: bool,
    phase: watch::Sender<Phase>,
}

type Reload = Arc<dyn Fn() -> Result<u64, String> + Send + Sync>;

impl Control {
    async fn run(self, workers: Vec<JoinHandle<std::io::Result<()>>>, reload: Reload) -> std::io::Result<()> {
        let mut phases = self.phase.subscribe();
        if self.signals {
            tokio::spawn(signals(self.phase.clone(), reload)?);
        }
        if let Some((listener, admin)) = self.admin {
            tokio::spawn(admin::serve(tokio::net::TcpListener::from_std(listener)?, admin));
        }
        let places = Arc::new(Semaphore::new(self.max_connections.min(Semaphore::MAX_PERMITS)));
        let mut accepting = Vec::with_capacity(self.listeners.len());
        for listener in self.listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            accepting.push(Box::pin(accept(listener, self.desks.clone(), self.telemetry.clone(), places.clone())));
        }
        drop(self.desks);
        let any = std::future::poll_fn(move |cx| {
            let ended = accepting.iter_mut().any(|accept| accept.as_mut().poll(cx).is_ready());
            if ended { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            () = any => {}
            _ = phases.wait_for(|phase| *phase != Phase::Running) => tracing::info!("draining"),
        }
        for worker in workers {
            let joined = tokio::task::spawn_blocking(move || worker.join()).await.map_err(std::io::Error::other)?;
            joined.map_err(|_| std::io::Error::other("a worker thread panicked"))??;
        }
        Ok(())
    }
}

/// Accepts connections and gives each to the worker with the fewest.
async fn accept(
    listener: tokio::net::TcpListener,
    desks: Arc<[Desk]>,
    telemetry: Arc<Telemetry>,
    places: Arc<Semaphore>,
) {
    loop {
        let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let accepted = listener.accept().await.and_then(|(stream, peer)| Ok((stream.into_std()?, peer)));
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly the connection's own end, or no file descriptors left; the latter needs time to mend.
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let Some(desk) = desks.iter().min_by_key(|desk| desk.load.load(Ordering::Relaxed)) else { return };
        let seat = Seat::take(&desk.load, &telemetry, place);
        if desk.send.send(Intake { stream, peer, seat }).is_err() {
            tracing::error!("a worker is gone; the gateway stops");
            return;
        }
    }
}

/// Listens to signals: the first SIGTERM or SIGINT drains, the second stops, SIGHUP reloads.
fn signals(phase: watch::Sender<Phase>, reload: Reload) -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {
                    let reload = reload.clone();
                    // The result is logged and counted by the reload itself.
                    tokio::task::spawn_blocking(move || reload());
                    continue;
                }
            }
            phase.send_modify(|phase| {
                *phase = if *phase == Phase::Running { Phase::Draining } else { Phase::Stopping };
            });
        }
    })
}
