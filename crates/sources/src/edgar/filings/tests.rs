//! The index, its older pages and Forms 4, on fixtures.

use std::sync::Arc;

use assize_altdata::{
    AsOf, Filing, FindingKind, GapReason, Identity, InsiderTrade, Item, ItemKind, conformance,
};
use assize_transport::{Headers, Url};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const INDEX: &str = include_str!("../../../../../fixtures/sources/edgar/submissions.json");
const PAGE: &str = include_str!("../../../../../fixtures/sources/edgar/submissions-001.json");
const FORM: &str = include_str!("../../../../../fixtures/sources/edgar/0001999077-24-000003.txt");
const AMENDED: &str = include_str!("../../../../../fixtures/sources/edgar/0001999077-24-000004.txt");
const LIMIT: &str = include_str!("../../../../../fixtures/sources/edgar/limit.html");
const DENIED: &str = include_str!("../../../../../fixtures/sources/edgar/denied.xml");

const INDEX_URL: &str = "https://data.sec.gov/submissions/CIK0001999001.json";
const PAGE_URL: &str = "https://data.sec.gov/submissions/CIK0001999001-submissions-001.json";
const FORM_URL: &str =
    "https://www.sec.gov/Archives/edgar/data/1999001/000199907724000003/0001999077-24-000003.txt";
const AMENDED_URL: &str =
    "https://www.sec.gov/Archives/edgar/data/1999001/000199907724000004/0001999077-24-000004.txt";

fn source() -> EdgarFilings {
    EdgarFilings::new(EdgarContact::new("Jane Doe", "jane@example.org"))
}

fn query_of(name: &str, cik: u64, as_of: &str) -> Query {
    let ticker = "ACME".parse().expect("a ticker");
    let card = Identity::new(&ticker, name).with_cik(cik);
    Query::new(&ticker, as_of.parse::<AsOf>().expect("a date")).with_identity(Arc::new(card))
}

fn query(as_of: &str) -> Query {
    query_of("Acme Rockets", 1_999_001, as_of)
}

fn response(url: &str, status: u16, body: &str) -> RawResponse {
    let request = Request::get(url.parse().expect("an address"));
    RawResponse::new(&request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH)
}

fn decode(url: &str, body: &str) -> Outcome {
    source().decode(&query("2024-06-30"), &response(url, 200, body))
}

fn items(outcome: Outcome) -> (Vec<Item>, Vec<String>) {
    let Outcome::Items { items, findings } = outcome else { panic!("items, not {outcome:?}") };
    (items, findings.iter().map(|finding| finding.text.to_string()).collect())
}

fn filing(item: &Item) -> &Filing {
    let ItemKind::Filing(filing) = &item.kind else { panic!("a filing, not {item:?}") };
    filing
}

fn trade_of(item: &Item) -> &InsiderTrade {
    match &item.kind {
        ItemKind::InsiderTrade(trade) => trade,
        other => panic!("a trade, not {other:?}"),
    }
}

fn trades(items: &[Item]) -> Vec<&InsiderTrade> {
    items.iter().map(trade_of).collect()
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&source(), &query("2024-06-30"), INDEX.as_bytes());
}

#[test]
fn plans() {
    let plan = source().plan(&query("2024-06-30")).unwrap();
    assert_eq!(plan[0].url().as_str(), INDEX_URL);
    assert_eq!(plan[0].secret_headers()[0].0, "user-agent");
    assert!(source().needs_identity() && source().meta().default_on);
    let unknown = Query::new(&"ACME".parse().unwrap(), "2024-06-30".parse().unwrap());
    assert_eq!(source().plan(&unknown).unwrap_err().reason, GapReason::NoSuchTicker);
    let beyond = query_of("Acme", 10_000_000_000, "2024-06-30");
    assert_eq!(source().plan(&beyond).unwrap_err().reason, GapReason::NoSuchTicker);
    let unnamed = EdgarFilings::new(None).plan(&query("2024-06-30")).unwrap_err();
    assert_eq!(unnamed.reason, GapReason::KeyMissing);
}

#[test]
fn the_index_is_read_and_dated() {
    let (items, findings) = items(decode(INDEX_URL, INDEX));
    assert!(findings.is_empty(), "{findings:?}");
    let rows: Vec<(&str, String, String, bool)> = items
        .iter()
        .map(|item| {
            let known = &item.available_at;
            let is_exact = item.published == Some(known.earliest);
            (filing(item).form.as_str(), known.earliest.to_string(), known.latest.to_string(), is_exact)
        })
        .collect();
    let row = |form, earliest: &str, latest: &str, is_exact| {
        (form, earliest.to_owned(), latest.to_owned(), is_exact)
    };
    // Two rows in all speak for UTC, and from the second on it is proved; what came before stays in doubt. The letter is
    // left out, and the 8-K of Friday evening is shown on Monday.
    assert_eq!(
        rows,
        [
            row("SC 13G/A", "2024-02-14T18:00:00Z", "2024-02-14T23:00:00Z", false),
            row("10-Q", "2024-05-09T20:05:51Z", "2024-05-10T00:05:51Z", false),
            row("4", "2024-05-21T01:02:03Z", "2024-05-21T05:02:03Z", false),
            row("EFFECT", "2024-05-30T04:15:27Z", "2024-05-30T08:15:27Z", false),
            row("4", "2024-06-05T22:31:12Z", "2024-06-05T22:31:12Z", true),
            row("4/A", "2024-06-07T00:30:05Z", "2024-06-07T00:30:05Z", true),
            row("8-K", "2024-06-07T22:10:30Z", "2024-06-10T11:30:00Z", true),
        ]
    );
    let last = filing(&items[6]);
    assert_eq!(
        (last.accession.as_str(), &*last.items),
        ("0001999001-24-000020", &["2.02", "9.01"].map(String::from)[..])
    );
    assert_eq!(
        (last.filed_on.to_string(), last.period.map(|day| day.to_string())),
        ("2024-06-10".to_owned(), Some("2024-06-07".to_owned()))
    );
    assert_eq!(filing(&items[0]).description, "AMENDED HOLDINGS “ACME” 2");
    assert_eq!((filing(&items[0]).period, filing(&items[0]).document.as_str()), (None, "sc13ga.htm"));
    assert!(items[0].available_at.basis.contains("not proved"), "{}", items[0].available_at.basis);
    assert!(items[6].available_at.basis.contains("after hours"), "{}", items[6].available_at.basis);
}

#[test]
fn an_older_page_is_read() {
    let (items, findings) = items(decode(PAGE_URL, PAGE));
    assert!(findings.is_empty(), "{findings:?}");
    let known: Vec<String> = items.iter().map(|item| item.available_at.latest.to_string()).collect();
    // The first has no time: it was known by the end of its day.
    assert_eq!(known, ["2023-02-21T04:59:59.999999999Z", "2023-11-08T20:05:51Z", "2023-11-11T00:30:00Z"]);
    assert_eq!(source().follow(&query("2024-06-30"), &response(PAGE_URL, 200, PAGE)).len(), 1);
}

#[test]
fn what_follows_is_what_was_known_then() {
    let names = |source: &EdgarFilings, query: &Query| -> Vec<String> {
        let requests = source.follow(query, &response(INDEX_URL, 200, INDEX));
        assert!(requests.iter().all(|request| request.secret_headers().len() == 1));
        requests.iter().map(|request| site::file_name(request.url()).to_owned()).collect()
    };
    let page = "CIK0001999001-submissions-001.json";
    let forms = ["0001999077-24-000004.txt", "0001999077-24-000003.txt", "0001999078-24-000002.txt"];
    for (as_of, pages, known) in [
        ("2024-06-30", true, &forms[..]),
        ("2024-06-06", true, &forms[..]),
        ("2024-06-05", true, &forms[1..]),
        ("2024-05-21", true, &forms[2..]),
        ("2024-05-20", true, &[]),
        ("2026-06-30", false, &forms[..]),
    ] {
        let expected: Vec<&str> = pages.then_some(page).into_iter().chain(known.iter().copied()).collect();
        assert_eq!(names(&source(), &query(as_of)), expected, "{as_of}");
    }
    assert_eq!(names(&source().looking_back(60).with_insider_filings(1), &query("2024-06-30")), [forms[0]]);
    let far = source().looking_back(7_000).with_insider_filings(0);
    assert_eq!(names(&far, &query("2024-06-30")), [page, "CIK0001999001-submissions-002.json"]);
    let since = query("2024-06-30").since("2024-06-06T00:00:00Z".parse().unwrap());
    assert_eq!(names(&source(), &since), [forms[0]]);
    let first = &source().follow(&query("2024-06-05"), &response(INDEX_URL, 200, INDEX))[1];
    assert_eq!(first.url().as_str(), FORM_URL);
    assert_eq!(source().follow(&query("2024-06-30"), &response(FORM_URL, 200, FORM)), []);
    assert_eq!(source().follow(&query("2024-06-30"), &response(INDEX_URL, 500, INDEX)), []);
    let other = query_of("Bolt and Nut", 1_999_002, "2024-06-30");
    assert_eq!(source().follow(&other, &response(INDEX_URL, 200, INDEX)), []);
}

#[test]
fn a_form_is_dated_by_its_own_header() {
    let (items, findings) = items(decode(FORM_URL, FORM));
    assert_eq!(findings, ["line 2 of 0001999077-24-000003: the number of shares is missing"]);
    let trades = trades(&items);
    let seen: Vec<_> = trades
        .iter()
        .map(|one| {
            let amounts = [Some(one.shares), one.price, one.held_after];
            (one.line, one.code, amounts, [one.acquired, one.is_direct, one.is_derivative])
        })
        .collect();
    assert_eq!(
        seen,
        [
            (0, 'S', [Some(1_500.0), Some(41.25), Some(98_500.0)], [false, true, false]),
            (1, 'P', [Some(200.5), None, None], [true, false, false]),
            (3, 'M', [Some(1_000.0), Some(0.0), Some(0.0)], [false, true, true]),
        ]
    );
    let first = trades[0];
    assert_eq!(
        (first.owner.as_str(), first.owner_cik, first.title.as_str()),
        ("Frühling Ada", 1_999_077, "Chief & Founder")
    );
    assert!(first.role.is_director && first.role.is_officer && !first.role.is_ten_percent_owner);
    assert_eq!((first.is_planned, first.is_amendment, first.is_opinion()), (Some(true), false, true));
    assert_eq!(trades[1].traded_on.to_string(), "2024-06-04");
    for item in &items {
        assert_eq!(item.available_at.latest.to_string(), "2024-06-05T22:31:12Z");
        assert_eq!(item.available_at.earliest, item.available_at.latest);
    }
}

#[test]
fn an_amendment_stands_for_itself() {
    let (items, findings) = items(decode(AMENDED_URL, AMENDED));
    assert!(findings.is_empty(), "{findings:?}");
    let trade = trades(&items)[0];
    assert!(trade.is_amendment && trade.role.is_director && !trade.role.is_officer);
    assert_eq!((trade.shares, trade.is_planned, trade.title.as_str()), (1_600.0, None, ""));
    assert_eq!(items[0].available_at.latest.to_string(), "2024-06-07T00:30:05Z");
}

#[test]
fn another_company() {
    let ask =
        |name, cik, url, body| source().decode(&query_of(name, cik, "2024-06-30"), &response(url, 200, body));
    let Outcome::OtherCompany(which) = ask("Bolt", 1_999_002, INDEX_URL, INDEX) else { panic!("another") };
    assert_eq!(which, "Acme Rockets, Inc. (CIK 1999001), not Bolt (CIK 1999002)");
    let Outcome::OtherCompany(which) = ask("Bolt", 1_999_002, FORM_URL, FORM) else { panic!("another") };
    assert_eq!(which, "Acme Rockets, Inc. (CIK 1999001), not Bolt (CIK 1999002)");
    // Its ticker or a name, past ones included, beside the number.
    let other = INDEX.replace("\"ACME\"", "\"ACMEX\"");
    for (name, is_it) in [("ACME ROCKETS INC", true), ("Acme Fireworks", true), ("Road Runner", false)] {
        let outcome = ask(name, 1_999_001, INDEX_URL, &other);
        assert_eq!(matches!(outcome, Outcome::Items { .. }), is_it, "{name}");
        assert_eq!(matches!(outcome, Outcome::OtherCompany(_)), !is_it, "{name}");
    }
    // The company as the holder of another's shares: no trade of its insiders, and no alarm.
    let (none, findings) = items(ask("A. Frühling Holding", 1_999_077, FORM_URL, FORM));
    assert_eq!(none, []);
    assert_eq!(findings, ["trades of the company itself in shares of Acme Rockets, Inc. (CIK 1999001)"]);
    let nobody = Query::new(&"ACME".parse().unwrap(), "2024-06-30".parse().unwrap());
    let outcome = source().decode(&nobody, &response(INDEX_URL, 200, INDEX));
    assert!(matches!(outcome, Outcome::OtherCompany(_)), "{outcome:?}");
}

#[test]
fn where_it_drifts() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(INDEX).unwrap();
        change(&mut value);
        decode(INDEX_URL, &value.to_string())
    };
    let recent = |value: &mut Value, change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        change(value["filings"]["recent"].as_object_mut().unwrap());
    };
    let drift = |outcome: Outcome, path: &str| {
        let Outcome::Drift(found) = outcome else { panic!("drift at {path}, not {outcome:?}") };
        assert!(found.starts_with(path), "{found}");
    };
    let shorter = changed(&|value| recent(value, &|rows| drop(rows["form"].as_array_mut().unwrap().pop())));
    drift(shorter, "at `filings.recent.form`: 7 values beside 8 accession numbers");
    let longer =
        changed(&|value| recent(value, &|rows| rows["items"].as_array_mut().unwrap().push(json!(""))));
    drift(longer, "at `filings.recent.items`: 9 values beside 8 accession numbers");
    let gone = changed(&|value| recent(value, &|rows| drop(rows.remove("acceptanceDateTime"))));
    drift(gone, "at `filings.recent`: missing field `acceptanceDateTime`");
    drift(changed(&|value| value["cik"] = json!("x")), "at `cik`: ");
    drift(
        changed(&|value| value["filings"]["files"][0]["filingTo"] = json!("soon")),
        "at `filings.files[0].filingTo`: ",
    );
    drift(decode(PAGE_URL, &PAGE.replace("\"form\"", "\"type\"")), "at `.`: missing field `form`");
    let without = changed(&|value| recent(value, &|rows| drop(rows.remove("items"))));
    assert!(matches!(without, Outcome::Items { .. }), "what may be missing may be missing");
    let none = changed(&|value| {
        recent(value, &|rows| rows.values_mut().for_each(|column| *column = json!([])));
    });
    assert_eq!(none, Outcome::Empty);

    for (from, to, path) in [
        ("<ACCEPTANCE-DATETIME>2024", "<ACCEPTANCE-DATETIME>x", "at `ACCEPTANCE-DATETIME`: "),
        (
            "ACCESSION NUMBER:\t\t0001999077",
            "ACCESSION NUMBER:\t\t0001999078",
            "at `ACCESSION NUMBER`: 0001999078-24-000003, not",
        ),
        ("ACCESSION NUMBER:", "NUMBER:", "at `ACCESSION NUMBER`: "),
        ("</XML>", "", "at `XML`: "),
        ("ownershipDocument", "otherDocument", "at `ownershipDocument`: "),
        ("<documentType>4<", "<documentType>3<", "at `ownershipDocument/documentType`: `3` is no Form 4"),
        ("documentType", "documentKind", "at `ownershipDocument/documentType`: it is missing"),
        ("issuerCik", "issuerNumber", "at `ownershipDocument/issuer/issuerCik`: it is missing"),
        ("<issuerCik>0001999001", "<issuerCik>-1", "at `ownershipDocument/issuer/issuerCik`: "),
        (
            "rptOwnerCik",
            "rptOwner",
            "at `ownershipDocument/reportingOwner/reportingOwnerId/rptOwnerCik`: it is missing",
        ),
        ("</derivativeTable>", "", "at `ownershipDocument/derivativeTable`: "),
    ] {
        drift(decode(FORM_URL, &FORM.replace(from, to)), path);
    }
}

#[test]
fn rows_that_cannot_be_read_are_named() {
    let mut value: Value = serde_json::from_str(INDEX).unwrap();
    let rows = &mut value["filings"]["recent"];
    rows["accessionNumber"][0] = json!("../../x");
    rows["filingDate"][1] = json!("2024-02-30");
    rows["form"][2] = json!(null);
    rows["accessionNumber"][3] = json!("0001999001-24-000015");
    rows["form"][3] = json!("10-Q");
    rows["acceptanceDateTime"][4] = json!(null);
    let Outcome::Items { items, findings } = decode(INDEX_URL, &value.to_string()) else { panic!("items") };
    let kinds: Vec<FindingKind> = findings.iter().map(|finding| finding.kind).collect();
    use FindingKind::{Duplicate, RaggedRow, UnreadableDate};
    assert_eq!(kinds, [RaggedRow, UnreadableDate, RaggedRow, Duplicate]);
    assert_eq!(items.len(), 3);
    let dated = items.iter().find(|item| filing(item).form == "4").unwrap();
    assert_eq!(dated.available_at.latest.to_string(), "2024-05-21T03:59:59.999999999Z");
    assert_eq!(dated.published, None);
}

#[test]
fn refusals() {
    for url in [INDEX_URL, PAGE_URL, FORM_URL] {
        let answered = |status, body| source().decode(&query("2024-06-30"), &response(url, status, body));
        let ten_minutes = Outcome::Throttled(Some(Duration::from_secs(600)));
        assert_eq!(answered(429, LIMIT), ten_minutes);
        assert_eq!(answered(200, LIMIT), ten_minutes);
        assert_eq!(answered(403, DENIED), Outcome::NotFound);
        assert_eq!(answered(403, "<html>"), Outcome::Blocked);
        assert_eq!(answered(503, "<html>"), Outcome::Unavailable("a status of 503".to_owned()));
        assert!(matches!(answered(200, ""), Outcome::DoubtfulEmpty(_)));
    }
    let elsewhere = "https://www.sec.gov/Archives/edgar/data/1/doc.txt".parse::<Url>().unwrap();
    assert!(matches!(decode(elsewhere.as_str(), FORM), Outcome::Drift(_)));
}

/// The moment of a minute after 06:00 Eastern on a working day.
fn moment((day, minute): (i64, i64)) -> Timestamp {
    let monday = jiff::civil::date(2023, 6, 5);
    let day = monday.saturating_add(SignedDuration::from_hours(24 * (day / 5 * 7 + day % 5)));
    new_york::moment(day.at(6, 0, 0, 0)) + SignedDuration::from_mins(minute)
}

/// An index of filings that happened at these moments, written by one of the two clocks.
fn index(happened: &[Timestamp], is_utc: bool) -> String {
    let mut rows = [const { Vec::new() }; 4];
    for (n, moment) in happened.iter().enumerate().rev() {
        let eastern = new_york::wall(*moment);
        let wall = if is_utc { jiff::tz::TimeZone::UTC.to_datetime(*moment) } else { eastern };
        let late = n % 3 > 0 && eastern.time() > jiff::civil::time(17, 30, 0, 0);
        let filed_on = if late { eastern.date().tomorrow().expect("a day") } else { eastern.date() };
        rows[0].push(format!("0001999001-24-{n:06}"));
        rows[1].push(filed_on.to_string());
        rows[2].push(format!("{wall}Z"));
        rows[3].push(["4", "8-K", "CORRESP"][n % 3].to_owned());
    }
    let recent = json!({"accessionNumber": rows[0], "filingDate": rows[1], "acceptanceDateTime": rows[2], "form": rows[3]});
    json!({"cik": 1_999_001, "name": "Acme Rockets", "filings": {"recent": recent}}).to_string()
}

proptest! {
    /// Reading the index of a moment is reading a later one and cutting it at that moment; and what is asked for next is
    /// the same.
    #[test]
    fn the_cut_of_a_later_index_is_the_index_of_then(
        happened in prop::collection::vec((0_i64..40, 0_i64..16 * 60), 0..40),
        is_utc: bool,
        cut in (0_i64..40, 0_i64..24 * 60),
    ) {
        let mut happened: Vec<Timestamp> = happened.into_iter().map(moment).collect();
        happened.sort_unstable();
        let cut = moment(cut);
        let as_of = AsOf::at(cut);
        let card = Arc::new(Identity::new(&"ACME".parse().expect("a ticker"), "Acme Rockets").with_cik(1_999_001));
        let query = Query::new(&card.ticker.clone(), as_of).with_identity(card);
        let known = |happened: &[Timestamp]| {
            let answer = response(INDEX_URL, 200, &index(happened, is_utc));
            let items = match source().decode(&query, &answer) {
                Outcome::Items { items, .. } => items,
                Outcome::Empty => Vec::new(),
                other => panic!("{other:?}"),
            };
            (as_of.cut(items).kept, source().follow(&query, &answer))
        };
        let then: Vec<Timestamp> = happened.iter().copied().filter(|at| *at <= cut).collect();
        prop_assert_eq!(known(&then), known(&happened));
    }
}

#[test]
fn what_was_filed_is_asked_for_once_and_its_index_again() {
    let source = EdgarFilings::new(None);
    let fresh = |url: &str| source.fresh_for(&Request::get(url.parse().unwrap())).as_secs();
    let document =
        "https://www.sec.gov/Archives/edgar/data/1999001/000199907724000003/0001999077-24-000003.txt";
    assert_eq!(fresh(document), 30 * 86_400);
    assert_eq!(fresh("https://data.sec.gov/submissions/CIK0001999001.json"), 300);
}

/// Each filing has the code of the industry that whoever filed is counted to, if that is a code.
#[test]
fn the_industry_of_the_filer_stands_at_its_filings() {
    for (given, code) in
        [("\"3760\"", Some(3_760)), ("\"\"", None), ("null", None), ("\"ABC\"", None), ("\"0\"", None)]
    {
        let body = INDEX.replace("\"sic\": \"3760\"", &format!("\"sic\": {given}"));
        let (found, _) = items(decode(INDEX_URL, &body));
        assert!(!found.is_empty() && found.iter().all(|item| filing(item).sic == code), "{given}");
    }
}
