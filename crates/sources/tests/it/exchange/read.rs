//! What is read is what is true: how many, with which values, from when on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use assize_altdata::{AsOf, Gap, GapReason, Item, ItemKind, OptionChain, OptionQuote, TickerFetch};
use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_loopback::{CompanyTruth, Exchange, ExchangeTruth, ItemKind as Known, QuarterTruth};
use assize_sources::{CboeChain, FearGreed, Gdelt, YahooOptions};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::{PAPERS, TICKERS, cards, fetch, key, known};

/// A day's evening, when everything of the day is there.
const NOW: &str = "2026-03-07T02:30:00Z";
const TODAY: Date = date(2026, 3, 6);
/// As far back as any source reaches, but for the oldest figures of reports.
const FROM: Date = date(2022, 12, 1);

#[tokio::test(start_paused = true)]
async fn what_is_played_is_read() {
    for seed in [1, 2] {
        let now: Timestamp = NOW.parse().unwrap();
        let exchange = Exchange::new(Seed::new(seed), Arc::new(FixedClock::new(now))).with_tickers(&TICKERS);
        let truth = exchange.truth(FROM, TODAY);
        let fetched = fetch(&exchange, &cards(&truth.companies), now, "2026-03-06".parse().unwrap()).await;
        for fetch in &fetched.by_ticker {
            let company = &truth.companies[fetch.ticker.as_str()];
            // A paper may have written nothing of it for a week; that it is right is seen below.
            let is_quiet = |gap: &Gap| {
                matches!(gap.reason, GapReason::Empty | GapReason::DoubtfulEmpty)
                    && gap.source.as_ref().is_some_and(|id| id.as_str().starts_with("news-feeds:"))
            };
            assert!(fetch.gaps.iter().all(is_quiet), "{}: {:?}", fetch.ticker, fetch.gaps);
            assert!(fetch.findings.is_empty(), "{}: {:?}", fetch.ticker, fetch.findings);
            let due = [
                "article",
                "attention",
                "bar",
                "fact",
                "filing",
                "identity",
                "insider_trade",
                "macro",
                "options",
                "post",
                "short_volume",
                "video",
            ];
            let kinds: BTreeSet<&str> = fetch.items.iter().map(|item| item.kind.as_str()).collect();
            assert_eq!(kinds, due.into(), "{}", fetch.ticker);
            nothing_is_made_up(fetch, company);
            nothing_is_left_out(fetch, company, now);
            prices_and_chains(fetch, company);
            reports(fetch, company, now);
            the_economy(fetch, &truth);
        }
        for (host, books) in exchange.books() {
            assert_eq!((books.violations, books.missing), (0, 0), "{host}");
        }
    }
}

/// Each item is there in truth, says what is true, and is not known before its time.
fn nothing_is_made_up(fetch: &TickerFetch, company: &CompanyTruth) {
    let known = known(company);
    for item in &fetch.items {
        let Some((kind, key)) = key(item, FROM) else { continue };
        let Some(truth) = known.get(&(kind, key.as_str())) else { panic!("there is no {kind:?} {key}") };
        let (earliest, latest) = (item.available_at.earliest, item.available_at.latest);
        assert!(latest >= truth.available, "{kind:?} {key} is known too early");
        let says = match &item.kind {
            ItemKind::Article(article) => Some(&article.title),
            ItemKind::Post(post) if post.title.is_empty() => Some(&post.text),
            ItemKind::Post(post) => Some(&post.title),
            _ => None,
        };
        if let Some(says) = says {
            assert_eq!(Some(says), truth.text.as_ref(), "{key}");
            assert_eq!((earliest, latest), (truth.available, truth.available), "{key}");
        }
        let counts = match &item.kind {
            ItemKind::Attention(seen) => Some(seen.views),
            ItemKind::ShortVolume(sold) => Some(format!("{:.0}", sold.short).parse().expect("it reads")),
            _ => None,
        };
        assert!(counts.is_none() || counts == truth.amount, "{key}: {counts:?} and {:?}", truth.amount);
        if kind == Known::Filing {
            assert!(earliest <= truth.available, "{key} is there at {}, {:?}", truth.available, item);
        }
    }
}

/// Of what each source shows, nothing is missing.
fn nothing_is_left_out(fetch: &TickerFetch, company: &CompanyTruth, now: Timestamp) {
    let had: BTreeSet<(String, Known, String)> = fetch
        .items
        .iter()
        .filter_map(|item| key(item, FROM).map(|(kind, key)| (item.source.to_string(), kind, key)))
        .collect();
    let of = |kind: Known| had.iter().filter(move |(_, had, _)| *had == kind);
    let since = |days: i64| now.checked_sub((24 * days).hours()).expect("a time");
    let due = |kind: Known, from: Timestamp| -> BTreeSet<&str> {
        let due = company.items.iter().filter(|item| item.kind == kind && item.available >= from);
        due.filter(|item| item.available <= now).map(|item| item.key.as_str()).collect()
    };
    for paper in PAPERS {
        let source = format!("news-feeds:{paper}");
        let had: BTreeSet<&str> =
            of(Known::Article).filter(|(from, ..)| *from == source).map(|(.., key)| key.as_str()).collect();
        let mut due = due(Known::Article, since(7));
        due.retain(|url| url.contains(paper));
        assert_eq!(had, due, "{paper}");
    }
    let keys = |kind| of(kind).map(|(.., key)| key.as_str()).collect::<BTreeSet<&str>>();
    let indexed = keys(Known::IndexedArticle);
    assert!(
        indexed.is_superset(&due(Known::IndexedArticle, since(3).checked_add(20.minutes()).expect("a time")))
    );
    let posts = keys(Known::Post);
    assert!(posts.is_superset(&due(Known::Post, since(6))), "all of the newest posts");
    for site in ["hacker-news", "reddit", "stocktwits"] {
        assert!(of(Known::Post).any(|(from, ..)| from == site), "{site}");
    }
    let bars = keys(Known::Bar);
    assert_eq!(bars, due(Known::Bar, "2023-03-07T12:00:00Z".parse().expect("it reads")));
    // Of ninety days; yesterday's are there ten hours after its end.
    let views = keys(Known::Views);
    assert_eq!(views.len(), 89);
    assert!(
        views.is_subset(&due(Known::Views, since(91))) && views.is_superset(&due(Known::Views, since(87)))
    );
    // Within ten weekdays, trade may have been halted on one.
    assert_eq!(
        keys(Known::ShortVolume),
        due(Known::ShortVolume, "2026-02-23T12:00:00Z".parse().expect("it reads"))
    );
    let filings: BTreeSet<&str> = fetch
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Filing(filing) => Some(filing.accession.as_str()),
            _ => None,
        })
        .collect();
    assert!(filings.is_superset(&due(Known::Filing, since(399))));
    // A film shows on its channel when the article of the same title is published.
    let titles: BTreeSet<(&str, Timestamp)> = company
        .items
        .iter()
        .filter(|item| item.kind == Known::Article)
        .filter_map(|item| Some((item.text.as_deref()?, item.available)))
        .collect();
    for item in &fetch.items {
        let ItemKind::Video(video) = &item.kind else { continue };
        assert!(titles.contains(&(video.title.as_str(), item.available_at.latest)), "{item:?}");
    }
}

fn chains<'a>(fetch: &'a TickerFetch, source: &assize_altdata::SourceId) -> Vec<(&'a Item, &'a OptionChain)> {
    let chain = |item: &'a Item| match &item.kind {
        ItemKind::Options(chain) if item.source == *source => Some((item, chain)),
        _ => None,
    };
    fetch.items.iter().filter_map(chain).collect()
}

fn prices_and_chains(fetch: &TickerFetch, company: &CompanyTruth) {
    let bars: BTreeMap<Date, _> = company.bars.iter().map(|bar| (bar.date, bar)).collect();
    for item in &fetch.items {
        let ItemKind::Bar(bar) = &item.kind else { continue };
        let truth = bars[&bar.date];
        let pairs =
            [(bar.open, truth.open), (bar.high, truth.high), (bar.low, truth.low), (bar.close, truth.close)];
        for (read, due) in pairs {
            assert!((read - due).abs() <= due * 2e-6, "on {}: {read} is not {due}", bar.date);
        }
    }
    let (cboe, yahoo) = (chains(fetch, &CboeChain::ID), chains(fetch, &YahooOptions::ID));
    let [(item, chain)] = cboe[..] else { panic!("one chain, and not {}", cboe.len()) };
    assert_eq!(item.available_at.latest.to_string(), "2026-03-06T21:15:00Z", "a quarter of an hour behind");
    let last = company.bars.last().expect("a bar");
    assert!((chain.spot.expect("a price") - last.close).abs() < 1e-9, "{:?} {last:?}", chain.spot);
    let quotes: BTreeMap<&str, &OptionQuote> =
        chain.contracts.iter().map(|quote| (quote.symbol.as_str(), quote)).collect();
    assert!(quotes.len() > 100 && quotes.len() == chain.contracts.len());
    assert_eq!(yahoo.len(), 2, "an observation for each expiry");
    for quote in yahoo.iter().flat_map(|(_, chain)| chain.contracts.iter()) {
        let other = quotes[quote.symbol.as_str()];
        let figures = |quote: &OptionQuote| {
            (quote.bid, quote.ask, quote.last, quote.open_interest, quote.volume.unwrap_or(0.0).to_bits())
        };
        assert_eq!(figures(quote), figures(other), "{}", quote.symbol);
    }
}

fn reports(fetch: &TickerFetch, company: &CompanyTruth, now: Timestamp) {
    let mut trades = 0;
    for item in &fetch.items {
        let ItemKind::InsiderTrade(trade) = &item.kind else { continue };
        let truth = company.trades.iter().find(|truth| truth.accession == trade.accession).expect("a trade");
        assert_eq!((trade.traded_on, trade.code.to_string()), (truth.date, truth.code.clone()));
        let shares: u64 = format!("{:.0}", trade.shares).parse().expect("it reads");
        assert_eq!(shares, truth.shares);
        assert!(trade.price.is_none_or(|price| (price - truth.price).abs() < 0.005), "{trade:?} {truth:?}");
        trades += 1;
    }
    let filed = company.filings.iter().filter(|filing| filing.form == "4" && filing.available <= now).count();
    assert_eq!(trades, filed.min(5), "the newest five");
    let figures: BTreeMap<(&str, &str, Date, bool), f64> = fetch
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Fact(fact) => {
                let is_quarter = fact.start.is_none_or(|start| (fact.end - start).get_days() < 100);
                Some(((fact.accession.as_str(), fact.concept.as_str(), fact.end, is_quarter), fact.value))
            }
            _ => None,
        })
        .collect();
    let mut read = 0;
    for quarter in &company.quarters {
        let figure = |concept: &str| {
            figures
                .get(&(quarter.accession.as_str(), concept, quarter.end, true))
                .copied()
                .unwrap_or(f64::NAN)
        };
        for (concept, due) in due(quarter) {
            let had = figure(concept);
            assert!((had - due).abs() < 0.001, "{concept} of {}: {had} is not {due}", quarter.end);
            read += 1;
        }
    }
    assert!(read > 40, "{read}");
}

/// What a report says of its own quarter. That of a year's last quarter says what the year came to.
fn due(quarter: &QuarterTruth) -> Vec<(&'static str, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "dollars stay far below 2^53")]
    let float = |dollars: i64| dollars as f64;
    let mut due = vec![
        ("us-gaap:Assets", float(quarter.assets)),
        ("us-gaap:StockholdersEquity", float(quarter.equity)),
    ];
    if quarter.end.month() != 12 {
        due.extend([
            ("us-gaap:Revenues", float(quarter.revenue)),
            ("us-gaap:NetIncomeLoss", float(quarter.net_income)),
            ("us-gaap:EarningsPerShareDiluted", quarter.eps),
        ]);
    }
    due
}

fn the_economy(fetch: &TickerFetch, truth: &ExchangeTruth) {
    let mut read: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &fetch.items {
        let ItemKind::Macro(value) = &item.kind else { continue };
        let series = match value.series.as_str() {
            FearGreed::SERIES => &truth.mood,
            // The Treasury's table has the same yields under its own names.
            "treasury:2y" => &truth.economy["DGS2"],
            "treasury:10y" => &truth.economy["DGS10"],
            other => match other.strip_prefix("fred:") {
                Some(id) => &truth.economy[id],
                None => continue,
            },
        };
        let place = series.binary_search_by_key(&value.date, |truth| truth.date);
        let truth = series[place.unwrap_or_else(|_| panic!("{} on {}", value.series, value.date))];
        assert!((value.value - truth.value).abs() < 1e-9, "{value:?} {truth:?}");
        // The Treasury publishes its table on the day itself.
        let is_early = item.available_at.latest < truth.available;
        assert!(!is_early || value.series.starts_with("treasury:"), "{value:?}: {:?}", item.available_at);
        *read.entry(&value.series).or_default() += 1;
    }
    assert!(
        read["fred:DGS10"] > 1_400 && read["treasury:10y"] > 250 && read["fred:CPIAUCSL"] > 60,
        "{read:?}"
    );
    assert_eq!(read[FearGreed::SERIES], 365, "a year; the new day's is put up within six hours");
}

#[test]
fn the_index_of_news_asks_for_several_companies_at_once() {
    let truth = Exchange::new(Seed::new(1), Arc::new(FixedClock::new(NOW.parse().unwrap())))
        .with_tickers(&TICKERS)
        .truth(TODAY, TODAY);
    let cards = cards(&truth.companies);
    let source = Gdelt::new().with_companies(&cards);
    let plans: BTreeSet<String> = cards
        .iter()
        .map(|card| {
            let as_of = AsOf::at(NOW.parse().unwrap());
            let query = assize_altdata::Query::new(&card.ticker, as_of).with_identity(Arc::new(card.clone()));
            let plan = assize_altdata::Source::plan(&source, &query).unwrap();
            plan[0].url().as_str().to_owned()
        })
        .collect();
    assert_eq!(plans.len(), 1);
}
