//! What `sec.gov` lists: companies, and a company's filings.

use assize_ambient::Timestamp;
use jiff::ToSpan;

use crate::exchange::{
    calendar,
    company::Company,
    desk::{Answer, Desk},
    filing::Filing,
    json::Json,
    market::{Data, Market},
};

/// Filings of one answer.
const MOST: usize = 1_000;
/// The years that the list goes back.
const YEARS: i64 = 3;

/// `files/company_tickers.json`.
pub(in crate::exchange) fn tickers(market: &Market) -> Answer {
    let companies = market.listed().filter_map(|symbol| Company::of(market.seed, symbol));
    let line = |(n, company): (usize, Company)| {
        let line = Json::record([
            ("cik_str", company.cik.into()),
            ("ticker", company.symbol.into()),
            ("title", company.name.into()),
        ]);
        (n.to_string(), line)
    };
    Answer::json(Json::Map(companies.enumerate().map(line).collect()))
}

/// The filings that everybody can read by now, the newest first.
pub(in crate::exchange) fn shown(data: &Data, now: Timestamp) -> Vec<&Filing> {
    let first = calendar::new_york(now).date().saturating_sub(YEARS.years());
    let is_shown = |filing: &&Filing| filing.shown() <= now && filing.filed >= first;
    data.filings.iter().rev().filter(is_shown).take(MOST).collect()
}

/// A time of acceptance as the site writes it: always with a `Z`, which for some filers is not true.
pub(in crate::exchange) fn stamp(company: &Company, accepted: Timestamp) -> String {
    if company.writes_eastern {
        return calendar::new_york(accepted).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    }
    accepted.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// `submissions/CIK##########.json`.
pub(in crate::exchange) fn submissions(desk: &Desk<'_>, file: &str) -> Option<Answer> {
    let cik = file.strip_prefix("CIK")?.strip_suffix(".json")?.parse().ok()?;
    let data = desk.with_cik(cik)?;
    let company = &data.company;
    let filings = shown(&data, desk.now);
    let address = || {
        Json::record([
            ("street1", "1 EXAMPLE ROAD".into()),
            ("street2", Json::NULL),
            ("city", "AUSTIN".into()),
            ("stateOrCountry", "TX".into()),
            ("zipCode", "78725".into()),
            ("stateOrCountryDescription", "TX".into()),
        ])
    };
    let exchange = if company.is_nasdaq { "Nasdaq" } else { "NYSE" };
    Some(Answer::json(Json::record([
        ("cik", format!("{:010}", company.cik).into()),
        ("entityType", "operating".into()),
        ("sic", company.sector.sic.into()),
        ("sicDescription", company.sector.description.into()),
        ("ownerOrg", company.sector.office.into()),
        ("insiderTransactionForOwnerExists", Json::literal("0")),
        ("insiderTransactionForIssuerExists", Json::literal("1")),
        ("name", company.name.as_str().into()),
        ("tickers", vec![company.symbol.as_str().into()].into()),
        ("exchanges", vec![exchange.into()].into()),
        ("ein", format!("{:09}", company.cik % 1_000_000_000).into()),
        ("lei", Json::NULL),
        ("description", "".into()),
        ("website", "".into()),
        ("investorWebsite", "".into()),
        ("category", "Large accelerated filer".into()),
        ("fiscalYearEnd", "1231".into()),
        ("stateOfIncorporation", "DE".into()),
        ("stateOfIncorporationDescription", "DE".into()),
        ("addresses", Json::record([("mailing", address()), ("business", address())])),
        ("phone", "512-555-0100".into()),
        ("flags", "".into()),
        ("formerNames", Json::List(Vec::new())),
        (
            "filings",
            Json::record([("recent", columns(company, &filings)), ("files", Json::List(Vec::new()))]),
        ),
    ])))
}

fn columns(company: &Company, filings: &[&Filing]) -> Json {
    let column = |value: &dyn Fn(&Filing) -> Json| filings.iter().map(|filing| value(filing)).collect();
    let is_xbrl = |filing: &Filing| filing.form != "4";
    let flag = |filing: &Filing| Json::literal(if is_xbrl(filing) { "1" } else { "0" });
    Json::Columns(vec![
        ("accessionNumber", column(&|filing| filing.accession.as_str().into())),
        ("filingDate", column(&|filing| filing.filed.to_string().into())),
        ("reportDate", column(&|filing| filing.report.to_string().into())),
        ("acceptanceDateTime", column(&|filing| stamp(company, filing.accepted).into())),
        ("act", column(&|filing| if is_xbrl(filing) { "34" } else { "" }.into())),
        ("form", column(&|filing| filing.form.into())),
        ("fileNumber", column(&|filing| if is_xbrl(filing) { "001-34756" } else { "" }.into())),
        ("filmNumber", column(&|_| "".into())),
        ("items", column(&|filing| filing.items.into())),
        ("core_type", column(&|filing| if is_xbrl(filing) { "XBRL" } else { filing.form }.into())),
        ("size", column(&|filing| filing.size.into())),
        ("isXBRL", column(&flag)),
        ("isInlineXBRL", column(&flag)),
        ("primaryDocument", column(&|filing| filing.document.as_str().into())),
        ("primaryDocDescription", column(&|filing| filing.description.into())),
    ])
}
