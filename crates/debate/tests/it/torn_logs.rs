//! A log that broke off goes on where it was, and comes to the same verdict.

use std::{
    fs,
    sync::{Arc, atomic::Ordering},
};

use assize_debate::{Conclusion, Conformity, Debater, Driver, Event, FactCoverage, Record, Verdict};
use assize_journal::{Durability, FileJournal, Journal};
use tempfile::TempDir;

use crate::panel::{ID, lines, log, nobody, now, panel, records, spec, verdict};

/// Goes on with the debate from these bytes of its log. Gives the folder as well, with the log as it is then.
fn resume(bytes: &[u8], panel: Vec<Arc<dyn Debater>>) -> (Conclusion, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(format!("{ID}.jsonl")), bytes).expect("a log");
    let journal: Arc<dyn Journal> = Arc::new(FileJournal::new(folder.path(), Durability::Process));
    let driver = Driver::new(spec(), panel).expect("a debate").with_journal(journal);
    (now(driver.run()).expect("a conclusion"), folder)
}

fn stored(folder: &TempDir) -> Vec<u8> {
    fs::read(folder.path().join(format!("{ID}.jsonl"))).expect("the log")
}

/// The verdict that was recorded, before there were receipts and tallies and before facts were counted.
fn golden() -> Verdict {
    serde_json::from_str(&verdict()).expect("a verdict")
}

/// The same by this program, without its receipt, its tally and its counts.
fn as_then(verdict: &Verdict) -> Verdict {
    let conformity =
        Conformity { rounds_without_new_facts: None, unshared_fact_coverage: None, ..verdict.conformity };
    Verdict { selection: None, tally: None, conformity, ..verdict.clone() }
}

#[test]
fn a_whole_log_is_read_and_left_alone() {
    let (panel, asked) = nobody();
    let (conclusion, folder) = resume(&log(), panel);
    assert_eq!(as_then(&conclusion.verdict), golden());
    assert_eq!((asked.load(Ordering::Relaxed), conclusion.timing.turns.len()), (0, 0));
    assert_eq!(stored(&folder), log(), "nothing is added");
}

/// The last line says the verdict. Cut anywhere, it follows from the lines before it, and nobody is asked.
#[test]
fn cut_at_every_byte_of_its_last_line() {
    let log = log();
    let last = lines().last().expect("lines").len() + 1;
    for cut in log.len() - last..log.len() {
        let (panel, asked) = nobody();
        let (conclusion, folder) = resume(&log[..cut], panel);
        assert_eq!(as_then(&conclusion.verdict), golden(), "cut at byte {cut}");
        assert_eq!(asked.load(Ordering::Relaxed), 0, "cut at byte {cut}");
        // The torn bytes are gone, and the whole line is there again, but for the time.
        let stored = stored(&folder);
        assert_eq!(stored[..log.len() - last], log[..log.len() - last]);
        let line = stored[log.len() - last..].strip_suffix(b"\n").expect("a whole line");
        let record = Record::from_line(line).expect("a record");
        let Event::Concluded { verdict } = record.event else { panic!("not its end") };
        assert_eq!(as_then(&verdict), golden());
    }
}

/// Cut in the middle of any line, the debate goes on: whoever has answered is not asked again, and calls that were lost
/// are on the bill.
#[test]
fn cut_within_any_line() {
    let (lines, golden) = (lines(), golden());
    for kept in 1..lines.len() {
        let torn = &lines[kept][..lines[kept].len() / 2];
        let whole: Vec<u8> = lines[..kept].iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        let (conclusion, folder) = resume(&[&whole[..], torn].concat(), panel());
        let verdict = &*conclusion.verdict;
        assert_eq!((&verdict.outcome, &verdict.probabilities), (&golden.outcome, &golden.probabilities));
        assert_eq!(
            (&verdict.votes, &verdict.reasons, &verdict.dissent),
            (&golden.votes, &golden.reasons, &golden.dissent)
        );
        assert_eq!((verdict.rounds, as_then(verdict).conformity), (golden.rounds, golden.conformity));
        let answers = |records: &[Record]| {
            use assize_debate::Event::{Abstained, Spoke};
            records.iter().filter(|record| matches!(record.event, Spoke { .. } | Abstained { .. })).count()
        };
        let before = answers(&records()[..kept]);
        assert_eq!(conclusion.timing.turns.len() + before, answers(&records()), "after {kept} lines");
        // What is in the log by now is whole again, and leads to the same verdict without anybody's being asked.
        let (nobody, asked) = nobody();
        let (again, _) = resume(&stored(&folder), nobody);
        assert_eq!((&again.verdict, asked.load(Ordering::Relaxed)), (&conclusion.verdict, 0));
    }
}

/// Cut within its first line there is nothing to go on with: the debate is held from its beginning.
#[test]
fn cut_within_its_opening() {
    let first = lines()[0].len();
    for cut in [0, 1, first / 2, first] {
        let (conclusion, _) = resume(&log()[..cut], panel());
        assert_eq!(as_then(&conclusion.verdict), golden(), "cut at byte {cut}");
        let Conformity { rounds_without_new_facts, unshared_fact_coverage, .. } =
            conclusion.verdict.conformity;
        // Ada alone holds the second fact, and states it in the first round, as Ben does the first fact.
        assert_eq!(rounds_without_new_facts, Some(2));
        assert_eq!(unshared_fact_coverage, Some(FactCoverage { held: 1, cited: 1 }));
    }
}
