//! What is kept from one fetch to the next, and what must not be.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use assize_ambient::SystemClock;
use assize_cache::{DiskTier, Level};

use super::made::{Answering, Made, clock, memory};
use super::*;
use crate::{Attention, Availability, Identity, ItemKind};

fn seen(query: &Query, response: &RawResponse) -> Outcome {
    let subject = response.url().as_str().to_owned();
    let kind = ItemKind::Attention(Attention { subject, date: date(2024, 1, 10), views: 1 });
    let known = Availability::at("2024-01-11T00:00:00Z".parse().unwrap(), "so it says");
    let id = SourceId::from_text(response.url().host().unwrap_or_default().to_owned());
    let item = Item::new(query.ticker(), kind, &id, response.url(), known, response.fetched_at());
    Outcome::Items { items: vec![item], findings: Vec::new() }
}

async fn fetch(fetcher: &Fetcher, tickers: &[&str]) -> Fetched {
    let tickers: Vec<Ticker> = tickers.iter().map(|ticker| ticker.parse().unwrap()).collect();
    let policy = FetchPolicy::within(Duration::from_secs(60));
    fetcher.fetch(&tickers, AsOf::at("2024-02-01T00:00:00Z".parse().unwrap()), policy).await
}

/// Another company's answer is never kept, and one that was kept before it was known whose it is is thrown away.
#[tokio::test(start_paused = true)]
async fn another_companys_answer_is_asked_for_again() {
    let clock = clock("2024-02-01T00:00:00Z");
    let wire = Answering::new(&clock, |_| (Duration::from_millis(10), Ok("Acme Fund".to_owned())));
    let judging = || {
        Arc::new(Made::named("names", |query, response| match query.identity() {
            Some(card) if card.name.as_bytes() != response.body() => {
                Outcome::OtherCompany(format!("Acme Fund, and {} was meant", card.name))
            }
            _ => seen(query, response),
        })) as Arc<dyn Source>
    };
    let cache = memory(&clock);
    let fetcher = || Fetcher::new(wire.clone(), vec![judging()], clock.clone()).with_cache(cache.clone());
    let card = |name: &str| Identity::new(&"ACME".parse().unwrap(), name);

    let unknown = fetch(&fetcher(), &["ACME"]).await;
    assert_eq!((unknown.requests(), unknown.by_ticker[0].items.len()), (1, 1));
    assert_eq!(fetch(&fetcher(), &["ACME"]).await.requests(), 0, "kept");
    for _ in 0..2 {
        let known = fetch(&fetcher().with_identities([card("Acme Inc.")]), &["ACME"]).await;
        assert_eq!(known.requests(), 1, "neither what was kept, nor what came then, is used again");
        assert_eq!(known.by_ticker[0].gaps[0].reason, GapReason::OtherCompany);
        assert_eq!(known.by_ticker[0].items, []);
    }
    let right = fetch(&fetcher().with_identities([card("Acme Fund")]), &["ACME"]).await;
    assert_eq!((right.requests(), right.by_ticker[0].items.len()), (1, 1));
}

/// A gap and a finding may quote what was answered: not where that repeats a key.
#[tokio::test(start_paused = true)]
async fn a_key_that_is_repeated_is_quoted_nowhere() {
    let clock = clock("2024-02-01T00:00:00Z");
    let said = |_: &str| (Duration::from_millis(10), Ok("we know your key k3y-of-ours well".to_owned()));
    let wire = Answering::new(&clock, said);
    let with_key = |mut source: Made| {
        let plan = source.plan;
        source.plan = Box::new(move |query| {
            let keyed = |request: Request| request.with_secret_query("key", "k3y-of-ours").unwrap();
            plan(query).into_iter().map(keyed).collect()
        });
        Arc::new(source) as Arc<dyn Source>
    };
    let text = |response: &RawResponse| String::from_utf8_lossy(response.body()).into_owned();
    let gap = Made::named("drifting", move |_, response| Outcome::Drift(text(response)));
    let finding = Made::named("finding", move |query, response| {
        let day = date(2024, 1, 10);
        let finding = Finding::on(day, FindingKind::Weekend, Disposition::Kept, text(response));
        let Outcome::Items { items, .. } = seen(query, response) else { return Outcome::Empty };
        Outcome::Items { items, findings: vec![finding] }
    });
    let fetcher = Fetcher::new(wire, vec![with_key(gap), with_key(finding)], clock.clone());
    let fetched = fetch(&fetcher, &["ACME"]).await;
    let told = &fetched.by_ticker[0];
    assert_eq!((told.gaps.len(), told.items.len(), told.findings.len()), (1, 1, 1), "{told:?}");
    assert!(!format!("{fetched:?}").contains("k3y-of-ours"), "{fetched:?}");
    assert!(told.gaps[0].detail.contains("repeats a key"), "{}", told.gaps[0].detail);
}

/// A service that repeats the key that it was asked with.
#[tokio::test(start_paused = true)]
async fn an_answer_that_repeats_a_secret_is_not_kept() {
    const KEY: &str = "sk-do-not-keep";
    let clock = clock("2024-02-01T00:00:00Z");
    let is_loud = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let says = Arc::clone(&is_loud);
    let wire = Answering::new(&clock, move |_| {
        let loud = says.load(std::sync::atomic::Ordering::Relaxed);
        (Duration::from_millis(10), Ok(if loud { format!("hello {KEY}") } else { "hello".to_owned() }))
    });
    let mut keyed = Made::named("keyed", seen);
    let plain = std::mem::replace(&mut keyed.plan, Box::new(|_| Vec::new()));
    keyed.plan = Box::new(move |query| {
        plain(query).into_iter().map(|request| request.with_secret_query("apikey", KEY).unwrap()).collect()
    });
    let fetcher = Fetcher::new(wire.clone(), vec![Arc::new(keyed)], clock.clone()).with_cache(memory(&clock));
    for _ in 0..2 {
        let fetched = fetch(&fetcher, &["KO"]).await;
        assert_eq!((fetched.requests(), fetched.by_ticker[0].items.len()), (1, 1), "read, and not kept");
        assert!(!format!("{fetched:?}").contains(KEY));
    }
    is_loud.store(false, std::sync::atomic::Ordering::Relaxed);
    fetch(&fetcher, &["KO"]).await;
    assert_eq!(fetch(&fetcher, &["KO"]).await.requests(), 0);
    assert!(!format!("{fetcher:?}").contains(KEY));
}

/// After a fetch was dropped nothing of it goes on.
#[tokio::test(start_paused = true)]
async fn a_dropped_fetch_leaves_nothing_behind() {
    let clock = clock("2024-02-01T00:00:00Z");
    let wire = Answering::new(&clock, |_| (Duration::from_secs(1), Ok("x".to_owned())));
    let mut slow = Made::named("slow", seen);
    (slow.meta.rate, slow.meta.burst) = (Some(2.0), 1);
    let fetcher = Fetcher::new(wire.clone(), vec![Arc::new(slow)], clock.clone()).with_cache(memory(&clock));
    let tickers: Vec<String> = (0..50).map(|n| format!("T{n}")).collect();
    let tickers: Vec<&str> = tickers.iter().map(String::as_str).collect();
    let cut = tokio::time::timeout(Duration::from_secs(5), fetch(&fetcher, &tickers)).await;
    assert!(cut.is_err());
    let asked = wire.take_asked().len();
    assert!((8..=11).contains(&asked), "{asked}");
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(wire.take_asked(), Vec::<String>::new());
    assert_eq!(Arc::strong_count(&wire), 2, "ours and the fetcher's");
    let fetched = fetch(&fetcher, &tickers).await;
    assert!(fetched.by_ticker.iter().all(|one| one.gaps.is_empty()), "nobody waits for what was dropped");
}

/// A wait without end is one.
#[tokio::test(start_paused = true)]
async fn a_host_that_is_to_be_left_alone_for_ever_is() {
    let clock = clock("2024-02-01T00:00:00Z");
    let wire = Answering::new(&clock, |_| (Duration::from_millis(10), Ok("x".to_owned())));
    let never = Made::named("never", |_, _| Outcome::Throttled(Some(Duration::MAX)));
    let fetcher = Fetcher::new(wire.clone(), vec![Arc::new(never)], clock.clone());
    let fetched = fetch(&fetcher, &["A"]).await;
    assert_eq!(fetched.by_ticker[0].gaps[0].reason, GapReason::Throttled(Some(Duration::MAX)));
    assert_eq!(fetch(&fetcher, &["B"]).await.by_ticker[0].gaps[0].reason, GapReason::Blocked);
    assert_eq!(wire.take_asked().len(), 1);
}

const CHILD: &str = "fetcher::tests::keeping::what_the_killed_one_does";
const TICKERS: usize = 120;

/// A fetcher with a cache on disk, in real time.
async fn on_disk(folder: &Path) -> (Fetcher, Arc<Answering>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tier = DiskTier::open(folder, 64 << 20, Arc::clone(&clock)).await.unwrap();
    // A machine that others use may be slow; it is not time that is tested.
    let level = Level::disk(Arc::new(tier)).with_deadline(Duration::from_secs(30));
    let cache = Tiered::new(vec![level], Arc::clone(&clock), Seed::new(1));
    let wire = Answering::new(&clock, |_| (Duration::from_millis(3), Ok("x".repeat(2_000))));
    let mut slow = Made::named("slow", seen);
    (slow.meta.rate, slow.meta.burst) = (Some(150.0), 2);
    (Fetcher::new(wire.clone(), vec![Arc::new(slow)], clock).with_cache(cache), wire)
}

fn all() -> Vec<String> {
    (0..TICKERS).map(|n| format!("T{n}")).collect()
}

#[test]
#[ignore = "started by the test that kills it"]
fn what_the_killed_one_does() {
    let mut folder = String::new();
    std::io::stdin().read_line(&mut folder).unwrap();
    if folder.trim_end().is_empty() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (fetcher, _) = on_disk(Path::new(folder.trim_end())).await;
        let fetcher = fetcher.with_watcher(|event| {
            if let FetchEvent::Answered { ticker, .. } = event {
                writeln!(std::io::stdout(), "answered {ticker}").unwrap();
            }
        });
        let tickers = all();
        fetch(&fetcher, &tickers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    });
}

/// Killed at three moments, without a chance to tidy up: what was answered is not asked for again, the rest is.
#[tokio::test]
async fn after_a_kill_only_what_is_missing_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered = std::collections::BTreeSet::new();
    for kill_after in [10, 25, 60] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--ignored", "--nocapture", "--quiet"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{}", folder.path().display()).unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = lines.filter_map(|line| Some(line.strip_prefix("answered ")?.to_owned()));
        answered.extend(said.by_ref().take(kill_after));
        child.kill().unwrap();
        child.wait().unwrap();
        answered.extend(said);
    }
    assert!((60..TICKERS).contains(&answered.len()), "{} were answered", answered.len());
    let (fetcher, wire) = on_disk(folder.path()).await;
    let tickers = all();
    let tickers: Vec<&str> = tickers.iter().map(String::as_str).collect();
    let fetched = fetch(&fetcher, &tickers).await;
    assert!(fetched.by_ticker.iter().all(|one| one.items.len() == 1 && one.gaps.is_empty()));
    let asked = wire.take_asked();
    let again: Vec<&String> =
        asked.iter().filter(|url| answered.contains(url.rsplit('/').next().unwrap())).collect();
    assert_eq!(again, Vec::<&String>::new(), "what was answered is not asked for again");
    // What was under way when it was killed may have been kept, and not yet told of.
    assert!(asked.len() + answered.len() <= TICKERS && asked.len() + answered.len() + 3 * 8 >= TICKERS);
    assert_eq!(fetch(&fetcher, &tickers).await.requests(), 0);
}
