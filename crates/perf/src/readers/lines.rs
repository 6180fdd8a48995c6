//! Text that a tool printed, line by line.

use std::path::Path;

use super::{Input, Opened};
use crate::{
    Error,
    run::{Finding, Run},
};

/// The lines of a file with their numbers, from 1. What ends the file too early is told by [`Lines::finish`], so that
/// what came before is kept.
#[derive(Debug)]
pub(super) struct Lines {
    opened: Opened,
    number: usize,
    line: String,
    name: String,
    broken: Option<Error>,
}

impl Lines {
    pub(super) fn open(input: &Input, file: &Path) -> Result<Self, Error> {
        let opened = input.open_file(file)?;
        let name = file.display().to_string();
        Ok(Self { opened, number: 0, line: String::new(), name, broken: None })
    }

    /// The next line, without the codes that colour a terminal.
    pub(super) fn next(&mut self) -> Option<(usize, &str)> {
        if self.broken.is_some() {
            return None;
        }
        match self.opened.next_line(&mut self.line) {
            Ok(true) => {
                self.number += 1;
                if self.line.contains('\u{1b}') {
                    self.line = without_colours(&self.line);
                }
                Some((self.number, &self.line))
            }
            Ok(false) => None,
            Err(error) => {
                self.broken = Some(self.opened.error(error));
                None
            }
        }
    }

    /// The name of the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether nothing ended the file too early so far.
    pub(super) const fn is_whole(&self) -> bool {
        self.broken.is_none()
    }

    /// Names what stands in a line.
    pub(super) fn find(&self, run: &mut Run, line: usize, text: impl Into<String>) {
        run.findings.push(at_line(&self.name, line, text));
    }

    /// Tells why the file ended too early, if it did.
    ///
    /// # Errors
    /// Why, if nothing was read before.
    pub(super) fn finish(self, run: &mut Run) -> Result<(), Error> {
        let Some(error) = self.broken else { return Ok(()) };
        if run.measurements.is_empty() {
            return Err(error);
        }
        let position = format!("after line {}", self.number);
        run.findings.push(Finding::new(self.name, Some(position), format!("could not {error}")));
        Ok(())
    }
}

/// A finding about a line.
pub(super) fn at_line(file: &str, line: usize, text: impl Into<String>) -> Finding {
    Finding::new(file, Some(format!("line {line}")), text)
}

/// At most so many characters of a text that a stranger wrote.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    text.char_indices().nth(characters).map_or_else(|| text.to_owned(), |(at, _)| format!("{}…", &text[..at]))
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            plain.push(c);
        } else if rest.next() == Some('[') {
            // A sequence ends with a letter or one of a few signs.
            rest.find(|c| ('@'..='~').contains(c));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(without_colours("\u{1b}[1;32mok\u{1b}[0m 3 \u{1b}"), "ok 3 ");
        assert_eq!(without_colours("a\u{1b}[12"), "a");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}
