//! A Redis server of a test's own.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use assize_ambient::SystemClock;
use assize_cache::RedisTier;

/// Whether a server that is not installed is a failure: said when the tests are built, since nothing here reads the
/// environment.
const IS_REQUIRED: bool = option_env!("ASSIZE_REQUIRE_SERVERS").is_some();

/// A server on a free port of the loopback interface, with a folder of its own. It ends with the test.
#[derive(Debug)]
pub(super) struct Server {
    child: Option<Child>,
    port: u16,
    folder: tempfile::TempDir,
    options: Vec<String>,
}

/// Runs a test with a server that was started with these options, or says that none is installed.
pub(super) fn with_server<F: Future<Output = ()>>(options: &[&str], test: impl FnOnce(Server) -> F) {
    let _others = crate::ALLOCATIONS.read().unwrap_or_else(PoisonError::into_inner);
    let Some(server) = Server::start(options) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(test(server));
}

impl Server {
    fn start(options: &[&str]) -> Option<Self> {
        // Another may take the port that was free a moment ago.
        for _ in 0..10 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
            let port = free.local_addr().expect("it has an address").port();
            drop(free);
            let folder = tempfile::tempdir().expect("a folder can be made");
            let options = options.iter().map(|&option| option.to_owned()).collect();
            let mut server = Self { child: None, port, folder, options };
            if !server.spawn() {
                is_missing();
                return None;
            }
            if server.is_up() {
                return Some(server);
            }
        }
        panic!("redis-server does not start");
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A tier of its own on this server, as another process would have it. It may take its time: this machine may be busy.
    pub(super) fn tier(&self) -> Arc<RedisTier> {
        Arc::new(self.quick_tier().with_timeout(Duration::from_secs(10)))
    }

    /// The same with the time-outs that tiers have.
    pub(super) fn quick_tier(&self) -> RedisTier {
        RedisTier::new(&self.url(), "test", Arc::new(SystemClock)).expect("a good address")
    }

    /// A plain connection.
    pub(super) fn client(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).expect("a good address");
        client.get_connection().expect("it can be connected to")
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
        }
    }

    /// Starts it again after it was killed, on the same port and with what it wrote to its folder.
    pub(super) fn restart(&mut self) {
        self.kill();
        assert!(self.spawn() && self.is_up(), "it starts again");
    }

    pub(super) fn hang(&self) {
        self.signal("STOP");
    }

    pub(super) fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("it runs").id();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(sent.expect("there is a shell").success(), "{name} is sent");
    }

    /// `false` where it is not installed.
    fn spawn(&mut self) -> bool {
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string(), "--dir"])
            .arg(self.folder.path())
            .args(&self.options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => {
                self.child = Some(child);
                true
            }
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => panic!("redis-server can't be started: {error}"),
        }
    }

    /// Waits until it answers; `false` if it ends before.
    fn is_up(&mut self) -> bool {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            let child = self.child.as_mut().expect("it was started");
            if child.try_wait().expect("it can be looked at").is_some() {
                return false;
            }
            if answers(self.port).is_ok_and(|answers| answers) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("redis-server does not answer");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    // A server that asks for a password answers as well.
    Ok(&answer == b"+PONG" || &answer == b"-NOAU")
}

#[expect(clippy::print_stderr, reason = "a test that could not run must say so")]
fn is_missing() {
    if IS_REQUIRED {
        panic!("redis-server is missing: apt-get install redis-server");
    }
    eprintln!("redis-server is missing: nothing was tested (apt-get install redis-server)");
}
