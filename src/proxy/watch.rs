//! Watches the content of configuration and policy files and reloads when it changes.
//!
//! Content is read and hashed, not modification times: those lie on network mounts, in containers that swap symbolic links, and
//! when an editor keeps them. A change is acted upon once two looks in a row see the same, so that files are not loaded while
//! they are being written.

use super::generations::{Cause, Generations};
use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// Files and folders to watch; asked anew each time, since a reload may name others.
pub type Watched = Box<dyn Fn() -> Vec<PathBuf> + Send>;

/// How deep folders are followed; a loop of symbolic links ends here.
const MAX_DEPTH: usize = 8;

/// The second look follows the first this soon.
const SETTLE: Duration = Duration::from_millis(200);

/// A running watch; dropping it stops the watch.
#[derive(Debug)]
pub struct Watch {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Looks at the files every `every`, and reloads `generations` when their content has changed since the last look.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start<G: Send + Sync + 'static>(
        watched: Watched,
        every: Duration,
        generations: Arc<Generations<G>>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let mut seen = fingerprint(&watched());
        let thread = std::thread::Builder::new().name("portcullis-watch".into()).spawn(move || {
            let mut changing = None;
            loop {
                let pause = if changing.is_some() { every.min(SETTLE) } else { every };
                if stopped.recv_timeout(pause) != Err(mpsc::RecvTimeoutError::Timeout) {
                    break;
                }
                let now = fingerprint(&watched());
                if now == seen {
                    changing = None;
                } else if changing != Some(now) {
                    changing = Some(now);
                } else {
                    seen = now;
                    changing = None;
                    // Refused files are logged and counted there; they are tried again when they change again.
                    let _logged = generations.reload(Cause::Content);
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the panic hook.
            let _reported = thread.join();
        }
    }
}

/// A number that changes when a name or the content of a watched file does.
fn fingerprint(paths: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, 0, &mut hasher);
    }
    hasher.finish()
}

fn add(path: &Path, depth: usize, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    if depth < MAX_DEPTH && path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries.iter().filter(|entry| entry.is_dir() || entry.extension().is_some_and(is_watched)) {
            add(entry, depth + 1, hasher);
        }
    } else {
        match std::fs::read(path) {
            Ok(content) => content.hash(hasher),
            Err(error) => error.kind().hash(hasher),
        }
    }
}

/// Configurations, packs and policies; and word lists.
fn is_watched(extension: &OsStr) -> bool {
    extension == "toml" || extension == "txt"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Telemetry;
    use std::time::Instant;

    #[test]
    fn reloads_when_content_changes_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("packs/a.toml");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "one").unwrap();
        let read = file.clone();
        let load = Box::new(move |_| match std::fs::read_to_string(&read).unwrap() {
            text if text == "bad" => Err(text),
            text => Ok(text),
        });
        let generations = Arc::new(Generations::new(load, Arc::new(Telemetry::new())).unwrap());
        let watched = dir.path().to_path_buf();
        let every = Duration::from_millis(5);
        let watch = Watch::start(Box::new(move || vec![watched.clone()]), every, generations.clone()).unwrap();

        // Renamed into place: a test must not depend on how long a write takes.
        let write = |text| {
            let part = dir.path().join("part");
            std::fs::write(&part, text).unwrap();
            std::fs::rename(&part, &file).unwrap();
        };
        let wait_for = |number| {
            let start = Instant::now();
            while generations.current().number != number {
                assert!(start.elapsed() < Duration::from_secs(10), "generation {number} did not come");
                std::thread::sleep(every);
            }
        };
        write("two");
        wait_for(2);
        assert_eq!(generations.current().guard, "two");
        write("bad");
        std::fs::write(dir.path().join("notes.md"), "not watched").unwrap();
        std::thread::sleep(every * 10);
        assert_eq!(generations.current().number, 2);
        write("three");
        wait_for(3);
        drop(watch);
        write("four");
        std::thread::sleep(every * 10);
        assert_eq!(generations.current().number, 3);
    }
}
