//! Asking all sources about all tickers, within one deadline, losing no reason on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::{Clock, Timestamp};
use assize_transport::{self as transport, Request, Transport};
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;
use tokio::time::{Instant, timeout_at};

use crate::{
    AsOf, Disposition, EvidenceId, Finding, FindingKind, Gap, GapReason, Item, Known, Outcome, Query,
    Removed, Source, SourceId, Ticker,
};

/// How a fetch is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// For how long the whole fetch may run. What is not there then is a gap.
    pub deadline: Duration,
    /// How many tickers' sources are asked at once, at least 1.
    pub concurrency: usize,
}

impl FetchPolicy {
    /// A deadline for the whole fetch, and 8 at once.
    #[must_use]
    pub fn within(deadline: Duration) -> Self {
        Self { deadline, concurrency: 8 }
    }

    /// So many at once; 0 counts as 1.
    #[must_use]
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }
}

/// Asks every source about every ticker.
///
/// A source that fails, is slow, empty or malformed is a [`Gap`] of that ticker at that source and harms nothing else.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use assize_altdata::{AsOf, FetchPolicy, Fetcher, GapReason};
/// use assize_ambient::{FixedClock, Timestamp};
/// use assize_transport::FileTransport;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
/// let transport = FileTransport::new(std::env::temp_dir(), clock.clone())?;
/// let fetcher = Fetcher::new(Arc::new(transport), Vec::new(), clock);
/// let as_of: AsOf = "1998-03-02".parse()?;
/// let fetched =
///     runtime.block_on(fetcher.fetch(&["KO".parse()?], as_of, FetchPolicy::within(Duration::from_secs(5))));
/// assert_eq!(fetched.by_ticker[0].gaps[0].reason, GapReason::NoSource);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fetcher {
    transport: Arc<dyn Transport>,
    sources: Vec<Arc<dyn Source>>,
    clock: Arc<dyn Clock>,
}

/// What a fetch brought: for each ticker what was found, and how the fetch went.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// One for each ticker asked for, in that order, each once.
    pub by_ticker: Vec<TickerFetch>,
    /// When it began. For the record of the run, not for its decision.
    pub started_at: Timestamp,
    /// How long it took. For the record of the run.
    pub elapsed: Duration,
}

/// What a fetch brought for one ticker.
#[derive(Clone, Debug, PartialEq)]
pub struct TickerFetch {
    /// The ticker.
    pub ticker: Ticker,
    /// What was known as of the moment, in the order in which it became known, each once.
    pub items: Vec<Item>,
    /// What was wrong in what was read, as far as it could be noticed then.
    pub findings: Vec<Finding>,
    /// What is missing, in the order of sources.
    pub gaps: Vec<Gap>,
    /// Which items the as-of cut took away. For the record of the run.
    pub removed: Removed,
    /// Which findings the as-of cut took away. For the record of the run.
    pub removed_findings: Removed,
    /// Those of them that have no date at all, such as rows whose date can't be read with no later row behind them: when
    /// they were known can't be said. For the record of the run, not for its decision.
    pub undated: Vec<Finding>,
    /// Requests sent. For the record of the run.
    pub requests: u64,
    /// From the start of the fetch to this ticker's last answer. For the record of the run.
    pub elapsed: Duration,
}

impl Fetched {
    /// What was brought for `ticker`.
    #[must_use]
    pub fn get(&self, ticker: &Ticker) -> Option<&TickerFetch> {
        self.by_ticker.iter().find(|fetch| &fetch.ticker == ticker)
    }

    /// All requests sent.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.by_ticker.iter().map(|fetch| fetch.requests).sum()
    }

    /// All items that the as-of cut took away.
    #[must_use]
    pub fn removed(&self) -> Removed {
        let mut all = Removed::default();
        self.by_ticker.iter().for_each(|fetch| all.add(&fetch.removed));
        all
    }
}

impl Fetcher {
    /// A fetcher that asks `sources` through `transport`; `clock` says when it began.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, sources: Vec<Arc<dyn Source>>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, sources, clock }
    }

    /// Fetches all `tickers`, each once, and cuts what came at `as_of`. The result's order is that of `tickers` and of
    /// the sources, not that of the answers.
    pub async fn fetch(&self, tickers: &[Ticker], as_of: AsOf, policy: FetchPolicy) -> Fetched {
        let started_at = self.clock.now();
        let start = Instant::now();
        let mut seen = BTreeSet::new();
        let tickers: Vec<&Ticker> = tickers.iter().filter(|ticker| seen.insert(*ticker)).collect();
        let limit = Limit { start, end: start.checked_add(policy.deadline) };
        let mut jobs = Vec::new();
        for ticker in &tickers {
            for source in &self.sources {
                let query = Query::new(ticker, as_of);
                jobs.push(ask(Arc::clone(&self.transport), Arc::clone(source), query, limit, jobs.len()));
            }
        }
        let mut answers: Vec<Answers> =
            stream::iter(jobs).buffer_unordered(policy.concurrency.max(1)).collect().await;
        answers.sort_unstable_by_key(|answers| answers.job);
        let mut answers = answers.into_iter();
        let by_ticker = tickers
            .into_iter()
            .map(|ticker| gather(ticker, answers.by_ref().take(self.sources.len()), &self.sources, as_of))
            .collect();
        Fetched { by_ticker, started_at, elapsed: start.elapsed() }
    }
}

#[derive(Clone, Copy)]
struct Limit {
    start: Instant,
    /// `None` if it lies beyond the end of time.
    end: Option<Instant>,
}

/// What one source answered about one ticker, before the cut.
struct Answers {
    job: usize,
    items: Vec<Item>,
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
    requests: u64,
    elapsed: Duration,
}

async fn ask(
    transport: Arc<dyn Transport>,
    source: Arc<dyn Source>,
    query: Query,
    limit: Limit,
    job: usize,
) -> Answers {
    let (items, findings, gaps) = (Vec::new(), Vec::new(), Vec::new());
    let mut answers = Answers { job, items, findings, gaps, requests: 0, elapsed: Duration::ZERO };
    let gap = |reason, detail: String| Gap::new(query.ticker(), &source.meta().id, reason, detail);
    match source.plan(&query) {
        Err(gap) => answers.gaps.push(gap),
        Ok(requests) if requests.is_empty() => {
            answers
                .gaps
                .push(gap(GapReason::NoSuchTicker, "the source has nothing to ask for it".to_owned()));
        }
        Ok(requests) => {
            let planned = requests.len();
            for (n, request) in requests.into_iter().enumerate() {
                let place = place(&request);
                let late = || {
                    // Without the time allowed: it is what others left over, and so a measured one.
                    let left = planned - n;
                    let detail =
                        format!("the deadline came before {left} of {planned} answers, first {place}");
                    gap(GapReason::TimedOut, detail)
                };
                let Some(reply) = send(&*transport, request, limit, &mut answers.requests).await else {
                    answers.gaps.push(late());
                    break;
                };
                match reply {
                    Ok(response) => match read(source.decode(&query, &response), &place) {
                        Ok((items, findings)) => {
                            answers.items.extend(items);
                            answers.findings.extend(findings);
                        }
                        Err((reason, detail)) => answers.gaps.push(gap(reason, detail)),
                    },
                    Err(error) => {
                        answers.gaps.push(gap(reason_of(&error), format!("failed to {error}")));
                    }
                }
            }
        }
    }
    answers.elapsed = limit.start.elapsed();
    answers
}

/// `None` if the deadline came first.
async fn send(
    transport: &dyn Transport,
    request: Request,
    limit: Limit,
    requests: &mut u64,
) -> Option<Result<transport::RawResponse, transport::Error>> {
    // A timer polls what it limits once even when it is late already; a request must not be sent then.
    if limit.end.is_some_and(|end| end <= Instant::now()) {
        return None;
    }
    *requests += 1;
    let reply = transport.send(request);
    match limit.end {
        Some(end) => timeout_at(end, reply).await.ok(),
        None => Some(reply.await),
    }
}

/// A file's name or the address.
fn place(request: &Request) -> String {
    let url = request.url();
    format!("`{}`", url.file_name().as_deref().unwrap_or(url.as_str()))
}

fn read(outcome: Outcome, place: &str) -> Result<(Vec<Item>, Vec<Finding>), (GapReason, String)> {
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

fn reason_of(error: &transport::Error) -> GapReason {
    match error.kind() {
        transport::ErrorKind::NotFound => GapReason::NotFound,
        transport::ErrorKind::Denied => GapReason::Denied,
        transport::ErrorKind::TooLarge => GapReason::TooLarge,
        transport::ErrorKind::TimedOut => GapReason::TimedOut,
        transport::ErrorKind::Unrecorded => GapReason::Unrecorded,
        transport::ErrorKind::Corrupt => GapReason::Corrupt,
        _ => GapReason::Failed,
    }
}

/// Cuts what the sources answered about one ticker and puts it together.
fn gather(
    ticker: &Ticker,
    answers: impl Iterator<Item = Answers>,
    sources: &[Arc<dyn Source>],
    as_of: AsOf,
) -> TickerFetch {
    let mut fetch = TickerFetch {
        ticker: ticker.clone(),
        items: Vec::new(),
        findings: Vec::new(),
        gaps: Vec::new(),
        removed: Removed::default(),
        removed_findings: Removed::default(),
        undated: Vec::new(),
        requests: 0,
        elapsed: Duration::ZERO,
    };
    for (answers, source) in answers.zip(sources) {
        let items = as_of.cut(answers.items);
        fetch.undated.extend(answers.findings.iter().filter(|f| f.known_by().is_none()).cloned());
        let findings = as_of.cut(answers.findings);
        let missing = match items.kept.iter().map(|item| item.available_at.latest).max() {
            Some(newest) => staleness(&**source, newest, as_of),
            // A gap says already why there is nothing.
            None if !answers.gaps.is_empty() => None,
            None => Some(nothing_usable(&findings.kept, as_of)),
        };
        fetch.gaps.extend(answers.gaps);
        fetch
            .gaps
            .extend(missing.map(|(reason, detail)| Gap::new(ticker, &source.meta().id, reason, detail)));
        fetch.items.extend(items.kept);
        fetch.findings.extend(findings.kept);
        fetch.removed.add(&items.removed);
        fetch.removed_findings.add(&findings.removed);
        fetch.requests += answers.requests;
        fetch.elapsed = fetch.elapsed.max(answers.elapsed);
    }
    if sources.is_empty() {
        let detail = "no source was given; name a folder of prices or another source".to_owned();
        fetch.gaps.push(Gap { ticker: ticker.clone(), source: None, reason: GapReason::NoSource, detail });
    }
    // Stable: what became known at once stays in the order of sources and their answers.
    fetch.items.sort_by_key(Known::known_by);
    drop_repeated(&mut fetch);
    fetch.findings = Finding::list(std::mem::take(&mut fetch.findings));
    fetch.undated = Finding::list(std::mem::take(&mut fetch.undated));
    fetch
}

/// Leaves each item once. What a repetition knows of dividends and splits beyond the first is taken over: names of
/// evidence don't cover those.
fn drop_repeated(fetch: &mut TickerFetch) {
    let mut seen: BTreeMap<(SourceId, EvidenceId), usize> = BTreeMap::new();
    let mut once: Vec<Item> = Vec::with_capacity(fetch.items.len());
    for item in std::mem::take(&mut fetch.items) {
        let Some(first) = seen.get(&(item.source.clone(), item.id)) else {
            seen.insert((item.source.clone(), item.id), once.len());
            once.push(item);
            continue;
        };
        let bar = item.as_bar();
        let took = once[*first].as_bar_mut().zip(bar).is_some_and(|(first, bar)| first.take_events(bar));
        let text = match took {
            true => "the same again in another answer of this source; its dividend or split is taken over",
            false => "the same again in another answer of this source",
        };
        let date = bar.map(|bar| bar.date);
        let finding = Finding::undated(date, FindingKind::Duplicate, Disposition::Dropped, text);
        let known_from = Some(item.available_at.clone());
        fetch.findings.push(Finding { date, known_from, ..finding }.at_url(&item.url));
    }
    fetch.items = once;
}

/// Why nothing is there of a source that answered. It tells nothing of what became known later: whether there are later
/// rows, or only rows without a date (which later rows may date), it is the same reason in the same words.
fn nothing_usable(findings: &[Finding], as_of: AsOf) -> (GapReason, String) {
    let mut dropped = findings.iter().filter(|finding| finding.disposition == Disposition::Dropped);
    match dropped.next() {
        Some(first) => {
            // In a file that runs backwards, the number of the line depends on later rows.
            let first = Finding { line: None, ..first.clone() };
            let dropped = 1 + dropped.count();
            (GapReason::Unreadable, format!("none of {dropped} rows can be used; first {first}"))
        }
        None => (GapReason::NothingYet, format!("no usable row was known by {as_of}")),
    }
}

/// The gap if the newest of what a source had known is too old.
fn staleness(source: &dyn Source, newest: Timestamp, as_of: AsOf) -> Option<(GapReason, String)> {
    let stale_after = SignedDuration::try_from(source.meta().stale_after?).ok()?;
    let age = as_of.moment().duration_since(newest);
    if age <= stale_after {
        return None;
    }
    let day = AsOf::at(newest).date();
    Some((GapReason::Stale, format!("the newest is of {day}, {} days before {as_of}", age.as_hours() / 24)))
}

#[cfg(test)]
mod tests;
