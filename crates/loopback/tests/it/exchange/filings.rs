//! What is on file at the SEC.

use std::collections::BTreeMap;

use assize_ambient::Timestamp;
use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::Value;

use super::{TICKERS, elements, evening, get, json, text, texts, truth};

fn new_york(wall: DateTime) -> Timestamp {
    let zone = TimeZone::get("America/New_York").expect("it is bundled");
    zone.to_timestamp(wall).expect("a moment")
}

#[tokio::test]
async fn the_list_names_every_company_once() {
    let exchange = evening(2);
    let list = json(&exchange, "https://www.sec.gov/files/company_tickers.json").await;
    let truth = truth(&exchange, "2026-03-01", "2026-03-06");
    let list = list.as_object().unwrap();
    assert_eq!(list.len(), TICKERS.len());
    for (n, ticker) in TICKERS.iter().enumerate() {
        let (line, company) = (&list[&n.to_string()], &truth.companies[*ticker]);
        assert_eq!(line["ticker"], *ticker);
        assert_eq!(line["title"], company.name);
        assert_eq!(line["cik_str"], company.cik);
    }
}

#[tokio::test]
async fn times_of_acceptance_are_true_or_eastern() {
    let (mut eastern, mut utc) = (0, 0);
    for seed in 1..4 {
        let exchange = evening(seed);
        let truth = truth(&exchange, "2024-01-01", "2026-03-06");
        for ticker in TICKERS {
            let company = &truth.companies[ticker];
            let url = format!("https://data.sec.gov/submissions/CIK{:010}.json", company.cik);
            let body = json(&exchange, url).await;
            assert_eq!(
                (&body["name"], &body["tickers"][0]),
                (&Value::from(company.name.as_str()), &ticker.into())
            );
            let recent = body["filings"]["recent"].as_object().unwrap();
            let rows = recent["accessionNumber"].as_array().unwrap().len();
            assert!(
                recent.values().all(|column| column.as_array().unwrap().len() == rows),
                "columns of one length"
            );
            let known: BTreeMap<_, _> =
                company.filings.iter().map(|filing| (filing.accession.as_str(), filing)).collect();
            let mut seen = 0;
            for row in 0..rows {
                let cell = |name: &str| recent[name][row].as_str().unwrap();
                let Some(filing) = known.get(cell("accessionNumber")) else { continue };
                assert_eq!(cell("form"), filing.form);
                let told: Timestamp = cell("acceptanceDateTime").parse().expect("a moment");
                let wall: DateTime =
                    cell("acceptanceDateTime").trim_end_matches('Z').parse().expect("a time");
                if company.writes_eastern {
                    assert_eq!(new_york(wall), filing.accepted);
                    eastern += 1;
                } else {
                    assert_eq!(told, filing.accepted);
                    utc += 1;
                }
                assert!(filing.available >= filing.accepted);
                seen += 1;
            }
            let due =
                company.filings.iter().filter(|filing| filing.available <= super::EVENING.parse().unwrap());
            assert_eq!(seen, due.count(), "{ticker}: all that can be read, and no more");
        }
    }
    assert!(eastern > 50 && utc > 50, "{eastern} {utc}");
}

#[tokio::test]
async fn forms_say_what_was_traded() {
    let mut planted = 0;
    for seed in 1..3 {
        let exchange = evening(seed);
        let truth = truth(&exchange, "2022-01-01", "2026-02-28");
        for ticker in ["KO", "BRK-B"] {
            let company = &truth.companies[ticker];
            for trade in company.trades.iter().step_by(3) {
                let folder = trade.accession.replace('-', "");
                let base = format!("https://www.sec.gov/Archives/edgar/data/{}/{folder}", company.cik);
                let form = text(&exchange, format!("{base}/doc4.xml")).await;
                let read = elements(&form);
                let one = |path: &str| {
                    let found = texts(&read, &format!("ownershipDocument/{path}"));
                    assert_eq!(found.len(), 1, "{path} in {form}");
                    found[0].to_owned()
                };
                let line = |path: &str| one(&format!("nonDerivativeTable/nonDerivativeTransaction/{path}"));
                assert_eq!(one("issuer/issuerTradingSymbol"), ticker);
                assert_eq!(one("issuer/issuerCik"), format!("{:010}", company.cik));
                assert_eq!(line("transactionDate/value"), trade.date.to_string());
                assert_eq!(line("transactionCoding/transactionCode"), trade.code);
                assert_eq!(line("transactionAmounts/transactionShares/value"), trade.shares.to_string());
                let price: f64 = line("transactionAmounts/transactionPricePerShare/value").parse().unwrap();
                assert!((price - trade.price).abs() < 1e-9);
                let flag = line("transactionCoding/equitySwapInvolved");
                let is_new = one("schemaVersion") == "X0508";
                assert_eq!(flag, if is_new { "false" } else { "0" });
                assert_eq!(texts(&read, "ownershipDocument/aff10b5One").len(), usize::from(is_new));
                planted += usize::from(trade.is_planted);

                let whole = text(&exchange, format!("{base}/{}.txt", trade.accession)).await;
                let stamp = whole.split_once("<ACCEPTANCE-DATETIME>").unwrap().1;
                let wall = DateTime::strptime("%Y%m%d%H%M%S", &stamp[..14]).unwrap();
                let filing = company.filings.iter().find(|one| one.accession == trade.accession).unwrap();
                assert_eq!(new_york(wall), filing.accepted);
                assert!(whole.contains(&form), "the form is in its submission");
            }
        }
    }
    assert!(planted > 3, "{planted}");
}

#[tokio::test]
async fn facts_are_what_was_reported() {
    for seed in 1..4 {
        let exchange = evening(seed);
        let truth = truth(&exchange, "2024-01-01", "2026-03-06");
        for ticker in ["F", "NVDA"] {
            let company = &truth.companies[ticker];
            let url = format!("https://data.sec.gov/api/xbrl/companyfacts/CIK{:010}.json", company.cik);
            let body = json(&exchange, url).await;
            assert_eq!(body["cik"], company.cik);
            let facts = |concept: &str, unit: &str| {
                body["facts"]["us-gaap"][concept]["units"][unit].as_array().unwrap().clone()
            };
            assert!(company.quarters.len() >= 7);
            for quarter in &company.quarters {
                let of = |facts: Vec<Value>| {
                    let is_meant = |fact: &&Value| {
                        fact["accn"] == quarter.accession && fact["end"] == quarter.end.to_string()
                    };
                    // The shortest period is the quarter, but in a yearly report, where it is the year.
                    facts
                        .iter()
                        .filter(is_meant)
                        .max_by_key(|fact| fact["start"].as_str().map(str::to_owned))
                        .cloned()
                };
                let value =
                    |concept: &str| of(facts(concept, "USD")).expect("a fact")["val"].as_i64().unwrap();
                assert_eq!(value("Assets"), quarter.assets);
                assert_eq!(value("StockholdersEquity"), quarter.equity);
                assert_eq!(value("Assets"), value("Liabilities") + value("StockholdersEquity"));
                let eps = of(facts("EarningsPerShareDiluted", "USD/shares")).expect("a fact");
                if eps["form"] == "10-Q" {
                    assert_eq!(value("Revenues"), quarter.revenue);
                    assert_eq!(value("NetIncomeLoss"), quarter.net_income);
                    assert_eq!(eps["val"].as_f64(), Some(quarter.eps));
                } else {
                    assert!(value("Revenues") > 2 * quarter.revenue, "a year's");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_as_the_sites_do() {
    let exchange = evening(2);
    for (url, status, words) in [
        ("https://data.sec.gov/submissions/CIK0000000038.json", 404, "NoSuchKey"),
        ("https://data.sec.gov/submissions/x", 404, "NoSuchKey"),
        ("https://cdn.cboe.com/api/global/delayed_quotes/options/_SPX.json", 403, "AccessDenied"),
        ("https://cdn.finra.org/equity/regsho/daily/CNMSshvol20260307.txt", 403, "AccessDenied"),
        (
            "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user/Nobody/daily/2026010100/2026020100",
            404,
            "about:blank",
        ),
        ("https://api.stocktwits.com/api/2/streams/symbol/TOOLONGNAME.json", 404, "not found"),
        ("https://nobody.example.org/x", 404, "no site of this name"),
    ] {
        let got = get(&exchange, url).await;
        assert_eq!(got.status, status, "{url}");
        assert!(got.text.contains(words), "{url}: {}", got.text);
    }
}
