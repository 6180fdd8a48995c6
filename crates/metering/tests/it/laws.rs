//! Laws of costs: addition, monotony, the bound of the worst case.

use std::fmt::Write;

use assize_ambient::Timestamp;
use assize_metering::{Billing, Bucket, Geo, Mode, ModelPrice, PriceBook, TokenUsage, Usd};
use jiff::civil::date;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn within_a_tier_the_cost_of_a_sum_is_the_sum_of_the_costs(
        price in embedded(), a in usages(60_000), b in usages(60_000),
    ) {
        let both = a.merged(&b);
        let tier = |usage: &TokenUsage| price.tier_at(usage.total_input()).above_input_tokens();
        prop_assume!(tier(&a) == tier(&b) && tier(&a) == tier(&both));
        let of = |usage| price.cost(usage, Mode::Standard).unwrap();
        prop_assert_eq!(Some(of(&both).total()), of(&a).total().checked_add(of(&b).total()));
        for bucket in Bucket::ALL {
            prop_assert_eq!(Some(of(&both).of(bucket)), of(&a).of(bucket).checked_add(of(&b).of(bucket)));
        }
    }

    #[test]
    fn a_cost_is_the_sum_of_its_lines(price in embedded(), usage in usages(400_000)) {
        let cost = price.cost(&usage, Mode::Standard).unwrap();
        prop_assert_eq!(Usd::checked_sum(cost.lines().map(|line| line.cost)), Some(cost.total()));
        for line in cost.lines() {
            prop_assert_eq!(line.rate.per_token().checked_mul(line.tokens), Some(line.cost));
            prop_assert_eq!(usage.get(line.bucket), Some(line.tokens));
        }
    }

    #[test]
    fn more_tokens_never_cost_less(
        price in embedded(), usage in usages(400_000), bucket in buckets(), more in 0_u64..400_000,
    ) {
        let increased = usage.with(bucket, usage.get(bucket).unwrap_or(0) + more);
        for mode in Mode::ALL {
            let (Ok(before), Ok(after)) = (price.cost(&usage, mode), price.cost(&increased, mode)) else { continue };
            prop_assert!(before.total() <= after.total());
        }
    }

    #[test]
    fn nothing_costs_more_than_the_worst_case(
        price in embedded(), usage in usages(400_000), spare in (0_u64..300_000, 0_u64..10_000),
    ) {
        let (input, output) = (usage.total_input() + spare.0, usage.total_output() + spare.1);
        for mode in Mode::ALL {
            let Ok(bound) = price.worst_case(input, output, mode) else { continue };
            for mode in [mode, if mode == Mode::Batch { mode } else { Mode::Standard }] {
                let cost = price.cost(&usage, mode).unwrap().total();
                prop_assert!(cost <= bound, "{cost} > {bound}");
            }
        }
    }

    /// On every day the book laid over decides where it has a price, and the one below where not.
    #[test]
    fn laying_over_decides_day_by_day(below in periods(), above in periods()) {
        let [below, above] = [dated("below", &below), dated("above", &above)];
        let both = below.overlaid(&above);
        for day in 1..=28 {
            let at = date(2026, 2, day);
            let expected = above.find("any", at).or_else(|_| below.find("any", at));
            let found = both.find("any", at);
            prop_assert_eq!(found.ok().map(|price| &price.source), expected.ok().map(|price| &price.source));
            let n_valid = both.models("").filter(|price| {
                price.valid_from.is_none_or(|from| from <= at) && price.valid_until.is_none_or(|until| at < until)
            });
            prop_assert!(n_valid.count() <= 1);
        }
    }

    /// Also where longer prompts are cheaper, batches dearer, and some rates missing.
    #[test]
    fn nothing_costs_more_than_the_worst_case_of_any_price(
        file in files(), usage in usages(4_000), spare in (0_u64..4_000, 0_u64..4_000),
    ) {
        let book = PriceBook::from_toml("own.toml", &file).unwrap();
        let price = book.find("any", date(2026, 1, 1)).unwrap();
        let possible = |bucket: Bucket| usage.get(bucket).is_some();
        let (input, output) = (usage.total_input() + spare.0, usage.total_output() + spare.1);
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (mode, geo) in Mode::ALL.into_iter().flat_map(|mode| Geo::ALL.map(|geo| (mode, geo))) {
            let billing = Billing { geo, ..mode.into() };
            let bound = price.worst_case(input, output, billing);
            let narrow = price.worst_case_among(usage.total_input(), usage.total_output(), billing, possible);
            for billing in [billing, billing.at(noon)] {
                let Ok(cost) = price.cost(&usage, billing) else { continue };
                for bound in [&bound, &narrow].into_iter().flatten() {
                    prop_assert!(cost.total() <= *bound);
                }
            }
            // What can be priced at any length up to this can be reserved.
            if mode == Mode::Standard && geo != Geo::Eu && usage.total_output() + spare.1 == 0 {
                prop_assert!(bound.is_ok());
            }
        }
    }
}

/// All buckets that every embedded model prices.
fn textual() -> impl Iterator<Item = Bucket> {
    let other = [Bucket::InputAudio, Bucket::CacheReadAudio, Bucket::OutputAudio, Bucket::OutputImage];
    Bucket::ALL.into_iter().filter(move |bucket| !other.contains(bucket))
}

fn buckets() -> impl Strategy<Value = Bucket> {
    proptest::sample::select(textual().collect::<Vec<_>>())
}

/// The models that write text.
fn embedded() -> impl Strategy<Value = &'static ModelPrice> {
    let writes = |price: &&ModelPrice| price.rate(Bucket::Output, Mode::Standard).is_some();
    proptest::sample::select(PriceBook::embedded().models("").filter(writes).collect::<Vec<_>>())
}

fn usages(most: u64) -> impl Strategy<Value = TokenUsage> {
    let n_buckets = textual().count();
    proptest::collection::vec(proptest::option::of(0..most), n_buckets).prop_map(|counts| {
        let stated = textual().zip(counts).filter_map(|(bucket, count)| Some((bucket, count?)));
        stated.fold(TokenUsage::default(), |usage, (bucket, count)| usage.with(bucket, count))
    })
}

/// Periods in February that do not overlap: first day and day after the last, either of which can be open.
fn periods() -> impl Strategy<Value = Vec<(Option<i8>, Option<i8>)>> {
    let days = proptest::collection::btree_set(1_i8..=28, 2..8);
    (days, any::<(bool, bool)>()).prop_map(|(days, (no_beginning, no_end))| {
        let days: Vec<i8> = days.into_iter().collect();
        let mut periods: Vec<_> = days.chunks_exact(2).map(|pair| (Some(pair[0]), Some(pair[1]))).collect();
        if let (true, Some(first)) = (no_beginning, periods.first_mut()) {
            first.0 = None;
        }
        if let (true, Some(last)) = (no_end, periods.last_mut()) {
            last.1 = None;
        }
        periods
    })
}

fn dated(source: &str, periods: &[(Option<i8>, Option<i8>)]) -> PriceBook {
    let mut text = "format_version = 1\n".to_owned();
    for (number, (from, until)) in periods.iter().enumerate() {
        let _ = writeln!(
            text,
            "[[price]]\nid = \"any\"\nvendor = \"acme\"\ninput = \"1\"\nsource = \"{source} {number}\""
        );
        for (key, day) in [("valid_from", from), ("valid_until", until)] {
            if let Some(day) = day {
                let _ = writeln!(text, "{key} = 2026-02-{day:02}");
            }
        }
    }
    PriceBook::from_toml("own.toml", &text).expect("the periods do not overlap")
}

/// Price files of one model, whose rates follow no reason.
fn files() -> impl Strategy<Value = String> {
    let rate = || proptest::option::of(0_u64..2_000_000);
    let rates = move || proptest::collection::vec(rate(), 3 * Bucket::COUNT);
    (0_u64..1_000, rates(), proptest::collection::vec((1_u64..6_000, rates()), 0..3), rates()).prop_map(
        |(input, base, tiers, off_peak)| {
            let mut above = 0;
            let mut text =
                "format_version = 1\n[[price]]\nid = \"any\"\nvendor = \"acme\"\nsource = \"test\"\n"
                    .to_owned();
            let base: Vec<String> = stated(&base).filter(|line| !line.starts_with("input =")).collect();
            let _ = write!(text, "input = \"{input}\"\n{}\ntiers = [\n", base.join("\n"));
            for (step, rates) in tiers {
                above += step;
                let rates: Vec<String> = stated(&rates).collect();
                if !rates.is_empty() {
                    let _ = writeln!(text, "  {{ above_input_tokens = {above}, {} }},", rates.join(", "));
                }
            }
            let off_peak: Vec<String> = stated(&off_peak).collect();
            text += "]\ngeo = { us = \"1.1\", regional = \"0.333333\" }\n";
            if !off_peak.is_empty() {
                let windows = "windows = [{ hours_utc = [\"11:00-13:00\"] }]";
                let _ = writeln!(text, "off_peak = {{ {}, {windows} }}", off_peak.join(", "));
            }
            text
        },
    )
}

fn stated(rates: &[Option<u64>]) -> impl Iterator<Item = String> + '_ {
    let keys = ["", "batch_", "flex_"]
        .into_iter()
        .flat_map(|mode| Bucket::ALL.map(|bucket| format!("{mode}{}", bucket.key())));
    keys.zip(rates).filter_map(|(key, rate)| {
        let rate = (*rate)?;
        Some(format!("{key} = \"{}.{:06}\"", rate / 1_000_000, rate % 1_000_000))
    })
}
