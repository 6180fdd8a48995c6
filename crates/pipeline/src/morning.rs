//! The morning brief: each ticker through its stages, several at once.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use assize_altdata::{AsOf, Fetcher, Ticker, TickerFetch};
use assize_ambient::{Clock, Seed};
use assize_debate::{Conclusion, Debater, MAX_ROUNDS, Rule, Seat};
use assize_metering::Usd;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    Brief, Course, Error, FetchNote, Part, Progress, RunRecord, Shortfall, ShortfallKind, Status, Step,
    TickerBrief, Trace, TurnSpan,
    brief::FORMAT_VERSION,
    progress::Reporter,
    run_record::TickerRun,
    stages::{DebateStage, DecisionStage, EvidenceStage, PriceStage},
};

/// More tickers than this in one brief are refused.
pub const MAX_TICKERS: usize = 1_000;
/// A deadline that never comes: ten years.
const NO_DEADLINE: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// The debates must be over after this share of the time: what they come to must still be written down.
const DEBATES_SHARE: f64 = 0.98;

/// Who argues: each debater with its seat.
pub type Panel = Vec<(Seat, Arc<dyn Debater>)>;

/// What a brief is asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BriefRequest {
    /// The tickers; each is looked at once.
    pub tickers: Vec<Ticker>,
    /// By when everything must have been known.
    pub as_of: AsOf,
    /// How far to look ahead, in sessions; 1 to 252.
    pub horizon_sessions: u32,
    /// The most rounds of a debate, the blind first one included; at least 1.
    pub rounds: u32,
    /// The rule of decision.
    pub rule: Rule,
    /// The most that all calls of models may cost; each ticker has an equal share of it.
    pub budget: Option<Usd>,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// What to leave out.
    pub without: BTreeSet<Part>,
    /// How many tickers are worked on at once, at least 1.
    pub concurrency: usize,
    /// Where chance starts.
    pub seed: Seed,
}

impl BriefRequest {
    /// A brief of these tickers by the defaults: 20 sessions ahead, at most three rounds, a linear pool, five at once.
    pub fn new(tickers: impl IntoIterator<Item = Ticker>, as_of: AsOf) -> Self {
        let mut seen = BTreeSet::new();
        Self {
            tickers: tickers.into_iter().filter(|ticker| seen.insert(ticker.clone())).collect(),
            as_of,
            horizon_sessions: 20,
            rounds: 3,
            rule: Rule::default(),
            budget: None,
            deadline: None,
            without: BTreeSet::new(),
            concurrency: 5,
            seed: Seed::new(0),
        }
    }

    fn check(&self, clock: &dyn Clock) -> Result<(), Error> {
        let bad = |message: String| Err(Error::bad_request(format!("make the brief: {message}")));
        if !(1..=MAX_TICKERS).contains(&self.tickers.len()) {
            return bad(format!("it needs 1 to {MAX_TICKERS} tickers, not {}", self.tickers.len()));
        }
        let now = clock.now();
        // The end of today is not a future date, although it is a future moment.
        if self.as_of.date() > AsOf::at(now).date() {
            return bad(format!("the as-of date {} lies in the future (now is {now})", self.as_of));
        }
        if !(1..=252).contains(&self.horizon_sessions) {
            return bad(format!("it can look 1 to 252 sessions ahead, not {}", self.horizon_sessions));
        }
        if !(1..=MAX_ROUNDS).contains(&self.rounds) {
            return bad(format!("a debate has 1 to {MAX_ROUNDS} rounds, not {}", self.rounds));
        }
        if self.budget.is_some_and(|budget| budget < Usd::ZERO) {
            return bad("its budget must not be negative".to_owned());
        }
        if self.concurrency == 0 {
            return bad("at least one ticker must be worked on at once".to_owned());
        }
        Ok(())
    }
}

/// Makes morning briefs.
#[derive(Debug, Clone)]
pub struct MorningBrief {
    fetcher: Arc<Fetcher>,
    panel: Arc<Panel>,
    clock: Arc<dyn Clock>,
    reporter: Reporter,
}

impl MorningBrief {
    /// Briefs from what `fetcher` finds, argued by `panel`; `clock` says what lies in the future.
    #[must_use]
    pub fn new(fetcher: Fetcher, panel: Panel, clock: Arc<dyn Clock>) -> Self {
        Self { fetcher: Arc::new(fetcher), panel: Arc::new(panel), clock, reporter: Reporter::default() }
    }

    /// The same, telling its progress.
    #[must_use]
    pub fn telling(mut self, tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.reporter = Reporter::new(tell);
        self
    }

    /// Makes a brief. What goes wrong with a ticker is part of the brief.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for a request that makes no sense: no ticker, an as-of date
    /// in the future, no round, a negative budget.
    pub async fn run(&self, request: &BriefRequest) -> Result<(Brief, RunRecord), Error> {
        request.check(&*self.clock)?;
        let started_at = self.clock.now();
        let began = Instant::now();
        let known_by = request.as_of.not_after(started_at);
        let stages = Stages::new(self, request, known_by, began);
        let course = Course::begin().reporting(self.reporter.clone());
        let (briefs, runs): (Vec<TickerBrief>, Vec<TickerRun>) = stream::iter(&request.tickers)
            .map(|ticker| stages.lead(ticker, &course))
            .buffered(request.concurrency)
            .unzip()
            .await;
        let cost = briefs.iter().filter_map(|brief| brief.verdict.as_ref()).map(|verdict| verdict.cost);
        let brief = Brief {
            format_version: FORMAT_VERSION,
            as_of: request.as_of,
            horizon_sessions: request.horizon_sessions,
            rule: request.rule,
            rounds: stages.debate.stage().rounds,
            without: request.without.iter().copied().collect(),
            cost: Usd::checked_sum(cost).unwrap_or(Usd::MAX),
            tickers: briefs,
        };
        Ok((brief, RunRecord { started_at, elapsed: began.elapsed(), tickers: runs }))
    }
}

/// The stages of one run.
struct Stages {
    prices: Step<PriceStage>,
    evidence: Step<EvidenceStage>,
    debate: Step<DebateStage>,
    decision: Step<DecisionStage>,
    left_out: Vec<Shortfall>,
}

impl Stages {
    fn new(brief: &MorningBrief, request: &BriefRequest, known_by: AsOf, began: Instant) -> Self {
        let deadline = began + request.deadline.unwrap_or(NO_DEADLINE).min(NO_DEADLINE);
        let votes_only = request.without.contains(&Part::Debate);
        let share = |budget: Usd| Usd::from_picodollars(budget.picodollars() / request.tickers.len() as i128);
        Self {
            prices: Step::new(PriceStage { fetcher: Arc::clone(&brief.fetcher), as_of: known_by, deadline }),
            evidence: Step::new(EvidenceStage { as_of: known_by }),
            debate: Step::new(DebateStage {
                panel: Arc::clone(&brief.panel),
                as_of: request.as_of,
                horizon: request.horizon_sessions,
                rounds: if votes_only { 1 } else { request.rounds },
                rule: request.rule,
                budget: request.budget.map(share),
                seed: request.seed,
                deadline: request.deadline.map(|time| began + time.min(NO_DEADLINE).mul_f64(DEBATES_SHARE)),
            }),
            decision: Step::new(DecisionStage { horizon: request.horizon_sessions }),
            left_out: request.without.iter().map(|&part| left_out(part)).collect(),
        }
    }

    async fn lead(&self, ticker: &Ticker, course: &Course) -> (TickerBrief, TickerRun) {
        let trace = course.trace(ticker);
        self.left_out.iter().for_each(|shortfall| trace.lack(shortfall.clone()));
        let mut run = TickerRun {
            ticker: ticker.clone(),
            stages: Vec::new(),
            turns: Vec::new(),
            fetch: FetchNote::default(),
            findings: Vec::new(),
        };
        let brief = self.stages_of(&trace, &mut run).await;
        let mut brief = brief.unwrap_or_else(|| nothing(ticker));
        brief.shortfalls = trace.shortfalls();
        brief.status = match (&brief.decision, brief.shortfalls.is_empty()) {
            (None, _) => Status::Missing,
            (Some(_), false) => Status::Degraded,
            (Some(_), true) => Status::Full,
        };
        run.stages = trace.spans();
        (brief, run)
    }

    async fn stages_of(&self, trace: &Trace<'_>, run: &mut TickerRun) -> Option<TickerBrief> {
        let fetch = trace.run(&self.prices, ()).await?;
        run.fetch = fetch_note(&fetch);
        run.findings = fetch.findings.iter().chain(&fetch.undated).map(ToString::to_string).collect();
        let dossier = trace.run(&self.evidence, fetch).await?;
        let argued = trace.run(&self.debate, dossier).await?;
        run.turns =
            argued.conclusion.as_ref().map(|conclusion| self.turn_spans(conclusion)).unwrap_or_default();
        let stale = trace.shortfalls().iter().any(|shortfall| shortfall.kind == ShortfallKind::Stale);
        trace.run(&self.decision, (argued, stale)).await
    }

    fn turn_spans(&self, conclusion: &Conclusion) -> Vec<TurnSpan> {
        let name = |seat: usize| {
            self.debate.stage().panel.get(seat).map(|(seat, _)| seat.name.clone()).unwrap_or_default()
        };
        let turns = conclusion.timing.turns.iter();
        turns
            .map(|turn| TurnSpan {
                round: turn.round,
                name: name(turn.seat.get()),
                asked: turn.asked,
                answered: turn.answered,
            })
            .collect()
    }
}

fn left_out(part: Part) -> Shortfall {
    let detail = match part {
        Part::Debate => "left out on request: the panel votes once and does not debate".to_owned(),
        _ => format!("{part} are left out on request"),
    };
    Shortfall::new(part, ShortfallKind::LeftOut, detail)
}

fn fetch_note(fetch: &TickerFetch) -> FetchNote {
    FetchNote {
        requests: fetch.requests,
        items: fetch.items.len(),
        removed: fetch.removed,
        removed_findings: fetch.removed_findings,
    }
}

fn nothing(ticker: &Ticker) -> TickerBrief {
    TickerBrief {
        ticker: ticker.clone(),
        status: Status::Missing,
        decision: None,
        verdict: None,
        newest_bar: None,
        bars: 0,
        cited: Vec::new(),
        closes: Vec::new(),
        shortfalls: Vec::new(),
        findings: Vec::new(),
    }
}
