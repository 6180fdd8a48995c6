//! Where a person on the panel reads and writes: standard error and standard input.

use std::{
    io::{self, BufRead, Read},
    sync::{Mutex, PoisonError},
    thread,
};

use assize_wiring::Human;
use tokio::sync::mpsc;

use crate::screen::Screen;

/// What is beyond it in a line is read and left out: nobody answers at greater length.
const MAX_LINE_BYTES: u64 = 16 << 10;
const LINES_AHEAD: usize = 16;

/// Whoever sits at the terminal, or has written the answers down. Standard input is read only once somebody is asked, by a thread
/// of its own: a debate that is over does not wait for it.
pub(super) fn on_standard_input() -> Human {
    let (to, lines) = mpsc::channel(LINES_AHEAD);
    // Whoever reads has it: when there is nothing more to read, nobody is there any more.
    let to = Mutex::new(Some(to));
    Human::new(lines, move |text| {
        Screen::new(false).note(text);
        if let Some(to) = to.lock().unwrap_or_else(PoisonError::into_inner).take() {
            thread::spawn(move || read(&to));
        }
    })
}

fn read(to: &mpsc::Sender<String>) {
    let mut from = io::stdin().lock();
    while let Some(line) = next_line(&mut from) {
        if to.blocking_send(line).is_err() {
            return;
        }
    }
}

/// The next line, if there is one.
fn next_line(from: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let n = from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).ok()?;
    if n == 0 {
        return None;
    }
    if !line.ends_with(b"\n") && n as u64 == MAX_LINE_BYTES {
        from.skip_until(b'\n').ok()?;
    }
    Some(String::from_utf8_lossy(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_one_by_one_and_none_without_end() {
        let long = "x".repeat(100_000);
        let text = format!("yes\n\n{long}\nno");
        let mut from = text.as_bytes();
        let lines: Vec<String> = std::iter::from_fn(|| next_line(&mut from)).collect();
        assert_eq!(
            (lines[0].as_str(), lines[1].as_str(), lines[3].as_str(), lines.len()),
            ("yes\n", "\n", "no", 4)
        );
        assert_eq!(lines[2].len() as u64, MAX_LINE_BYTES);
    }
}
