//! Asking one source about one ticker: what it plans, and what follows from the answers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use assize_transport::{RawResponse, Request, RequestKey};
use futures_util::future::join_all;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::kept::Miss;
use super::line::Place;
use super::pile::{Common, Pile};
use super::progress::FetchEvent;
use super::{FetchPolicy, Fetcher, Limit, rank};
use crate::{
    AsOf, Finding, Gap, GapReason, Identity, Item, ItemKind, Outcome, Query, Source, SourceKind, Ticker,
};

/// How many further requests may follow from one source's answers about one ticker.
const MOST_FOLLOWING: usize = 64;
/// How often something may follow from what followed.
const DEEPEST: usize = 4;

/// Bytes of answers that one fetch holds for whoever asks for the same later: tables for all tickers, and what came first. What
/// there is no more room for is asked for again if somebody wants it again.
const MOST_HELD: usize = 32 << 20;

/// What one source answered about one ticker, before the cut.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    pub(super) items: Pile,
    pub(super) findings: Vec<Finding>,
    pub(super) gaps: Vec<Gap>,
    pub(super) requests: u64,
    pub(super) elapsed: Duration,
}

/// An answer, or why there is none; for all who asked for it.
#[derive(Debug, Default)]
struct Shared {
    answer: OnceCell<Result<RawResponse, Miss>>,
    /// What the source of this number reads of it, whichever ticker it is asked about.
    common: OnceLock<(usize, Common)>,
}

/// What was asked for, and how much the answers take.
#[derive(Debug, Default)]
struct Asked {
    /// With how many asked.
    answers: BTreeMap<RequestKey, (Arc<Shared>, usize)>,
    /// The answers that are held and their bytes, the oldest first.
    held: Vec<(RequestKey, usize)>,
    bytes: usize,
}

/// What an answer was read as.
enum Read {
    /// For the ticker alone.
    Own(Outcome),
    /// For all.
    Common(Common),
}

/// One fetch.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) fetcher: Fetcher,
    pub(super) policy: FetchPolicy,
    pub(super) limit: Limit,
    tickers: Vec<Ticker>,
    as_of: AsOf,
    /// Each request once, whoever wants it.
    asked: Mutex<Asked>,
    /// What the sources of identities said of each ticker, in the order of tickers.
    cards: Vec<OnceCell<Card>>,
    /// Sources that ask about several companies at once, having been told of all; in the order of sources.
    told: Vec<OnceCell<Arc<dyn Source>>>,
}

/// Which company a ticker means, with what each source of identities answered.
#[derive(Debug, Default)]
struct Card {
    identity: Option<Arc<Identity>>,
    answers: BTreeMap<usize, Answers>,
}

/// One source's business with one ticker.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) source: Arc<dyn Source>,
    pub(super) query: Query,
    /// Requests sent for it.
    pub(super) requests: Arc<AtomicU64>,
    /// The numbers of the ticker and of the source.
    pub(super) of: (usize, usize),
    /// Its place in the line at a host.
    pub(super) place: Place,
}

impl Round {
    pub(super) fn new(fetcher: &Fetcher, tickers: &[Ticker], as_of: AsOf, policy: FetchPolicy) -> Self {
        let start = Instant::now();
        Self {
            fetcher: fetcher.clone(),
            policy,
            limit: Limit { start, end: start.checked_add(policy.deadline) },
            tickers: tickers.to_vec(),
            as_of,
            asked: Mutex::default(),
            cards: tickers.iter().map(|_| OnceCell::new()).collect(),
            told: fetcher.sources.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    pub(super) fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The place of a request for this ticker at this source, so many answers after what was planned.
    pub(super) fn place(&self, ticker: usize, source: usize, depth: usize) -> Place {
        Place::new(self.policy.order, ticker, rank(self.fetcher.sources[source].meta().kind), depth)
    }

    pub(super) fn start(&self) -> Instant {
        self.limit.start
    }

    /// Asks the source of this number about the ticker of that number.
    pub(super) async fn ask(self: &Arc<Self>, ticker: usize, source: usize) -> Answers {
        let asked = &self.fetcher.sources[source];
        let answers = if asked.meta().kind == SourceKind::Identity {
            self.card(ticker).await.answers.get(&source).cloned().unwrap_or_default()
        } else {
            let identity = match asked.needs_identity() {
                true => self.card(ticker).await.identity.clone(),
                false => self.fetcher.cards.get(&self.tickers[ticker]).cloned(),
            };
            let asked = self.told(source).await;
            self.ask_source(asked, (ticker, source), identity).await
        };
        self.fetcher.tell(|| FetchEvent::Answered {
            ticker: self.tickers[ticker].clone(),
            source: asked.meta().id.clone(),
            items: answers.items.len(),
            gaps: answers.gaps.len(),
        });
        answers
    }

    /// The source of this number; one that asks about several companies at once, told of all that are known.
    async fn told(self: &Arc<Self>, source: usize) -> &Arc<dyn Source> {
        let asked = &self.fetcher.sources[source];
        if !asked.asks_together() {
            return asked;
        }
        let tell = || async {
            let cards = join_all((0..self.tickers.len()).map(|ticker| self.card(ticker))).await;
            let known: Vec<Arc<Identity>> =
                cards.into_iter().filter_map(|card| card.identity.clone()).collect();
            asked.for_companies(&known).unwrap_or_else(|| Arc::clone(asked))
        };
        self.told[source].get_or_init(tell).await
    }

    /// What the sources of identities say of a ticker, asked once. What the user says wins, then the first source.
    async fn card(self: &Arc<Self>, ticker: usize) -> &Card {
        let ask_all = || async {
            let given = self.fetcher.cards.get(&self.tickers[ticker]).cloned();
            let mut card = Card { identity: given, ..Card::default() };
            let sources = self.fetcher.sources.iter().enumerate();
            for (n, source) in sources.filter(|(_, source)| source.meta().kind == SourceKind::Identity) {
                let answers = self.ask_source(source, (ticker, n), card.identity.clone()).await;
                let said = answers.items.iter().find_map(|item| match &item.kind {
                    ItemKind::Identity(identity) => Some(Arc::new(identity.clone())),
                    _ => None,
                });
                card.identity = card.identity.or(said);
                card.answers.insert(n, answers);
            }
            card
        };
        self.cards[ticker].get_or_init(ask_all).await
    }

    async fn ask_source(
        self: &Arc<Self>,
        source: &Arc<dyn Source>,
        (ticker, number): (usize, usize),
        identity: Option<Arc<Identity>>,
    ) -> Answers {
        let mut query = Query::new(&self.tickers[ticker], self.as_of);
        if let Some(identity) = identity {
            query = query.with_identity(identity);
        }
        let requests = Arc::new(AtomicU64::new(0));
        let place = self.place(ticker, number, 0);
        let job = Job { source: Arc::clone(source), query, requests, of: (ticker, number), place };
        let mut answers = match source.plan(&job.query) {
            Err(gap) => Answers { gaps: vec![gap], ..Answers::default() },
            Ok(planned) if planned.is_empty() => {
                let detail = "the source has nothing to ask for it".to_owned();
                Answers { gaps: vec![job.gap(GapReason::NoSuchTicker, detail)], ..Answers::default() }
            }
            Ok(planned) => match self.resume(&job, &planned).await {
                Some(answers) => answers,
                None => self.ask_whole(&job, planned).await,
            },
        };
        answers.requests = job.requests.load(Ordering::Relaxed);
        answers.elapsed = self.limit.start.elapsed();
        answers
    }

    /// Asks what was planned and what follows. With the answers to what was planned, as far as they could be read.
    pub(super) async fn ask_planned(
        self: &Arc<Self>,
        job: &Job,
        mut wave: Vec<Request>,
    ) -> (Answers, Vec<RawResponse>) {
        let (mut answers, mut read_first) = (Answers::default(), Vec::new());
        let (mut planned, mut late) = (0, Vec::new());
        let mut known: BTreeSet<RequestKey> = wave.iter().map(Request::key).collect();
        let mut following = 0;
        for depth in 0..=DEEPEST {
            planned += wave.len();
            let job = &Job { place: self.place(job.of.0, job.of.1, depth), ..job.clone() };
            let replies = join_all(wave.iter().map(|request| self.get(job, request))).await;
            let mut next = Vec::new();
            for (request, reply) in wave.iter().zip(replies) {
                match reply {
                    Ok((response, outcome)) => {
                        let is_read = answers.take(job, request, outcome);
                        next.extend(job.source.follow(&job.query, &response));
                        if depth == 0 && is_read {
                            read_first.push(response);
                        }
                    }
                    Err(Miss::Late) => late.push(place(request)),
                    Err(Miss::Failed(reason, detail)) => answers.gaps.push(job.gap(reason, detail)),
                    // It is an answer, and was given above.
                    Err(Miss::NotKept(_)) => {}
                }
            }
            next.retain(|request| known.insert(request.key()));
            let room = if depth < DEEPEST { MOST_FOLLOWING - following } else { 0 };
            if next.len() > room {
                let detail =
                    format!("{} further documents were not asked for: too many follow", next.len() - room);
                answers.gaps.push(job.gap(GapReason::TooLarge, detail));
                next.truncate(room);
            }
            following += next.len();
            if next.is_empty() {
                break;
            }
            wave = next;
        }
        if let Some(first) = late.first() {
            // Without the time allowed: it is what others left over, and so a measured one.
            let detail =
                format!("the deadline came before {} of {planned} answers, first {first}", late.len());
            answers.gaps.push(job.gap(GapReason::TimedOut, detail));
        }
        (answers, read_first)
    }

    /// The answer to one request and what it turned out to be for this job.
    async fn get(self: &Arc<Self>, job: &Job, request: &Request) -> Result<(RawResponse, Read), Miss> {
        let shared = self.asked().shared(request.key());
        // What was read while judging the answer needs no second reading.
        let mut own = None;
        let mut is_first = false;
        let answer = shared.answer.get_or_init(|| async {
            let (answer, outcome) = self.obtain(job, request).await;
            (own, is_first) = (outcome, true);
            answer
        });
        let answer = answer.await.clone();
        if let (Ok(response) | Err(Miss::NotKept(response)), true) = (&answer, is_first) {
            self.asked().hold(request.key(), response.body().len());
        }
        let response = match answer {
            Ok(response) | Err(Miss::NotKept(response)) => response,
            Err(miss) => return Err(miss),
        };
        let read = shared.read(job, own, &response);
        Ok((response, read))
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    fn shared(&mut self, key: RequestKey) -> Arc<Shared> {
        let (shared, askers) = self.answers.entry(key).or_default();
        *askers += 1;
        Arc::clone(shared)
    }

    /// Keeps an answer for those who ask later, as long as there is room: what several have asked for has that of what one has.
    /// Those who wait for it have it in any case.
    fn hold(&mut self, key: RequestKey, bytes: usize) {
        if self.is_wanted(&key) {
            for place in (0..self.held.len()).rev() {
                if self.bytes.saturating_add(bytes) <= MOST_HELD {
                    break;
                }
                if !self.is_wanted(&self.held[place].0) {
                    let (key, bytes) = self.held.remove(place);
                    self.answers.remove(&key);
                    self.bytes -= bytes;
                }
            }
        }
        if self.bytes.saturating_add(bytes) > MOST_HELD {
            self.answers.remove(&key);
        } else {
            self.bytes += bytes;
            self.held.push((key, bytes));
        }
    }

    /// Whether more than one has asked for it.
    fn is_wanted(&self, key: &RequestKey) -> bool {
        self.answers.get(key).is_some_and(|(_, askers)| *askers > 1)
    }
}

impl Shared {
    /// What the answer is for this job; `own`, if that is known already. What is the same for all tickers is read once.
    fn read(&self, job: &Job, own: Option<Outcome>, response: &RawResponse) -> Read {
        let source = job.of.1;
        if let (None, Some((of, common))) = (&own, self.common.get())
            && *of == source
        {
            return Read::Common(common.clone());
        }
        match own.unwrap_or_else(|| job.source.decode(&job.query, response)) {
            Outcome::Items { items, findings } if job.source.meta().kind == SourceKind::Macro => {
                let common = Common { items: Arc::new(items), findings };
                // Of several sources that ask for the same the first has it once.
                let _ = self.common.set((source, common.clone()));
                Read::Common(common)
            }
            outcome => Read::Own(outcome),
        }
    }
}

impl Answers {
    /// Takes over what was read for a job. Whether it could be read.
    fn take(&mut self, job: &Job, request: &Request, read: Read) -> bool {
        let findings = match read {
            Read::Common(Common { items, findings }) => {
                self.items.add_common(items, job.query.ticker());
                findings
            }
            Read::Own(outcome) => match said(outcome, &place(request)) {
                Ok((items, findings)) => {
                    self.items.add(items);
                    findings
                }
                Err((reason, detail)) => {
                    let detail = discreet(request, detail.into()).into_owned();
                    self.gaps.push(job.gap(reason, detail));
                    return false;
                }
            },
        };
        let discreet = |finding: Finding| Finding { text: discreet(request, finding.text), ..finding };
        self.findings.extend(findings.into_iter().map(discreet));
        true
    }
}

impl Job {
    pub(super) fn gap(&self, reason: GapReason, detail: String) -> Gap {
        Gap::new(self.query.ticker(), &self.source.meta().id, reason, detail)
    }
}

/// A file's name or the address.
pub(super) fn place(request: &Request) -> String {
    let url = request.url();
    format!("`{}`", url.file_name().as_deref().unwrap_or(url.as_str()))
}

/// What is said of an answer, which may quote it: unless it repeats a secret of its request.
fn discreet(request: &Request, said: Cow<'static, str>) -> Cow<'static, str> {
    if request.is_revealed_in(said.as_bytes()) {
        return format!("{} says something that repeats a key, and that is not shown", place(request)).into();
    }
    said
}

fn said(outcome: Outcome, place: &str) -> Result<(Vec<Item>, Vec<Finding>), (GapReason, String)> {
    Err(match outcome {
        Outcome::Items { items, findings } => return Ok((items, findings)),
        Outcome::Empty => (GapReason::Empty, format!("{place} holds nothing")),
        Outcome::DoubtfulEmpty(why) => {
            (GapReason::DoubtfulEmpty, format!("{place} holds nothing, which may be a failure: {why}"))
        }
        Outcome::Throttled(wait) => {
            let asked = wait.map_or_else(String::new, |wait| format!(" and asks for {wait:?}"));
            (GapReason::Throttled(wait), format!("{place} was asked too often{asked}"))
        }
        Outcome::Blocked => (GapReason::Blocked, format!("{place} refuses us")),
        Outcome::Unavailable(how) => (GapReason::Failed, format!("{place} is out of order: {how}")),
        Outcome::NotFound => (GapReason::NotFound, format!("there is no {place}")),
        Outcome::Drift(found) => (GapReason::Drift, format!("{place} is not of the expected form: {found}")),
        Outcome::OtherCompany(which) => (GapReason::OtherCompany, format!("{place} is about {which}")),
        Outcome::KeyMissing => (GapReason::KeyMissing, format!("{place} wants a key")),
    })
}
