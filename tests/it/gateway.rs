//! The gateway as users run it: the built binary, a configuration file, a process.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the gateway may take to listen; packs compile slowly in the dev profile on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running gateway in a folder of its own; it is killed when dropped.
pub(crate) struct Gateway {
    process: Child,
    folder: TempDir,
    pub(crate) addr: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Gateway {
    /// Starts `portcullis serve` with these upstreams (TOML) and this policy (TOML), and waits until it listens.
    pub(crate) fn start(upstreams: &str, policy: &str) -> Gateway {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (addr, admin) = (free_port(), free_port());
        let config = format!(
            "[server]\nlisten = \"{addr}\"\n\n[admin]\nlisten = \"{admin}\"\n\n[policies]\nactive = [\"policy.toml\"]\n\n\
             [audit]\nrecords = \"file:{}\"\n\n{upstreams}",
            folder.path().join("records.jsonl").display()
        );
        fs::write(folder.path().join("config.toml"), config).expect("the folder is writable");
        fs::write(folder.path().join("policy.toml"), policy).expect("the folder is writable");
        let log = fs::File::create(folder.path().join("log")).expect("the folder is writable");
        let process = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(["serve", "--config", "config.toml"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the built binary starts");
        let mut gateway = Gateway { process, folder, addr, admin };
        gateway.wait();
        gateway
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + START;
        while TcpStream::connect(self.addr).is_err() {
            let ended = self.process.try_wait().expect("the process is ours");
            assert!(ended.is_none() && Instant::now() < deadline, "the gateway does not listen:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Replaces the policy's file in one step.
    pub(crate) fn write_policy(&self, policy: &str) {
        let (new, file) = (self.folder.path().join("policy.new"), self.folder.path().join("policy.toml"));
        fs::write(&new, policy).and_then(|()| fs::rename(&new, file)).expect("the folder is writable");
    }

    /// What it printed so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The decision records, once there are at least `count` of them; after 10 s those there are.
    pub(crate) fn records(&self, count: usize) -> Vec<serde_json::Value> {
        let file: PathBuf = self.folder.path().join("records.jsonl");
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let records: Vec<serde_json::Value> =
                text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if records.len() >= count || Instant::now() > deadline {
                return records;
            }
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Already gone is as good as killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    listener.local_addr().expect("it is bound")
}

/// Sends bytes, and reads the answer until the connection closes. The request should ask for that.
pub(crate) fn raw(to: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("the socket takes the option");
    // A server that refuses early may close before everything is sent; its answer counts.
    let _refused = stream.write_all(request);
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// As [`raw`], with the head made of its parts. `headers` end with a line break.
pub(crate) fn call(to: SocketAddr, method: &str, target: &str, headers: &str, body: &[u8]) -> String {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    raw(to, &[head.as_bytes(), body].concat())
}
