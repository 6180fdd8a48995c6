//! A wire between a tier and its server that can keep what was sent back for a while.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Passes everything on, but keeps back what the first connection sends while it is told to.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    keeps: AtomicBool,
    /// What was kept back and then passed on, in bytes.
    late: AtomicU64,
}

impl Proxy {
    pub(super) fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let proxy =
            Self { port: listener.local_addr().expect("it has an address").port(), state: Arc::default() };
        let state = Arc::clone(&proxy.state);
        std::thread::spawn(move || {
            for (n, client) in listener.incoming().enumerate() {
                let client = client.expect("it can be accepted");
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server is there");
                pass(n, &client, &server, &state);
            }
        });
        proxy
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) fn keep_back(&self) {
        self.state.keeps.store(true, Ordering::SeqCst);
    }

    /// Passes on what was kept back, and waits until that was something.
    pub(super) fn pass_on(&self) {
        self.state.keeps.store(false, Ordering::SeqCst);
        while self.state.late.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn pass(n: usize, client: &TcpStream, server: &TcpStream, state: &Arc<State>) {
    let clone = |stream: &TcpStream| stream.try_clone().expect("it can be shared");
    let (mut from, mut to, state) = (clone(client), clone(server), Arc::clone(state));
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        // An end of either side is the end.
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let mut is_late = false;
            while n == 0 && state.keeps.load(Ordering::SeqCst) {
                is_late = true;
                std::thread::sleep(Duration::from_millis(1));
            }
            let passed = to.write_all(&buffer[..read]);
            if is_late {
                state.late.fetch_add(read as u64, Ordering::SeqCst);
            }
            if passed.is_err() {
                break;
            }
        }
        // It may be closed already.
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut from, mut to) = (clone(server), clone(client));
    std::thread::spawn(move || {
        // It ends with either side.
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}
