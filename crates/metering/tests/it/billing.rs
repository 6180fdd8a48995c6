//! Costs by how a call was served: place, hour, mode, and what was billed by the piece.

use std::sync::Arc;

use assize_ambient::Timestamp;
use assize_metering::{
    Billing, Bucket, ErrorKind, Geo, Mode, ModelPrice, Multiplier, PriceBook, TokenUsage, Unit, Units, Usage,
    Usd, VendorReport,
};
use jiff::civil::date;
use proptest::prelude::*;

/// USD per million tokens, so that a count is a number of picodollars a token.
const ROWS: &str = r#"
format_version = 1

[[price]]
id = "near"
vendor = "acme"
source = "test"
input = "3"
cache_read = "0.000001"
output = "15"
fast_multiplier = "6"
tiers = [{ above_input_tokens = 1000, input = "6", output = "22.5" }]
geo = { us = "1.1", eu = "1.25" }
units = { web_search = "0.01", web_search_high = "0.014", page = "0.002", batch_page = "0.001" }

[[price]]
id = "nightly"
vendor = "acme"
source = "test"
input = "2"
cache_read = "0.2"
output = "8"
flex_input = "1.5"
flex_output = "6"
tiers = [{ above_input_tokens = 1000, input = "4", output = "16" }]
off_peak = { input = "1", output = "4", windows = [
  { weekdays = [1, 2, 3, 4, 5], hours_utc = ["22:00-02:00"] },
  { weekdays = [6, 7], hours_utc = ["00:00-24:00"] },
] }

[[price]]
id = "hoursless"
vendor = "acme"
source = "test"
input = "2"
off_peak = { input = "1" }

[[price]]
id = "by-request"
vendor = "acme"
source = "test"
input = "1"
output = "1"
units = { request = "0.005" }
"#;

#[test]
fn a_place_multiplies_the_sum_once_and_rounds_half_to_even() {
    let near = price("near");
    for (geo, cached, sum, cost) in [
        (Geo::Global, 5, 5, 5),
        (Geo::Us, 4, 4, 4),    // 4.4
        (Geo::Us, 5, 5, 6),    // 5.5 is a tie: even is 6
        (Geo::Us, 6, 6, 7),    // 6.6
        (Geo::Us, 15, 15, 16), // 16.5 is a tie: even is 16
        (Geo::Eu, 2, 2, 2),    // 2.5 is a tie: even is 2
        (Geo::Eu, 6, 6, 8),    // 7.5 is a tie: even is 8
        (Geo::Eu, 3, 3, 4),    // 3.75
    ] {
        let usage = TokenUsage::default().with(Bucket::CacheRead, cached);
        let priced = near.cost(&usage, Billing { geo, ..Billing::default() }).unwrap();
        let picodollars = [priced.token_sum(), priced.token_cost(), priced.total()].map(Usd::picodollars);
        assert_eq!(picodollars, [sum, cost, cost], "{geo:?} {cached}");
    }
    // Rounded line by line, 5.5 twice would make 12; the sum is 11.
    let usage = TokenUsage::default().with(Bucket::CacheRead, 10);
    let priced = near.cost(&usage, Billing { geo: Geo::Us, ..Billing::default() }).unwrap();
    assert_eq!(priced.total().picodollars(), 11);
    assert_eq!((priced.multiplier().to_string().as_str(), priced.billing().geo), ("1.1", Geo::Us));
}

#[test]
fn a_place_without_a_factor_is_an_error_and_never_one() {
    let billing = Billing { geo: Geo::Regional, ..Billing::default() };
    for error in [
        price("near").cost(&TokenUsage::of(1, 1), billing).unwrap_err(),
        price("near").worst_case(1, 1, billing).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NoPriceInGeo);
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @r#"price a usage of `near`: no price of it is known for calls bound to `regional`; state `geo = { regional = "…" }` in a price file of your own"#);
        }
    }
    assert_eq!(price("near").multiplier(Geo::Global), Some(Multiplier::ONE));
}

#[test]
fn a_factor_of_a_mode_makes_its_rates_in_every_tier() {
    let near = price("near");
    let usage = TokenUsage::of(1_000, 100);
    // 1,000 × 18 + 100 × 90, and above the threshold 1,001 × 36 + 100 × 135.
    assert_eq!(near.cost(&usage, Mode::Fast).unwrap().total().to_string(), "0.027");
    let longer = TokenUsage::of(1_001, 100);
    assert_eq!(near.cost(&longer, Mode::Fast).unwrap().total().to_string(), "0.049536");
    assert_eq!(near.rate(Bucket::Output, Mode::Fast).unwrap().to_string(), "90.00");
    // With the factor of a place besides: 0.027 × 1.1.
    let billing = Billing { geo: Geo::Us, ..Mode::Fast.into() };
    assert_eq!(near.cost(&usage, billing).unwrap().total().to_string(), "0.0297");
    assert_eq!(near.cost(&usage, Mode::Batch).unwrap_err().kind(), ErrorKind::NoPriceInMode);
}

#[test]
fn off_peak_rates_hold_in_their_hours() {
    let nightly = price("nightly");
    // 2026-11-20 was a Friday; 100 × 2 + 10 × 8 in peak hours, 100 × 1 + 10 × 4 in others.
    for (time, off_peak) in [
        ("2026-11-20T21:59:59Z", false),
        ("2026-11-20T22:00:00Z", true),
        ("2026-11-20T23:59:59Z", true),
        ("2026-11-21T00:00:00Z", true), // Saturday, all day
        ("2026-11-22T23:59:59Z", true),
        ("2026-11-23T00:00:00Z", true), // Monday, after midnight
        ("2026-11-23T01:59:59Z", true),
        ("2026-11-23T02:00:00Z", false),
        ("2026-11-20T18:00:00-04:00", true),
        ("2026-11-20T22:00:00+04:00", false),
    ] {
        let at: Timestamp = time.parse().unwrap();
        let cost = nightly.cost(&TokenUsage::of(100, 10), Billing::default().at(at)).unwrap();
        assert_eq!(cost.is_off_peak(), off_peak, "{time}");
        assert_eq!(cost.total().picodollars(), if off_peak { 140_000_000 } else { 280_000_000 }, "{time}");
    }
    // Without a time the peak rates hold.
    let cost = nightly.cost(&TokenUsage::of(100, 10), Mode::Standard).unwrap();
    assert_eq!((cost.is_off_peak(), cost.total().picodollars()), (false, 280_000_000));
}

#[test]
fn off_peak_rates_replace_those_of_every_tier_and_leave_those_they_do_not_state() {
    let nightly = price("nightly");
    let saturday = date(2026, 11, 21);
    let usage = TokenUsage::of(1_000, 10).with(Bucket::CacheRead, 1).with(Bucket::OutputReasoning, 10);
    // 1,001 tokens reach the tier: 1,000 × 1 + 1 × 0.2 + 20 × 4.
    let cost = nightly.cost(&usage, Billing::default().at(saturday)).unwrap();
    assert_eq!((cost.above_input_tokens(), cost.total().picodollars()), (Some(1_000), 1_080_200_000));
    // A mode that the off-peak table does not name keeps its rates: 100 × 1.5 + 10 × 6.
    let flex = nightly.cost(&TokenUsage::of(100, 10), Billing::from(Mode::Flex).at(saturday)).unwrap();
    assert_eq!(flex.total().picodollars(), 210_000_000);
}

#[test]
fn an_off_peak_table_without_hours_is_kept_and_not_used() {
    let hoursless = price("hoursless");
    let table = hoursless.off_peak().unwrap();
    assert_eq!(table.rates().get(Bucket::Input, Mode::Standard).unwrap().to_string(), "1.00");
    assert!(table.windows().is_empty());
    let cost = hoursless.cost(&TokenUsage::of(100, 0), Billing::default().at(date(2026, 11, 21))).unwrap();
    assert_eq!((cost.is_off_peak(), cost.total().picodollars()), (false, 200_000_000));
}

#[test]
fn a_whole_usage_is_priced_at_once() {
    let mut usage = Usage::reported(TokenUsage::of(1_000, 100));
    usage.units = Units::default().with(Unit::WebSearch, 2).with(Unit::WebSearchHigh, 1).with(Unit::Page, 0);
    let billing = Billing { geo: Geo::Us, ..Mode::Fast.into() };
    usage.report = Some(Arc::new(VendorReport { billing, ..VendorReport::default() }));
    let cost = price("near").cost_of(&usage).unwrap();
    // The factor of the place is one on tokens: 0.027 × 1.1, and 2 × 0.01 + 0.014.
    assert_eq!(cost.token_cost().to_string(), "0.0297");
    assert_eq!(cost.unit_cost().to_string(), "0.034");
    assert_eq!(cost.total().to_string(), "0.0637");
    let lines: Vec<String> = cost
        .unit_lines()
        .iter()
        .map(|line| format!("{} {} × {} = {}", line.unit.key(), line.pieces, line.rate, line.cost))
        .collect();
    assert_eq!(lines, ["web_search 2 × 0.01 = 0.02", "web_search_high 1 × 0.014 = 0.014"]);
    // Billed otherwise than reported.
    assert_eq!(price("near").cost_as(&usage, Mode::Standard).unwrap().total().to_string(), "0.0385");
}

#[test]
fn pieces_have_a_price_by_mode_or_none() {
    let near = price("near");
    let pages = Units::default().with(Unit::Page, 3);
    for (mode, cost) in [(Mode::Standard, "0.006"), (Mode::Batch, "0.003"), (Mode::Flex, "0.006")] {
        assert_eq!(near.unit_cost(&pages, mode).unwrap().to_string(), cost);
    }
    let error = near.unit_cost(&Units::default().with(Unit::CodeSession, 2), Mode::Standard).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::NoRate, Some("code_session")));
    insta::assert_snapshot!(error, @"price a usage of `near`: it holds 2 pieces of `code_session`, for which the model has no price; state one in a price file of your own");
    let mut usage = Usage::reported(TokenUsage::of(1, 1));
    usage.units = Units::default().with(Unit::MapsQuery, 1);
    assert_eq!(near.cost_of(&usage).unwrap_err().kind(), ErrorKind::NoRate);
    // That there were none of them needs no price.
    usage.units = Units::default().with(Unit::MapsQuery, 0);
    assert!(near.cost_of(&usage).is_ok());
}

#[test]
fn a_model_billed_by_the_request_bills_one_where_none_is_stated() {
    let model = price("by-request");
    let mut usage = Usage::reported(TokenUsage::of(0, 0));
    assert_eq!(model.cost_of(&usage).unwrap().total().to_string(), "0.005");
    for (stated, cost) in [(0, "0.00"), (1, "0.005"), (3, "0.015")] {
        usage.units = Units::default().with(Unit::Request, stated);
        assert_eq!(model.cost_of(&usage).unwrap().total().to_string(), cost);
    }
}

#[test]
fn the_dearest_call_of_all_does_not_overflow() {
    let rates = |prefix: &str| -> String {
        Bucket::ALL.map(|bucket| format!("{prefix}{} = \"1000000\"\n", bucket.key())).concat()
    };
    let units = Unit::ALL.map(|unit| format!("{} = \"1000\"", unit.key())).join(", ");
    let text = format!(
        "format_version = 1\n[[price]]\nid = \"any\"\nvendor = \"acme\"\nsource = \"test\"\n{}\
         geo = {{ us = \"100\", eu = \"99.999999\" }}\nunits = {{ {units} }}\n",
        rates("")
    );
    let book = PriceBook::from_toml("own.toml", &text).unwrap();
    let model = book.find("any", date(2026, 1, 1)).unwrap();
    let all =
        Bucket::ALL.into_iter().fold(TokenUsage::default(), |usage, bucket| usage.with(bucket, u64::MAX));
    let mut usage = Usage::reported(all);
    usage.units = Unit::ALL.into_iter().fold(Units::default(), |units, unit| units.with(unit, u64::MAX));
    for geo in [Geo::Us, Geo::Eu] {
        let cost = model.cost_as(&usage, Billing { geo, ..Billing::default() }).unwrap();
        assert!(cost.total() < Usd::MAX && cost.total() > cost.unit_cost());
        let factor = model.multiplier(geo).unwrap();
        assert_eq!(factor.of(cost.token_sum()), Some(cost.token_cost()));
        assert!(
            model.worst_case(u64::MAX, u64::MAX, Billing { geo, ..Billing::default() }).unwrap() < Usd::MAX
        );
    }
}

#[test]
fn a_reservation_is_not_blown_up_by_a_mode_that_nobody_asked_for() {
    let near = price("near");
    let of = |mode: Mode| near.worst_case(1_000, 100, mode).map(|usd| usd.to_string());
    assert_eq!(of(Mode::Standard).unwrap(), "0.0045");
    assert_eq!(of(Mode::Fast).unwrap(), "0.027");
    assert_eq!(of(Mode::Batch).unwrap_err().kind(), ErrorKind::NoPriceInMode);
    let us = Billing { geo: Geo::Us, ..Billing::default() };
    assert_eq!(near.worst_case(1_000, 100, us).unwrap().to_string(), "0.00495");
    // A flex call may be served, and billed, as a standard one.
    let nightly = price("nightly");
    // Off-peak hours may end before the call is made.
    let saturday = Billing::default().at(date(2026, 11, 21));
    for billing in [Mode::Flex.into(), saturday, Billing::default()] {
        assert_eq!(nightly.worst_case(100, 10, billing).unwrap().picodollars(), 280_000_000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// By the definition: half-even is the nearest, and of two nearest the even.
    #[test]
    fn a_multiplied_sum_is_the_nearest_amount(parts in 1_u32..=100_000_000, amount in any::<i64>()) {
        let text = format!("{}.{:06}", parts / 1_000_000, parts % 1_000_000);
        let factor: Multiplier = text.parse().unwrap();
        prop_assert_eq!(factor.to_string().parse::<Multiplier>().unwrap(), factor);
        let product = factor.of(Usd::from_picodollars(i128::from(amount))).unwrap().picodollars();
        let error = 2 * (product * 1_000_000 - i128::from(amount) * i128::from(parts)).abs();
        prop_assert!(error < 1_000_000 || (error == 1_000_000 && product % 2 == 0), "{} × {}", amount, factor);
    }

    /// At every minute of two weeks a window holds as the list of its minutes says.
    #[test]
    fn a_window_holds_as_its_minutes_say(
        from in 0_u16..1_440, until in 0_u16..=1_440, days in proptest::collection::btree_set(1_u8..=7, 1..7),
        minute in 0_i64..20_160,
    ) {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let listed: Vec<String> = days.iter().map(u8::to_string).collect();
        let text = format!(
            "format_version = 1\n[[price]]\nid = \"any\"\nvendor = \"acme\"\nsource = \"test\"\ninput = \"2\"\n\
             off_peak = {{ input = \"1\", windows = [{{ weekdays = [{}], hours_utc = [\"{}-{}\"] }}] }}\n",
            listed.join(", "), clock(from), clock(until),
        );
        let book = PriceBook::from_toml("own.toml", &text).unwrap();
        let model = book.find("any", date(2026, 11, 16)).unwrap();
        // 2026-11-16 was a Monday.
        let monday: Timestamp = "2026-11-16T00:00:00Z".parse().unwrap();
        let at = Timestamp::from_second(monday.as_second() + minute * 60 + 59).unwrap();
        let day = u8::try_from(minute / 1_440 % 7).unwrap() + 1;
        let of_day = u16::try_from(minute % 1_440).unwrap();
        let within = if from < until { from <= of_day && of_day < until } else { from <= of_day || of_day < until };
        prop_assert_eq!(model.is_off_peak(at), within && days.contains(&day));
    }
}

fn price(id: &str) -> ModelPrice {
    let book = PriceBook::from_toml("own.toml", ROWS).expect("the rows are valid");
    book.find(id, date(2026, 1, 1)).expect("the model is in the book").clone()
}
