//! Runs the program in a folder of its own, and holds every run to what all runs must keep.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder with `prices`, `panel` and `evidence` in it, in which the program runs.
pub(crate) struct Place {
    folder: TempDir,
}

pub(crate) fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder") };
        for (from, to) in
            [("pipeline/prices", "prices"), ("assize/panel", "panel"), ("assize/evidence", "evidence")]
        {
            fs::create_dir(place.path(to)).expect("a folder");
            for entry in fs::read_dir(fixtures(from)).expect("the fixtures") {
                let entry = entry.expect("an entry");
                fs::copy(entry.path(), place.path(to).join(entry.file_name())).expect("a copy");
            }
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same with one more file.
    pub(crate) fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
        self
    }

    pub(crate) fn with_folder(self, name: &str) -> Self {
        fs::create_dir_all(self.path(name)).expect("a folder");
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The program with these arguments, its output into pipes, its surroundings as bare as can be.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assize"));
        for name in [
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
            "OPENAI_API_KEY",
            "RUST_BACKTRACE",
            "ASSIZE_CACHE",
            "ASSIZE_CONTACT",
            "SEC_CONTACT",
            "FRED_API_KEY",
            "ALPHA_VANTAGE_API_KEY",
            "FINNHUB_API_KEY",
            "YOUTUBE_API_KEY",
        ] {
            command.env_remove(name);
        }
        command.env("XDG_CACHE_HOME", self.path("caches"));
        command.args(arguments).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program.
    pub(crate) fn told(&self, arguments: &[&str]) -> Told {
        let done = self.command(arguments).output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        let code = done.status.code().expect("it was not killed");
        let told = Told { code, out: text(done.stdout), err: text(done.stderr) };
        told.keeps_the_rules(arguments);
        told
    }
}

impl Told {
    fn keeps_the_rules(&self, arguments: &[&str]) {
        let Self { code, out, err } = self;
        assert!((0..=4).contains(code), "{arguments:?} ends with {code}");
        for (stream, text) in [("standard output", out), ("standard error", err)] {
            assert!(!text.contains("panicked"), "{arguments:?}: {text}");
            let steers = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(steers, None, "{arguments:?}: {stream} steers the terminal: {text:?}");
        }
        // What a vendor said may hold the word.
        let tells_errors = out.lines().any(|line| line.starts_with("error:"));
        assert!(!tells_errors, "{arguments:?}: errors belong on standard error: {out}");
        if *code != 0 && out.is_empty() {
            assert!(err.lines().any(|line| line.starts_with("error: ")), "{arguments:?}: {err}");
        }
    }
}
