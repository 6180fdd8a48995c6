//! The research: alternative data, options and prices at the same time, in one fetch over all tickers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assize_altdata::{
    AsOf, FetchEvent, FetchOrder, FetchPolicy, FetchRecord, Fetcher, Gap, GapReason, ItemKind, NotAsked,
    Past, Source, SourceId, SourceKind, Ticker, TickerFetch,
};
use tokio::{sync::oneshot, time::Instant};

use crate::{Course, Part, PartState, Progress, Shortfall, ShortfallKind, StageSpan, Status};

/// The kinds of sources that are asked for a ticker or a company's number, and not for a name.
const ASKED_BY_NUMBER: [SourceKind; 5] =
    [SourceKind::Prices, SourceKind::Options, SourceKind::Filings, SourceKind::Facts, SourceKind::Insiders];

/// When a ticker's parts had been asked for the last time: by ticker and part.
type Ends = Arc<Mutex<BTreeMap<(Ticker, Part), Duration>>>;

/// Where a brief has its data from.
#[derive(Debug, Clone)]
pub(crate) enum Supply {
    /// Its sources are asked.
    Sites(Fetcher),
    /// They have been asked.
    Past(Arc<Past>),
}

impl Supply {
    fn sources(&self) -> &[Arc<dyn Source>] {
        match self {
            Self::Sites(fetcher) => fetcher.sources(),
            Self::Past(past) => past.sources(),
        }
    }

    fn not_asked(&self) -> &[NotAsked] {
        match self {
            Self::Sites(fetcher) => fetcher.not_asked(),
            Self::Past(past) => &past.record().not_asked,
        }
    }
}

/// Asks the sources of the parts that are wanted.
#[derive(Debug)]
pub(crate) struct Research {
    supply: Supply,
    not_asked: Vec<NotAsked>,
    kinds: BTreeMap<SourceId, Part>,
    left_out: BTreeSet<Part>,
    as_of: AsOf,
    ends: Ends,
    course: Course,
}

/// What was found of one ticker.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) fetch: TickerFetch,
    /// When the last source of each part had answered, counted from the start of the run.
    ends: BTreeMap<Part, Duration>,
    /// When it was handed over.
    pub(crate) handed_over: Duration,
}

/// How much of a part was found: for the trace and for the brief.
#[derive(Debug)]
pub(crate) struct PartFound {
    pub(crate) state: PartState,
    /// `None` where nothing was asked.
    pub(crate) span: Option<StageSpan>,
    pub(crate) shortfalls: Vec<Shortfall>,
    pub(crate) quiet: Vec<String>,
}

impl Research {
    /// Research that leaves these parts out: their sources are not asked at all.
    pub(crate) fn new(supply: &Supply, left_out: &BTreeSet<Part>, as_of: AsOf, course: &Course) -> Self {
        let is_wanted = |source: &dyn Source| !left_out.contains(&Part::of(source.meta().kind));
        let is_identity = |source: &dyn Source| source.meta().kind == SourceKind::Identity;
        // Which company is meant is asked for the sake of others, and of no part by itself.
        let sources = supply.sources();
        let asks_who = sources
            .iter()
            .any(|source| is_wanted(&**source) && !is_identity(&**source) && source.needs_identity());
        let is_asked = |source: &dyn Source| {
            if is_identity(source) { asks_who || is_wanted(source) } else { is_wanted(source) }
        };
        let kinds: BTreeMap<SourceId, Part> = sources
            .iter()
            .filter(|source| is_asked(&***source))
            .map(|source| (source.meta().id.clone(), Part::of(source.meta().kind)))
            .collect();
        let ends = Ends::default();
        let (noted, parts, clock) = (Arc::clone(&ends), kinds.clone(), course.clone());
        let watcher = move |event: &FetchEvent| {
            if let FetchEvent::Answered { ticker, source, .. } = event
                && let Some(part) = parts.get(source)
            {
                let mut ends = noted.lock().unwrap_or_else(PoisonError::into_inner);
                ends.insert((ticker.clone(), *part), clock.elapsed());
            }
            clock.reporter().tell(&Progress::Fetching(event.clone()));
        };
        let not_asked = supply.not_asked().to_vec();
        let supply = match supply {
            Supply::Sites(fetcher) => {
                Supply::Sites(fetcher.clone().asking_only(is_asked).with_watcher(watcher))
            }
            Supply::Past(past) => Supply::Past(Arc::clone(past)),
        };
        Self { supply, not_asked, kinds, left_out: left_out.clone(), as_of, ends, course: course.clone() }
    }

    /// Fetches all tickers by `end`, and hands each over as soon as all its sources have answered.
    pub(crate) async fn fetch(
        &self,
        tickers: &[Ticker],
        end: Instant,
        takers: Vec<oneshot::Sender<Found>>,
    ) -> FetchRecord {
        // One ticker after the other, so that the first is argued about while the others are still fetched, and what was
        // fetched of it need not be held until all are there.
        let policy =
            FetchPolicy::within(end.saturating_duration_since(Instant::now())).in_order(FetchOrder::ByTicker);
        let mut takers: Vec<Option<oneshot::Sender<Found>>> = takers.into_iter().map(Some).collect();
        let hand_over = |place: usize, fetch: TickerFetch| {
            let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            let of = |part: Part| Some((part, *ends.get(&(fetch.ticker.clone(), part))?));
            let ends = Part::RESEARCHED.into_iter().filter_map(of).collect();
            if let Some(taker) = takers.get_mut(place).and_then(Option::take) {
                // Who does not wait any more has been cancelled, and the fetch with it.
                let _ = taker.send(Found { fetch, ends, handed_over: self.course.elapsed() });
            }
        };
        match &self.supply {
            Supply::Sites(fetcher) => fetcher.fetch_each(tickers, self.as_of, policy, hand_over).await,
            Supply::Past(past) => {
                let mut hand_over = hand_over;
                for (place, ticker) in tickers.iter().enumerate() {
                    if let Some(fetch) = self.then(past, ticker) {
                        hand_over(place, fetch);
                    }
                }
                past.record().clone()
            }
        }
    }

    /// The prices of further tickers.
    pub(crate) async fn watch(&self, tickers: &[Ticker], end: Instant) -> Vec<TickerFetch> {
        match &self.supply {
            _ if tickers.is_empty() => Vec::new(),
            Supply::Sites(fetcher) => {
                let is_price = |source: &dyn Source| Part::of(source.meta().kind) == Part::Prices;
                let is_identity = |source: &dyn Source| source.meta().kind == SourceKind::Identity;
                let asks_who =
                    fetcher.sources().iter().any(|source| is_price(&**source) && source.needs_identity());
                let prices = fetcher
                    .clone()
                    .asking_only(|source| is_price(source) || (asks_who && is_identity(source)));
                let policy = FetchPolicy::within(end.saturating_duration_since(Instant::now()));
                prices.fetch(tickers, self.as_of, policy).await.by_ticker
            }
            Supply::Past(past) => tickers.iter().filter_map(|ticker| self.then(past, ticker)).collect(),
        }
    }

    /// What was known of a ticker, without what is left out.
    fn then(&self, past: &Past, ticker: &Ticker) -> Option<TickerFetch> {
        let mut fetch = past.as_of(ticker, self.as_of)?;
        let is_asked = |source: &SourceId| self.kinds.contains_key(source);
        fetch.items.retain(|item| is_asked(&item.source));
        fetch.gaps.retain(|gap| gap.source.as_ref().is_none_or(is_asked));
        Some(fetch)
    }

    /// Who answered about another company when asked by ticker or number, and about which: the ticker may mean another one by now.
    /// Sources that are asked by a name find others all the time.
    pub(crate) fn of_others(&self, found: &Found) -> Vec<String> {
        let by_name = |source: &SourceId| {
            let sources = self.supply.sources().iter();
            let kind =
                sources.map(|source| source.meta()).find(|meta| meta.id == *source).map(|meta| meta.kind);
            !kind.is_some_and(|kind| ASKED_BY_NUMBER.contains(&kind))
        };
        let gaps = found.fetch.gaps.iter().filter(|gap| gap.reason == GapReason::OtherCompany);
        gaps.filter(|gap| gap.source.as_ref().is_some_and(|source| !by_name(source)))
            .map(|gap| said_by(&[gap]))
            .collect()
    }

    /// Why nothing is known of a ticker's prices.
    pub(crate) fn why_no_prices(&self, fetch: &TickerFetch) -> Option<(ShortfallKind, String)> {
        let is_price = |gap: &&Gap| {
            gap.source.as_ref().is_none_or(|source| self.kinds.get(source) == Some(&Part::Prices))
        };
        fetch.gaps.iter().find(is_price).map(|gap| (kind(gap.reason), gap.detail.clone()))
    }

    /// How much there is of each part. That one was left out is said elsewhere.
    pub(crate) fn parts(&self, found: &Found) -> Vec<PartFound> {
        Part::RESEARCHED.into_iter().map(|part| self.part(part, found)).collect()
    }

    fn part(&self, part: Part, found: &Found) -> PartFound {
        let fetch = &found.fetch;
        let asked = match self.left_out.contains(&part) {
            true => 0,
            false => self.kinds.values().filter(|of| **of == part).count(),
        };
        let is_of = |source: &SourceId| self.kinds.get(source) == Some(&part);
        // Who is meant is no observation.
        let items = fetch.items.iter().filter(|item| is_of(&item.source));
        let items = items.filter(|item| !matches!(item.kind, ItemKind::Identity(_)));
        let sources: BTreeSet<&SourceId> = items.clone().map(|item| &item.source).collect();
        let count = items.count();
        if asked == 0 {
            let why = || format!("no source of {part} is asked{}", self.why_not_asked());
            let is_known = self.left_out.contains(&part);
            let shortfall = (!is_known).then(|| Shortfall::new(part, ShortfallKind::NotAsked, why()));
            return PartFound {
                state: PartState { part, status: Status::Missing, items: Some(0), sources: Vec::new() },
                span: None,
                shortfalls: shortfall.into_iter().collect(),
                quiet: Vec::new(),
            };
        }
        let gaps = fetch.gaps.iter().filter(|gap| gap.source.as_ref().is_some_and(is_of));
        let has_fresh = part == Part::Prices && !self.is_stale(found);
        let (quiet, gaps): (Vec<&Gap>, Vec<&Gap>) =
            gaps.partition(|gap| count > 0 && is_quiet(part, gap, has_fresh));
        let mut shortfalls = together(part, &gaps, asked > 1);
        if count == 0 && shortfalls.is_empty() {
            let why = format!("nothing of {part} was known by the as-of date");
            shortfalls.push(Shortfall::new(part, ShortfallKind::TooLittle, why));
        }
        let status = match (count, shortfalls.is_empty()) {
            (0, _) => Status::Missing,
            (_, true) => Status::Full,
            (_, false) => Status::Degraded,
        };
        let span = found.ends.get(&part).map(|end| StageSpan {
            stage: part.name(),
            asked: Duration::ZERO,
            start: Duration::ZERO,
            end: *end,
            status,
        });
        PartFound {
            state: PartState {
                part,
                status,
                items: Some(count),
                sources: sources.into_iter().map(ToString::to_string).collect(),
            },
            span,
            shortfalls,
            quiet: quiet.into_iter().map(|gap| said_by(&[gap])).collect(),
        }
    }

    /// The one reason why others are not asked, where it is one.
    fn why_not_asked(&self) -> String {
        let reasons: BTreeSet<&str> = self.not_asked.iter().map(|one| one.why.as_str()).collect();
        match reasons.into_iter().collect::<Vec<_>>()[..] {
            [why] => format!(": {why}"),
            _ => String::new(),
        }
    }

    /// Whether all prices that there are are too old to decide by.
    fn is_stale(&self, found: &Found) -> bool {
        let is_price = |source: &SourceId| self.kinds.get(source) == Some(&Part::Prices);
        let is_stale = |gap: &&Gap| gap.reason == GapReason::Stale;
        let stale: BTreeSet<&SourceId> =
            found.fetch.gaps.iter().filter(is_stale).filter_map(|gap| gap.source.as_ref()).collect();
        let bars = found.fetch.items.iter().filter(|item| is_price(&item.source));
        stale.iter().any(|source| is_price(source))
            && bars.into_iter().all(|item| stale.contains(&item.source))
    }
}

/// Whether the source answered, and what it answered is that there is nothing, or nothing new: that is no failure. Without
/// prices nothing can be decided, whoever is to blame; but old ones do not matter where there are fresh ones.
fn is_quiet(part: Part, gap: &Gap, has_fresh_prices: bool) -> bool {
    match part {
        Part::Prices => has_fresh_prices && gap.reason == GapReason::Stale,
        _ => matches!(gap.reason, GapReason::Empty | GapReason::NothingYet),
    }
}

/// The gaps of a part as shortfalls; sources that say the same say it together.
fn together(part: Part, gaps: &[&Gap], named: bool) -> Vec<Shortfall> {
    let mut groups: Vec<Vec<&Gap>> = Vec::new();
    for gap in gaps {
        let same = |group: &&mut Vec<&Gap>| {
            group.iter().any(|other| (other.reason, &other.detail) == (gap.reason, &gap.detail))
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(gap),
            None => groups.push(vec![gap]),
        }
    }
    let shortfall = |group: Vec<&Gap>| {
        let detail = if named { said_by(&group) } else { group[0].detail.clone() };
        Shortfall::new(part, kind(group[0].reason), detail)
    };
    groups.into_iter().map(shortfall).collect()
}

fn said_by(gaps: &[&Gap]) -> String {
    let sources: BTreeSet<String> =
        gaps.iter().filter_map(|gap| gap.source.as_ref()).map(ToString::to_string).collect();
    let detail = gaps.first().map(|gap| gap.detail.as_str()).unwrap_or_default();
    format!("{}: {detail}", sources.into_iter().collect::<Vec<_>>().join(", "))
}

const fn kind(reason: GapReason) -> ShortfallKind {
    match reason {
        GapReason::NoSuchTicker
        | GapReason::NotFound
        | GapReason::NoSource
        | GapReason::Ambiguous
        | GapReason::OtherCompany => ShortfallKind::Unknown,
        GapReason::Empty | GapReason::DoubtfulEmpty | GapReason::NothingYet => ShortfallKind::TooLittle,
        GapReason::Stale => ShortfallKind::Stale,
        GapReason::TimedOut => ShortfallKind::Deadline,
        GapReason::Failed | GapReason::Throttled(_) | GapReason::Blocked => ShortfallKind::Outside,
        GapReason::KeyMissing => ShortfallKind::NotAsked,
        _ => ShortfallKind::Unreadable,
    }
}
