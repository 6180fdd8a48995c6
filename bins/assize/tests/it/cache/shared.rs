//! Two folders, as of two machines, and one Redis server between them.

use std::{
    io::{BufRead, BufReader, ErrorKind},
    process::{Child, Command, Stdio},
};

use crate::program::Place;

const PASSWORD: &str = "c0ffee-never-seen";

/// A server that listens on a socket in a folder, until it is dropped.
struct Server(Child);

impl Server {
    /// `None` where it is not installed.
    fn start(place: &Place) -> Option<Self> {
        let socket = place.path("redis.sock");
        let started = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--requirepass", PASSWORD, "--unixsocket"])
            .arg(&socket)
            .arg("--dir")
            .arg(place.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match started {
            Err(e) if e.kind() == ErrorKind::NotFound => return None,
            started => started.expect("it starts"),
        };
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let is_ready =
            out.lines().map_while(Result::ok).any(|line| line.contains("ready to accept connections"));
        let server = Self(child);
        assert!(is_ready, "it ended before it was ready");
        Some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn what_one_machine_asked_is_there_for_another() {
    let place = Place::new().with_file("questions.txt", "One?\nTwo?\n").with_file("answers.txt", "Yes.\n");
    let Some(server) = Server::start(&place) else { return };
    let socket = place.path("redis.sock");
    let options = |folder: &str| {
        format!("folder = \"{folder}\"\nredis = \"redis+unix://{}?pass={PASSWORD}\"\n", socket.display())
    };
    let place = place.with_file("one.toml", options("one")).with_file("other.toml", options("other"));
    let warm = |cache: &str| {
        let arguments =
            ["cache", "warm", "questions.txt", "--model", "scripted:answers.txt", "--json", "--cache", cache];
        let told = place.told(&arguments);
        assert_eq!(told.code, 0, "{}", told.err);
        let [present, computed, ..] = super::counts(&super::json(&told));
        (present, computed)
    };
    assert_eq!(warm("one.toml"), (0, 2));
    assert_eq!(warm("other.toml"), (2, 0), "from the server");

    let told = place.told(&["cache", "stats", "--cache", "other.toml", "--json"]);
    assert!(!told.out.contains(PASSWORD) && !told.err.contains(PASSWORD), "{}{}", told.out, told.err);
    let stats = super::json(&told);
    assert_eq!(
        (&stats["tiers"][1]["name"], &stats["tiers"][1]["entries"]),
        (&"shared".into(), &2.into()),
        "{stats}"
    );

    let told = place.told(&["cache", "clear", "--scope", "default", "--cache", "one.toml", "--json"]);
    let removed = super::json(&told);
    assert_eq!(
        (told.code, &removed["tiers"][0]["removed"], &removed["tiers"][1]["removed"]),
        (0, &2.into(), &2.into()),
        "{removed}"
    );
    drop(server);
    assert_eq!(warm("one.toml"), (0, 2), "it is on no disk any more either");
    assert_eq!(warm("one.toml"), (2, 0), "the disk serves without the server");
}
