//! What a company has on file at the SEC.

use assize_ambient::Timestamp;
use jiff::civil::Date;

use super::{calendar, company::Company, insider::Trade, path::Path, statement::Quarter, story::Topic};

/// What a filing is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// By number among the company's.
    Quarter(usize),
    Trade(usize),
    Jump(usize),
}

/// A filing.
#[derive(Debug, Clone)]
pub(super) struct Filing {
    pub(super) accession: String,
    pub(super) form: &'static str,
    pub(super) items: &'static str,
    /// In truth.
    pub(super) accepted: Timestamp,
    pub(super) filed: Date,
    pub(super) report: Date,
    pub(super) document: String,
    pub(super) description: &'static str,
    pub(super) size: usize,
    pub(super) about: About,
}

impl Filing {
    /// When everybody can read it: what comes after hours under the next day's date is put up in its morning.
    pub(super) fn shown(&self) -> Timestamp {
        let is_late = self.form != "4" && calendar::new_york(self.accepted).date() < self.filed;
        if is_late { calendar::wall(self.filed, 6 * 3_600) } else { self.accepted }
    }
}

/// All filings in the order in which they were accepted.
pub(super) fn filings(company: &Company, path: &Path, quarters: &[Quarter], trades: &[Trade]) -> Vec<Filing> {
    let file = company.symbol.to_ascii_lowercase();
    let mut filings = Vec::new();
    for (n, quarter) in quarters.iter().enumerate() {
        let day = calendar::day(quarter.filed);
        let number = 100_000 + u64::from(quarter.number.unsigned_abs());
        filings.push(Filing {
            accession: accession(company.cik, day, number),
            form: quarter.form(),
            items: "",
            accepted: calendar::wall(day, quarter.second),
            filed: day,
            report: quarter.end,
            document: format!("{file}-{}.htm", quarter.end.strftime("%Y%m%d")),
            description: quarter.form(),
            size: 4_000_000 + 1_000 * n,
            about: About::Quarter(n),
        });
    }
    for (n, jump) in path.jumps.iter().enumerate() {
        // The evening before, when trade is over: what comes after 17:30 is filed under the next day.
        let mut chance = company.seed.child("8-K").child(&jump.session.to_string()).rng();
        let day = calendar::day(jump.session - 1);
        let second = i64::try_from(16 * 3_600 + 300 + chance.below(4 * 3_600)).unwrap_or(0);
        let filed = if second > 17 * 3_600 + 1_800 { calendar::day(jump.session) } else { day };
        filings.push(Filing {
            accession: accession(company.cik, day, 200_000 + of_year(jump.session - 1)),
            form: "8-K",
            items: Topic::of(company, jump).items(),
            accepted: calendar::wall(day, second),
            filed,
            report: day,
            document: format!("{file}-{}.htm", day.strftime("%Y%m%d")),
            description: "8-K",
            size: 250_000 + n,
            about: About::Jump(n),
        });
    }
    for (n, trade) in trades.iter().enumerate() {
        let day = calendar::day(trade.filed);
        let number = 300_000 + of_year(trade.session) * 20 + trade.insider as u64;
        let schema = if day.year() >= 2023 { "X05" } else { "X03" };
        filings.push(Filing {
            accession: accession(company.cik, calendar::day(trade.session), number),
            form: "4",
            items: "",
            accepted: trade.accepted(),
            filed: day,
            report: calendar::day(trade.session),
            document: format!("xslF345{schema}/doc4.xml"),
            description: "FORM 4 SUBMISSION",
            size: 5_000 + n % 900,
            about: About::Trade(n),
        });
    }
    filings.sort_by(|one, other| (one.accepted, &one.accession).cmp(&(other.accepted, &other.accession)));
    filings
}

/// Which session of its year it is.
fn of_year(session: usize) -> u64 {
    let first = Date::new(calendar::day(session).year(), 1, 1).map_or(0, calendar::first_from);
    (session - first) as u64
}

/// Whoever files gives the first ten digits: here, the company itself.
fn accession(cik: u64, day: Date, number: u64) -> String {
    format!("{cik:010}-{}-{number:06}", day.strftime("%y"))
}
