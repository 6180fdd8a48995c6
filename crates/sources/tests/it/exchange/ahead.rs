//! Nothing is known before its time, whatever the market and the moment, and an earlier moment knows a part of what a later
//! one knows, in the same words.

use std::collections::BTreeMap;
use std::sync::Arc;

use assize_altdata::{AsOf, EvidenceId, Item, ItemKind, SourceId, TickerFetch};
use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_loopback::Exchange;
use jiff::{SignedDuration, ToSpan, civil::date, tz::TimeZone};

use super::{cards, fetch, key, known};

/// Hours before the present.
const BACK: [i64; 3] = [2, 31, 24 * 40];

fn moment(seed: u64) -> Timestamp {
    let mut chance = Seed::new(seed).child("moment").rng();
    let mut below = |n: usize| i64::try_from(chance.below(n)).expect("small");
    let day = date(2006, 1, 2).saturating_add(below(8_000).days());
    let midnight = day.to_zoned(TimeZone::UTC).expect("a day").timestamp();
    midnight + SignedDuration::from_secs(below(86_400))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_known_before_its_time() {
    let mut checked = 0;
    for seed in 10..13 {
        let now = moment(seed);
        let exchange = Exchange::new(Seed::new(seed), Arc::new(FixedClock::new(now)));
        let exchange = exchange.with_tickers(&["PEP"]);
        let today = now.to_zoned(TimeZone::UTC).date();
        let from = today.saturating_sub(3.years()).saturating_sub(60.days());
        let truth = exchange.truth(from, today.saturating_add(5.days()));
        let cards = cards(&truth.companies);
        let mut later: Option<Vec<TickerFetch>> = None;
        for hours in BACK {
            let as_of = AsOf::at(now - SignedDuration::from_hours(hours));
            let fetched = fetch(&exchange.anew(Seed::new(0)), &cards, now, as_of).await.by_ticker;
            for fetch in &fetched {
                let known = known(&truth.companies[fetch.ticker.as_str()]);
                for item in &fetch.items {
                    let available = match (&item.kind, key(item, from)) {
                        (_, Some((kind, key))) => known[&(kind, key.as_str())].available,
                        (ItemKind::Macro(value), _) => {
                            let Some(id) = value.series.strip_prefix("fred:") else { continue };
                            let series = &truth.economy[id];
                            let place = series.binary_search_by_key(&value.date, |truth| truth.date);
                            series[place.expect("a value")].available
                        }
                        _ => continue,
                    };
                    assert!(available <= as_of.moment(), "{item:?} was there at {available}, not at {as_of}");
                    checked += 1;
                }
            }
            if let Some(later) = &later {
                for (earlier, later) in fetched.iter().zip(later) {
                    it_is_a_part(earlier, later, as_of);
                }
            }
            later = Some(fetched);
        }
    }
    assert!(checked >= 10_000, "{checked}");
}

fn by_name(items: &[Item]) -> BTreeMap<(&SourceId, EvidenceId), &Item> {
    items.iter().map(|item| ((&item.source, item.id), item)).collect()
}

/// All that the later one has of before the earlier moment has the earlier one as well, and it is the same.
fn it_is_a_part(earlier: &TickerFetch, later: &TickerFetch, as_of: AsOf) {
    let (early, late) = (by_name(&earlier.items), by_name(&later.items));
    for (name, item) in late.iter().filter(|(_, item)| item.available_at.latest <= as_of.moment()) {
        let Some(same) = early.get(name) else { panic!("{as_of} does not know of {item:?}") };
        assert_eq!(
            (&item.kind, &item.available_at, item.published),
            (&same.kind, &same.available_at, same.published)
        );
    }
    // Those that show what is new today say the same whenever they are looked back from.
    for (name, item) in &early {
        let source = name.0.as_str();
        if source.starts_with("news-feeds:") || ["reddit", "stocktwits", "youtube-channels"].contains(&source)
        {
            assert!(late.contains_key(name), "only {as_of} knows of {item:?}");
        }
    }
}
