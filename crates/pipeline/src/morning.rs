//! The morning brief: each ticker from its research to its decision, all at once.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicU32},
    time::Duration,
};

use assize_altdata::{AsOf, Fetcher, Past, Ticker, TickerFetch};
use assize_ambient::{Clock, Seed};
use assize_debate::{Conclusion, EvidenceId, MAX_ROUNDS, Rule, Verdict};
use assize_metering::Usd;
use futures_util::future::{OptionFuture, join_all};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    Blindfold, Brief, CitedEvidence, Course, Error, FetchNote, PaperDesk, Part, PartState, Progress,
    RunRecord, Seating, Shortfall, ShortfallKind, StageSpan, Status, Step, TickerBrief, Trace, TurnSpan,
    brief::FORMAT_VERSION,
    desk::{Observed, Outcome, Quotes, Recollection},
    progress::Reporter,
    rival::{Awaited, Herald},
    run_record::TickerRun,
    stages::{DebateStage, DecisionStage, Dossier, EvidenceStage, Found, Held, Research, Supply, Toggling},
    toggle::Toggles,
};

/// More tickers than this in one brief are refused.
pub const MAX_TICKERS: usize = 1_000;
/// A research that never ends: ten years.
const NO_END: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

/// What a ticker's run calls the time in which it waits for prices of others: those of the benchmark, and where records weigh
/// voices, those of all.
const WAITING: &str = "waiting";

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
    /// What each ticker is to return more than: that is the question then. `None`: the benchmark of the desk, where that is a
    /// ticker; and without a desk the question is whether each rises.
    pub benchmark: Option<Ticker>,
    /// The most rounds of a debate, the blind first one included; at least 1.
    pub rounds: u32,
    /// The rule of decision.
    pub rule: Rule,
    /// The most that all calls of models may cost; each ticker has an equal share of it.
    pub budget: Option<Usd>,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// How long the research of it may take; `None`: as long as the run, little though that leaves for the debates.
    pub research: Option<Duration>,
    /// What to leave out: it is not asked for at all.
    pub without: BTreeSet<Part>,
    /// How many tickers are debated at once, at least 1. They are researched all together.
    pub concurrency: usize,
    /// Where chance starts.
    pub seed: Seed,
}

impl BriefRequest {
    /// A brief of these tickers by the defaults: whether each rises, 20 sessions ahead, at most three rounds, a linear pool, five at once.
    pub fn new(tickers: impl IntoIterator<Item = Ticker>, as_of: AsOf) -> Self {
        let mut seen = BTreeSet::new();
        Self {
            tickers: tickers.into_iter().filter(|ticker| seen.insert(ticker.clone())).collect(),
            as_of,
            horizon_sessions: 20,
            benchmark: None,
            rounds: 3,
            rule: Rule::default(),
            budget: None,
            deadline: None,
            research: None,
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
            return bad("at least one ticker must be debated at once".to_owned());
        }
        Ok(())
    }
}

/// Makes morning briefs.
#[derive(Debug, Clone)]
pub struct MorningBrief {
    supply: Supply,
    seating: Arc<dyn Seating>,
    clock: Arc<dyn Clock>,
    reporter: Reporter,
    blindfold: Option<Arc<Blindfold>>,
    toggles: Option<Arc<Toggles>>,
}

impl MorningBrief {
    /// Briefs from what `fetcher` finds, argued by whom `seating` seats, such as a [`Panel`](crate::Panel) or
    /// [`Analysts`](crate::Analysts); `clock` says what lies in the future.
    #[must_use]
    pub fn new(fetcher: Fetcher, seating: impl Seating + 'static, clock: Arc<dyn Clock>) -> Self {
        let supply = Supply::Sites(fetcher);
        Self {
            supply,
            seating: Arc::new(seating),
            clock,
            reporter: Reporter::default(),
            blindfold: None,
            toggles: None,
        }
    }

    /// Briefs from what was fetched before, cut at the moment of each brief. Nobody is asked for data.
    #[must_use]
    pub fn of_past(past: Arc<Past>, seating: impl Seating + 'static, clock: Arc<dyn Clock>) -> Self {
        let supply = Supply::Past(past);
        Self {
            supply,
            seating: Arc::new(seating),
            clock,
            reporter: Reporter::default(),
            blindfold: None,
            toggles: None,
        }
    }

    /// The same, with debaters who are not told which company it is, and when. Models are to be
    /// [blinded](crate::BlindModel) with the same.
    #[must_use]
    pub fn blindfolded(mut self, blindfold: Arc<Blindfold>) -> Self {
        self.blindfold = Some(blindfold);
        self
    }

    /// The same, where it is chosen for each ticker whether its panel debates, votes or is not asked, by what that is likely to
    /// take and what is left of the deadline and of its share of the budget. Panels that ask nobody are not chosen for.
    #[must_use]
    pub fn choosing(mut self, toggles: Arc<Toggles>) -> Self {
        self.toggles = Some(toggles);
        self
    }

    /// The same, telling its progress: that of the fetch, too, in the place of the fetcher's own watcher.
    #[must_use]
    pub fn telling(mut self, tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.reporter = Reporter::new(tell);
        self
    }

    /// Makes a brief: one fetch over all tickers, and the debate of each as soon as its own research is complete. What goes
    /// wrong with a ticker is part of the brief. Dropping the future cancels everything.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for a request that makes no sense: no ticker, an as-of date
    /// in the future, no round, a negative budget.
    pub async fn run(&self, request: &BriefRequest) -> Result<(Brief, RunRecord), Error> {
        self.make(request, None).await
    }

    /// Makes a brief at a desk: its decisions are held against the limits and carried out on paper, and the desk's memory says
    /// what each debater's voice is worth. Where there is something to remember, the debates begin when all prices are
    /// there: who forecast well shows only then.
    ///
    /// Nothing is written before all is decided. Whoever was interrupted makes the same brief again: what was booked is not
    /// booked again.
    ///
    /// # Errors
    /// As [`run`](Self::run); [`ErrorKind::Journal`](crate::ErrorKind::Journal) if a journal of the desk cannot be written: what
    /// was decided is not lost where debates have a journal, and the desk must be opened again;
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the account cannot do what it is asked to.
    pub async fn run_at(
        &self,
        desk: &mut PaperDesk,
        request: &BriefRequest,
    ) -> Result<(Brief, RunRecord), Error> {
        self.make(request, Some(desk)).await
    }

    async fn make(
        &self,
        request: &BriefRequest,
        desk: Option<&mut PaperDesk>,
    ) -> Result<(Brief, RunRecord), Error> {
        request.check(&*self.clock)?;
        let started_at = self.clock.now();
        let known_by = request.as_of.not_after(started_at);
        let began = Instant::now();
        let mut course = Course::begin().reporting(self.reporter.clone()).with_places(request.concurrency);
        if let Some(time) = request.deadline {
            course = course.within(time);
        }
        let own = || desk.as_deref().and_then(PaperDesk::rival);
        let benchmark = request.benchmark.clone().or_else(own);
        let remembered = desk.as_deref().map(|desk| desk.recollection(&request.as_of, benchmark.as_ref()));
        let (awaited, herald) = benchmark.clone().map(Awaited::new).unzip();
        let mut stages = Stages::new(self, request, known_by, &course);
        stages.waits = awaited.is_some() || remembered.as_ref().is_some_and(Recollection::is_of_the_past);
        stages.awaited = awaited;
        let (takers, found): (Vec<_>, Vec<_>) = request.tickers.iter().map(|_| oneshot::channel()).unzip();
        let end = began + request.research.unwrap_or(NO_END).min(NO_END);
        let end = course.soft_end().map_or(end, |soft| soft.min(end));
        let fetch = stages.research.fetch(&request.tickers, end, takers);
        let (found, relay) = if desk.is_none() && benchmark.is_none() {
            (found, None)
        } else {
            let (forward, forwarded): (Vec<_>, Vec<_>) =
                request.tickers.iter().map(|_| oneshot::channel()).unzip();
            let watched = desk.as_deref().map(|desk| desk.watched(&request.tickers, &request.as_of));
            let others = Others {
                watched: watched.unwrap_or_default(),
                rival: benchmark.clone().zip(herald),
                memory: remembered,
            };
            (forwarded, Some(stages.relay(others, (found, forward), &request.tickers, end)))
        };
        let lanes =
            request.tickers.iter().zip(found).map(|(ticker, found)| stages.lead(ticker, found, &course));
        let (record, quotes, lanes) = tokio::join!(fetch, OptionFuture::from(relay), join_all(lanes));
        let (briefs, runs): (Vec<TickerBrief>, Vec<TickerRun>) = lanes.into_iter().unzip();
        let cost = Usd::checked_sum(briefs.iter().map(|brief| brief.cost)).unwrap_or(Usd::MAX);
        let desk = match desk.zip(quotes) {
            Some((desk, quotes)) => {
                let (as_of, horizon) = (request.as_of, request.horizon_sessions);
                let benchmark = benchmark.as_ref();
                let outcome = Outcome { tickers: &briefs, quotes: &quotes, as_of, horizon, benchmark };
                Some(Box::new(desk.settle(outcome).await?))
            }
            None => None,
        };
        let brief = Brief {
            format_version: FORMAT_VERSION,
            as_of: request.as_of,
            horizon_sessions: request.horizon_sessions,
            benchmark: benchmark.clone(),
            rule: request.rule,
            rounds: if stages.debate.stage().votes_only { 1 } else { request.rounds },
            without: request.without.iter().copied().collect(),
            cost,
            tickers: briefs,
            desk,
        };
        let run = RunRecord {
            started_at,
            elapsed: course.elapsed(),
            research: record.elapsed,
            tickers: runs,
            sources: record.health,
            not_asked: record.not_asked,
            toggles: self.toggles.as_ref().map(|toggles| toggles.records()).unwrap_or_default(),
        };
        Ok((brief, run))
    }
}

/// The stages of one run.
struct Stages {
    research: Research,
    evidence: Step<EvidenceStage>,
    debate: Step<DebateStage>,
    decision: Step<DecisionStage>,
    left_out: Vec<Shortfall>,
    /// What all tickers are held against.
    awaited: Option<Awaited>,
    /// Whether tickers wait for others before they are argued about.
    waits: bool,
}

/// What is to be known beside the tickers that are asked about.
struct Others {
    /// Whose prices the desk needs.
    watched: Vec<Ticker>,
    /// What all tickers are held against, and who tells them of it.
    rival: Option<(Ticker, Herald)>,
    /// What the desk remembers, if there is one.
    memory: Option<Recollection>,
}

/// Where tickers come from and where they go to.
type Passing = (Vec<oneshot::Receiver<Found>>, Vec<oneshot::Sender<Found>>);

impl Stages {
    fn new(brief: &MorningBrief, request: &BriefRequest, known_by: AsOf, course: &Course) -> Self {
        let share = |budget: Usd| Usd::from_picodollars(budget.picodollars() / request.tickers.len() as i128);
        Self {
            research: Research::new(&brief.supply, &request.without, known_by, course),
            evidence: Step::new(EvidenceStage { as_of: known_by }),
            debate: Step::working(DebateStage {
                seating: Arc::clone(&brief.seating),
                as_of: request.as_of,
                horizon: request.horizon_sessions,
                rounds: request.rounds,
                rule: request.rule,
                votes_only: request.without.contains(&Part::Debate),
                budget: request.budget.map(share),
                seed: request.seed,
                deadline: course.soft_end(),
                toggling: brief.toggles.clone().map(|toggles| Toggling {
                    toggles,
                    tickers: u32::try_from(request.tickers.len()).unwrap_or(u32::MAX),
                    at_once: u32::try_from(request.concurrency).unwrap_or(u32::MAX),
                    begun: AtomicU32::new(0),
                }),
                weights: OnceLock::new(),
                blindfold: brief.blindfold.clone(),
                galleries: Mutex::default(),
            }),
            decision: Step::new(DecisionStage { as_of: request.as_of, horizon: request.horizon_sessions }),
            left_out: request.without.iter().map(|&part| left_out(part)).collect(),
            awaited: None,
            waits: false,
        }
    }

    /// Passes on what was found, keeps the prices of it for the desk, and tells of the benchmark as soon as its prices are there.
    /// Where the desk remembers anything, nothing is passed on before everything is there and the seats are weighed.
    async fn relay(
        &self,
        Others { watched, rival, memory }: Others,
        (found, forward): Passing,
        asked: &[Ticker],
        end: Instant,
    ) -> Quotes {
        let as_of = self.evidence.stage().as_of;
        let waits = memory.as_ref().is_some_and(Recollection::is_of_the_past);
        let (rival, herald) = rival.unzip();
        let herald = Mutex::new(herald);
        let tell = |fetch: &TickerFetch, observed: &Observed| {
            if rival.as_ref() == Some(&fetch.ticker)
                && let Some(herald) = herald.lock().unwrap_or_else(PoisonError::into_inner).take()
            {
                herald.tell(Some(observed), self.research.why_no_prices(fetch));
            }
        };
        let one = async |(found, forward): (oneshot::Receiver<Found>, oneshot::Sender<Found>)| {
            let found = found.await.ok()?;
            let is_seen = memory.is_some() || rival.as_ref() == Some(&found.fetch.ticker);
            let seen = is_seen.then(|| Observed::of(&found.fetch, &as_of));
            if let Some(observed) = &seen {
                tell(&found.fetch, observed);
            }
            let seen = seen.map(|observed| (found.fetch.ticker.clone(), observed));
            if waits {
                return Some((seen, Some((found, forward))));
            }
            // Who does not wait any more has been cancelled.
            let _ = forward.send(found);
            Some((seen, None))
        };
        let watch = async |tickers: Vec<Ticker>| {
            let fetched = self.research.watch(&tickers, end).await;
            let seen = |fetch: TickerFetch| {
                let observed = Observed::of(&fetch, &as_of);
                tell(&fetch, &observed);
                (fetch.ticker, observed)
            };
            fetched.into_iter().map(seen).collect::<Vec<_>>()
        };
        let apart: Vec<Ticker> = rival.iter().filter(|rival| !asked.contains(rival)).cloned().collect();
        let others: Vec<Ticker> = watched.into_iter().filter(|ticker| !apart.contains(ticker)).collect();
        let all = join_all(found.into_iter().zip(forward).map(one));
        let (all, apart, others) = tokio::join!(all, watch(apart), watch(others));
        let mut quotes = Quotes::default();
        let mut waiting = Vec::new();
        for (seen, held) in all.into_iter().flatten() {
            waiting.extend(held);
            seen.into_iter().for_each(|(ticker, observed)| quotes.insert(ticker, observed));
        }
        for (ticker, observed) in apart.into_iter().chain(others) {
            quotes.insert(ticker, observed);
        }
        if let Some(memory) = memory.filter(|_| waits) {
            let _ = self.debate.stage().weights.set(memory.seat_weights(&quotes));
        }
        for (found, forward) in waiting {
            let _ = forward.send(found);
        }
        quotes
    }

    /// Leads one ticker from its research to its brief.
    async fn lead(
        &self,
        ticker: &Ticker,
        found: oneshot::Receiver<Found>,
        course: &Course,
    ) -> (TickerBrief, TickerRun) {
        let trace = course.trace(ticker);
        self.left_out.iter().for_each(|shortfall| trace.lack(shortfall.clone()));
        let mut run = TickerRun {
            ticker: ticker.clone(),
            stages: Vec::new(),
            turns: Vec::new(),
            fetch: FetchNote::default(),
            findings: Vec::new(),
        };
        let brief = match found.await {
            Ok(found) => self.stages_of(&trace, found, &mut run, course).await,
            Err(_) => {
                let why = "the fetch says nothing about this ticker";
                trace.lack(Shortfall::new(Part::Prices, ShortfallKind::Failed, why));
                None
            }
        };
        let mut brief = brief.unwrap_or_else(|| TickerBrief::blank(ticker));
        brief.shortfalls = trace.shortfalls();
        let is_told = brief.shortfalls.iter().any(|shortfall| shortfall.part == Part::Decision);
        if brief.decision.is_none() && !is_told {
            let why = "there is no verdict to decide by";
            brief.shortfalls.push(Shortfall::new(Part::Decision, ShortfallKind::NoOpinion, why));
        }
        // Stable: within a part in the order in which it went missing.
        brief.shortfalls.sort_by_key(|shortfall| shortfall.part);
        if self.awaited.is_some() {
            brief.parts.push(benchmark_state(&brief));
        }
        brief.parts.extend([debate_state(&brief), decision_state(&brief)]);
        brief.status = match (&brief.decision, brief.shortfalls.is_empty()) {
            (None, _) => Status::Missing,
            (Some(_), false) => Status::Degraded,
            (Some(_), true) => Status::Full,
        };
        run.stages = trace.spans();
        (brief, run)
    }

    async fn stages_of(
        &self,
        trace: &Trace<'_>,
        found: Found,
        run: &mut TickerRun,
        course: &Course,
    ) -> Option<TickerBrief> {
        let (mut states, mut quiet) = (Vec::new(), Vec::new());
        for part in self.research.parts(&found) {
            states.push(part.state);
            quiet.extend(part.quiet);
            match part.span {
                Some(span) => trace.record(span, part.shortfalls),
                None => part.shortfalls.into_iter().for_each(|shortfall| trace.lack(shortfall)),
            }
        }
        run.fetch = fetch_note(&found.fetch);
        run.findings =
            found.fetch.findings.iter().chain(&found.fetch.undated).map(ToString::to_string).collect();
        let rival = match &self.awaited {
            Some(awaited) => awaited.of(trace.ticker()).await.map_err(|lack| trace.lack(lack)).ok().flatten(),
            None => None,
        };
        if self.waits {
            let (start, end) = (found.handed_over, course.elapsed());
            let span = StageSpan { stage: WAITING, asked: start, start, end, status: Status::Full };
            trace.record(span, Vec::new());
        }
        let of_others = self.research.of_others(&found);
        let dossier = trace.run(&self.evidence, (found.fetch, rival, of_others)).await?;
        let held = trace.run(&self.debate, Arc::clone(&dossier)).await;
        // What was paid for is paid for, also where all of it was cut off.
        let cut_off = || Held::cut_off(Arc::clone(&dossier), self.debate.stage().spent_on(trace.ticker()));
        let Held { argued, seats, cost, findings } = held.unwrap_or_else(cut_off);
        run.findings.extend(findings.iter().map(|finding| finding.text.clone()));
        run.turns = argued.conclusion.as_ref().map(|held| turn_spans(held, &seats)).unwrap_or_default();
        let mut brief = trace.run(&self.decision, (argued, trace.shortfalls())).await?;
        (brief.parts, brief.quiet, brief.cost) = (states, quiet, cost);
        brief.evidence = cited(brief.verdict.as_deref(), &dossier);
        brief.findings.extend(findings);
        Some(brief)
    }
}

fn turn_spans(conclusion: &Conclusion, seats: &[String]) -> Vec<TurnSpan> {
    let span = |turn: &assize_debate::TurnTiming| TurnSpan {
        round: turn.round,
        name: seats.get(turn.seat.get()).cloned().unwrap_or_default(),
        asked: turn.asked,
        answered: turn.answered,
    };
    conclusion.timing.turns.iter().map(span).collect()
}

/// The evidence that the reasons and the dissent rest on, in its order.
fn cited(verdict: Option<&Verdict>, dossier: &Dossier) -> Vec<CitedEvidence> {
    let reasons = verdict.into_iter().flat_map(|verdict| verdict.reasons.iter().chain(&verdict.dissent));
    let cites: BTreeSet<&EvidenceId> = reasons.flat_map(|reason| &reason.cites).collect();
    let evidence = dossier.evidence.iter().filter(|evidence| cites.contains(&evidence.id));
    evidence.map(CitedEvidence::from).collect()
}

fn benchmark_state(brief: &TickerBrief) -> PartState {
    let lacks = brief.shortfalls.iter().any(|lack| lack.part == Part::Benchmark);
    // The benchmark is asked about as well, and is not to return more than itself.
    let is_itself = brief.benchmark.is_none() && !lacks;
    let status = match (brief.benchmark.is_some() || is_itself, lacks) {
        (true, false) => Status::Full,
        (true, true) => Status::Degraded,
        (false, _) => Status::Missing,
    };
    PartState { part: Part::Benchmark, status, items: None, sources: Vec::new() }
}

fn debate_state(brief: &TickerBrief) -> PartState {
    let lacks: Vec<&Shortfall> = brief.shortfalls.iter().filter(|lack| lack.part == Part::Debate).collect();
    let is_out = lacks.iter().any(|lack| lack.kind == ShortfallKind::LeftOut) || brief.verdict.is_none();
    let status = match (is_out, lacks.is_empty()) {
        (true, _) => Status::Missing,
        (false, true) => Status::Full,
        (false, false) => Status::Degraded,
    };
    PartState { part: Part::Debate, status, items: None, sources: Vec::new() }
}

fn decision_state(brief: &TickerBrief) -> PartState {
    let status = if brief.decision.is_some() { Status::Full } else { Status::Missing };
    PartState { part: Part::Decision, status, items: None, sources: Vec::new() }
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
