//! Where records go: a bounded queue and a thread that writes.
//!
//! Declared outcome (P5): a record that cannot be written is lost and counted; [`Health`] then says so and the gateway
//! reports itself not ready until a record is written again. Requests never wait for the disk: with the queue full the
//! record is lost, and counted.

use super::DecisionRecord;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Records that may wait. At about 1 KiB each the queue holds some 8 MiB at most (P7).
const QUEUE: usize = 8192;
/// How long records gather after the first before they are written together.
const GATHER: Duration = Duration::from_millis(5);
/// Bytes collected before they are written.
const BUFFER: usize = 64 * 1024;

/// Where records are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// JSON lines, or readable lines if it is a terminal.
    Stdout,
    /// JSON lines, appended.
    File(PathBuf),
}

/// How the writing goes; shared with metrics and readiness.
#[derive(Debug, Default)]
pub struct Health {
    written: AtomicU64,
    lost: AtomicU64,
    failing: AtomicBool,
}

impl Health {
    /// Records that reached their target.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
    /// Records that did not.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
    /// Whether the last record was written.
    pub fn ready(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    fn wrote(&self, records: u64) {
        self.written.fetch_add(records, Ordering::Relaxed);
        if records > 0 {
            self.failing.store(false, Ordering::Relaxed);
        }
    }

    fn lose(&self, records: u64) {
        self.lost.fetch_add(records, Ordering::Relaxed);
        self.failing.store(true, Ordering::Relaxed);
    }
}

/// Takes records. Dropping it, or [`close`](Sink::close), writes what waits.
#[derive(Debug)]
pub struct Sink {
    queue: Option<SyncSender<Box<DecisionRecord>>>,
    health: Arc<Health>,
    writer: Option<JoinHandle<()>>,
}

impl Sink {
    /// Opens the target and starts the writer. A file that cannot be opened is an error of the configuration.
    pub fn open(target: &Target) -> io::Result<Self> {
        match target {
            Target::Stdout => Self::start(Box::new(io::stdout()), io::stdout().is_terminal()),
            Target::File(path) => {
                let file = OpenOptions::new().append(true).create(true).open(path)?;
                Self::start(Box::new(file), false)
            }
        }
    }

    /// Writes to anything; `readable`: lines for people instead of JSON.
    pub fn start(out: Box<dyn Write + Send>, readable: bool) -> io::Result<Self> {
        let (queue, records) = sync_channel(QUEUE);
        let health = Arc::new(Health::default());
        let writer = Writer { out, readable, buffer: Vec::with_capacity(BUFFER), waiting: 0, health: health.clone() };
        let writer = Builder::new().name("audit".to_owned()).spawn(move || writer.run(&records))?;
        Ok(Self { queue: Some(queue), health, writer: Some(writer) })
    }

    /// A sink whose records are read by the program itself, such as the demo.
    pub fn channel() -> (Self, Receiver<Box<DecisionRecord>>) {
        let (queue, records) = sync_channel(QUEUE);
        (Self { queue: Some(queue), health: Arc::default(), writer: None }, records)
    }

    /// Hands a record to the writer; returns at once.
    pub fn write(&self, record: DecisionRecord) {
        let sent = match &self.queue {
            Some(queue) => queue.try_send(Box::new(record)),
            None => Err(TrySendError::Disconnected(Box::new(record))),
        };
        if sent.is_err() {
            self.health.lose(1);
        }
    }

    pub fn health(&self) -> Arc<Health> {
        self.health.clone()
    }

    /// Writes what waits and ends the writer.
    pub fn close(mut self) -> Arc<Health> {
        self.drain();
        self.health.clone()
    }

    fn drain(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            self.health.lose(1);
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.drain();
    }
}

/// The writing side.
struct Writer {
    out: Box<dyn Write + Send>,
    readable: bool,
    buffer: Vec<u8>,
    /// Records in `buffer`.
    waiting: u64,
    health: Arc<Health>,
}

impl Writer {
    fn run(mut self, records: &Receiver<Box<DecisionRecord>>) {
        while let Ok(first) = records.recv() {
            self.take(&first);
            // Others gather meanwhile: waking this thread for each of them would cost the workers more than the writing.
            std::thread::sleep(GATHER);
            while let Ok(record) = records.try_recv() {
                self.take(&record);
            }
            self.flush();
        }
    }

    fn take(&mut self, record: &DecisionRecord) {
        let line = if self.readable { record.line(true) } else { record.json() };
        self.buffer.extend_from_slice(line.as_bytes());
        self.buffer.push(b'\n');
        self.waiting += 1;
        if self.buffer.len() >= BUFFER {
            self.flush();
        }
    }

    /// Writes whole lines. After a failure those of this batch count as lost: how much of them was written is not known.
    fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let written = self.out.write_all(&self.buffer).and_then(|()| self.out.flush());
        match written {
            Ok(()) => self.health.wrote(self.waiting),
            Err(_) => self.health.lose(self.waiting),
        }
        self.buffer.clear();
        self.waiting = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::tests::record;
    use std::sync::Mutex;

    /// Fails while `broken`.
    #[derive(Clone, Default)]
    struct Disk {
        broken: Arc<AtomicBool>,
        bytes: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.broken.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.bytes.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn closing_writes_every_record_that_waits() {
        let disk = Disk::default();
        let sink = Sink::start(Box::new(disk.clone()), false).unwrap();
        (0..1000).for_each(|_| sink.write(record()));
        let health = sink.close();
        let text = String::from_utf8(disk.bytes.lock().unwrap().clone()).unwrap();
        assert_eq!((text.lines().count(), health.written(), health.lost()), (1000, 1000, 0));
        assert!(text.lines().all(|l| l == record().json()));
    }

    #[test]
    fn p5_a_lost_record_is_counted_and_the_gateway_is_not_ready_until_one_is_written() {
        let disk = Disk::default();
        disk.broken.store(true, Ordering::Relaxed);
        let sink = Sink::start(Box::new(disk.clone()), false).unwrap();
        let health = sink.health();
        sink.write(record());
        wait_for(|| health.lost() == 1);
        assert!(!health.ready());
        disk.broken.store(false, Ordering::Relaxed);
        sink.write(record());
        wait_for(|| health.written() == 1);
        assert!(health.ready());
        assert_eq!(disk.bytes.lock().unwrap().iter().filter(|b| **b == b'\n').count(), 1);
    }

    #[test]
    fn records_are_appended_to_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.jsonl");
        for _ in 0..2 {
            let sink = Sink::open(&Target::File(path.clone())).unwrap();
            sink.write(record());
            sink.close();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        assert!(Sink::open(&Target::File(folder.path().join("no/such/folder"))).is_err());
    }

    fn wait_for(mut done: impl FnMut() -> bool) {
        for _ in 0..200 {
            if done() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("waited two seconds in vain");
    }
}
