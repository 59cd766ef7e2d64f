//! A worker: one thread, one single-threaded runtime, its own connections and its own pool.

use super::accept;
use super::generations::Generations;
use super::guard::Guard;
use super::pool::Pool;
use super::server::{Limits, Phase};
use crate::telemetry::{Metric, Telemetry};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// How often idle upstream connections are looked over.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// Threads per worker for judging large bodies. More would not be faster: judging is bound by the processor.
const BLOCKING_THREADS: usize = 2;

/// A place among the connections; given back when dropped.
pub(super) struct Seat {
    load: Arc<AtomicUsize>,
    telemetry: Arc<Telemetry>,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    pub(super) fn take(load: &Arc<AtomicUsize>, telemetry: &Arc<Telemetry>, permit: OwnedSemaphorePermit) -> Self {
        load.fetch_add(1, Ordering::Relaxed);
        telemetry.shift(Metric::Connections, &[], 1);
        Self { load: load.clone(), telemetry: telemetry.clone(), _permit: permit }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.load.fetch_sub(1, Ordering::Relaxed);
        self.telemetry.shift(Metric::Connections, &[], -1);
    }
}

/// An accepted connection on its way to a worker.
pub(super) struct Intake {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) seat: Seat,
}

/// What the exchanges of one worker share.
pub(super) struct Worker<G: Guard> {
    pub(super) generations: Arc<Generations<G>>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) limits: Limits,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) pool: Pool,
    pub(super) phase: watch::Receiver<Phase>,
}

/// What a worker is made of; moves to its thread.
pub(super) struct Plan<G: Guard> {
    pub(super) generations: Arc<Generations<G>>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) limits: Limits,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) intake: mpsc::UnboundedReceiver<Intake>,
}

/// Runs a worker until its connections are drained.
///
/// # Errors
/// When the runtime cannot be set up.
pub(super) fn run<G: Guard>(plan: Plan<G>) -> std::io::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_name("portcullis-judge")
        .build_local(LocalOptions::default())?;
    let Plan { generations, telemetry, limits, tls, phase, mut intake } = plan;
    let drain = limits.drain;
    let mut phases = phase.clone();
    let pool = Pool::new(limits.pool_idle);
    let worker = Rc::new(Worker { generations, telemetry, limits, tls, pool, phase });
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        loop {
            tokio::select! {
                next = intake.recv() => match next {
                    Some(next) => _ = connections.spawn_local(accept::serve(worker.clone(), next)),
                    None => break,
                },
                Some(ended) = connections.join_next() => report(ended),
                _ = sweep.tick() => worker.pool.sweep(),
                _ = phases.wait_for(|phase| *phase != Phase::Running) => break,
            }
        }
        // What was accepted before the listener closed is still served.
        while let Ok(next) = intake.try_recv() {
            connections.spawn_local(accept::serve(worker.clone(), next));
        }
        let drained = async {
            while let Some(ended) = connections.join_next().await {
                report(ended);
            }
        };
        tokio::select! {
            () = drained => {}
            () = tokio::time::sleep(drain) => tracing::warn!("connections left after the drain limit are cut"),
            _ = phases.wait_for(|phase| *phase == Phase::Stopping) => {}
        }
    });
    Ok(())
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        // The panic's own message went through the panic hook.
        tracing::error!("a connection ended by a panic; this is a bug");
    }
}
