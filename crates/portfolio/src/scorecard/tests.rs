//! Scorecards: what is known when, and what it says of whom.

use assize_altdata::{Availability, DailyBar, Item, ItemKind, Known, SourceId};
use assize_debate::{Outcomes, Seat, SeatIndex};
use assize_transport::Url;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::Probability;

fn day(n: i64) -> Date {
    date(2024, 1, 1).checked_add(jiff::Span::new().days(n)).expect("a date")
}

fn end_of(n: i64) -> AsOf {
    AsOf::end_of_new_york_day(day(n))
}

fn ticker(name: &str) -> Ticker {
    name.parse().expect("a ticker")
}

fn bar(name: &str, n: i64, close: f64) -> DailyBar {
    assert!(!name.is_empty());
    DailyBar::new(day(n), close, close, close, close)
}

fn item(name: &str, bar: DailyBar) -> Item {
    let url: Url = format!("file:{name}.csv").parse().expect("an address");
    Item::bar(&ticker(name), bar, &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH)
}

/// Closes on one day after another, from day 0.
fn history(name: &str, closes: impl IntoIterator<Item = f64>) -> PriceHistory {
    let items: Vec<Item> = (0..).zip(closes).map(|(n, close)| item(name, bar(name, n, close))).collect();
    PriceHistory::of(&ticker(name), &items)
}

fn forecast(who: Voice, name: &str, as_of: i64, horizon: u16, p: f64) -> Forecast {
    Forecast {
        who,
        ticker: ticker(name),
        as_of: end_of(as_of).moment(),
        horizon: NonZeroU16::new(horizon).expect("not 0"),
        question: Question::Rise,
        benchmark: None,
        p_up: Probability::new(p).expect("a probability"),
        action: if p > 0.55 {
            Lean::Long
        } else if p < 0.45 {
            Lean::Short
        } else {
            Lean::Flat
        },
    }
}

fn ada() -> Voice {
    Voice::Debater("Ada".to_owned())
}

#[test]
fn an_outcome_is_known_with_the_last_session_and_no_sooner() {
    let prices = history("KO", [100.0, 101.0, 102.0, 103.0]);
    let made = forecast(ada(), "KO", 1, 2, 0.6);
    let at = |moment: &str| made.outcome(&prices, None, &AsOf::at(moment.parse().unwrap()));
    // Final at 20:00 New York time of 4 January.
    assert_eq!(at("2024-01-05T00:59:59Z"), Err(Open::Pending { have: 1, need: 2 }));
    let outcome = at("2024-01-05T01:00:00Z").unwrap();
    assert_eq!((outcome.from, outcome.to, outcome.benchmark), (day(1), day(3), None));
    assert!((outcome.gain - 2.0 / 101.0).abs() < 1e-15);
    assert_eq!(outcome.known_by.to_string(), "2024-01-05T01:00:00Z");
    let resolved = Resolved { forecast: made.clone(), outcome };
    assert_eq!(resolved.known_by(), Some(outcome.known_by));
    let written = serde_json::to_string(&resolved).unwrap();
    assert_eq!(serde_json::from_str::<Resolved>(&written).unwrap(), resolved);
    assert_eq!(made.outcome(&prices, None, &end_of(0)), Err(Open::Future));
    assert_eq!(made.outcome(&history("PEP", [1.0; 9]), None, &end_of(9)), Err(Open::OtherTicker));
    assert_eq!(made.outcome(&history("KO", []), None, &end_of(9)), Err(Open::NoPrice));
}

#[test]
fn a_morning_knows_the_close_of_the_day_before() {
    let prices = history("KO", [100.0, 110.0, 99.0]);
    let mut made = forecast(ada(), "KO", 1, 1, 0.6);
    made.as_of = "2024-01-02T13:00:00Z".parse().unwrap();
    let outcome = made.outcome(&prices, None, &end_of(5)).unwrap();
    assert_eq!((outcome.from, outcome.to), (day(0), day(1)));
    assert!((outcome.gain - 0.1).abs() < 1e-15);
}

#[test]
fn dividends_and_splits_are_part_of_the_return() {
    let dividend = DailyBar { dividend: Some(2.0), ..bar("KO", 1, 98.0) };
    let split = DailyBar { split: Some(2.0), ..bar("KO", 2, 53.9) };
    let items = [item("KO", bar("KO", 0, 100.0)), item("KO", dividend), item("KO", split)];
    let prices = PriceHistory::of(&ticker("KO"), &items);
    let gain =
        |horizon| forecast(ada(), "KO", 0, horizon, 0.6).outcome(&prices, None, &end_of(9)).unwrap().gain;
    assert!(gain(1).abs() < f64::MIN_POSITIVE, "what was paid is what it fell by: exactly nothing");
    assert!((gain(2) - 0.1).abs() < 1e-12, "{}", gain(2));
    let jump = history("KO", [100.0, 100.0, 4.0, 4.0]);
    let across = forecast(ada(), "KO", 0, 3, 0.6).outcome(&jump, None, &end_of(9));
    assert_eq!(across, Err(Open::Incomparable));
    assert!(forecast(ada(), "KO", 0, 1, 0.6).outcome(&jump, None, &end_of(9)).is_ok());
}

#[test]
fn the_benchmark_has_the_same_days() {
    let prices = history("KO", [100.0, 101.0, 102.0, 103.0]);
    let benchmark = history("SPY", [400.0, 404.0, 412.0, 420.0]);
    let mut made = forecast(ada(), "KO", 0, 2, 0.6);
    let outcome = made.outcome(&prices, Some(&benchmark), &end_of(9)).unwrap();
    assert!((outcome.benchmark.unwrap() - 0.03).abs() < 1e-15);
    made.question = Question::Outperform;
    let resolved = Resolved {
        outcome: made.outcome(&prices, Some(&benchmark), &end_of(9)).unwrap(),
        forecast: made.clone(),
    };
    assert!(!resolved.came_true() && resolved.is_hit() == Some(false));
    for other in [None, Some(&history("SPY", [400.0, 404.0]))] {
        assert_eq!(made.outcome(&prices, other, &end_of(9)), Err(Open::NoBenchmark));
    }
    let late = Availability::at(end_of(30).moment(), "a late correction");
    let mut items: Vec<Item> = (0..4).map(|n| item("SPY", bar("SPY", n, 400.0))).collect();
    let kind = ItemKind::Bar(bar("SPY", 2, 400.0));
    items[2] =
        Item::new(&ticker("SPY"), kind, &SourceId::new("csv"), &items[2].url, late, Timestamp::UNIX_EPOCH);
    let benchmark = PriceHistory::of(&ticker("SPY"), &items);
    assert_eq!(made.outcome(&prices, Some(&benchmark), &end_of(29)), Err(Open::NoBenchmark));
    let known = made.outcome(&prices, Some(&benchmark), &end_of(30)).unwrap();
    assert_eq!(known.known_by, end_of(30).moment());
}

#[test]
fn a_share_that_stopped_is_not_pending_for_ever() {
    let prices = Prices::new().with(history("KO", [100.0; 3])).with_benchmark(history("SPY", [400.0; 40]));
    let made = [forecast(ada(), "KO", 1, 10, 0.6), forecast(ada(), "PEP", 1, 10, 0.6)];
    // One session of the ten came; nine more and five of grace end on day 16.
    for (on, pending, stopped) in [(15, 1, 0), (16, 0, 1), (39, 0, 1)] {
        let cards = Scorecards::as_of(&made, &prices, &end_of(on));
        let card = cards.of(&ada()).unwrap();
        assert_eq!(
            (card.outcomes, card.pending, card.stopped, card.unpriced),
            (0, pending, stopped, 1),
            "{on}"
        );
    }
}

/// Sixty shares a day for as many days; the even ones rise.
fn market() -> Prices {
    (0..60).fold(Prices::new(), |prices, n| {
        let closes = (0..40).map(|day| 100.0 + f64::from(day) * if n % 2 == 0 { 1.0 } else { -1.0 });
        prices.with(history(&format!("T{n}"), closes))
    })
}

fn market_forecasts() -> Vec<Forecast> {
    let mut made = Vec::new();
    for n in 0..60 {
        let name = format!("T{n}");
        let rises = n % 2 == 0;
        let mut say = |who: &str, p: f64| made.push(forecast(Voice::Debater(who.to_owned()), &name, 0, 5, p));
        // Right in 50 of 60, wrong in 50 of 60, always right, always one half.
        say("good", if rises == (n % 6 < 5) { 0.75 } else { 0.25 });
        say("bad", if rises == (n % 6 < 5) { 0.25 } else { 0.75 });
        say("perfect", if rises { 1.0 } else { 0.0 });
        say("coin", 0.5);
        if n < 29 {
            say("new", if rises { 0.9 } else { 0.1 });
        }
        made.push(forecast(Voice::Source("wire".to_owned()), &name, 0, 5, 0.6));
    }
    made
}

#[test]
fn a_record_makes_a_voice_heavier_or_lighter() {
    let (prices, made) = (market(), market_forecasts());
    let cards = Scorecards::as_of(&made, &prices, &end_of(5));
    let weights = cards.weights();
    let weight = |who: &str| weights[&Voice::Debater(who.to_owned())];
    // Brier 5/6·0.0625 + 1/6·0.5625 = 7/48 under 1/4: 12/7; and 23/48: 12/23; two thirds of what they differ from 1 by.
    assert!((weight("good") - (1.0 + 5.0 / 7.0 * 60.0 / 90.0)).abs() < 1e-12, "{}", weight("good"));
    assert!((weight("bad") - (1.0 - 11.0 / 23.0 * 60.0 / 90.0)).abs() < 1e-12, "{}", weight("bad"));
    assert!((weight("perfect") - 3.0).abs() < 1e-12, "4 at most");
    assert!((weight("coin") - 1.0).abs() < 1e-12);
    assert!((weight("new") - 1.0).abs() < f64::EPSILON);
    let card = |who: &str| cards.of(&Voice::Debater(who.to_owned())).unwrap();
    assert_eq!(card("new").calibration, Measure::Absent(Absence::TooFew { have: 29, need: 30 }));
    assert_eq!(
        card("coin").calibration.known().unwrap().hits,
        Measure::Absent(Absence::TooFew { have: 0, need: 30 })
    );
    assert_eq!(card("coin").information, Measure::Absent(Absence::ZeroVariance));
    assert_eq!(card("coin").mean_when_followed, Measure::Absent(Absence::TooFew { have: 0, need: 30 }));
    let perfect = card("perfect");
    assert!((perfect.mean_when_followed.value().unwrap() - 0.05).abs() < 1e-12);
    assert!((perfect.mean_when_bought.value().unwrap() - 0.05).abs() < 1e-12);
    assert_eq!(perfect.information.value().unwrap().t, Measure::Absent(Absence::ZeroVariance));
    let good = card("good");
    assert!((good.mean_when_followed.value().unwrap() - 0.05 * 40.0 / 60.0).abs() < 1e-12);
    assert!(card("bad").information.value().unwrap().coefficient < 0.0);
    assert!(
        (cards.of(&Voice::Source("wire".to_owned())).unwrap().mean_when_bought.value().unwrap()).abs()
            < 1e-12
    );
    let unknown = Scorecards::as_of(&made, &prices, &end_of(4));
    assert!(unknown.weights().values().all(|weight| (weight - 1.0).abs() < f64::EPSILON));
    assert_eq!(unknown.of(&ada()), None);
}

#[test]
fn the_first_of_two_answers_to_one_question_counts() {
    let prices = Prices::new().with(history("KO", [100.0, 101.0]));
    let mut made = vec![forecast(ada(), "KO", 0, 1, 0.6), forecast(ada(), "KO", 0, 1, 0.1)];
    made.push(made[0].clone());
    let cards = Scorecards::as_of(&made, &prices, &end_of(9));
    assert_eq!(cards, Scorecards::as_of(&made[..1], &prices, &end_of(9)));
    assert_eq!(cards.cards[0].outcomes, 1);
}

/// A forecast is held against the benchmark that it names, whatever else is at hand.
#[test]
fn a_forecast_names_its_benchmark() {
    let share = history("KO", [100.0, 101.0, 102.0, 103.0]);
    let (dear, cheap) =
        (history("SPY", [400.0, 404.0, 412.0, 420.0]), history("QQQ", [400.0, 400.0, 404.0, 404.0]));
    let of = |benchmark: Option<&str>, prices: &Prices| {
        let benchmark = benchmark.map(|name| name.parse().unwrap());
        let question = Question::Outperform;
        let made = Forecast { question, benchmark, ..forecast(ada(), "KO", 0, 2, 0.6) };
        prices.outcome(&made, &end_of(9)).map(|outcome| outcome.gain > outcome.benchmark.unwrap())
    };
    let prices = Prices::new().with(share).with_benchmark(dear).with(cheap);
    assert_eq!(of(None, &prices), Ok(false), "what it is held against by default");
    assert_eq!(of(Some("SPY"), &prices), Ok(false));
    assert_eq!(of(Some("QQQ"), &prices), Ok(true));
    assert_eq!(of(Some("IWM"), &prices), Err(Open::NoBenchmark));
}

#[test]
fn a_panel_reads_its_record() {
    let (prices, made) = (market(), market_forecasts());
    let lines = |on| Scorecards::resolved_questions(&made, &prices, &end_of(on), ["up", "down"]);
    assert_eq!(lines(4), []);
    let lines = lines(5);
    assert_eq!(
        serde_json::to_string(&lines[0]).unwrap(),
        r#"{"format_version":1,"question":"T0 rises in 5 sessions as of 2024-01-02T04:59:59.999999999Z","truth":"up","known_at":"2024-01-07T01:00:00Z","answers":{"bad":{"option":"down","probability":0.75},"good":{"option":"up","probability":0.75},"new":{"option":"up","probability":0.9},"perfect":{"option":"up","probability":1.0}}}"#
    );
    let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let outcomes = Outcomes::from_jsonl("past.jsonl", &text.join("\n")).unwrap();
    let seats = ["good", "bad", "perfect", "coin", "new"].map(|name| Seat::new(name, "scripted"));
    let record = outcomes.track_record(&seats).unwrap();
    let of = [0, 1, 2, 3, 4].map(|seat| record.of(SeatIndex(seat)));
    assert_eq!(of, [(60, 50), (60, 10), (60, 60), (0, 0), (29, 29)]);
    outcomes.recalibration(&seats).unwrap();
}

/// A made-up history of three shares and a benchmark, with dividends, splits, days without a bar, late bars and days that
/// come twice; and forecasts of them.
#[derive(Debug, Clone)]
struct World {
    items: Vec<Item>,
    made: Vec<Forecast>,
}

const NAMES: [&str; 4] = ["KO", "PEP", "MSFT", "SPY"];

prop_compose! {
    fn any_item()(
        name in 0..4_usize,
        n in 0..60_i64,
        close in prop_oneof![20 => 50.0..150.0_f64, 1 => Just(100.0), 1 => 0.1..5000.0_f64],
        dividend in proptest::option::weighted(0.1, 0.1..5.0_f64),
        split in proptest::option::weighted(0.05, prop_oneof![Just(2.0), Just(0.5), Just(3.0)]),
        late in proptest::option::weighted(0.1, 1..20_i64),
    ) -> Item {
        let bar = DailyBar { dividend, split, ..bar(NAMES[name], n, close) };
        let mut item = item(NAMES[name], bar);
        if let Some(late) = late {
            item.available_at = Availability::at(end_of(n + late).moment(), "late");
        }
        item
    }
}

prop_compose! {
    fn any_forecast()(
        who in 0..4_usize,
        name in 0..3_usize,
        on in 0..60_i64,
        horizon in 1..15_u16,
        p in prop_oneof![Just(0.0), Just(0.5), Just(1.0), 0.0..=1.0_f64],
        outperform in any::<bool>(),
    ) -> Forecast {
        let text = |text: &str| text.to_owned();
        let who = [Voice::Decision, ada(), Voice::Source(text("wire")), Voice::Category(text("earnings"))][who].clone();
        let question = if outperform { Question::Outperform } else { Question::Rise };
        Forecast { question, ..forecast(who, NAMES[name], on, horizon, p) }
    }
}

prop_compose! {
    fn any_world()(
        items in proptest::collection::vec(any_item(), 0..400),
        made in proptest::collection::vec(any_forecast(), 0..300),
    ) -> World {
        World { items, made }
    }
}

fn prices(items: &[Item]) -> Prices {
    let of = |name: &str| PriceHistory::of(&ticker(name), items);
    NAMES[..3].iter().fold(Prices::new(), |prices, name| prices.with(of(name))).with_benchmark(of("SPY"))
}

proptest! {
    #[test]
    fn fuzz_scorecards_never_see_later_data(world in any_world(), on in 0..80_i64, later in 0..40_i64) {
        let as_of = end_of(on);
        let known: Vec<Item> = world.items.iter().filter(|item| as_of.knows(*item)).cloned().collect();
        let made: Vec<Forecast> =
            world.made.iter().filter(|made| made.as_of <= as_of.moment()).cloned().collect();
        let (all, then) = (prices(&world.items), prices(&known));
        let with_all = Scorecards::as_of(&world.made, &all, &as_of);
        let with_then = Scorecards::as_of(&made, &then, &as_of);
        let text = |cards: &Scorecards| serde_json::to_string(cards).unwrap();
        prop_assert_eq!(text(&with_all), text(&with_then));
        let lines = Scorecards::resolved_questions(&world.made, &all, &as_of, ["up", "down"]);
        prop_assert_eq!(lines, Scorecards::resolved_questions(&made, &then, &as_of, ["up", "down"]));
        prop_assert!(with_all.cards.is_sorted_by_key(|card| card.who.clone()));
        for card in &with_all.cards {
            let weight = card.weight;
            prop_assert!((0.25..=4.0).contains(&weight), "{weight}");
            prop_assert!(card.outcomes >= crate::MIN_OUTCOMES || (weight - 1.0).abs() < f64::EPSILON);
        }
        // What was known of a share whose bars all came in time stays so, to the last bit.
        let in_time: Vec<Item> = world.items.iter().filter(|item| {
            item.as_bar().is_some_and(|bar| Availability::of_daily_bar(bar.date) == item.available_at)
        }).cloned().collect();
        let (history, after) = (PriceHistory::of(&ticker("KO"), &in_time), end_of(on + later));
        for made in world.made.iter().filter(|made| made.ticker == ticker("KO")) {
            if let Ok(outcome) = made.outcome(&history, None, &as_of) {
                prop_assert!(outcome.known_by <= as_of.moment() && outcome.gain.is_finite());
                prop_assert_eq!(made.outcome(&history, None, &after), Ok(outcome));
            }
        }
    }
}
