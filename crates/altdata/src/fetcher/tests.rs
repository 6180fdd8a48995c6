//! A fetch in virtual time, over sources that fail in every way.

use std::collections::BTreeMap;
use std::time::Duration;

use assize_ambient::{Timestamp, VirtualClock};
use assize_transport::{self as transport, ErrorKind, Headers, RawResponse, Request, Url};
use async_trait::async_trait;
use jiff::civil::date;

use super::*;
use crate::{
    DailyBar, Disposition, Finding, FindingKind, Gap, GapReason, Item, Outcome, Query, Resume, SourceId,
    SourceKind, SourceMeta,
};

/// Answers after a second, or as the address says.
#[derive(Debug)]
struct Slow(BTreeMap<&'static str, (u64, Result<&'static str, ErrorKind>)>);

#[async_trait]
impl Transport for Slow {
    async fn send(&self, request: Request) -> Result<RawResponse, transport::Error> {
        let (seconds, reply) = self.0.get(request.url().as_str()).unwrap_or(&(1, Err(ErrorKind::NotFound)));
        tokio::time::sleep(Duration::from_secs(*seconds)).await;
        let body = reply.map_err(|kind| kind.error("read it: it is broken"))?;
        Ok(RawResponse::new(&request, 200, Headers::default(), body, Timestamp::UNIX_EPOCH))
    }
}

/// Plans one request for each digit behind the ticker's first letter; a body is days and words for other outcomes.
#[derive(Debug)]
struct Days(SourceMeta);

impl Days {
    fn source(name: &'static str) -> Arc<dyn Source> {
        let mut meta = SourceMeta::new(SourceId::new(name), SourceKind::Prices, "test");
        meta.stale_after = Some(Duration::from_secs(7 * 86_400));
        Arc::new(Self(meta))
    }
}

impl Source for Days {
    fn meta(&self) -> &SourceMeta {
        &self.0
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let ticker = query.ticker().as_str();
        if ticker == "UNKNOWN" {
            return Err(Gap::new(query.ticker(), &self.0.id, GapReason::NoSuchTicker, "no such file"));
        }
        let url = |digit: char| format!("x://{}{digit}", &ticker[..1]).parse::<Url>().unwrap();
        Ok(ticker[1..].chars().map(|digit| Request::get(url(digit))).collect())
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for word in std::str::from_utf8(response.body()).unwrap().split(' ') {
            match word {
                "" => return Outcome::Empty,
                "throttled" => return Outcome::Throttled(Some(Duration::from_secs(3))),
                "drift" => return Outcome::Drift("no close".to_owned()),
                "bad" => findings.push(Finding::on(
                    date(2024, 1, 2),
                    FindingKind::BadPrice,
                    Disposition::Dropped,
                    "the close is bad",
                )),
                "undated" => {
                    let kind = FindingKind::UnreadableDate;
                    findings.push(Finding::undated(
                        None,
                        kind,
                        Disposition::Dropped,
                        "the date can't be read",
                    ));
                }
                "later" => {
                    let (known, kind) = (Some(date(2024, 1, 30)), FindingKind::UnreadableDate);
                    findings.push(Finding::undated(known, kind, Disposition::Dropped, "a date of later"));
                }
                day => {
                    let (day, dividend) = match day.strip_suffix('d') {
                        Some(day) => (day, Some(0.5)),
                        None => (day, None),
                    };
                    let bar = DailyBar::new(date(2024, 1, day.parse().unwrap()), 1.0, 1.0, 1.0, 1.0);
                    let bar = DailyBar { dividend, ..bar };
                    items.push(Item::bar(
                        query.ticker(),
                        bar,
                        &self.0.id,
                        response.url(),
                        response.fetched_at(),
                    ));
                }
            }
        }
        Outcome::Items { items, findings }
    }
}

const WORLD: [(&str, u64, Result<&str, ErrorKind>); 22] = [
    ("x://A1", 1, Ok("8 9 10")),
    ("x://A2", 1, Ok("10 11 12")),
    ("x://B1", 1, Ok("")),
    ("x://C1", 1, Ok("throttled")),
    ("x://D1", 1, Ok("drift")),
    ("x://E1", 1, Ok("bad bad")),
    ("x://F1", 1, Ok("30")),
    ("x://G1", 1, Err(ErrorKind::Corrupt)),
    ("x://H1", 60, Ok("9")),
    ("x://I1", 1, Ok("2")),
    ("x://J1", 1, Ok("9")),
    ("x://J2", 60, Ok("10")),
    ("x://J3", 60, Ok("11")),
    ("x://M1", 1, Ok("2")),
    ("x://M2", 1, Ok("")),
    ("x://N1", 1, Ok("undated undated")),
    ("x://N2", 1, Ok("undated 30 later")),
    ("x://N3", 1, Ok("30")),
    ("x://P1", 1, Ok("9 10")),
    ("x://P2", 1, Ok("10d 11")),
    ("x://Q1", 1, Ok("10d")),
    ("x://Q2", 1, Ok("10")),
];

async fn fetch(tickers: &[&str], sources: Vec<Arc<dyn Source>>, policy: FetchPolicy) -> Fetched {
    let world = WORLD.into_iter().map(|(url, seconds, reply)| (url, (seconds, reply))).collect();
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let tickers: Vec<Ticker> = tickers.iter().map(|ticker| ticker.parse().unwrap()).collect();
    let as_of = AsOf::end_of_new_york_day(date(2024, 1, 11));
    Fetcher::new(Arc::new(Slow(world)), sources, clock).fetch(&tickers, as_of, policy).await
}

/// What was fetched once is, as of each earlier day, what would have been fetched with that cut.
#[tokio::test(start_paused = true)]
async fn a_past_is_what_would_have_been_fetched() {
    let fetcher = || {
        let world = WORLD.into_iter().map(|(url, seconds, reply)| (url, (seconds, reply))).collect();
        let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
        Fetcher::new(Arc::new(Slow(world)), vec![Days::source("days"), Days::source("other")], clock)
    };
    let names = ["A12", "B1", "E1", "F1", "H1", "I1", "J123", "M12", "N1", "N2", "N12", "N23", "P12", "Q12"];
    let tickers: Vec<Ticker> = names.iter().map(|ticker| ticker.parse().unwrap()).collect();
    let day = |day| AsOf::end_of_new_york_day(date(2024, 1, day));
    let past = fetcher().fetch_past(&tickers, day(31), policy()).await;
    for as_of in [1, 2, 8, 9, 10, 11, 12, 29, 30, 31].map(day) {
        let fetched = fetcher().fetch(&tickers, as_of, policy()).await;
        for fetch in fetched.by_ticker {
            let then = past.as_of(&fetch.ticker, as_of).unwrap();
            assert_eq!(then, fetch, "{} as of {as_of}", fetch.ticker);
        }
    }
    let late = AsOf::end_of_new_york_day(date(2025, 1, 1));
    assert_eq!(
        past.as_of(&tickers[0], late),
        past.as_of(&tickers[0], day(31)),
        "beyond its end nothing is known"
    );
    assert_eq!(past.as_of(&"ZZ".parse().unwrap(), late), None);
}

fn policy() -> FetchPolicy {
    FetchPolicy::within(Duration::from_secs(30)).with_attempt(Duration::MAX)
}

fn days(fetch: &TickerFetch) -> Vec<i8> {
    fetch.items.iter().map(|item| item.as_bar().unwrap().date.day()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_failure_is_a_gap_of_its_own() {
    let tickers =
        ["A12", "B1", "C1", "D1", "E1", "F1", "G1", "H1", "I1", "J123", "K1", "L", "UNKNOWN", "A12"];
    let fetched = fetch(&tickers, vec![Days::source("days")], policy()).await;
    let gaps: Vec<String> =
        fetched.by_ticker.iter().flat_map(|fetch| &fetch.gaps).map(ToString::to_string).collect();
    assert_eq!(
        gaps,
        [
            "B1 from days: `x://B1` holds nothing (empty)",
            "C1 from days: `x://C1` was asked too often and asks for 3s (throttled)",
            "D1 from days: `x://D1` is not of the expected form: no close (drift)",
            "E1 from days: none of 2 rows can be used; first 2024-01-02: the close is bad; dropped (unreadable)",
            "F1 from days: no usable row was known by 2024-01-11 (nothing_yet)",
            "G1 from days: failed to read it: it is broken (corrupt)",
            "H1 from days: the deadline came before 1 of 1 answers, first `x://H1` (timed_out)",
            "I1 from days: the newest is of 2024-01-02, 9 days before 2024-01-11 (stale)",
            "J123 from days: the deadline came before 2 of 3 answers, first `x://J2` (timed_out)",
            "K1 from days: failed to read it: it is broken (not_found)",
            "L from days: the source has nothing to ask for it (no_such_ticker)",
            "UNKNOWN from days: no such file (no_such_ticker)",
        ]
    );
    assert_eq!(fetched.by_ticker.len(), 13, "the second A12 is the first");
    let good = fetched.get(&"A12".parse().unwrap()).unwrap();
    assert_eq!(days(good), [8, 9, 10, 11]);
    assert_eq!((good.requests, good.elapsed), (2, Duration::from_secs(1)));
    assert_eq!(good.removed.dates(), Some((date(2024, 1, 12), date(2024, 1, 12))));
    assert_eq!(good.findings.len(), 1, "the 10th came twice");
    assert_eq!(days(fetched.get(&"I1".parse().unwrap()).unwrap()), [2], "stale, and there");
    assert_eq!(days(fetched.get(&"J123".parse().unwrap()).unwrap()), [9], "what came in time stays");
    assert_eq!(fetched.removed().count, 2);
    assert_eq!(fetched.elapsed, Duration::from_secs(30));
    assert_eq!(
        fetched.requests(),
        17,
        "one was tried four times, and files of one ticker are asked for together"
    );
}

/// Another file of the ticker that holds nothing makes old bars no younger.
#[tokio::test(start_paused = true)]
async fn a_gap_hides_no_staleness() {
    let fetched = fetch(&["M12"], vec![Days::source("days")], policy()).await;
    let reasons: Vec<GapReason> = fetched.by_ticker[0].gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::Empty, GapReason::Stale]);
    assert_eq!(days(&fetched.by_ticker[0]), [2]);
}

/// How long a fetch was allowed to take is what others left over: it must not reach a decision.
#[tokio::test(start_paused = true)]
async fn a_missed_deadline_tells_no_duration() {
    let gap = |fetched: Fetched| fetched.by_ticker[0].gaps[0].to_string();
    let one =
        fetch(&["H1"], vec![Days::source("days")], FetchPolicy::within(Duration::from_nanos(29_999_870_001)));
    let other = fetch(&["H1"], vec![Days::source("days")], FetchPolicy::within(Duration::ZERO));
    assert_eq!(gap(one.await), gap(other.await));
}

/// Rows of later days, and rows without a date beside them or alone: the same gap. What has no date at all is kept for
/// the record of the run, what has a later one is not.
#[tokio::test(start_paused = true)]
async fn nothing_known_is_told_in_one_way() {
    let fetched = fetch(&["N1", "N2", "N3"], vec![Days::source("days")], policy()).await;
    for fetch in &fetched.by_ticker {
        let [gap] = &fetch.gaps[..] else { panic!("{:?}", fetch.gaps) };
        assert_eq!(
            (gap.reason, &*gap.detail),
            (GapReason::NothingYet, "no usable row was known by 2024-01-11")
        );
        assert_eq!((fetch.items.len(), fetch.findings.len()), (0, 0));
    }
    let undated: Vec<usize> = fetched.by_ticker.iter().map(|fetch| fetch.undated.len()).collect();
    assert_eq!(undated, [2, 1, 0]);
    assert!(fetched.by_ticker[1].undated.iter().all(|finding| finding.text == "the date can't be read"));
}

/// Two files that tell of one day, one of which knows of its dividend.
#[tokio::test(start_paused = true)]
async fn a_repeated_day_keeps_its_dividend() {
    let fetched = fetch(&["P12", "Q12"], vec![Days::source("days")], policy()).await;
    let dividends = |fetch: &TickerFetch| -> Vec<_> {
        fetch.items.iter().filter_map(|item| item.as_bar().unwrap().dividend).collect()
    };
    let [repeated, first] = &fetched.by_ticker[..] else { panic!("two tickers") };
    assert_eq!((dividends(repeated), dividends(first)), (vec![0.5], vec![0.5]));
    assert!(repeated.findings[0].text.ends_with("its dividend or split is taken over"));
    assert!(first.findings[0].text.ends_with("another answer of this source"));
}

#[tokio::test(start_paused = true)]
async fn the_order_of_answers_shows_nowhere() {
    let tickers = ["J1", "A12", "I1", "E1"];
    let sources = || vec![Days::source("one"), Days::source("two")];
    let fast = fetch(&tickers, sources(), policy()).await;
    let slow = fetch(&tickers, sources(), policy().with_concurrency(0)).await;
    for (fast, slow) in fast.by_ticker.iter().zip(&slow.by_ticker) {
        assert_eq!((&fast.ticker, &fast.items, &fast.gaps), (&slow.ticker, &slow.items, &slow.gaps));
        assert_eq!(fast.findings, slow.findings);
    }
    assert_eq!(fast.elapsed, Duration::from_secs(1));
    assert_eq!(slow.elapsed, Duration::from_secs(4), "what both sources ask is asked once");
    assert_eq!(fast.by_ticker[0].items.len(), 2, "two sources that agree are two items");
}

#[tokio::test(start_paused = true)]
async fn no_time_and_all_time() {
    let none = fetch(&["A12"], vec![Days::source("days")], FetchPolicy::within(Duration::ZERO)).await;
    assert_eq!((none.requests(), none.by_ticker[0].gaps[0].reason), (0, GapReason::TimedOut));
    let all = fetch(
        &["H1"],
        vec![Days::source("days")],
        FetchPolicy::within(Duration::MAX).with_attempt(Duration::MAX),
    )
    .await;
    assert_eq!((all.by_ticker[0].items.len(), all.elapsed), (1, Duration::from_secs(60)));
    let nobody = fetch(&["A12"], Vec::new(), policy()).await;
    assert_eq!(nobody.by_ticker[0].gaps[0].reason, GapReason::NoSource);
}

mod for_all;
mod keeping;
mod made;
mod order;
mod resuming;
mod streaming;
mod world;

#[test]
fn a_fetch_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let clock = Arc::new(assize_ambient::FixedClock::new(Timestamp::UNIX_EPOCH));
    let fetcher = Fetcher::new(Arc::new(Slow(BTreeMap::new())), Vec::new(), clock);
    is_send(&fetcher.fetch(&[], AsOf::at(Timestamp::UNIX_EPOCH), policy()));
    is_send(&fetcher.fetch_each(&[], AsOf::at(Timestamp::UNIX_EPOCH), policy(), |_, _| {}));
}
