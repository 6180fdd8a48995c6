//! The ledger on disk: what survives, what is tolerated, what is refused.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use assize_metering::{
    Attribution, Budget, Charge, Dimension, EntryKind, ErrorKind, JsonLines, Ledger, LedgerLog, MemorySink,
    Period, Purpose, RefusalKind, RollUp, Scope, Sums, TokenUsage, Unit, Units, Usage, VendorReport,
};
use proptest::prelude::*;

use crate::ledger_clock::{SetClock, charge, tokens, usd};

/// A file that fails when it is told to, after it took some bytes.
#[derive(Debug, Clone, Default)]
struct Disk(Arc<Mutex<Bytes>>);

#[derive(Debug, Default)]
struct Bytes {
    written: Vec<u8>,
    fails_after: Option<usize>,
}

impl Disk {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("nobody panics here").written.clone()
    }

    fn fail_after(&self, bytes: Option<usize>) {
        self.0.lock().expect("nobody panics here").fails_after = bytes;
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.0.lock().expect("nobody panics here");
        let n = match &mut disk.fails_after {
            None => bytes.len(),
            Some(0) => return Err(io::Error::other("the disk is full")),
            Some(room) => {
                let n = bytes.len().min(*room);
                *room -= n;
                n
            }
        };
        disk.written.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written_to(disk: &Disk) -> Ledger {
    Ledger::builder(SetClock::default().shared())
        .sink(JsonLines::new(disk.clone()))
        .open()
        .expect("no budgets")
}

fn resumed(log: &[u8]) -> assize_metering::Result<Ledger> {
    let budget = Budget::new("day", Scope::Everything, Period::UtcDay).with_hard(usd("100"));
    Ledger::builder(SetClock::default().shared()).budget(budget).resume(log)
}

/// A ledger with one of everything, the last call still under way.
fn example() -> (Disk, Sums) {
    let disk = Disk::default();
    let ledger = written_to(&disk);
    let who = Attribution::new()
        .with_debate("rates")
        .with_tenant("acme")
        .with_participant("hawk")
        .with_round(1)
        .with_purpose(Purpose::Turn)
        .with_model("gpt-4o")
        .with_tag("team", "a \"quoted\"\nline");
    let mut report =
        VendorReport { raw: serde_json::json!({ "prompt_tokens": 100 }), ..VendorReport::default() };
    report.charged = Some(usd("0.01"));
    let units = Units::default().with(Unit::WebSearch, 2);
    let usage = Usage { units, report: Some(Arc::new(report)), ..tokens(100, 10) };
    let reserve = |amount| ledger.reserve(Charge::new(who.clone(), usd(amount))).expect("no limits");
    reserve("0.50").settle(usage, usd("0.01")).expect("written");
    let mut cancelled = reserve("0.50");
    cancelled.observe(Usage::estimated(TokenUsage::of(50, 5)), Some(usd("0.02"))).expect("valid");
    let attempt = cancelled.attempt();
    drop(cancelled);
    let retry = Charge::new(who.clone(), usd("0.50")).retry_of(attempt);
    ledger.reserve(retry).expect("no limits").not_billed().expect("written");
    reserve("0.50").release().expect("not sent");
    let simulated = Charge::new(who.clone(), usd("0.10")).simulated();
    let simulated = ledger.reserve(simulated).expect("no limits");
    simulated.settle(Usage::simulated(TokenUsage::of(7, 7)), usd("0.03")).expect("written");
    std::mem::forget(reserve("0.25")); // the process dies
    (disk, ledger.total())
}

#[test]
fn a_log_reads_back_whole() {
    let (disk, total) = example();
    let log = disk.bytes();
    let entries: Vec<_> = LedgerLog::new(&*log).collect::<Result<_, _>>().unwrap();
    assert_eq!(entries.len(), 11);
    assert_eq!(RollUp::of(&entries, &[Dimension::Day]).total(), &total);
    let again: Vec<u8> =
        entries.iter().flat_map(|e| serde_json::to_vec(e).unwrap().into_iter().chain([b'\n'])).collect();
    assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(log.clone()).unwrap());

    let ledger = resumed(&log).unwrap();
    assert_eq!(ledger.total().simulated, total.simulated);
    assert_eq!(ledger.total().billed.cost, total.billed.cost);
    // What was under way, 0.25, may have been billed.
    assert_eq!(ledger.total().billed.possibly_billed, usd("0.73"));
    assert_eq!(ledger.budgets()[0].spent, usd("0.76"));
}

/// The form is a promise: what was written by an earlier version of this crate reads for ever.
#[test]
fn the_recorded_log_reads_as_it_did() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/metering/ledger/recorded.jsonl");
    let recorded = std::fs::read(path).unwrap();
    assert_eq!(String::from_utf8(recorded.clone()).unwrap(), String::from_utf8(example().0.bytes()).unwrap());
    assert_eq!(resumed(&recorded).unwrap().total().billed.counted(), usd("0.76"));
}

#[test]
fn a_resumed_ledger_goes_on_behind_a_torn_line() {
    let (disk, _) = example();
    let whole = disk.bytes();
    for cut in 0..whole.len() {
        let torn = Disk::default();
        torn.clone().write_all(&whole[..cut]).unwrap();
        let n_before = LedgerLog::new(&whole[..cut]).map(|entry| entry.unwrap().sequence).last().unwrap_or(0);
        let sink = JsonLines::appending(torn.clone());
        let ledger = Ledger::builder(SetClock::default().shared()).sink(sink).resume(&whole[..cut]).unwrap();
        ledger.reserve(charge("0.10")).unwrap().settle(tokens(1, 1), usd("0.05")).unwrap();
        let log = torn.bytes();
        let entries: Vec<_> = LedgerLog::new(&*log).collect::<Result<_, _>>().unwrap();
        assert!(entries.len() as u64 >= n_before + 2);
        assert_eq!(RollUp::of(&entries, &[]).total(), &ledger.total());
        assert_eq!(resumed(&log).unwrap().total(), ledger.total());
    }
}

#[test]
fn corrupt_lines_are_named() {
    let whole = String::from_utf8(example().0.bytes()).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let edited = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines[number - 1] = line;
        lines.join("\n") + "\n"
    };
    let without = |number: usize| edited(number, "");
    for (log, line, says) in [
        (edited(3, "garbage"), 3, "expected value"),
        (without(2), 3, "entry 3 follows entry 1"),
        (without(1), 2, "entry 2 follows entry 0"),
        (edited(2, &lines[1].replace("\"cost\":\"0.01\"", "\"cost\":\"-0.01\"")), 2, "below zero"),
        (edited(2, &lines[1].replace("\"cost\":\"0.01\"", "\"cost\":0.01")), 2, "decimal string"),
        (edited(2, &lines[1].replace("\"cost\"", "\"price\"")), 2, "unknown field"),
        (edited(2, &lines[1].replace("version\":1", "version\":2")), 2, "format_version 2 is not known"),
        (edited(2, &lines[1].replace("\"acme\"", "\"\"")), 2, "a label is empty"),
        (edited(11, "{\"no\": \"entry\"}"), 11, "unknown field"),
        (edited(2, &lines[1].replace("{\"prompt_tokens\":100}", &"[".repeat(100_000))), 2, "recursion limit"),
    ] {
        let error = resumed(log.as_bytes()).unwrap_err();
        assert_eq!((error.kind(), error.line()), (ErrorKind::CorruptLedger, Some(line)), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let twice = edited(
        4,
        &lines[3].replace(
            "\"reservation\":3,\"attempt\":{\"call\":3",
            "\"reservation\":1,\"attempt\":{\"call\":1",
        ),
    );
    let error = resumed(twice.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "read the ledger, entry 4: it ends a reservation that is not open");
    let other = edited(4, &lines[3].replace("\"reserved\":\"0.50\"", "\"reserved\":\"0.40\""));
    assert!(resumed(other.as_bytes()).unwrap_err().to_string().contains("contradicts"));
}

#[test]
fn a_line_without_end_is_not_read_without_end() {
    let endless = io::BufReader::new(io::repeat(b' '));
    let error = LedgerLog::new(endless).next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "read the ledger, line 1: it is longer than 16 MiB");
}

/// However many bytes the disk takes before it is full: nothing is granted, nothing is lost.
#[test]
fn a_booking_that_cannot_be_written_waits() {
    for room in 0..400 {
        let disk = Disk::default();
        let ledger = written_to(&disk);
        let call = ledger.reserve(charge("0.10")).unwrap();
        let other = ledger.reserve(charge("0.20")).unwrap();
        disk.fail_after(Some(room));
        let settled = call.settle(tokens(1, 1), usd("0.05"));
        let full = settled.is_err();
        if let Err(error) = settled {
            assert_eq!(error.kind(), ErrorKind::LedgerNotWritten);
            assert_eq!(ledger.reserve(charge("0.01")).unwrap_err().kind(), RefusalKind::NotRecorded);
        }
        drop(other); // cannot be written either, or only in part
        assert_eq!((ledger.total().billed.cost, ledger.n_open()), (usd("0.05"), 0));
        let refused = ledger.reserve(charge("0.03"));
        assert!(!full || refused.is_err());
        drop(refused);
        disk.fail_after(None);
        ledger.flush().unwrap();
        ledger.reserve(charge("0.01")).unwrap().settle(tokens(1, 1), usd("0.01")).unwrap();
        let log = disk.bytes();
        let entries: Vec<_> = LedgerLog::new(&*log).collect::<Result<_, _>>().unwrap();
        assert_eq!(RollUp::of(&entries, &[]).total(), &ledger.total());
        assert!(entries.iter().filter(|entry| entry.kind == EntryKind::Reserved).count() >= 3);
        assert_eq!(resumed(&log).unwrap().total(), ledger.total());
    }
}

#[test]
fn a_report_too_deep_to_read_back_is_left_out() {
    let disk = Disk::default();
    let ledger = written_to(&disk);
    let raw = (0..120).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    let report = Some(Arc::new(VendorReport { raw, ..VendorReport::default() }));
    ledger.reserve(charge("0.10")).unwrap().settle(Usage { report, ..tokens(1, 1) }, usd("0.01")).unwrap();
    assert_eq!(resumed(&disk.bytes()).unwrap().total(), ledger.total());
    assert!(ledger.bookings().iter().all(|entry| entry.usage.as_ref().unwrap().report.is_some()));
}

#[test]
fn a_bounded_memory_keeps_the_last() {
    let sink = MemorySink::of_last(3);
    let ledger = Ledger::builder(SetClock::default().shared()).sink(sink.clone()).open().unwrap();
    for _ in 0..5 {
        ledger.reserve(charge("0.10")).unwrap().release().unwrap();
    }
    assert_eq!(sink.entries().iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [8, 9, 10]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..3_000) {
        let whole = example().0.bytes();
        let _ = resumed(&bytes);
        let mut changed = whole[..at.min(whole.len())].to_vec();
        changed.append(&mut bytes);
        changed.extend_from_slice(&whole[at.min(whole.len())..]);
        let _ = resumed(&changed);
    }
}
