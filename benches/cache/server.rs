//! A Redis server of the bench's own.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use assize_cache::RedisTier;
use assize_perf::{Finding, Run};

use crate::{
    entries::clock,
    figures::{HERE, words},
};

/// A server on a free port of the loopback interface, with a folder of its own. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Option<Child>,
    port: u16,
    folder: tempfile::TempDir,
}

/// Says in `run` that there is no server to be measured.
pub(crate) fn is_missing(run: &mut Run, what: &str) {
    let text = format!("{what} was left out: no redis-server is installed here");
    run.findings.push(Finding::new(HERE, None, text));
}

impl Server {
    /// `None` where none is installed.
    pub(crate) fn start() -> Result<Option<Self>, String> {
        // Another may take the port that was free a moment ago.
        for _ in 0..10 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(words)?;
            let port = free.local_addr().map_err(words)?.port();
            drop(free);
            let folder = tempfile::tempdir().map_err(words)?;
            let mut server = Self { child: None, port, folder };
            if !server.spawn()? {
                return Ok(None);
            }
            if server.is_up()? {
                return Ok(Some(server));
            }
        }
        Err("start redis-server: it ends at once".to_owned())
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A tier on it with the times that tiers have.
    pub(crate) fn tier(&self) -> Result<RedisTier, String> {
        RedisTier::new(&self.url(), "bench", clock()).map_err(words)
    }

    pub(crate) fn kill(&mut self) -> Result<(), String> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        child.kill().map_err(words)?;
        child.wait().map(drop).map_err(words)
    }

    /// Starts it again after it was killed, on the same port.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        self.kill()?;
        if self.spawn()? && self.is_up()? { Ok(()) } else { Err("start redis-server again".to_owned()) }
    }

    /// Sends it a signal: `STOP` lets it hang, `CONT` go on.
    pub(crate) fn signal(&self, name: &str) -> Result<(), String> {
        let id = self.child.as_ref().ok_or("there is no server")?.id();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status().map_err(words)?;
        if sent.success() { Ok(()) } else { Err(format!("send {name} to redis-server")) }
    }

    /// `false` where it is not installed.
    fn spawn(&mut self) -> Result<bool, String> {
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string(), "--dir"])
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => {
                self.child = Some(child);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(format!("start redis-server: {error}")),
        }
    }

    /// Waits until it answers; `false` if it ends before.
    fn is_up(&mut self) -> Result<bool, String> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            let child = self.child.as_mut().ok_or("there is no server")?;
            if child.try_wait().map_err(words)?.is_some() {
                return Ok(false);
            }
            if answers(self.port).is_ok_and(|answers| answers) {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("wait for redis-server: it does not answer".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that hangs is killed as well.
        let _ = self.kill();
    }
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG")
}
