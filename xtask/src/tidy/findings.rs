//! What the checks found: violations and notes, each with its place.

use std::fmt;

use serde::Serialize;

/// A broken rule, where it is broken and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// The file, relative to the workspace's root, with `/` between folders.
    pub file: String,
    /// The line, from 1; 1 as well where the whole file is meant.
    pub line: usize,
    /// The name of the check.
    pub check: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.file, self.line, self.check, self.message)
    }
}

/// Something to know that breaks no rule yet; in shape the same as a violation.
pub type Note = Violation;

/// All that one run found, in the order of files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Broken rules: any of them makes the run fail.
    pub violations: Vec<Violation>,
    /// Things to know: none of them makes the run fail.
    pub notes: Vec<Note>,
}

/// The form that `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    violations: &'a [Violation],
    notes: &'a [Note],
}

impl Findings {
    pub(super) fn violation(
        &mut self,
        check: &'static str,
        file: &str,
        line: usize,
        message: impl Into<String>,
    ) {
        self.violations.push(Violation { file: file.to_owned(), line, check, message: message.into() });
    }

    pub(super) fn note(&mut self, check: &'static str, file: &str, line: usize, message: impl Into<String>) {
        self.notes.push(Note { file: file.to_owned(), line, check, message: message.into() });
    }

    /// Brings both lists into the order of files and lines, each finding once.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.violations, &mut self.notes] {
            list.sort();
            list.dedup();
        }
    }

    /// The findings as one JSON document with a trailing line end.
    pub(super) fn to_json(&self) -> String {
        let document = Document { format_version: 1, violations: &self.violations, notes: &self.notes };
        // Strings and whole numbers only: there is nothing that JSON cannot hold.
        serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
    }
}
