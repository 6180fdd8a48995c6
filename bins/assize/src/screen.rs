//! Standard output, standard error, and who is looking at them.

use std::{
    fmt::Write as _,
    fs,
    io::{self, BufRead, IsTerminal, Read, Write},
    path::Path,
    process::ExitCode,
};

use assize_report::{Document, TerminalStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::exit::Failure;

/// Lines are that wide where nobody says how wide the terminal is.
const DEFAULT_WIDTH: usize = 100;
/// Nobody says yes at greater length.
const MAX_ANSWER_BYTES: u64 = 1024;

/// Where a command writes.
#[derive(Debug)]
pub(crate) struct Screen {
    json: bool,
}

impl Screen {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Shows a result: the document for a person, or `json` with `--json`.
    pub(crate) fn show(&self, doc: &Document, json: &Value) -> Result<(), Failure> {
        let text = if self.json { pretty(json) } else { doc.to_terminal(&style()) };
        write_all(&mut io::stdout().lock(), &text)
    }

    /// Shows a result that is text from outside, line breaks and tabs included: to a person as it is but for what would steer
    /// the terminal, or `json` with `--json`.
    pub(crate) fn tell(&self, text: &str, json: &Value) -> Result<(), Failure> {
        let text = if self.json { pretty(json) } else { printable(text) + "\n" };
        write_all(&mut io::stdout().lock(), &text)
    }

    /// Whether somebody can be asked: both ends of the question are a terminal.
    #[expect(clippy::unused_self, reason = "whoever asks needs the screen")]
    pub(crate) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks for a yes.
    #[expect(clippy::unused_self, reason = "whoever asks needs the screen")]
    pub(crate) fn says_yes(&self, question: &str) -> bool {
        // Who does not read it will not say yes.
        let _ = write!(io::stderr().lock(), "{} [y/N] ", printable(question));
        let mut answer = String::new();
        let read = io::stdin().lock().take(MAX_ANSWER_BYTES).read_line(&mut answer);
        read.is_ok() && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
    }

    /// Says something before there is a result: `text` to a person, or `json` on one line with `--json`.
    pub(crate) fn say(&self, text: &str, json: &Value) -> Result<(), Failure> {
        let line = if self.json { format!("{json}\n") } else { text.to_owned() };
        write_all(&mut io::stdout().lock(), &line)
    }

    /// Says something that is not part of the result, on standard error. It may hold text from outside, which must not
    /// steer the terminal.
    #[expect(clippy::unused_self, reason = "whoever speaks needs the screen")]
    pub(crate) fn note(&self, text: &str) {
        // Nobody reads it: that is no reason to fail.
        let _ = writeln!(io::stderr().lock(), "{}", printable(text));
    }

    /// A progress bar on standard error; none where that is not a terminal.
    #[expect(clippy::unused_self, reason = "whoever draws needs the screen")]
    pub(crate) fn progress(&self, steps: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    }

    /// Says what went wrong and what to do, and gives the exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        self.note(&format!("error: failed to {}", failure.message));
        if let Some(hint) = &failure.hint {
            self.note(&format!("hint: {hint}"));
        }
        failure.outcome.into()
    }
}

/// The text with its control characters, line breaks and tabs aside, replaced as a document replaces them.
fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn style() -> TerminalStyle {
    let is_terminal = io::stdout().is_terminal();
    let width = if is_terminal { terminal_width() } else { DEFAULT_WIDTH };
    TerminalStyle { width, colour: is_terminal && assize_wiring::colour_is_welcome() }
}

/// How wide the terminal is, where there is one.
pub(crate) fn terminal_width() -> usize {
    terminal_size::terminal_size()
        .map_or(DEFAULT_WIDTH, |(terminal_size::Width(width), _)| usize::from(width))
}

/// JSON for a file or a terminal. JSON itself lets through the control characters from U+007F on, of which one begins a
/// terminal's commands; they stand in strings only, where an escape means the same.
fn pretty(json: &Value) -> String {
    let plain = serde_json::to_string_pretty(json).unwrap_or_default();
    let mut text = String::with_capacity(plain.len() + 1);
    for c in plain.chars() {
        match c {
            '\u{7f}'..='\u{9f}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('\n');
    text
}

/// Writes; a reader that went away is not an error.
fn write_all(to: &mut impl Write, text: &str) -> Result<(), Failure> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::outside(format!("write the result: {e}")))
        }
        _ => Ok(()),
    }
}

/// Makes the folder of `--out`, before any work is done for it; `example` is one that could be written.
pub(crate) fn make_folder(folder: Option<&Path>, example: &str) -> Result<(), Failure> {
    let Some(folder) = folder else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|e| {
        Failure::bad_request(format!("make the folder {}: {e}", folder.display()))
            .with_hint(format!("give a folder that can be written, such as `--out {example}`"))
    })
}

/// Writes a document in three forms: `NAME.md`, `NAME.html`, `NAME.json`.
pub(crate) fn write_document(folder: &Path, name: &str, doc: &Document, json: &Value) -> Result<(), Failure> {
    for (ending, text) in [("md", doc.to_markdown()), ("html", doc.to_html()), ("json", pretty(json))] {
        let path = folder.join(format!("{name}.{ending}"));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|e| Failure::outside(format!("write {}: {e}", path.display())))?;
    }
    Ok(())
}
