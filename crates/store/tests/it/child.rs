//! This program, started again, as a process that writes.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use assize_journal::{Durability, Journal, Key};
use assize_store::SqliteJournal;

const TEST: &str = "child::what_a_child_does";
/// How many logs a child writes at once.
pub(crate) const LOGS: u64 = 8;
/// How many records to each.
pub(crate) const RECORDS: u64 = 400;

pub(crate) fn key(text: &str) -> Key {
    text.parse().expect("a good key")
}

/// The record of this number in this log, some of them long.
pub(crate) fn record(log: &str, number: u64) -> Vec<u8> {
    let mut record = format!("{{\"log\": \"{log}\", \"number\": {number}}}").into_bytes();
    let long = if number.is_multiple_of(19) { 9_000 } else { 700 };
    record.resize(record.len() + usize::try_from(number * 37 % long).expect("small"), b' ');
    record
}

/// Starts a child that writes its own logs, called after `run`, and after each append a line `log/number`. It begins each
/// log where it ends.
pub(crate) fn child(path: &Path, run: u64, durability: Durability) -> (Child, Told) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", TEST, "--ignored", "--nocapture", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let asked = format!("{run} {durability:?} {}", path.display());
    writeln!(child.stdin.as_mut().expect("its input"), "{asked}").expect("it listens");
    let told = Told(BufReader::new(child.stdout.take().expect("its output")).lines());
    (child, told)
}

/// What a child has been told is there: a log, and the number of a record.
pub(crate) struct Told(Lines<BufReader<ChildStdout>>);

impl Iterator for Told {
    type Item = (String, u64);

    fn next(&mut self) -> Option<Self::Item> {
        // The first line may follow the name of the test, and the last may be cut short, but for its mark.
        loop {
            let line = self.0.next()?.ok()?;
            let told = line.rsplit_once("it is there: ").and_then(|(_, told)| told.strip_suffix('.'));
            if let Some((log, number)) = told.and_then(|told| told.split_once('/')) {
                return Some((log.to_owned(), number.parse().expect("a number")));
            }
        }
    }
}

#[test]
#[ignore = "started by the tests that kill it"]
fn what_a_child_does() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let mut words = line.trim_end().splitn(3, ' ');
    let (Some(run), Some(durability), Some(path)) = (words.next(), words.next(), words.next()) else {
        return;
    };
    let durability = if durability == "Power" { Durability::Power } else { Durability::Process };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let journal = SqliteJournal::open(path, durability).await.unwrap();
        let writers: Vec<_> = (0..LOGS)
            .map(|log| {
                let (journal, log) = (journal.clone(), format!("{run}-{log}"));
                tokio::spawn(async move {
                    let (held, mut writer) = journal.open(&key(&log)).await.unwrap();
                    let mut number = held.records.len() as u64;
                    while number < RECORDS {
                        // Two at a time now and then: both are there, or none.
                        let count = if number.is_multiple_of(5) { 2 } else { 1 };
                        let records: Vec<_> = (number..number + count).map(|n| record(&log, n)).collect();
                        writer.append(&records).await.unwrap();
                        number += count;
                        writeln!(std::io::stdout(), "it is there: {log}/{}.", number - 1).unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}
