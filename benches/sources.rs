//! How fast sources read what sites send. One function for each source; the answers are made here, of the sizes that the
//! sites have.

#[path = "sources/heard.rs"]
mod heard;

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use assize_altdata::{AsOf, Identity, Outcome, Query, Source};
use assize_ambient::Timestamp;
use assize_sources::{EdgarContact, EdgarFacts, EdgarFilings, EdgarTickers};
use assize_transport::{Headers, RawResponse, Request};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn query() -> Query {
    let ticker = "ACME".parse().expect("a ticker");
    let card = Identity::new(&ticker, "Acme Rockets").with_cik(1_999_001);
    let as_of: AsOf = "2024-06-30".parse().expect("a date");
    Query::new(&ticker, as_of).with_identity(Arc::new(card))
}

/// Reads a body again and again, after making sure of how many items it holds.
fn decode(c: &mut Criterion, name: &str, source: &dyn Source, body: String, expected: usize) {
    let query = query();
    let request: &Request = &source.plan(&query).expect("a plan")[0];
    let bytes = u64::try_from(body.len()).expect("a size");
    let response = RawResponse::new(request, 200, Headers::default(), body, Timestamp::UNIX_EPOCH);
    match source.decode(&query, &response) {
        Outcome::Items { items, .. } => assert_eq!(items.len(), expected, "{name}"),
        other => panic!("{name}: {other:?}"),
    }
    let mut group = c.benchmark_group(format!("sources/{name}"));
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    group.bench_function("decode", |b| b.iter(|| source.decode(black_box(&query), black_box(&response))));
    group.finish();
}

/// A company's figures: 500 concepts of which some are read, 80 rows each, about 7 MB.
fn edgar_facts(c: &mut Criterion) {
    let row = |n: usize| {
        let (year, quarter) = (2015 + n / 8 % 9, n % 4 + 1);
        format!(
            "{{\"start\":\"{year}-01-01\",\"end\":\"{year}-0{quarter}-28\",\"val\":1{n}000000,\"accn\":\"0001999001-24-{n:06}\",\
             \"fy\":{year},\"fp\":\"Q{quarter}\",\"form\":\"10-Q\",\"filed\":\"{year}-0{quarter}-28\",\"frame\":\"CY{year}Q{quarter}\"}}"
        )
    };
    let wanted = EdgarFacts::CONCEPTS.iter().filter(|(taxonomy, _)| *taxonomy == "us-gaap").take(20);
    let wanted: Vec<&str> = wanted.map(|(_, name)| *name).collect();
    let mut body = String::from("{\"cik\":1999001,\"entityName\":\"Acme Rockets\",\"facts\":{\"us-gaap\":{");
    for n in 0..500 {
        let name = wanted
            .get(n / 25)
            .filter(|_| n % 25 == 0)
            .map_or_else(|| format!("Concept{n}"), |name| (*name).to_owned());
        let comma = if n > 0 { "," } else { "" };
        let text = "An amount that a standard of accounting defines in many words. ".repeat(8);
        let rows: Vec<String> = (0..80).map(row).collect();
        let rows = rows.join(",");
        write!(
            body,
            "{comma}\"{name}\":{{\"label\":\"{name}\",\"description\":\"{text}\",\"units\":{{\"USD\":[{rows}]}}}}"
        )
        .expect("a string takes it");
    }
    body.push_str("}}}");
    decode(c, "edgar_facts", &EdgarFacts::new(contact()), body, 20 * 80);
}

/// The index of a filer: 1,000 rows.
fn edgar_filings(c: &mut Criterion) {
    let column = |name: &str, value: &dyn Fn(usize) -> String| {
        let values: Vec<String> = (0..1_000).map(|n| format!("\"{}\"", value(n))).collect();
        format!("\"{name}\":[{}]", values.join(","))
    };
    let columns = [
        column("accessionNumber", &|n| format!("0001999001-24-{:06}", 999 - n)),
        column("filingDate", &|n| format!("2024-05-{:02}", 30 - n / 34)),
        column("reportDate", &|_| "2024-05-01".to_owned()),
        column("acceptanceDateTime", &|n| {
            format!("2024-05-{:02}T{:02}:02:03.000Z", 30 - n / 34, 12 + n % 11)
        }),
        column("form", &|n| ["4", "8-K", "10-Q", "SC 13G/A"][n % 4].to_owned()),
        column("items", &|n| ["", "2.02,9.01"][n % 2].to_owned()),
        column("primaryDocument", &|_| "xslF345X05/edgardoc.xml".to_owned()),
        column("primaryDocDescription", &|_| "PRIMARY DOCUMENT".to_owned()),
    ];
    let columns = columns.join(",");
    let body = format!(
        "{{\"cik\":\"0001999001\",\"name\":\"Acme Rockets\",\"tickers\":[\"ACME\"],\"filings\":{{\"recent\":{{{columns}}},\"files\":[]}}}}"
    );
    decode(c, "edgar_filings", &EdgarFilings::new(contact()), body, 1_000);
}

/// The list of all companies, for one ticker: 10,000 lines.
fn edgar_tickers(c: &mut Criterion) {
    let line = |n: usize| {
        let ticker = if n == 9_000 { "ACME".to_owned() } else { format!("T{n}") };
        format!(
            "\"{n}\":{{\"cik_str\":{},\"ticker\":\"{ticker}\",\"title\":\"Company Number {n} Inc.\"}}",
            1_000_000 + n
        )
    };
    let lines: Vec<String> = (0..10_000).map(line).collect();
    let body = format!("{{{}}}", lines.join(","));
    decode(c, "edgar_tickers", &EdgarTickers::new(contact()), body, 1);
}

fn contact() -> Option<EdgarContact> {
    EdgarContact::new("Jane Doe", "jane@example.org")
}

criterion_group!(benches, edgar_facts, edgar_filings, edgar_tickers);
criterion_group!(
    heard,
    heard::news_feeds,
    heard::reddit,
    heard::youtube_channels,
    heard::gdelt,
    heard::stocktwits,
    heard::hacker_news,
    heard::youtube_data
);
criterion_main!(benches, heard);
