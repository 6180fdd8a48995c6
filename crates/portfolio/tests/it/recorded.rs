//! A journal in the first form: whatever is written later, it is read as it was.

use std::fs;
use std::path::PathBuf;

use assize_altdata::AsOf;
use assize_debate::conformance::schema::{closed, misfit};
use assize_journal::{Durability, FileJournal};
use assize_portfolio::{
    Account, AccountDocument, Decision, ErrorKind, ExecutionRules, History, InputId, Order, Price, Quote,
    Record, Session, Side, Split, State,
};
use jiff::civil::date;
use serde_json::Value;

use crate::market::{Input, key, now};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/portfolio").join(name)
}

/// What was handed in when it was recorded: everything that can happen, once.
fn inputs() -> Vec<Input> {
    let ticker = |name: &str| name.parse().expect("a ticker");
    let quote = |open: f64, close: f64, volume| {
        let [open, close] = [open, close].map(|price| Price::from_dollars(price).expect("a price"));
        Quote { open, close, volume }
    };
    let decision = |run: &str, day, orders: &[(&str, Side, u64)]| {
        let orders = orders.iter().map(|(name, side, shares)| Order {
            ticker: ticker(name),
            side: *side,
            shares: *shares,
        });
        let orders: Vec<Order> = orders.collect();
        let covers = orders.iter().map(|order| order.ticker.clone()).collect();
        let informed_by = date(2024, 3, day);
        let as_of = AsOf::end_of_new_york_day(informed_by).moment();
        let run: InputId = run.parse().expect("a name");
        Input::Decision(Decision {
            run,
            as_of,
            informed_by,
            seen_until: std::collections::BTreeMap::new(),
            covers,
            orders,
        })
    };
    let session = |day, quotes: &[(&str, Quote)]| {
        let mut session = Session::new(date(2024, 3, day));
        session.quotes.extend(quotes.iter().map(|(name, quote)| (ticker(name), *quote)));
        session
    };
    let mut ex_date =
        session(6, &[("KO", quote(40.125, 40.5, Some(9_000_000))), ("PEP", quote(170.0, 171.0, Some(90)))]);
    ex_date.splits.insert(ticker("KO"), Split::new(3, 2).expect("a split"));
    ex_date.dividends.insert(ticker("KO"), Price::from_dollars(0.485).expect("a dividend"));
    let deposit = "10000".parse().expect("an amount");
    vec![
        Input::Deposit(
            "start".parse().expect("a name"),
            deposit,
            "2024-03-01T12:00:00Z".parse().expect("a moment"),
        ),
        decision("brief-1", 4, &[("KO", Side::Buy, 101), ("PEP", Side::Buy, 10)]),
        Input::Session(session(5, &[("KO", quote(60.0, 60.2, Some(9_000_000)))])),
        Input::Session(ex_date),
        decision("brief-2", 6, &[("KO", Side::Sell, 50), ("PEP", Side::Buy, 1_000)]),
        Input::Session(session(
            7,
            &[("KO", quote(41.0, 41.1, Some(1_600))), ("PEP", quote(170.0, 171.0, Some(1_000_000)))],
        )),
        Input::Session(session(8, &[("KO", quote(41.0, 41.1, None))])),
    ]
}

/// What is made of the journal today, whatever is written today.
#[test]
fn it_is_read_as_it_was() {
    let text = fs::read_to_string(fixture("account-v1.jsonl")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::new(folder.path(), Durability::Process);
    fs::write(journal.path(&key()), &text).unwrap();
    let history = now(History::read(&journal, &key())).unwrap();
    let document = AccountDocument::of(&history.state().unwrap()).unwrap();
    let json = serde_json::to_string_pretty(&document).unwrap() + "\n";
    assert_eq!(json, fs::read_to_string(fixture("account-v1.json")).unwrap());
    // What is handed in again is known, in every version.
    let mut account = now(Account::open(&journal, &key(), ExecutionRules::default())).unwrap();
    for input in inputs() {
        assert!(!now(input.hand_to(&mut account)).unwrap(), "{input:?}");
    }
    drop(account);
    assert_eq!(fs::read_to_string(journal.path(&key())).unwrap(), text);
}

/// What is written today is of the same form. A new version gets a recording of its own beside this one.
#[test]
fn it_is_written_so_today() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::new(folder.path(), Durability::Process);
    let mut account = now(Account::open(&journal, &key(), ExecutionRules::default())).unwrap();
    for input in inputs() {
        assert!(now(input.hand_to(&mut account)).unwrap(), "{input:?}");
    }
    let written = fs::read_to_string(journal.path(&key())).unwrap();
    assert_eq!(written, fs::read_to_string(fixture("account-v1.jsonl")).unwrap());
}

/// The account of old fits the schema that is published, which names all that there is.
#[test]
fn it_fits_its_schema() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let schema = fs::read_to_string(folder.join("account.json")).unwrap();
    let schema = closed(&serde_json::from_str(&schema).unwrap());
    let account = fs::read_to_string(fixture("account-v1.json")).unwrap();
    let account: Value = serde_json::from_str(&account).unwrap();
    assert_eq!(misfit(&schema, &account), None);
    let empty = serde_json::to_value(AccountDocument::of(&State::default()).unwrap()).unwrap();
    assert_eq!(misfit(&schema, &empty), None);
    for (at, wrong) in [
        ("/cash", Value::from(0.5)),
        ("/positions/0/shares", Value::from(-1)),
        ("/orders/0/side", Value::from("hold")),
        ("/orders/0/id", Value::Null),
        ("/totals", Value::from("none")),
    ] {
        let mut changed = account.clone();
        *changed.pointer_mut(at).unwrap() = wrong;
        assert!(misfit(&schema, &changed).is_some(), "{at}");
    }
}

#[test]
fn lines_that_are_none_of_this_version() {
    let text = fs::read_to_string(fixture("account-v1.jsonl")).unwrap();
    let line = text.lines().next().unwrap();
    Record::from_line(line.as_bytes()).unwrap();
    for (wrong, why) in [
        (line.replace("\"v\":1", "\"v\":2"), "version 2"),
        (line.replace("\"v\":1", "\"w\":1"), "missing field `v`"),
        (line.replace("opened", "closed-for-good"), "closed-for-good"),
        (line[..line.len() - 1].to_owned(), "EOF"),
        (String::new(), "EOF"),
    ] {
        let error = Record::from_line(wrong.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadLog);
        assert!(error.to_string().contains(why), "{error}");
    }
}
