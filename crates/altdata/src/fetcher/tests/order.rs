//! When answers come decides nothing.

use assize_ambient::Chance;

use super::made::{Answering, Made, clock};
use super::*;
use crate::{Attention, Availability, ItemKind, Known as _};

const WORLDS: u64 = 60;

fn moment(hours: i64) -> Timestamp {
    "2024-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hours)
}

fn drawn(chance: &mut Chance, n: usize) -> i64 {
    i64::try_from(chance.below(n)).unwrap()
}

/// What a page says: words for outcomes, or rows of a kind, a number, when it was known at first and at last.
fn page(seed: Seed, url: &str) -> String {
    let mut chance = seed.child(url).rng();
    match chance.below(12) {
        0 => return "empty".to_owned(),
        1 => return "drift".to_owned(),
        _ => {}
    }
    let rows = (0..chance.below(40)).map(|_| {
        let (kind, number) = (["seen", "bar", "note", "undated"][chance.below(4)], 1 + chance.below(25));
        let from = drawn(&mut chance, 600);
        format!("{kind} {number} {from} {}", from + drawn(&mut chance, 48))
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn pages(name: &'static str, pages: usize) -> Made {
    let mut source = Made::named(name, move |query, response| {
        let body = std::str::from_utf8(response.body()).unwrap();
        match body {
            "empty" => return Outcome::Empty,
            "drift" => return Outcome::Drift("a page of another form".to_owned()),
            _ => {}
        }
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for row in body.lines() {
            let parts: Vec<&str> = row.split(' ').collect();
            let number = |n: usize| parts[n].parse::<i64>().unwrap();
            let (id, url, at) = (SourceId::new(name), response.url(), response.fetched_at());
            let known = Availability::between(moment(number(2)), moment(number(3)), "so it says");
            let day = date(2024, 1, number(1).try_into().unwrap());
            match parts[0] {
                "seen" => {
                    let kind =
                        ItemKind::Attention(Attention { subject: name.to_owned(), date: day, views: 1 });
                    items.push(Item::new(query.ticker(), kind, &id, url, known, at));
                }
                "bar" => {
                    let bar = DailyBar::new(day, 1.0, 1.0, 1.0, 1.0);
                    let dividend = (number(2) % 3 == 0).then_some(0.5);
                    items.push(Item::bar(query.ticker(), DailyBar { dividend, ..bar }, &id, url, at));
                }
                "note" => findings.push(
                    Finding::on(day, FindingKind::BadPrice, Disposition::Dropped, row.to_owned()).at_url(url),
                ),
                _ => findings.push(
                    Finding::undated(None, FindingKind::UnreadableDate, Disposition::Dropped, row.to_owned())
                        .at_url(url),
                ),
            }
        }
        Outcome::Items { items, findings }
    });
    source.meta.stale_after = Some(Duration::from_secs(5 * 86_400));
    source.meta.rate = Some(50.0);
    source.meta.burst = 3;
    source.plan = Box::new(move |query| {
        // The last is the same for all tickers.
        let url = |n: usize| match n + 1 == pages {
            true => format!("x://{name}/all/{n}"),
            false => format!("x://{name}/{}/{n}", query.ticker()),
        };
        (0..pages).map(|n| Request::get(url(n).parse().unwrap())).collect()
    });
    source
}

async fn fetched(world: Seed, latencies: u64, concurrency: usize) -> Fetched {
    let clock = clock("2024-03-01T00:00:00Z");
    let paces = Seed::new(latencies);
    let wire = Answering::new(&clock, move |url| {
        let took = Duration::from_millis(paces.child(url).rng().below(3_000).try_into().unwrap());
        let body = if world.child(url).child("lost").rng().happens(0.05) {
            Err(ErrorKind::Corrupt)
        } else {
            Ok(page(world, url))
        };
        (took, body)
    });
    let sources: Vec<Arc<dyn Source>> =
        vec![Arc::new(pages("one", 3)), Arc::new(pages("two", 1)), Arc::new(pages("three", 4))];
    // The same moment of reading, whenever that was: it is no part of what is compared.
    let fixed: Arc<dyn Clock> = Arc::new(assize_ambient::FixedClock::new(clock.now()));
    let tickers: Vec<Ticker> =
        ["A", "B", "C", "D", "E"].iter().map(|ticker| ticker.parse().unwrap()).collect();
    let policy = FetchPolicy::within(Duration::from_secs(3_600)).with_concurrency(concurrency);
    let mut fetched = Fetcher::new(wire, sources, fixed).fetch(&tickers, AsOf::at(moment(400)), policy).await;
    for one in &mut fetched.by_ticker {
        // For the record of the run.
        (one.elapsed, one.requests) = (Duration::ZERO, 0);
        one.items.iter_mut().for_each(|item| item.fetched_at = Timestamp::UNIX_EPOCH);
    }
    fetched
}

/// The same answers at other times are the same result, to the last gap; and nothing is in it that was known later, out of
/// more than 10,000 items.
#[test]
fn the_same_answers_in_any_order_are_the_same_result() {
    let runtime =
        || tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let as_of = AsOf::at(moment(400));
    let (mut generated, mut gaps) = (0, 0);
    for world in 0..WORLDS {
        let seed = Seed::new(world);
        let first = runtime().block_on(fetched(seed, 1, usize::MAX));
        for (latencies, concurrency) in [(2, usize::MAX), (3, 1), (4, 7)] {
            let other = runtime().block_on(fetched(seed, latencies, concurrency));
            assert_eq!(first.by_ticker, other.by_ticker, "world {world} with the times {latencies}");
            assert_eq!(first.requests(), other.requests());
        }
        for one in &first.by_ticker {
            assert!(one.items.iter().all(|item| item.available_at.latest <= as_of.moment()), "no look-ahead");
            assert!(
                one.findings.iter().all(|finding| finding.known_by().is_some_and(|by| by <= as_of.moment()))
            );
            assert!(one.items.is_sorted_by_key(|item| item.known_by()));
            let repeated =
                one.findings.iter().filter(|finding| finding.kind == FindingKind::Duplicate).count();
            let due = due(seed, &one.ticker, as_of);
            assert_eq!(one.items.len() + repeated, due.0, "nothing is lost");
            assert_eq!(one.removed.count, due.1, "what is cut is counted");
            generated += due.0 + usize::try_from(due.1).unwrap();
            gaps += one.gaps.len();
        }
    }
    assert!(generated >= 10_000, "{generated} items");
    assert!(gaps > 100, "{gaps} gaps");
}

/// How many items of the pages of a ticker are known as of then, and how many are not: counted by the rows.
fn due(world: Seed, ticker: &Ticker, as_of: AsOf) -> (usize, u64) {
    let (mut known, mut later) = (0, 0);
    for (name, pages) in [("one", 3), ("two", 1), ("three", 4)] {
        for n in 0..pages {
            let about = if n + 1 == pages { "all" } else { ticker.as_str() };
            let url = format!("x://{name}/{about}/{n}");
            if world.child(&url).child("lost").rng().happens(0.05) {
                continue;
            }
            for row in page(world, &url).lines() {
                let parts: Vec<&str> = row.split(' ').collect();
                let by = match parts[0] {
                    "seen" => moment(parts[3].parse().unwrap()),
                    "bar" => Availability::of_daily_bar(date(2024, 1, parts[1].parse().unwrap())).latest,
                    _ => continue,
                };
                if by <= as_of.moment() { known += 1 } else { later += 1 }
            }
        }
    }
    (known, later)
}
