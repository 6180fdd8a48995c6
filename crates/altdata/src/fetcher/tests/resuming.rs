//! Only what is new is asked for.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::made::{Answering, Made, clock, memory};
use super::*;
use crate::{Attention, Availability, ItemKind};

const BEGAN: &str = "2024-03-01T12:00:00Z";
const DAYS: i64 = 40;

fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn day_of(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

/// Views by the day for the last forty, in a book of which the keepers put the day before last right: a body is the days from
/// the first to the last that are over.
fn book(clock: &Arc<dyn Clock>) -> Arc<Answering> {
    let now = Arc::clone(clock);
    Answering::new(clock, move |url| {
        let dates: Vec<Date> = url.rsplit('/').take(2).map(|text| text.parse().unwrap()).collect();
        let today = day_of(now.now());
        let views = |date: Date| {
            let is_right = (today - date).get_days() > 2;
            u64::from(date.day().unsigned_abs()) * 10 + u64::from(!is_right)
        };
        let days = dates[1].series(1.day()).take_while(|date| *date <= dates[0] && *date < today);
        // A day that nobody looked is not in it.
        let days = days.filter(|date| date.day() != 13);
        let rows: Vec<String> = days.map(|date| format!("{date}={}", views(date))).collect();
        (Duration::from_millis(100), Ok(rows.join(" ")))
    })
}

fn views() -> Made {
    let mut views = Made::named("views", |query, response| {
        let body = std::str::from_utf8(response.body()).unwrap();
        if body.is_empty() {
            return Outcome::Empty;
        }
        let (id, url) = (SourceId::new("views"), response.url());
        let items = body.split(' ').map(|row| {
            let (date, views) = row.split_once('=').unwrap();
            let date: Date = date.parse().unwrap();
            let known = Availability::at(midnight(date.tomorrow().unwrap()), "the day's end");
            let kind = ItemKind::Attention(Attention {
                subject: "it".to_owned(),
                date,
                views: views.parse().unwrap(),
            });
            Item::new(query.ticker(), kind, &id, url, known, response.fetched_at())
        });
        Outcome::Items { items: items.collect(), findings: Vec::new() }
    });
    let first = |query: &Query| day_of(query.as_of().moment()).saturating_sub(DAYS.days());
    views.plan = Box::new(move |query| {
        let since = query.wanted_since().map_or(first(query), |since| day_of(since).max(first(query)));
        let last = day_of(query.as_of().moment());
        vec![Request::get(format!("x://views/{}/{since}/{last}", query.ticker()).parse().unwrap())]
    });
    views.resumes = Box::new(move |query| {
        let from = midnight(first(query).tomorrow().unwrap());
        Some(Resume { from, overlap: Duration::from_secs(4 * 86_400) })
    });
    views
}

/// What is fetched now, without what says where and when it was read.
async fn now(
    fetcher: &Fetcher,
    clock: &Arc<dyn Clock>,
) -> (Vec<(crate::EvidenceId, ItemKind, Availability)>, Vec<Gap>, u64) {
    let policy = FetchPolicy::within(Duration::from_secs(30));
    let fetched = fetcher.fetch(&["KO".parse().unwrap()], AsOf::at(clock.now()), policy).await;
    let requests = fetched.requests();
    let one = fetched.by_ticker.into_iter().next().unwrap();
    assert_eq!(one.findings, []);
    let items = one.items.into_iter().map(|item| (item.id, item.kind, item.available_at)).collect();
    (items, one.gaps, requests)
}

fn with(book: &Arc<Answering>, source: Made, clock: &Arc<dyn Clock>) -> Fetcher {
    Fetcher::new(Arc::clone(book) as Arc<dyn Transport>, vec![Arc::new(source)], Arc::clone(clock))
}

#[tokio::test(start_paused = true)]
async fn day_by_day_it_is_what_a_whole_fetch_brings() {
    let clock = clock(BEGAN);
    let book = book(&clock);
    let cached = with(&book, views(), &clock).with_cache(memory(&clock));
    let whole = with(&book, views(), &clock);
    let mut asked = Vec::new();
    for day in 0..40 {
        let fetched = now(&cached, &clock).await;
        asked.extend(book.take_asked());
        let due = now(&whole, &clock).await;
        book.take_asked();
        assert_eq!((&fetched.0, &fetched.1), (&due.0, &due.1), "on day {day}");
        assert!(fetched.0.len() >= 38, "{}", fetched.0.len());
        assert_eq!(now(&cached, &clock).await.2, 0, "within its time nothing is asked for");
        book.take_asked();
        tokio::time::advance(Duration::from_secs(86_400)).await;
    }
    assert_eq!(asked.len(), 40, "once a day");
    assert_eq!(asked[0], "x://views/KO/2024-01-21/2024-03-01");
    assert_eq!(asked[1], "x://views/KO/2024-02-26/2024-03-02", "four days again, and the new one");
    assert_eq!(asked[29], "x://views/KO/2024-02-26/2024-03-30");
    assert_eq!(asked[30], "x://views/KO/2024-02-20/2024-03-31", "after 30 days everything again");
    assert_eq!(asked[31], "x://views/KO/2024-03-27/2024-04-01");
}

/// Where going on would not be right, everything is asked for.
#[tokio::test(start_paused = true)]
async fn what_cant_be_gone_on_with_is_asked_for_whole() {
    let clock = clock(BEGAN);
    let book = book(&clock);
    let cache = memory(&clock);
    let first = now(&with(&book, views(), &clock).with_cache(cache.clone()), &clock).await;
    assert_eq!((book.take_asked().len(), first.1.len()), (1, 0));
    tokio::time::advance(Duration::from_secs(86_400)).await;

    // It would ask otherwise today.
    let mut other = views();
    other.plan = Box::new(|query| {
        let since = query.wanted_since().map_or("2024-01-20".to_owned(), |since| day_of(since).to_string());
        vec![Request::get(format!("x://views/all/{}/{since}/2024-03-02", query.ticker()).parse().unwrap())]
    });
    now(&with(&book, other, &clock).with_cache(cache.clone()), &clock).await;
    assert_eq!(book.take_asked(), ["x://views/all/KO/2024-01-20/2024-03-02"]);

    // The other one's answer is kept now, and is not its own.
    let again = with(&book, views(), &clock).with_cache(cache.clone());
    now(&again, &clock).await;
    assert_eq!(book.take_asked(), ["x://views/KO/2024-01-22/2024-03-02"]);

    // As of a day before the kept one.
    let before = AsOf::at("2024-02-20T12:00:00Z".parse().unwrap());
    again.fetch(&["KO".parse().unwrap()], before, FetchPolicy::within(Duration::from_secs(30))).await;
    assert_eq!(book.take_asked(), ["x://views/KO/2024-01-11/2024-02-20"]);

    // That one is kept now. What is new can't be had: what was kept is there, and what is missing is named.
    tokio::time::advance(Duration::from_secs(86_400)).await;
    let broken = Answering::new(&clock, |_| (Duration::from_millis(100), Err(ErrorKind::Denied)));
    let (items, gaps, requests) =
        now(&with(&broken, views(), &clock).with_cache(cache.clone()), &clock).await;
    assert_eq!((gaps.len(), gaps[0].reason, requests), (1, GapReason::Denied, 1));
    assert_eq!(broken.take_asked(), ["x://views/KO/2024-02-16/2024-03-03"]);
    assert_eq!(items.len(), 28, "from 23 January to 20 February, without the 13th");

    // An answer that makes no sense is no reason to go on.
    let silent = Answering::new(&clock, |_| (Duration::from_millis(100), Ok(String::new())));
    let (items, gaps, _) = now(&with(&silent, views(), &clock).with_cache(cache), &clock).await;
    assert_eq!((items.len(), gaps.len(), gaps[0].reason), (0, 1, GapReason::Empty));
    assert_eq!(
        silent.take_asked(),
        ["x://views/KO/2024-02-16/2024-03-03", "x://views/KO/2024-01-23/2024-03-03"]
    );
}

/// A source that can't be gone on with is asked as it always was, though it reads `since`.
#[tokio::test(start_paused = true)]
async fn nothing_is_gone_on_with_unless_the_source_says_so() {
    let clock = clock(BEGAN);
    let book = book(&clock);
    let mut whole = views();
    whole.resumes = Box::new(|_| None);
    let fetcher = with(&book, whole, &clock).with_cache(memory(&clock));
    now(&fetcher, &clock).await;
    tokio::time::advance(Duration::from_secs(86_400)).await;
    now(&fetcher, &clock).await;
    assert_eq!(
        book.take_asked(),
        ["x://views/KO/2024-01-21/2024-03-01", "x://views/KO/2024-01-22/2024-03-02"]
    );
}
