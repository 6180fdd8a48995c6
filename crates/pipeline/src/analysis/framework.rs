//! Frameworks: their cells, and what stands in them.

use std::{fmt, str::FromStr};

use assize_debate::EvidenceId;
use assize_metering::Usd;
use serde::{Serialize, Serializer};

use crate::{Error, Part, Shortfall, ShortfallKind, Status};

/// A way to look at a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FrameworkKind {
    /// Porter's five forces.
    Porter,
    /// Strengths, weaknesses, opportunities, threats.
    Swot,
    /// Political, economic, social, technological, environmental, legal.
    Pestel,
    /// The four actions of a blue ocean.
    BlueOcean,
    /// The growth-share matrix.
    Bcg,
    /// Ansoff's matrix of products and markets.
    Ansoff,
}

/// A cell of a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CellKind {
    /// Its name in files.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What belongs into it.
    pub asks: &'static str,
}

const fn cell(key: &'static str, title: &'static str, asks: &'static str) -> CellKind {
    CellKind { key, title, asks }
}

const PORTER: &[CellKind] = &[
    cell("rivalry", "Rivalry", "how hard those who are there already compete"),
    cell("new_entrants", "New entrants", "how easily others can come in"),
    cell("substitutes", "Substitutes", "what else could serve the same need"),
    cell("supplier_power", "Power of suppliers", "how far suppliers can name their price"),
    cell("buyer_power", "Power of buyers", "how far customers can name theirs"),
];
const SWOT: &[CellKind] = &[
    cell("strengths", "Strengths", "what the company itself does well"),
    cell("weaknesses", "Weaknesses", "what the company itself does badly"),
    cell("opportunities", "Opportunities", "what around it could help"),
    cell("threats", "Threats", "what around it could harm"),
];
const PESTEL: &[CellKind] = &[
    cell("political", "Political", "governments, trade, taxes"),
    cell("economic", "Economic", "rates, growth, prices, credit"),
    cell("social", "Social", "people, habits, opinions"),
    cell("technological", "Technological", "what changes how things are made and sold"),
    cell("environmental", "Environmental", "climate, resources, waste"),
    cell("legal", "Legal", "courts, rules, regulators"),
];
const BLUE_OCEAN: &[CellKind] = &[
    cell("eliminate", "Eliminate", "what the industry takes for granted and could be left out"),
    cell("reduce", "Reduce", "what could be done well below the industry's standard"),
    cell("raise", "Raise", "what could be done well above it"),
    cell("create", "Create", "what the industry has never offered"),
];
const BCG: &[CellKind] = &[
    cell("stars", "Stars", "businesses with a large share of a market that grows"),
    cell("cash_cows", "Cash cows", "a large share of a market that does not"),
    cell("question_marks", "Question marks", "a small share of a market that grows"),
    cell("dogs", "Dogs", "a small share of a market that does not"),
];
const ANSOFF: &[CellKind] = &[
    cell("market_penetration", "Market penetration", "more of the same products in the same markets"),
    cell("market_development", "Market development", "the same products in new markets"),
    cell("product_development", "Product development", "new products in the same markets"),
    cell("diversification", "Diversification", "new products in new markets"),
];
/// The cells of a synthesis.
pub(super) const SYNTHESIS: &[CellKind] = &[
    cell("supports", "What speaks for it", "the strongest points for the company, over all frameworks"),
    cell("risks", "What speaks against it", "the strongest points against it"),
    cell("watch", "What to watch", "what would change this view, and what is not known"),
];

impl FrameworkKind {
    /// All of them, in their order.
    pub const ALL: [Self; 6] =
        [Self::Porter, Self::Swot, Self::Pestel, Self::BlueOcean, Self::Bcg, Self::Ansoff];

    /// Its name, as it is written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Porter => "porter",
            Self::Swot => "swot",
            Self::Pestel => "pestel",
            Self::BlueOcean => "blue-ocean",
            Self::Bcg => "bcg",
            Self::Ansoff => "ansoff",
        }
    }

    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Porter => "Porter's five forces",
            Self::Swot => "SWOT",
            Self::Pestel => "PESTEL",
            Self::BlueOcean => "Blue Ocean: four actions",
            Self::Bcg => "BCG growth-share matrix",
            Self::Ansoff => "Ansoff matrix",
        }
    }

    /// Its cells.
    #[must_use]
    pub const fn cells(self) -> &'static [CellKind] {
        match self {
            Self::Porter => PORTER,
            Self::Swot => SWOT,
            Self::Pestel => PESTEL,
            Self::BlueOcean => BLUE_OCEAN,
            Self::Bcg => BCG,
            Self::Ansoff => ANSOFF,
        }
    }
}

impl fmt::Display for FrameworkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for FrameworkKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl FromStr for FrameworkKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::bad_request(format!("use the framework {name:?}: there are {names}"))
        })
    }
}

/// Who wrote something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Writer {
    /// A model.
    Model,
    /// Rules over the figures.
    Rules,
}

/// Something that is said, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Point {
    /// What is said. A model's words are text from outside.
    pub text: String,
    /// The evidence and the figures that it cites and that are there.
    pub cites: Vec<EvidenceId>,
    /// What it cites and what is not there.
    pub unknown_cites: Vec<EvidenceId>,
    /// Whether it cites anything that is there; else it is a claim and no more.
    pub is_supported: bool,
}

impl Point {
    /// What rests on these.
    pub(super) fn resting_on(text: String, cites: Vec<EvidenceId>) -> Self {
        let is_supported = !cites.is_empty();
        Self { text, cites, unknown_cites: Vec::new(), is_supported }
    }
}

/// A cell that is filled, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cell {
    /// Its name in files.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What stands in it; nothing, if nothing is to be said.
    pub points: Vec<Point>,
    /// Why nobody could say anything.
    pub missing: Option<Shortfall>,
}

/// The calls of a model that something took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallNote {
    /// The model.
    pub model: String,
    /// The hash of all that it was asked first.
    pub prompt_hash: String,
    /// How often it was asked: twice where its first answer could not be read.
    pub calls: u32,
    /// Tokens of the prompts.
    pub input_tokens: u64,
    /// Tokens of the answers.
    pub output_tokens: u64,
    /// What these tokens cost by the price list, whether they were paid now or answered from a cache; `None`: there is no price,
    /// as of a model on a machine of one's own. What was paid is in the run's record.
    #[cfg_attr(feature = "schema", schemars(with = "Option<assize_debate::schema::Usd>"))]
    pub cost: Option<Usd>,
}

/// A framework that is filled in, or why it is not; the synthesis has the same form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Framework {
    /// Its name.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// How much of it is there.
    pub status: Status,
    /// Who wrote it, if anybody did.
    pub writer: Option<Writer>,
    /// What it comes to, in a few sentences.
    pub summary: Option<String>,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// What is missing of it.
    pub shortfalls: Vec<Shortfall>,
    /// What it took, if a model was asked.
    pub call: Option<CallNote>,
}

impl Framework {
    /// What these cells say, with what is missing.
    pub(super) fn written(
        (name, title): (&'static str, &'static str),
        writer: Writer,
        summary: Option<String>,
        cells: Vec<Cell>,
        mut shortfalls: Vec<Shortfall>,
    ) -> Self {
        shortfalls.extend(cells.iter().filter_map(|cell| cell.missing.clone()));
        let status = match (shortfalls.is_empty(), cells.iter().all(|cell| cell.missing.is_some())) {
            (_, true) => Status::Missing,
            (true, false) => Status::Full,
            (false, false) => Status::Degraded,
        };
        Self { name, title, status, writer: Some(writer), summary, cells, shortfalls, call: None }
    }

    /// Nothing, because of this.
    pub(super) fn missing((name, title): (&'static str, &'static str), shortfalls: Vec<Shortfall>) -> Self {
        let cells = Vec::new();
        Self {
            name,
            title,
            status: Status::Missing,
            writer: None,
            summary: None,
            cells,
            shortfalls,
            call: None,
        }
    }

    /// All that is said in it.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        self.cells.iter().flat_map(|cell| &cell.points)
    }
}

/// A shortfall of a framework, of whatever name.
pub(super) fn shortfall(part: Part, name: &str, kind: ShortfallKind, detail: &str) -> Shortfall {
    Shortfall::new(part, kind, format!("{name}: {detail}"))
}
