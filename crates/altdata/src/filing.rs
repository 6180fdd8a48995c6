//! Documents that a company filed with its regulator.

use jiff::civil::Date;

/// A filing, as a regulator's index lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filing {
    /// The form: `8-K`, `10-Q`, `4`, an amendment with `/A`.
    pub form: String,
    /// The regulator's number of it, such as `0001318605-24-000029`.
    pub accession: String,
    /// The date that the regulator gives it; it can be a day after it could be read.
    pub filed_on: Date,
    /// The last day of the period that it reports on, if it reports on one.
    pub period: Option<Date>,
    /// The items of an 8-K, such as `2.02`; empty for other forms.
    pub items: Vec<String>,
    /// What the main document is called in words; may be empty.
    pub description: String,
    /// The path of the main document under the filing's folder; may be empty.
    pub document: String,
    /// The industry that the regulator counts whoever filed to: today's code of the Standard Industrial Classification, whenever
    /// it was filed.
    pub sic: Option<u16>,
}

/// Something that an insider did with shares of the own company, from a Form 4.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the form's own boxes")]
pub struct InsiderTrade {
    /// The regulator's number of the filing that it stands in.
    pub accession: String,
    /// Which line of that filing it is, from 0.
    pub line: u32,
    /// Who: the first owner named.
    pub owner: String,
    /// The regulator's number of that person.
    pub owner_cik: u64,
    /// As what: a director, an officer, or the holder of ten per cent.
    pub role: InsiderRole,
    /// The officer's title; may be empty.
    pub title: String,
    /// The code of the deed: `P` and `S` are purchase and sale on the market; `A`, `M`, `F`, `G` and others are no opinions.
    pub code: char,
    /// Whether shares came in (`A`) or went out (`D`).
    pub acquired: bool,
    /// The day of it.
    pub traded_on: Date,
    /// How many shares.
    pub shares: f64,
    /// At how many dollars each, if said; a footnote may stand in its place.
    pub price: Option<f64>,
    /// How many the owner holds after it, if said.
    pub held_after: Option<f64>,
    /// Whether held in the owner's own name.
    pub is_direct: bool,
    /// Whether it followed a plan made beforehand (rule 10b5-1), if the form says.
    pub is_planned: Option<bool>,
    /// Whether it concerns a derivative (an option, a unit) and not the share itself.
    pub is_derivative: bool,
    /// Whether it stands in an amendment, which may repeat what an earlier filing said, corrected.
    pub is_amendment: bool,
}

/// What an insider is to the company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the form has four boxes, of which any may be ticked")]
pub struct InsiderRole {
    /// Sits on the board.
    pub is_director: bool,
    /// Is an officer.
    pub is_officer: bool,
    /// Holds ten per cent.
    pub is_ten_percent_owner: bool,
    /// Something else.
    pub is_other: bool,
}

impl InsiderTrade {
    /// Whether it says what the insider thinks of the price: bought or sold on the market.
    #[must_use]
    pub fn is_opinion(&self) -> bool {
        matches!(self.code, 'P' | 'S') && !self.is_derivative
    }

    /// Dollars moved, if the price is known.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.price.map(|price| price * self.shares)
    }
}

/// A figure that a company reported, from its tagged financial statements.
#[derive(Clone, Debug, PartialEq)]
pub struct CompanyFact {
    /// The concept, with its taxonomy: `us-gaap:Revenues`.
    pub concept: String,
    /// The unit: `USD`, `USD/shares`, `shares`.
    pub unit: String,
    /// The first day of the period; `None` for what holds at a moment.
    pub start: Option<Date>,
    /// The last day of the period, or the day at which it holds.
    pub end: Date,
    /// The figure, in the unit.
    pub value: f64,
    /// The fiscal year that the filing reports on, if said. A filing repeats earlier periods under its own year.
    pub fiscal_year: Option<i16>,
    /// The fiscal period that the filing reports on, if said: `FY`, `Q1` …
    pub fiscal_period: String,
    /// The form that it stands in.
    pub form: String,
    /// The day on which that was filed.
    pub filed_on: Date,
    /// The regulator's number of that filing.
    pub accession: String,
}
