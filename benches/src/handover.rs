//! How a bench without criterion is called, and how it hands over its run.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use assize_perf::Run;
use clap::{Parser, ValueEnum};

/// How long a bench may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Seconds: that it runs, not what it shows.
    Smoke,
    /// Tens of seconds.
    Default,
    /// Minutes.
    Full,
}

/// Whether it matters what else the machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Something is timed on the processor or over sockets: it is measured alone.
    Timed,
    /// Waiting is virtual, or events are counted: it may be measured beside anything.
    Exact,
}

/// A part of a bench: what it is called, whether it is timed, and what measures it.
pub type Part = (&'static str, Sort, fn(&Handover, &mut Run) -> Result<(), String>);

/// The arguments of a bench.
#[derive(Debug, Parser)]
pub struct Handover {
    /// How long it may take.
    #[arg(long, value_enum, default_value = "default")]
    pub profile: Profile,
    /// Where the run is written, as JSON; without it, it goes to standard output.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Only measurements whose id this pattern matches (`*` stands for any text).
    #[arg(long)]
    pub only: Option<String>,
    /// Only the parts of this sort, of a bench that has both.
    #[arg(long, value_enum)]
    pub part: Option<Sort>,
    /// Where the chance of a simulated world starts: the same seed gives the same questions.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Handover {
    /// Whether a measurement of this id is asked for.
    #[must_use]
    pub fn wants(&self, id: &str) -> bool {
        self.only.as_deref().is_none_or(|pattern| matches(pattern, id))
    }

    /// Whether a family of measurements is asked for: by its id, or by that of one of its arms.
    #[must_use]
    pub fn wants_family<'a>(&self, id: &str, arms: impl IntoIterator<Item = &'a str>) -> bool {
        self.wants(id) || arms.into_iter().any(|arm| self.wants(&format!("{id}/{arm}")))
    }

    /// Measures the parts that are asked for, one after the other. After each the run is handed over as far as it is, so
    /// that what was measured is not lost if the bench is ended before it has finished.
    ///
    /// # Errors
    /// What a part says, with its name.
    pub fn measure_parts(&self, title: &str, parts: &[Part]) -> Result<Run, String> {
        let mut run = Run::new(title);
        let asked: Vec<&Part> =
            parts.iter().filter(|(_, sort, _)| self.part.is_none_or(|asked| asked == *sort)).collect();
        for (done, (name, _, measure)) in asked.iter().enumerate() {
            measure(self, &mut run).map_err(|e| format!("measure {name}: {e}"))?;
            if let Some(path) = &self.out {
                keep(path, &run)?;
            }
            self.progress(done + 1, asked.len(), name);
        }
        Ok(run)
    }

    /// Says how far the bench is, on standard error.
    pub fn progress(&self, done: usize, of: usize, text: &str) {
        // Nobody may be watching.
        let _ = writeln!(std::io::stderr(), "progress: {done}/{of} {text}");
    }

    /// Hands over the run, or says why there is none.
    #[must_use]
    pub fn finish(&self, run: Result<Run, String>) -> ExitCode {
        let written = run.and_then(|run| match &self.out {
            Some(path) => keep(path, &run),
            None => {
                writeln!(std::io::stdout(), "{}", run.to_json()).map_err(|e| format!("write the run: {e}"))
            }
        });
        match written {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                let _ = writeln!(std::io::stderr(), "error: failed to {message}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Writes the run in one go: who reads the file finds the one before or this one, and never a part.
fn keep(path: &Path, run: &Run) -> Result<(), String> {
    let part = path.with_extension("part");
    fs::write(&part, run.to_json().to_string())
        .and_then(|()| fs::rename(&part, path))
        .map_err(|e| format!("write {}: {e}", path.display()))
}

/// Whether a pattern in which `*` stands for any text matches the whole of `text`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => {
            let Some(tail) = text.strip_prefix(start) else { return false };
            (0..=tail.len()).filter(|&at| tail.is_char_boundary(at)).any(|at| matches(rest, &tail[at..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/bc", false),
            ("a/*", "a/b/c", true),
            ("*heap*", "debate/heap/4x5", true),
            ("*heap", "debate/heap/4x5", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
