//! How an analysis is made: which stages, in which order, and how many at once.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use assize_altdata::{AsOf, Fetcher, Identity, Ticker};
use assize_ambient::Clock;
use assize_metering::Usd;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{
    Analysis, AnalysisModel, AnalysisRecord, Found, Framework, FrameworkKind, Known, Writer,
    asking::CallLog,
    digest::Digest,
    exhibit, financial, market, offline,
    result::ANALYSIS_FORMAT_VERSION,
    stages::{
        CompanyStage, Desk, FinancialStage, FrameworkStage, Gathered, MarketStage, Reading, ResearchStage,
        SynthesisStage, cut_off, without_the_model,
    },
};
use crate::{
    Course, Error, FindingNote, Part, Progress, Shortfall, StageSpan, Status, Step, Trace, progress::Reporter,
};

/// So many stages work at once unless told otherwise.
pub const MAX_AT_ONCE: usize = 5;
/// A fetch takes no longer, however much time there is.
const LONGEST_FETCH: Duration = Duration::from_secs(60);
/// Where there is a deadline: the share of it after which nothing is fetched any more, with a model and without one; and that after
/// which no framework is waited for.
const FETCH_SHARE: f64 = 0.5;
const FETCH_SHARE_ALONE: f64 = 0.9;
const FRAMEWORK_SHARE: f64 = 0.8;

/// What an analysis is asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AnalysisRequest {
    /// The company's ticker.
    pub ticker: Ticker,
    /// Which company that is, where it is known better than the sources do.
    pub identity: Option<Identity>,
    /// By when everything must have been known.
    pub as_of: AsOf,
    /// The frameworks, each once.
    pub frameworks: Vec<FrameworkKind>,
    /// What beta is measured against.
    pub benchmark: Option<Ticker>,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// How many stages work at once, at least 1.
    pub at_once: usize,
}

impl AnalysisRequest {
    /// An analysis of this company in all frameworks, five stages at once, without a deadline.
    #[must_use]
    pub fn new(ticker: Ticker, as_of: AsOf) -> Self {
        Self {
            ticker,
            identity: None,
            as_of,
            frameworks: FrameworkKind::ALL.to_vec(),
            benchmark: None,
            deadline: None,
            at_once: MAX_AT_ONCE,
        }
    }

    fn check(&self, clock: &dyn Clock) -> Result<(), Error> {
        let bad = |message: String| Err(Error::bad_request(format!("analyse {}: {message}", self.ticker)));
        let now = clock.now();
        if self.as_of.date() > AsOf::at(now).date() {
            return bad(format!("the as-of date {} lies in the future (now is {now})", self.as_of));
        }
        if self.frameworks.iter().collect::<BTreeSet<_>>().len() != self.frameworks.len() {
            return bad("each framework is filled in once".to_owned());
        }
        if self.at_once == 0 {
            return bad("at least one stage must work at once".to_owned());
        }
        if self.benchmark.as_ref() == Some(&self.ticker) {
            return bad("it cannot be its own benchmark".to_owned());
        }
        Ok(())
    }
}

/// Makes analyses of companies.
#[derive(Debug, Clone)]
pub struct CompanyAnalysis {
    fetcher: Arc<Fetcher>,
    model: Option<AnalysisModel>,
    clock: Arc<dyn Clock>,
    reporter: Reporter,
}

impl CompanyAnalysis {
    /// Analyses from what `fetcher` finds, written by `model`, or by rules where there is none; `clock` says what lies in the
    /// future.
    #[must_use]
    pub fn new(fetcher: Fetcher, model: Option<AnalysisModel>, clock: Arc<dyn Clock>) -> Self {
        Self { fetcher: Arc::new(fetcher), model, clock, reporter: Reporter::default() }
    }

    /// The same, telling its progress.
    #[must_use]
    pub fn telling(mut self, tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.reporter = Reporter::new(tell);
        self
    }

    /// Makes an analysis. What goes wrong is part of it.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for a request that makes no sense: an as-of date in the future, a framework
    /// twice, nothing at once, the company as its own benchmark.
    pub async fn run(&self, request: &AnalysisRequest) -> Result<(Analysis, AnalysisRecord), Error> {
        request.check(&*self.clock)?;
        let started_at = self.clock.now();
        let began = Instant::now();
        let mut course = Course::begin().with_places(request.at_once).reporting(self.reporter.clone());
        if let Some(deadline) = request.deadline {
            course = course.within(deadline);
        }
        let trace = course.trace(&request.ticker);
        let run = Run { analysis: self, request, began, as_of: request.as_of.not_after(started_at) };
        let gathered = run.gather(&trace).await;
        let log = CallLog::since(began);
        let known = Arc::new(gathered.known);
        let items = &gathered.items;
        let exhibits = exhibit::cited(items, &known.cites());
        let digest = Digest::of(request.ticker.as_str(), &request.as_of.to_string(), &known, &exhibits);
        let desk = Desk {
            model: self.model.clone(),
            known: Arc::clone(&known),
            digest: Arc::new(digest),
            end: run.share(FRAMEWORK_SHARE),
            log: log.clone(),
        };
        let frameworks = run.frameworks(&trace, &desk).await;
        let synthesis = run.synthesis(&trace, desk, &frameworks, course.soft_end()).await;
        let mut cites = known.cites();
        cites.extend(
            frameworks
                .iter()
                .chain([&synthesis])
                .flat_map(Framework::points)
                .flat_map(|point| point.cites.clone()),
        );
        let written = || {
            frameworks.iter().chain([&synthesis]).filter(|framework| framework.writer == Some(Writer::Model))
        };
        let points = || written().flat_map(Framework::points);
        let costs =
            frameworks.iter().chain([&synthesis]).filter_map(|framework| framework.call.as_ref()?.cost);
        let stages = stages(trace.spans(), &frameworks, &synthesis);
        let analysis = Analysis {
            format_version: ANALYSIS_FORMAT_VERSION,
            ticker: request.ticker.clone(),
            as_of: request.as_of,
            model: self.model.as_ref().map(|model| model.name().to_owned()),
            exhibits: exhibit::cited(items, &cites),
            findings: gathered.findings,
            cost: Usd::checked_sum(costs).unwrap_or(Usd::MAX),
            supported_points: points().filter(|point| point.is_supported).count(),
            model_points: points().count(),
            known: Known::clone(&known),
            frameworks,
            synthesis,
        };
        let record = AnalysisRecord {
            ticker: request.ticker.clone(),
            started_at,
            elapsed: began.elapsed(),
            stages,
            calls: log.calls(),
            fetches: gathered.fetches,
            findings: gathered.noted,
        };
        Ok((analysis, record))
    }
}

/// How much the stages gave: a framework that nobody could fill in was run all the same.
fn stages(mut spans: Vec<StageSpan>, frameworks: &[Framework], synthesis: &Framework) -> Vec<StageSpan> {
    for span in &mut spans {
        if let Some(framework) = frameworks.iter().chain([synthesis]).find(|one| one.name == span.stage) {
            span.status = framework.status;
        }
    }
    spans
}

/// One run.
struct Run<'a> {
    analysis: &'a CompanyAnalysis,
    request: &'a AnalysisRequest,
    began: Instant,
    as_of: AsOf,
}

/// What all fetches brought.
struct Brought {
    known: Known,
    items: Vec<assize_altdata::Item>,
    findings: Vec<FindingNote>,
    noted: Vec<String>,
    fetches: Vec<(&'static str, crate::FetchNote)>,
}

impl Brought {
    fn take<T>(
        &mut self,
        stage: &'static str,
        part: Part,
        gathered: Option<Gathered<T>>,
    ) -> (Option<T>, Vec<Shortfall>) {
        match gathered {
            None => (None, vec![cut_off(part, stage)]),
            Some(gathered) => {
                self.items.extend(gathered.items);
                self.findings.extend(gathered.findings);
                self.noted.extend(gathered.noted);
                self.fetches.push((stage, gathered.note));
                (gathered.found, gathered.shortfalls)
            }
        }
    }
}

impl Run<'_> {
    /// When this share of the time is over.
    fn share(&self, share: f64) -> Option<Instant> {
        self.request.deadline.and_then(|time| self.began.checked_add(time.mul_f64(share)))
    }

    fn reading(&self) -> Reading {
        let share = if self.analysis.model.is_some() { FETCH_SHARE } else { FETCH_SHARE_ALONE };
        Reading {
            fetcher: Arc::clone(&self.analysis.fetcher),
            as_of: self.as_of,
            end: self.share(share),
            longest: LONGEST_FETCH,
        }
    }

    /// Which company it is, and then research ∥ market ∥ financial.
    async fn gather(&self, trace: &Trace<'_>) -> Brought {
        let company = Step::working(CompanyStage { reading: self.reading() });
        let card = match &self.request.identity {
            Some(card) => Some(card.clone()),
            None => trace.run(&company, ()).await,
        };
        let of_company = trace.shortfalls();
        let research = Step::working(ResearchStage { reading: self.reading() });
        let market =
            Step::working(MarketStage { reading: self.reading(), benchmark: self.request.benchmark.clone() });
        let financial = Step::working(FinancialStage { reading: self.reading() });
        let (research, market, financial) = tokio::join!(
            trace.run(&research, card.clone()),
            trace.run(&market, card.clone()),
            trace.run(&financial, card.clone()),
        );
        let mut brought = Brought {
            known: Known { research: nothing_of(), market: nothing_of(), financial: nothing_of() },
            items: Vec::new(),
            findings: Vec::new(),
            noted: Vec::new(),
            fetches: Vec::new(),
        };
        let (found, lacks) = brought.take("research", Part::Research, research);
        brought.known.research = Found::of(found, [of_company, lacks].concat());
        let close = market.as_ref().and_then(|gathered| market::last_close(&gathered.items, &self.as_of));
        let (found, lacks) = brought.take("market", Part::Market, market);
        brought.known.market = Found::of(found, lacks);
        let of_facts = brought.items.len();
        let (mut found, mut lacks) = brought.take("financial", Part::Financial, financial);
        if let Some(found) = &mut found {
            financial::value(found, &brought.items[of_facts..], &self.as_of, close, &mut lacks);
        }
        brought.known.financial = Found::of(found, lacks);
        brought
    }

    /// All frameworks at the same time, as far as there are places.
    async fn frameworks(&self, trace: &Trace<'_>, desk: &Desk) -> Vec<Framework> {
        let step = |kind: &FrameworkKind| {
            let stage = FrameworkStage { desk: desk.clone(), kind: *kind };
            // Rules wait for nobody.
            if desk.model.is_some() { Step::working(stage) } else { Step::new(stage) }
        };
        let steps: Vec<Step<FrameworkStage>> = self.request.frameworks.iter().map(step).collect();
        let outcomes = join_all(steps.iter().map(|step| trace.run(step, ()))).await;
        let or_rules = |(kind, outcome): (&FrameworkKind, Option<Framework>)| {
            outcome.unwrap_or_else(|| {
                without_the_model(*kind, &desk.known, cut_off(Part::Framework, kind.name()))
            })
        };
        self.request.frameworks.iter().zip(outcomes).map(or_rules).collect()
    }

    async fn synthesis(
        &self,
        trace: &Trace<'_>,
        mut desk: Desk,
        frameworks: &[Framework],
        end: Option<Instant>,
    ) -> Framework {
        desk.end = end;
        let known = Arc::clone(&desk.known);
        let stage = SynthesisStage { desk };
        let step = if self.analysis.model.is_some() { Step::working(stage) } else { Step::new(stage) };
        let outcome = trace.run(&step, Arc::new(frameworks.to_vec())).await;
        outcome.unwrap_or_else(|| {
            let mut summary =
                offline::summary(&known, frameworks, vec![cut_off(Part::Synthesis, "synthesis")]);
            summary.status = Status::Degraded;
            summary
        })
    }
}

fn nothing_of<T>() -> Found<T> {
    Found::of(None, Vec::new())
}
