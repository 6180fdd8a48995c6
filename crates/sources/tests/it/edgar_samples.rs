//! What the SEC's site really sent, where it is at hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{
    AsOf, CompanyFact, Filing, Identity, InsiderTrade, Item, ItemKind, Outcome, Query, Source, Ticker,
};
use assize_ambient::Timestamp;
use assize_sources::{
    EdgarContact, EdgarCurrent, EdgarFacts, EdgarFilings, EdgarTickers, IndexedFiling, acceptance_times,
};
use assize_transport::{Headers, RawResponse, Request};

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata/sec-edgar");
    folder.is_dir().then_some(folder)
}

fn contact() -> Option<EdgarContact> {
    EdgarContact::new("Jane Doe", "jane@example.org")
}

fn query(ticker: &str, name: &str, cik: u64, as_of: &str) -> Query {
    let ticker: Ticker = ticker.parse().expect("a ticker");
    let card = Identity::new(&ticker, name).with_cik(cik);
    Query::new(&ticker, as_of.parse::<AsOf>().expect("a date")).with_identity(Arc::new(card))
}

fn answer(url: &str, status: u16, body: impl Into<Vec<u8>>) -> RawResponse {
    let request = Request::get(url.parse().expect("an address"));
    RawResponse::new(&request, status, Headers::default(), body.into(), Timestamp::UNIX_EPOCH)
}

fn first(source: &dyn Source, query: &Query, status: u16, body: Vec<u8>) -> (RawResponse, Outcome) {
    let plan = source.plan(query).expect("a plan");
    let response = answer(plan[0].url().as_str(), status, body);
    let outcome = source.decode(query, &response);
    (response, outcome)
}

fn items(outcome: Outcome) -> Vec<Item> {
    let Outcome::Items { items, findings } = outcome else { panic!("items, not {outcome:?}") };
    assert!(findings.is_empty(), "{findings:?}");
    items
}

fn filing(item: &Item) -> (&Filing, &Item) {
    match &item.kind {
        ItemKind::Filing(filing) => (filing, item),
        other => panic!("a filing, not {other:?}"),
    }
}

fn filings(items: &[Item]) -> Vec<(&Filing, &Item)> {
    items.iter().map(filing).collect()
}

fn trade(item: &Item) -> &InsiderTrade {
    match &item.kind {
        ItemKind::InsiderTrade(trade) => trade,
        other => panic!("a trade, not {other:?}"),
    }
}

fn trades(items: &[Item]) -> Vec<&InsiderTrade> {
    items.iter().map(trade).collect()
}

#[test]
fn companies_of_tickers() {
    let Some(samples) = samples() else { return };
    let body = fs::read(samples.join("company_tickers_subset.json")).unwrap();
    let source = EdgarTickers::new(contact());
    for (ticker, cik, name) in [
        ("AAPL", 320_193, "Apple Inc."),
        ("BRK.B", 1_067_983, "BERKSHIRE HATHAWAY INC"),
        ("BRK-B", 1_067_983, "BERKSHIRE HATHAWAY INC"),
        ("GOOGL", 1_652_044, "Alphabet Inc."),
    ] {
        let query = Query::new(&ticker.parse().unwrap(), "2024-06-30".parse().unwrap());
        let items = items(first(&source, &query, 200, body.clone()).1);
        let ItemKind::Identity(card) = &items[0].kind else { panic!("a card") };
        assert_eq!((card.cik, card.name.as_str()), (Some(cik), name), "{ticker}");
    }
    let unknown = Query::new(&"NOSUCH".parse().unwrap(), "2024-06-30".parse().unwrap());
    assert_eq!(first(&source, &unknown, 200, body).1, Outcome::Empty);
}

/// The same company's index by the Eastern clock of 2022 and by the UTC of 2026.
#[test]
fn an_index_of_either_clock() {
    let Some(samples) = samples() else { return };
    let source = EdgarFilings::new(contact());

    let body = fs::read(samples.join("submissions_CIK0001318605_TSLA_first60.json")).unwrap();
    let asked = query("TSLA", "Tesla Inc", 1_318_605, "2022-12-31");
    let (response, outcome) = first(&source, &asked, 200, body);
    let read = items(outcome);
    let rows = filings(&read);
    assert_eq!(rows.len(), 60);
    let (newest, item) = rows[59];
    assert_eq!((newest.form.as_str(), newest.accession.as_str()), ("4", "0001790565-22-000015"));
    assert_eq!(item.available_at.latest.to_string(), "2022-11-30T21:42:36Z");
    assert_eq!(item.published, Some(item.available_at.latest), "{}", item.available_at.basis);
    let of = |accession: &str| *rows.iter().find(|(filing, _)| filing.accession == accession).unwrap();
    let (report, item) = of("0001564590-22-034639");
    assert_eq!((report.form.as_str(), &*report.items), ("8-K", &["2.02", "9.01"].map(String::from)[..]));
    assert_eq!(item.available_at.latest.to_string(), "2022-10-19T21:15:46Z");
    let names: Vec<String> = source
        .follow(&asked, &response)
        .iter()
        .map(|request| request.url().as_str().rsplit('/').next().unwrap().to_owned())
        .collect();
    let newest =
        ["0001790565-22-000015", "0000899243-22-035394", "0000899243-22-035393", "0000899243-22-035390"];
    assert_eq!(names[..4], newest.map(|accession| format!("{accession}.txt")));
    assert_eq!(names.len(), 5, "the older page ends years before: {names:?}");
    let in_2013 = query("TSLA", "Tesla Inc", 1_318_605, "2013-06-30");
    let older = source.follow(&in_2013, &response);
    assert_eq!(older.len(), 1, "the index holds nothing of 2013");
    assert!(older[0].url().as_str().ends_with("/CIK0001318605-submissions-001.json"));

    let body = fs::read(samples.join("submissions_CIK0001318605_TSLA_later_first40.json")).unwrap();
    let asked = query("TSLA", "TESLA MOTORS INC", 1_318_605, "2026-02-03");
    let read = items(first(&source, &asked, 200, body.clone()).1);
    let rows = filings(&read);
    assert_eq!(rows.len(), 40);
    let (newest, item) = rows[39];
    assert_eq!(
        (newest.accession.as_str(), newest.filed_on.to_string().as_str()),
        ("0001628280-26-003952", "2026-01-29")
    );
    // Accepted at 20:55 Eastern, filed under the next day, shown in its morning.
    assert_eq!(item.available_at.earliest.to_string(), "2026-01-29T01:55:03Z");
    assert_eq!(item.available_at.latest.to_string(), "2026-01-29T12:30:00Z");

    let wrong = query("F", "Ford Motor Co", 37_996, "2026-02-03");
    let url = "https://data.sec.gov/submissions/CIK0000037996.json";
    let outcome = source.decode(&wrong, &answer(url, 200, body));
    assert_eq!(
        outcome,
        Outcome::OtherCompany("Tesla, Inc. (CIK 1318605), not Ford Motor Co (CIK 37996)".to_owned())
    );
}

/// A Form 4 in the file that it is handed in as: the XML is the sample's, the header ours.
fn submission(xml: &str, accession: &str, accepted: &str) -> String {
    let day = &accepted[..8];
    format!(
        "<SEC-DOCUMENT>{accession}.txt : {day}\n<SEC-HEADER>{accession}.hdr.sgml : {day}\n<ACCEPTANCE-DATETIME>{accepted}\n\
         ACCESSION NUMBER:\t\t{accession}\nCONFORMED SUBMISSION TYPE:\t4\nFILED AS OF DATE:\t\t{day}\n</SEC-HEADER>\n\
         <DOCUMENT>\n<TYPE>4\n<SEQUENCE>1\n<TEXT>\n<XML>\n{xml}\n</XML>\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n"
    )
}

#[test]
fn forms_of_either_schema() {
    let Some(samples) = samples() else { return };
    let source = EdgarFilings::new(contact());
    let read = |name: &str, query: &Query, cik: u64, accession: &str, accepted: &str| {
        let xml = fs::read_to_string(samples.join(name)).unwrap();
        let folder = accession.replace('-', "");
        let url = format!("https://www.sec.gov/Archives/edgar/data/{cik}/{folder}/{accession}.txt");
        source.decode(query, &answer(&url, 200, submission(&xml, accession, accepted)))
    };

    let snow = query("SNOW", "Snowflake Inc.", 1_640_147, "2022-12-31");
    let accession = "0001640147-22-000099";
    let name = "form4_SNOW_cfo_exercise_and_sales.xml";
    let read_snow = items(read(name, &snow, 1_640_147, accession, "20221214181030"));
    let trades_of = trades(&read_snow);
    let codes: String = trades_of.iter().map(|trade| trade.code).collect();
    assert_eq!(codes, "MSSSSSM");
    let sold: Vec<(f64, Option<f64>)> = trades_of
        .iter()
        .filter(|trade| trade.is_opinion())
        .map(|trade| (trade.shares, trade.price))
        .collect();
    assert_eq!(sold[..2], [(73_170.0, Some(150.841)), (74_907.0, Some(151.814))]);
    assert_eq!(
        sold.iter().map(|(shares, _)| shares).sum::<f64>().to_string(),
        "200000",
        "all that was exercised"
    );
    let exercised = trades_of[0];
    assert_eq!((exercised.shares, exercised.price, exercised.acquired), (200_000.0, Some(8.88), true));
    assert_eq!(exercised.held_after, Some(301_097.0));
    assert_eq!((exercised.owner.as_str(), exercised.owner_cik), ("Scarpelli Michael", 1_402_349));
    assert_eq!(exercised.title, "Chief Financial Officer");
    assert!(exercised.role.is_officer && !exercised.role.is_director && exercised.is_direct);
    assert_eq!((exercised.is_planned, exercised.is_derivative), (None, false), "X0306 has no such box");
    assert_eq!((trades_of[6].is_derivative, trades_of[6].held_after), (true, Some(2_219_299.0)));
    assert!(trades_of.iter().all(|trade| trade.traded_on.to_string() == "2022-12-13"));
    assert!(read_snow.iter().all(|item| item.available_at.latest.to_string() == "2022-12-14T23:10:30Z"));

    let water = query("SCWO", "374Water Inc.", 933_972, "2025-12-31");
    let accession = "0000933972-25-000001";
    let read_water = items(read("form4_374Water.xml", &water, 933_972, accession, "20250502160000"));
    let trades_of = trades(&read_water);
    let seen: Vec<(char, f64, Option<f64>, bool)> =
        trades_of.iter().map(|trade| (trade.code, trade.shares, trade.price, trade.is_derivative)).collect();
    assert_eq!(seen, [('A', 757_756.0, Some(0.0), false), ('A', 757_576.0, Some(0.0), true)]);
    assert_eq!(trades_of[0].is_planned, Some(false), "X0508 has the box");
    assert_eq!(trades_of[0].title, "Chief Technology Officer");
    assert!(!trades_of[0].is_opinion());

    let outcome = read("form4_374Water.xml", &snow, 1_640_147, accession, "20250502160000");
    let expected = "374Water Inc. (CIK 933972), not Snowflake Inc. (CIK 1640147)";
    assert_eq!(outcome, Outcome::OtherCompany(expected.to_owned()));
}

#[test]
fn figures_of_a_company() {
    let Some(samples) = samples() else { return };
    let body = fs::read(samples.join("companyfacts_CIK0001045810_NVDA_trimmed.json")).unwrap();
    let source = EdgarFacts::new(contact());
    let asked = query("NVDA", "NVIDIA CORP", 1_045_810, "2026-06-30");
    let read = items(first(&source, &asked, 200, body).1);
    let facts: Vec<(&CompanyFact, &Item)> = read
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Fact(fact) => (fact, item),
            other => panic!("a figure, not {other:?}"),
        })
        .collect();
    let of = |concept: &str| facts.iter().filter(|(fact, _)| fact.concept == concept).count();
    for concept in [
        "us-gaap:Revenues",
        "us-gaap:NetIncomeLoss",
        "us-gaap:EarningsPerShareDiluted",
        "us-gaap:Assets",
        "us-gaap:StockholdersEquity",
        "dei:EntityCommonStockSharesOutstanding",
        "dei:EntityPublicFloat",
    ] {
        // Figures of more than ten years before are not read; the sample's latest are all younger or fewer.
        assert!((1..=14).contains(&of(concept)), "{concept}: {}", of(concept));
    }
    assert_eq!(of("us-gaap:Revenues"), 14);
    let year = facts.iter().filter(|(fact, _)| {
        fact.concept == "us-gaap:Revenues"
            && fact.start.is_some_and(|day| day.to_string() == "2024-01-29")
            && fact.end.to_string() == "2025-01-26"
    });
    let year: Vec<(f64, String, String, Option<i16>)> = year
        .map(|(fact, item)| {
            (fact.value, fact.accession.clone(), item.available_at.latest.to_string(), fact.fiscal_year)
        })
        .collect();
    let row = |accession: &str, known: &str, year| {
        (130_497_000_000.0, accession.to_owned(), known.to_owned(), Some(year))
    };
    assert_eq!(
        year,
        [
            row("0001045810-25-000023", "2025-02-27T04:59:59.999999999Z", 2025),
            row("0001045810-26-000021", "2026-02-26T04:59:59.999999999Z", 2026),
        ]
    );
    let then: AsOf = "2025-02-25".parse().unwrap();
    assert!(then.cut(read.clone()).kept.len() < read.len());
}

#[test]
fn the_newest_of_all() {
    let Some(samples) = samples() else { return };
    let body = fs::read(samples.join("getcurrent_form4_first8.atom")).unwrap();
    let source = EdgarCurrent::new(contact());
    let ask = |cik| first(&source, &query("X", "X", cik, "2025-12-31"), 200, body.clone()).1;
    let carvana = items(ask(1_690_820));
    let rows = filings(&carvana);
    let seen: Vec<(&str, String)> = rows
        .iter()
        .map(|(filing, item)| (filing.accession.as_str(), item.available_at.latest.to_string()))
        .collect();
    assert_eq!(
        seen,
        [
            ("0001700538-25-000015", "2025-12-12T23:02:22Z".to_owned()),
            ("0001702455-25-000007", "2025-12-12T23:02:28Z".to_owned()),
        ]
    );
    assert_eq!(items(ask(1_673_743)).len(), 1);
    assert_eq!(ask(2_063_236), Outcome::Empty, "a reporting person is no issuer");
}

#[test]
fn what_is_no_answer() {
    let Some(samples) = samples() else { return };
    let read = |name: &str| fs::read(samples.join(name)).unwrap();
    let asked = query("TSLA", "Tesla", 1_318_605, "2026-02-03");
    let sources: [Box<dyn Source>; 4] = [
        Box::new(EdgarTickers::new(contact())),
        Box::new(EdgarFilings::new(contact())),
        Box::new(EdgarFacts::new(contact())),
        Box::new(EdgarCurrent::new(contact())),
    ];
    for source in &sources {
        for (name, status, expected) in [
            ("http403_access_denied_future_index.xml", 403, Outcome::NotFound),
            ("http404_unknown_cik.xml", 404, Outcome::NotFound),
            ("http429_rate_exceeded.html", 429, Outcome::Throttled(Some(Duration::from_secs(600)))),
            ("http429_rate_exceeded.html", 200, Outcome::Throttled(Some(Duration::from_secs(600)))),
            ("http429_rate_exceeded.html", 403, Outcome::Throttled(Some(Duration::from_secs(600)))),
        ] {
            let (response, outcome) = first(&**source, &asked, status, read(name));
            assert_eq!(outcome, expected, "{} {name} {status}", source.meta().id);
            assert_eq!(source.follow(&asked, &response), []);
        }
    }
}

/// All filings of one company that were recorded with the same numbers by both clocks: the later recording is the truth.
/// Each is repaired by itself, and in every file that begins with it, as the file was then.
#[test]
fn six_hundred_pairs_are_repaired() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join("acceptance_time_pairs_TSLA.csv")).expect("the pairs");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 628);
    let truth: Vec<Timestamp> = rows.iter().map(|row| row[4].parse().expect("a time")).collect();
    for (column, proved) in [(3, 620), (4, 624)] {
        let rows: Vec<IndexedFiling<'_>> = rows
            .iter()
            .map(|row| IndexedFiling {
                acceptance_date_time: row[column],
                form: row[1],
                filed_on: row[2].parse().expect("a date"),
            })
            .collect();
        let times = acceptance_times(&rows);
        let mut exact = 0;
        for ((row, time), truth) in rows.iter().zip(&times).zip(&truth) {
            let time = time.as_ref().expect("a time");
            assert!((time.earliest..=time.latest).contains(truth), "{row:?}");
            exact += usize::from(time.earliest == time.latest);
        }
        assert_eq!(exact, proved);
        for n in (0..rows.len()).step_by(37) {
            assert_eq!(acceptance_times(&rows[n..]), times[n..], "{n}");
        }
    }
}
