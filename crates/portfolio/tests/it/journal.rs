//! Journals that broke off: whoever hands in the same again completes them to what they would have been.

use std::fs;

use assize_altdata::AsOf;
use assize_journal::{Durability, Error as JournalError, FileJournal, Journal, Key, Log, Writer};
use assize_portfolio::{Account, ErrorKind, ExecutionRules, History, Session};
use async_trait::async_trait;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::market::{Input, Run, key, now, plans, rules, run};

/// Opens an account over these bytes, hands everything in again, and gives what the journal holds then; and of how many
/// inputs something was booked.
fn completed(run: &Run, bytes: &[u8]) -> (Vec<u8>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = FileJournal::new(folder.path(), Durability::Process);
    fs::write(journal.path(&key()), bytes).expect("a journal");
    let booked = now(async {
        let mut account = Account::open(&journal, &key(), run.rules.clone()).await.expect("an account");
        let mut booked = 0;
        for input in &run.inputs {
            booked += usize::from(input.hand_to(&mut account).await.expect("it can be handed in"));
        }
        assert_eq!(account.state(), run.account.state());
        assert_eq!(account.history(), run.account.history());
        booked
    });
    (fs::read(journal.path(&key())).expect("a journal"), booked)
}

proptest! {
    /// Cut anywhere, in the middle of a record or between two, and once more on the way: the journal becomes what it was.
    #[test]
    fn fuzz_resumed_anywhere(plan in plans(12), cut in any::<Index>(), again in any::<Index>()) {
        let run = run(&plan);
        let first = cut.index(run.journal.len() + 1);
        let (completed_once, _) = completed(&run, &run.journal[..first]);
        prop_assert!(completed_once == run.journal, "cut at byte {}", first);
        let second = again.index(first + 1);
        let (completed_twice, _) = completed(&run, &completed_once[..second]);
        prop_assert!(completed_twice == run.journal, "cut at byte {}, then at {}", first, second);
    }

    /// A journal with a changed byte, a line twice or a line missing is refused, or it is another history whose books balance.
    #[test]
    fn fuzz_changed_journals(plan in plans(10), place in any::<Index>(), byte in any::<u8>(), how in 0..3) {
        let run = run(&plan);
        let mut lines: Vec<Vec<u8>> = run.journal.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let line = place.index(lines.len());
        match how {
            0 => {
                let at = place.index(lines[line].len() - 1);
                lines[line][at] = byte;
            }
            1 => lines.insert(line, lines[line].clone()),
            _ => drop(lines.remove(line)),
        }
        let folder = tempfile::tempdir().expect("a folder");
        let journal = FileJournal::new(folder.path(), Durability::Process);
        fs::write(journal.path(&key()), lines.concat()).expect("a journal");
        match now(History::read(&journal, &key())) {
            Ok(history) => {
                prop_assert!(how != 1, "a line counted twice");
                let state = history.state().expect("it was read");
                prop_assert!(state.book().imbalance().is_zero() && !state.book().cash().is_negative());
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::BadLog);
                prop_assert!(error.to_string().starts_with("read line "), "{}", error);
            }
        }
    }
}

/// What is handed in again, all of it or the last of it, books nothing.
#[test]
fn a_whole_journal_is_left_alone() {
    let run = a_run();
    let (bytes, booked) = completed(&run, &run.journal);
    assert!(bytes == run.journal && booked == 0);
}

/// Cut after every record and within each: nothing is booked twice, nothing is left out.
#[test]
fn cut_at_every_record() {
    let run = a_run();
    let ends: Vec<usize> =
        run.journal.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert!(ends.len() > 40, "{} records", ends.len());
    for end in ends {
        for cut in [end, end - 1, end - 20] {
            assert!(completed(&run, &run.journal[..cut]).0 == run.journal, "cut at byte {cut}");
        }
    }
}

/// A deposit that comes while a session is half booked would pay for what was bought at that session's open.
#[test]
fn nothing_is_paid_in_while_a_session_is_half_booked() {
    let run = a_run();
    let (name, amount) = ("late".parse().unwrap(), "1000000".parse().unwrap());
    let mut half_booked = 0;
    let ends = run.journal.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    for end in ends {
        let folder = tempfile::tempdir().unwrap();
        let journal = FileJournal::new(folder.path(), Durability::Process);
        fs::write(journal.path(&key()), &run.journal[..end]).unwrap();
        let mut account = now(Account::open(&journal, &key(), run.rules.clone())).unwrap();
        if account.state().under_way().is_none() {
            continue;
        }
        half_booked += 1;
        let error = now(account.deposit(&name, amount, "2024-03-01T10:00:00Z".parse().unwrap())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("is half booked"), "{error}");
        assert!(fs::read(journal.path(&key())).unwrap() == run.journal[..end], "nothing was written");
    }
    assert!(half_booked > 10, "{half_booked}");
}

/// Lines of which each by itself would leave the books in balance, and yet make money or shares, or tell the future.
#[test]
fn lines_that_make_something_of_nothing_are_refused() {
    let run = a_run();
    let lines: Vec<Value> = run
        .journal
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    type Change = fn(&mut Value) -> bool;
    let changes: [(&str, &str, Change); 7] = [
        ("dividend", "amount", |event| {
            raise(&mut event["amount"]);
            true
        }),
        ("filled", "value", |event| {
            raise(&mut event["costs"]["value"]);
            true
        }),
        ("split", "after", |event| {
            event["after"] = (event["after"].as_u64().unwrap() + 1).into();
            event["before"].as_u64() > Some(0)
        }),
        ("split", "order after", |event| match event["order"]["after"].as_u64() {
            Some(after) => {
                event["order"]["after"] = (after + 1).into();
                true
            }
            None => false,
        }),
        ("split", "in lieu of nothing", |event| {
            let split = &event["split"];
            let [before, new, old] =
                [&event["before"], &split["new"], &split["old"]].map(|n| n.as_u64().unwrap());
            event["in_lieu"] = "1".into();
            before > 0 && before * new % old == 0
        }),
        ("marked", "session", |event| {
            event["session"] = "2031-03-04".into();
            true
        }),
        ("decided", "as of", |event| {
            event["decision"]["as_of"] = "2031-03-04T12:00:00Z".into();
            true
        }),
    ];
    for (kind, what, change) in changes {
        let mut tried = 0;
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| line["event"]["type"] == kind) {
            let mut line = line.clone();
            if !change(&mut line["event"]) {
                continue;
            }
            tried += 1;
            let mut changed = lines[..place].to_vec();
            changed.push(line);
            let text: String = changed.iter().map(|line| format!("{line}\n")).collect();
            let folder = tempfile::tempdir().unwrap();
            let journal = FileJournal::new(folder.path(), Durability::Process);
            fs::write(journal.path(&key()), text).unwrap();
            let read = now(History::read(&journal, &key()));
            let error = read.expect_err(&format!("{kind} with another {what}"));
            assert_eq!(error.kind(), ErrorKind::BadLog, "{error}");
        }
        assert!(tried > 0, "no {kind} with {what}");
    }
}

/// A dollar more.
fn raise(figure: &mut Value) {
    let amount: assize_metering::Usd = figure.as_str().expect("an amount").parse().expect("an amount");
    let dollar = "1".parse().expect("a dollar");
    *figure = amount.checked_add(dollar).expect("it is in range").to_string().into();
}

/// A run with all sorts of events.
fn a_run() -> Run {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let plan = plans(25).prop_filter("long", |plan| run(plan).journal.len() > 15_000);
    run(&plan.new_tree(&mut runner).expect("a plan").current())
}

#[test]
fn another_under_the_same_name_is_refused() {
    let run = a_run();
    let folder = tempfile::tempdir().expect("a folder");
    let journal = FileJournal::new(folder.path(), Durability::Process);
    fs::write(journal.path(&key()), &run.journal).expect("a journal");
    now(async {
        let other_rules = ExecutionRules { patience: run.rules.patience + 1, ..run.rules.clone() };
        let error = Account::open(&journal, &key(), other_rules).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        let mut account = Account::open(&journal, &key(), run.rules.clone()).await.unwrap();
        let error = Account::open(&journal, &key(), run.rules.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Journal, "two would write");
        for input in &run.inputs {
            let error = match input {
                Input::Deposit(id, amount, at) => {
                    account.deposit(id, amount.checked_mul(2).unwrap(), *at).await.unwrap_err()
                }
                Input::Decision(decision) => {
                    let mut other = decision.clone();
                    other.covers.insert("ZZZ".parse().unwrap());
                    account.decide(&other).await.unwrap_err()
                }
                Input::Session(_) => continue,
            };
            assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
            assert!(error.to_string().contains("something else"), "{error}");
        }
        // A decision that should have come earlier.
        let late = run.inputs.iter().find_map(|input| match input {
            Input::Decision(decision) => Some(decision.clone()),
            _ => None,
        });
        let mut late = late.expect("a decision");
        late.run = "another".parse().unwrap();
        let error = account.decide(&late).await.unwrap_err();
        assert!(error.to_string().contains("the account knows what became known at"), "{error}");
    });
    assert!(fs::read(journal.path(&key())).unwrap() == run.journal, "nothing was written");
}

/// A journal whose first write fails, whose third never ends.
#[derive(Debug)]
struct Unwell;

#[derive(Debug, Default)]
struct UnwellWriter {
    writes: u32,
}

#[async_trait]
impl Journal for Unwell {
    async fn open(&self, _: &Key) -> Result<(Log, Box<dyn Writer>), JournalError> {
        Ok((Log::default(), Box::new(UnwellWriter::default())))
    }

    async fn read(&self, _: &Key) -> Result<Log, JournalError> {
        Ok(Log::default())
    }
}

#[async_trait]
impl Writer for UnwellWriter {
    async fn append(&mut self, _: &[Vec<u8>]) -> Result<(), JournalError> {
        self.writes += 1;
        match self.writes {
            1 => Err(assize_journal::ErrorKind::Io.error("write: the disk is full")),
            4 => std::future::pending().await,
            _ => Ok(()),
        }
    }
}

/// A write that fails books nothing, and may be tried again; one that is broken off asks for the account to be opened again.
#[test]
fn writes_that_fail() {
    let journal = Unwell;
    now(async {
        let mut account = Account::open(&journal, &key(), rules(5)).await.unwrap();
        let (id, amount, at) =
            ("d".parse().unwrap(), "5".parse().unwrap(), "2024-03-01T10:00:00Z".parse().unwrap());
        assert_eq!(account.deposit(&id, amount, at).await.unwrap_err().kind(), ErrorKind::Journal);
        assert!(account.state().book().cash().is_zero() && account.history().records().is_empty());
        account.deposit(&id, amount, at).await.unwrap();
        assert_eq!(account.state().book().cash(), amount);
        let events = account.trade(&Session::new(date(2024, 3, 4))).await.unwrap();
        assert_eq!(events.len(), 1, "only the close");
        let points = account.history().equity_as_of(&"2024-03-04".parse::<AsOf>().unwrap());
        assert_eq!((points.len(), points[0].equity, points[0].deposits), (1, amount, amount));
        assert!(account.history().equity_as_of(&"2024-03-03".parse::<AsOf>().unwrap()).is_empty());
        let before = account.state().clone();
        let (id, session) = ("e".parse().unwrap(), Session::new(date(2024, 3, 5)));
        let later = "2024-03-05T10:00:00Z".parse().unwrap();
        let deposit = Box::pin(account.deposit(&id, amount, later));
        assert!(futures_util::poll!(deposit).is_pending(), "it is dropped while it writes");
        let error = account.trade(&session).await.unwrap_err();
        assert!(error.to_string().contains("open the account again"), "{error}");
        assert_eq!(account.state(), &before);
    });
}
