//! Whether a company is analysed without a model as its figures say.

use std::sync::Arc;

use assize_altdata::{AsOf, Fetcher, Identity, Source, Ticker};
use assize_ambient::{Clock, FixedClock, Timestamp};
use assize_pipeline::{AnalysisRequest, CompanyAnalysis, FrameworkKind, ShortfallKind, Status};
use assize_transport::{Error, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::known_answers::{CIK, NAME, TICKER};
use super::{expect, text};
use crate::{Keys, sources::entries_with_stand_ins};

/// As of when it is analysed: the year's report is filed.
const AS_OF: &str = "2024-03-29";
/// The source that is asked.
const SOURCE: &str = "edgar-facts";
/// What was filed for the year before, and for the year, in millions.
const FLOWS: [(&str, u64, u64); 5] = [
    ("Revenues", 4_000, 5_000),
    ("OperatingIncomeLoss", 700, 1_000),
    ("NetIncomeLoss", 500, 750),
    ("NetCashProvidedByUsedInOperatingActivities", 800, 1_100),
    ("PaymentsToAcquirePropertyPlantAndEquipment", 200, 250),
];
const BALANCES: [(&str, u64, u64); 3] =
    [("Assets", 4_500, 5_000), ("Liabilities", 2_000, 2_000), ("StockholdersEquity", 2_500, 3_000)];

/// Gives the company's facts to whoever asks.
#[derive(Debug)]
struct Facts(String);

#[async_trait]
impl Transport for Facts {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        Ok(RawResponse::new(&request, 200, Headers::default(), self.0.clone(), Timestamp::UNIX_EPOCH))
    }
}

/// Growth and margin are those of the statements, rules fill in what they can, and the rest is named.
pub(super) async fn analysis() -> Result<String, String> {
    let (ticker, as_of): (Ticker, AsOf) = (TICKER.parse().map_err(text)?, AS_OF.parse().map_err(text)?);
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(as_of.moment()));
    let sources: Vec<Arc<dyn Source>> = entries_with_stand_ins(&Keys::default())
        .map_err(text)?
        .into_iter()
        .map(|entry| entry.source)
        .filter(|source| source.meta().id.as_str() == SOURCE)
        .collect();
    let fetcher = Fetcher::new(Arc::new(Facts(facts())), sources, Arc::clone(&clock));
    let mut request = AnalysisRequest::new(ticker.clone(), as_of);
    request.identity = Some(Identity::new(&ticker, NAME).with_cik(CIK));
    request.frameworks = vec![FrameworkKind::Swot, FrameworkKind::Porter];
    let (analysis, _) = CompanyAnalysis::new(fetcher, None, clock).run(&request).await.map_err(text)?;
    let measure = |id: &str| analysis.known.measure(id).map(|measure| measure.value);
    let [growth, margin] = ["fin.revenue-growth", "fin.operating-margin"].map(measure);
    let health = analysis.known.financial.found.as_ref().and_then(|found| found.health.as_ref());
    let health = health.ok_or("the company's health is not told")?;
    let [swot, porter] = &analysis.frameworks[..] else {
        return Err("not every framework is there".to_owned());
    };
    let is_near = |found: Option<f64>, known: f64| found.is_some_and(|found| (found - known).abs() < 1e-12);
    let is_honest = swot.status != Status::Missing
        && swot.points().all(|point| point.is_supported)
        && porter.status == Status::Missing
        && porter.shortfalls.iter().any(|lack| lack.kind == ShortfallKind::NeedsModel);
    expect(
        is_near(growth, 0.25) && is_near(margin, 0.2) && is_honest,
        format!(
            "growth {:.1} %, operating margin {:.1} %, health {}; {} point(s) of a SWOT, each with its source; Porter is named as missing",
            100.0 * growth.unwrap_or(f64::NAN),
            100.0 * margin.unwrap_or(f64::NAN),
            health.grade,
            swot.points().count()
        ),
    )
}

/// The company's facts, as the regulator writes them.
fn facts() -> String {
    let mut tags = Map::new();
    for (of, is_flow) in FLOWS.iter().map(|of| (of, true)).chain(BALANCES.iter().map(|of| (of, false))) {
        let (tag, before, now) = of;
        let fact = |year: u16, millions: u64| {
            let mut fact = json!({
                "end": format!("{year}-12-31"), "val": millions * 1_000_000, "accn": format!("0001999001-{}-000004", year - 1_999),
                "fy": year, "fp": "FY", "form": "10-K", "filed": format!("{}-02-20", year + 1),
            });
            if is_flow {
                fact["start"] = Value::from(format!("{year}-01-01"));
            }
            fact
        };
        let usd = [fact(2022, *before), fact(2023, *now)];
        tags.insert((*tag).to_owned(), json!({ "label": tag, "description": "", "units": { "USD": usd } }));
    }
    json!({ "cik": CIK, "entityName": NAME, "facts": { "us-gaap": tags } }).to_string()
}
