//! The proxies as processes: started, measured by the kernel's own account, stopped.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Clock ticks in a second in `/proc`, the same on every Linux since 2.6 (`USER_HZ`).
const TICKS: f64 = 100.0;

pub struct Proxy {
    process: Child,
    pub addr: SocketAddr,
}

impl Proxy {
    /// Debian's nginx as a plain `proxy_pass`, with connections kept open to the upstream.
    pub fn nginx(folder: &Path, upstream: SocketAddr) -> io::Result<Proxy> {
        let addr = free_port()?;
        let folder_name = folder.display();
        // The access log is off and a body of 64 KB stays in memory: nginx at its best.
        let config = format!(
            "daemon off;\npid {folder_name}/nginx.pid;\nerror_log {folder_name}/nginx.log;\nworker_processes 2;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n  access_log off;\n  keepalive_requests 1000000000;\n  client_body_buffer_size 256k;\n\
             client_max_body_size 32m;\n  client_body_temp_path {folder_name}/body;\n  proxy_temp_path {folder_name}/proxy;\n\
             fastcgi_temp_path {folder_name}/f;\n  uwsgi_temp_path {folder_name}/u;\n  scgi_temp_path {folder_name}/s;\n\
             upstream model {{ server {upstream}; keepalive 128; keepalive_requests 1000000000; }}\n\
             server {{ listen {addr}; location / {{ proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, config)?;
        Proxy::start(Command::new("nginx").arg("-p").arg(folder).arg("-c").arg(&file), addr, &folder.join("nginx.err"))
    }

    /// The gateway as it comes: the default policy with every pack, records written to a file.
    pub fn gateway(folder: &Path, upstream: SocketAddr) -> io::Result<Proxy> {
        let (addr, admin) = (free_port()?, free_port()?);
        let config = format!(
            "[server]\nlisten = \"{addr}\"\n\n[admin]\nlisten = \"{admin}\"\n\n[policies]\nactive = [\"{root}/policies/default.toml\"]\n\n\
             [audit]\nrecords = \"file:{folder}/records.jsonl\"\n\n\
             [[upstream]]\nname = \"openai\"\nprovider = \"openai\"\nprefix = \"/openai\"\nbase_url = \"http://{upstream}\"\n",
            root = env!("CARGO_MANIFEST_DIR"),
            folder = folder.display(),
        );
        let file = folder.join("config.toml");
        fs::write(&file, config)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        Proxy::start(command.arg("serve").arg("--config").arg(&file), addr, &folder.join("gateway.err"))
    }

    /// Starts a proxy that complains into the file `log`, and waits until it listens.
    fn start(command: &mut Command, addr: SocketAddr, log: &Path) -> io::Result<Proxy> {
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(log)?).spawn()?;
        let mut proxy = Proxy { process, addr };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(addr).is_err() {
            if proxy.process.try_wait()?.is_some() || Instant::now() > deadline {
                let said = fs::read_to_string(log).unwrap_or_default();
                return Err(io::Error::other(format!("it does not listen: {}", said.trim())));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(proxy)
    }

    /// The process and its children, such as nginx's workers.
    fn pids(&self) -> Vec<u32> {
        let pid = self.process.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        std::iter::once(pid).chain(children.split_whitespace().filter_map(|child| child.parse().ok())).collect()
    }

    /// Seconds of CPU used so far, in user and kernel mode.
    pub fn cpu(&self) -> f64 {
        self.pids().into_iter().filter_map(ticks).sum::<f64>() / TICKS
    }

    /// Resident memory in MB: now, and at its highest; of nginx the sum of its processes.
    pub fn memory(&self) -> (f64, f64) {
        let sum = |key: &str| self.pids().into_iter().filter_map(|pid| kilobytes(pid, key)).sum::<f64>() / 1024.0;
        (sum("VmRSS:"), sum("VmHWM:"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = stop(&mut self.process);
    }
}

/// Asks the process to end, so that nginx takes its workers along, and kills it if it does not.
fn stop(process: &mut Child) -> io::Result<()> {
    if process.try_wait()?.is_some() {
        return Ok(());
    }
    Command::new("kill").args(["-TERM", &process.id().to_string()]).status()?;
    let deadline = Instant::now() + Duration::from_secs(5);
    while process.try_wait()?.is_none() {
        if Instant::now() > deadline {
            return process.kill().and_then(|()| process.wait().map(drop));
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// `utime` and `stime`, fields 14 and 15 of `/proc/PID/stat` (proc(5)).
fn ticks(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces; what follows it begins with field 3.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}

fn kilobytes(pid: u32, key: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok())
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}
