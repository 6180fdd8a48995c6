//! The stages of a company's analysis.

use std::{sync::Arc, time::Duration};

use assize_altdata::{
    AsOf, FetchPolicy, Fetcher, Gap, GapReason, Identity, Item, ItemKind, PriceSeries, SourceKind, Ticker,
    TickerFetch,
};
use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    AnalysisModel, Financial, Framework, FrameworkKind, Known, Market, Research,
    asking::{Asked, Asking, CallLog},
    digest::Digest,
    financial,
    framework::{Writer, shortfall},
    market, offline, prompt,
    prompt::Form,
    research,
};
use crate::{Availability, FetchNote, FindingNote, Part, Shortfall, ShortfallKind, Stage, Status};

/// What one stage asks for: sources of some kinds, until some moment.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) fetcher: Arc<Fetcher>,
    pub(super) as_of: AsOf,
    pub(super) end: Option<Instant>,
    /// The longest that a fetch may take.
    pub(super) longest: Duration,
}

impl Reading {
    /// What the sources of these kinds say of a ticker.
    async fn fetch(
        &self,
        ticker: &Ticker,
        card: Option<&Identity>,
        kinds: &[SourceKind],
    ) -> Option<TickerFetch> {
        let mut fetcher =
            Fetcher::clone(&self.fetcher).asking_only(|source| kinds.contains(&source.meta().kind));
        if let Some(card) = card {
            fetcher = fetcher.with_identities([card.clone()]);
        }
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        let time = left.map_or(self.longest, |left| left.min(self.longest));
        let fetched =
            fetcher.fetch(std::slice::from_ref(ticker), self.as_of, FetchPolicy::within(time)).await;
        fetched.by_ticker.into_iter().next()
    }
}

/// What a stage fetched, and what it found in it.
#[derive(Debug)]
pub(super) struct Gathered<T> {
    pub(super) found: Option<T>,
    pub(super) shortfalls: Vec<Shortfall>,
    pub(super) items: Vec<Item>,
    pub(super) note: FetchNote,
    pub(super) findings: Vec<FindingNote>,
    /// The same for the record, with line numbers.
    pub(super) noted: Vec<String>,
}

impl<T> Gathered<T> {
    fn nothing(part: Part) -> Self {
        let lack = Shortfall::new(part, ShortfallKind::Failed, "the fetch says nothing about this ticker");
        Self {
            found: None,
            shortfalls: vec![lack],
            items: Vec::new(),
            note: FetchNote::default(),
            findings: Vec::new(),
            noted: Vec::new(),
        }
    }

    fn of(
        part: Part,
        fetch: TickerFetch,
        (found, mut lacks): (Option<T>, Vec<Shortfall>),
    ) -> Availability<Self> {
        let mut shortfalls: Vec<Shortfall> = fetch.gaps.iter().map(|gap| lacking(part, gap)).collect();
        shortfalls.append(&mut lacks);
        let gathered = Self {
            found,
            shortfalls: shortfalls.clone(),
            note: FetchNote {
                requests: fetch.requests,
                items: fetch.items.len(),
                removed: fetch.removed,
                removed_findings: fetch.removed_findings,
            },
            findings: fetch.findings.iter().map(FindingNote::from).collect(),
            noted: fetch.findings.iter().chain(&fetch.undated).map(ToString::to_string).collect(),
            items: fetch.items,
        };
        Availability::of(gathered, shortfalls)
    }
}

fn lacking(part: Part, gap: &Gap) -> Shortfall {
    let kind = match gap.reason {
        GapReason::NoSource | GapReason::KeyMissing => ShortfallKind::NotAsked,
        GapReason::NoSuchTicker | GapReason::NotFound | GapReason::Ambiguous => ShortfallKind::Unknown,
        GapReason::Empty | GapReason::DoubtfulEmpty | GapReason::NothingYet => ShortfallKind::TooLittle,
        GapReason::Stale => ShortfallKind::Stale,
        GapReason::TimedOut => ShortfallKind::Deadline,
        GapReason::Failed | GapReason::Throttled(_) | GapReason::Blocked => ShortfallKind::Outside,
        _ => ShortfallKind::Unreadable,
    };
    let source = gap.source.as_ref().map(|source| format!("{source}: ")).unwrap_or_default();
    Shortfall::new(part, kind, format!("{source}{}", gap.detail))
}

/// Finds out which company is meant.
#[derive(Debug)]
pub(super) struct CompanyStage {
    pub(super) reading: Reading,
}

#[async_trait]
impl Stage for CompanyStage {
    type Input = ();
    type Output = Identity;

    fn name(&self) -> &'static str {
        "company"
    }

    fn part(&self) -> Part {
        Part::Company
    }

    async fn run(&self, ticker: &Ticker, (): ()) -> Availability<Identity> {
        let Some(fetch) = self.reading.fetch(ticker, None, &[SourceKind::Identity]).await else {
            let lack = Shortfall::new(Part::Company, ShortfallKind::Failed, "the fetch says nothing");
            return Availability::missing(lack);
        };
        let card = fetch.items.iter().find_map(|item| match &item.kind {
            ItemKind::Identity(card) => Some(card.clone()),
            _ => None,
        });
        let shortfalls = fetch.gaps.iter().map(|gap| lacking(Part::Company, gap)).collect();
        match card {
            Some(card) => Availability::of(card, shortfalls),
            None => Availability::Missing(shortfalls),
        }
    }
}

/// Finds out what the company is, and what is said of it.
#[derive(Debug)]
pub(super) struct ResearchStage {
    pub(super) reading: Reading,
}

#[async_trait]
impl Stage for ResearchStage {
    type Input = Option<Identity>;
    type Output = Gathered<Research>;

    fn name(&self) -> &'static str {
        "research"
    }

    fn part(&self) -> Part {
        Part::Research
    }

    async fn run(&self, ticker: &Ticker, card: Option<Identity>) -> Availability<Gathered<Research>> {
        const KINDS: [SourceKind; 6] = [
            SourceKind::Filings,
            SourceKind::Insiders,
            SourceKind::News,
            SourceKind::Social,
            SourceKind::Video,
            SourceKind::Attention,
        ];
        let Some(fetch) = self.reading.fetch(ticker, card.as_ref(), &KINDS).await else {
            return Availability::Full(Gathered::nothing(Part::Research));
        };
        let read = research::read(&fetch.items, card.as_ref(), &self.reading.as_of);
        Gathered::of(Part::Research, fetch, read)
    }
}

/// Finds out what the market makes of it.
#[derive(Debug)]
pub(super) struct MarketStage {
    pub(super) reading: Reading,
    pub(super) benchmark: Option<Ticker>,
}

#[async_trait]
impl Stage for MarketStage {
    type Input = Option<Identity>;
    type Output = Gathered<Market>;

    fn name(&self) -> &'static str {
        "market"
    }

    fn part(&self) -> Part {
        Part::Market
    }

    async fn run(&self, ticker: &Ticker, card: Option<Identity>) -> Availability<Gathered<Market>> {
        const KINDS: [SourceKind; 4] =
            [SourceKind::Prices, SourceKind::Options, SourceKind::ShortVolume, SourceKind::Macro];
        let reading = &self.reading;
        let other = async {
            let benchmark = self.benchmark.as_ref()?;
            Some((benchmark, reading.fetch(benchmark, None, &[SourceKind::Prices]).await?))
        };
        let (own, other) = tokio::join!(reading.fetch(ticker, card.as_ref(), &KINDS), other);
        let Some(mut fetch) = own else {
            return Availability::Full(Gathered::nothing(Part::Market));
        };
        let benchmark = other.as_ref().map(|(ticker, fetch)| (*ticker, fetch.items.as_slice()));
        let read = market::read(&fetch.items, benchmark, &reading.as_of);
        let series = PriceSeries::build(&fetch.items, &reading.as_of);
        fetch.findings.extend(series.findings().iter().cloned());
        if let Some((_, other)) = other {
            fetch.requests += other.requests;
            fetch.items.extend(other.items);
            fetch.gaps.extend(other.gaps);
        }
        Gathered::of(Part::Market, fetch, read)
    }
}

/// Finds out what its statements say.
#[derive(Debug)]
pub(super) struct FinancialStage {
    pub(super) reading: Reading,
}

#[async_trait]
impl Stage for FinancialStage {
    type Input = Option<Identity>;
    type Output = Gathered<Financial>;

    fn name(&self) -> &'static str {
        "financial"
    }

    fn part(&self) -> Part {
        Part::Financial
    }

    async fn run(&self, ticker: &Ticker, card: Option<Identity>) -> Availability<Gathered<Financial>> {
        let Some(fetch) = self.reading.fetch(ticker, card.as_ref(), &[SourceKind::Facts]).await else {
            return Availability::Full(Gathered::nothing(Part::Financial));
        };
        let read = financial::read(&fetch.items, &self.reading.as_of);
        Gathered::of(Part::Financial, fetch, read)
    }
}

/// What frameworks and the synthesis are written from, and with.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) model: Option<AnalysisModel>,
    pub(super) known: Arc<Known>,
    pub(super) digest: Arc<Digest>,
    pub(super) end: Option<Instant>,
    pub(super) log: CallLog,
}

impl Desk {
    /// What the model makes of a form; `None` without a model. Where nothing is known it is not asked: it could but make things up.
    async fn ask(&self, form: &Form, part: Part, prompt: &prompt::Prompt) -> Option<Asked> {
        let model = self.model.as_ref()?;
        if self.digest.is_empty() {
            let why =
                "nothing is known of the company that it could be written from: the model was not asked";
            let lack = shortfall(part, form.name, ShortfallKind::TooLittle, why);
            return Some(Asked { written: Err(lack), call: None });
        }
        let known = &self.digest.known;
        let asking = Asking { model, form, part, known, end: self.end, log: &self.log };
        Some(asking.ask(prompt).await)
    }
}

/// Fills in a framework: by a model where there is one, else by rules as far as they can.
#[derive(Debug)]
pub(super) struct FrameworkStage {
    pub(super) desk: Desk,
    pub(super) kind: FrameworkKind,
}

#[async_trait]
impl Stage for FrameworkStage {
    type Input = ();
    type Output = Framework;

    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn part(&self) -> Part {
        Part::Framework
    }

    async fn run(&self, _: &Ticker, (): ()) -> Availability<Framework> {
        let form = Form::of(self.kind);
        let prompt = prompt::framework(&self.desk.digest, &form);
        let framework = match self.desk.ask(&form, Part::Framework, &prompt).await {
            None => offline::framework(self.kind, &self.desk.known),
            Some(Asked { written, call }) => {
                let framework = match written {
                    Ok(written) => {
                        let summary = Some(written.summary);
                        Framework::written(form.naming(), Writer::Model, summary, written.cells, Vec::new())
                    }
                    Err(lack) => without_the_model(self.kind, &self.desk.known, lack),
                };
                Framework { call, ..framework }
            }
        };
        available(framework)
    }
}

/// The framework as far as rules can fill it in, where the model was meant to.
pub(super) fn without_the_model(kind: FrameworkKind, known: &Known, lack: Shortfall) -> Framework {
    let mut framework = offline::framework(kind, known);
    if framework.writer.is_none() {
        // That it needs a model is known; that it had one and why that was of no use is the news.
        framework.shortfalls.clear();
    } else if framework.status == Status::Full {
        framework.status = Status::Degraded;
    }
    framework.shortfalls.insert(0, lack);
    framework
}

/// Says what everything comes to.
#[derive(Debug)]
pub(super) struct SynthesisStage {
    pub(super) desk: Desk,
}

#[async_trait]
impl Stage for SynthesisStage {
    type Input = Arc<Vec<Framework>>;
    type Output = Framework;

    fn name(&self) -> &'static str {
        Form::SYNTHESIS.name
    }

    fn part(&self) -> Part {
        Part::Synthesis
    }

    async fn run(&self, _: &Ticker, frameworks: Arc<Vec<Framework>>) -> Availability<Framework> {
        let prompt = prompt::synthesis(&self.desk.digest, &frameworks);
        let asked = self.desk.ask(&Form::SYNTHESIS, Part::Synthesis, &prompt).await;
        let synthesis = match asked {
            None => offline::summary(&self.desk.known, &frameworks, Vec::new()),
            Some(Asked { written, call }) => {
                let synthesis = match written {
                    Ok(written) => {
                        let naming = Form::SYNTHESIS.naming();
                        let summary = Some(written.summary);
                        Framework::written(naming, Writer::Model, summary, written.cells, Vec::new())
                    }
                    Err(lack) => offline::summary(&self.desk.known, &frameworks, vec![lack]),
                };
                Framework { call, ..synthesis }
            }
        };
        available(synthesis)
    }
}

fn available(framework: Framework) -> Availability<Framework> {
    let shortfalls = framework.shortfalls.clone();
    Availability::of(framework, shortfalls)
}

/// What is said where the whole run was cut off.
pub(super) fn cut_off(part: Part, name: &str) -> Shortfall {
    shortfall(part, name, ShortfallKind::Deadline, "the deadline came first")
}
