//! What is written fits the schemas that are published, and has no field that they do not name.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_analysts::offline_panel;
use assize_debate::{
    ModelDebater, Seat,
    conformance::schema::{closed, misfit},
};
use assize_llm::{ChatRequest, Latency, SimulatedModel};
use assize_pipeline::{
    MorningBrief,
    desk_document::PortfolioReport,
    toggle::{Predictor, Toggles},
};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::{
    backtests::{TICKERS, backtest, ran},
    desk::{AS_OF, Desk, clock, request},
    paper,
    tape::Tape,
};

pub(crate) fn published(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(name);
    closed(&serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON"))
}

#[track_caller]
pub(crate) fn assert_fits(schema: &Value, value: &Value) {
    assert_eq!(misfit(schema, value), None);
}

/// Each of these changes is one that programs of others would stumble over.
#[track_caller]
pub(crate) fn assert_refused(schema: &Value, value: &Value, changes: &[(&str, Value)]) {
    for (at, wrong) in changes {
        let mut changed = value.clone();
        *changed.pointer_mut(at).unwrap_or_else(|| panic!("{at} is not there")) = wrong.clone();
        assert!(misfit(schema, &changed).is_some(), "{at} as {wrong}");
    }
    let mut longer = value.clone();
    longer["a new field"] = Value::Null;
    assert!(misfit(schema, &longer).is_some(), "a field that the schema does not name");
}

#[tokio::test(start_paused = true)]
async fn briefs_and_their_runs() {
    // A ticker that nobody knows has neither bars nor a decision.
    let request = request(&["RISE", "WAVE", "TEXT", "NONE"], AS_OF);
    let (brief, record) = Desk::with_fixtures().make(&request).await;
    let (schema, json) = (published("brief.json"), brief.to_json());
    assert!(json["tickers"][0]["decision"].is_object() && json["tickers"][3]["decision"].is_null());
    assert_fits(&schema, &json);
    assert_refused(
        &schema,
        &json,
        &[
            ("/as_of", json!(20_191_231)),
            ("/cost", json!(0.5)),
            ("/tickers/0/status", json!("splendid")),
            ("/tickers/0/decision/action", json!("pray")),
            ("/tickers/0/decision/stop", json!({ "type": "at" })),
            ("/tickers/0/verdict/outcome", json!({ "type": "guessed" })),
            ("/tickers/0/closes/0", json!(["2019-12-31"])),
        ],
    );
    let (schema, json) = (published("run.json"), record.to_json());
    assert_fits(&schema, &json);
    assert_refused(
        &schema,
        &json,
        &[
            ("/kind", json!("walk")),
            ("/elapsed_ms", json!("1 ms")),
            ("/tickers/0/stages/0/status", json!(1)),
            ("/sources", json!({})),
        ],
    );
}

/// That what is to be held against the schema is there at all.
#[track_caller]
fn assert_seen(events: &Value, kinds: &[&str]) {
    let all = events.as_array().expect("events").iter();
    let seen: BTreeSet<&str> = all.filter_map(|event| event["type"].as_str()).collect();
    assert!(kinds.iter().all(|kind| seen.contains(kind)), "of {kinds:?} there are {seen:?}");
}

#[test]
fn briefs_made_at_a_desk_and_its_account() {
    let schema = published("brief.json");
    let tape = Tape::default();
    let briefs = paper::runtime().block_on(paper::briefs(&tape, &paper::DAYS));
    for brief in &briefs {
        let json = brief.to_json();
        assert!(json["desk"].is_object());
        assert_fits(&schema, &json);
    }
    let last = briefs.last().expect("six").to_json();
    assert_seen(&last["desk"]["events"], &["marked"]);
    assert!(!last["desk"]["scorecards"]["cards"].as_array().expect("cards").is_empty());
    assert_refused(
        &schema,
        &last,
        &[
            ("/desk", json!({ "what": "ever" })),
            ("/desk/is_booked", json!("perhaps")),
            ("/desk/events/0/type", json!("invented")),
            ("/desk/events/0/session", json!(20_190_930)),
            ("/desk/validation/gross_bp", json!("a lot")),
            ("/desk/validation/accepted/0/standing", json!("revered")),
            ("/desk/curve/0/equity", json!(100_000)),
            ("/desk/account/positions", json!({})),
            ("/desk/performance", json!({ "guessed": 1 })),
        ],
    );

    let schema = published("portfolio.json");
    let as_of = AS_OF.parse().expect("a date");
    let empty = PortfolioReport::of(&assize_portfolio::History::default(), &as_of).expect("a report");
    assert_fits(&schema, &empty.to_json());
    let desk = paper::runtime().block_on(paper::open(&tape));
    let report = PortfolioReport::of(desk.account().history(), &as_of).expect("a report");
    assert_fits(&schema, &report.to_json());
    let scorecards = briefs.last().and_then(|brief| brief.desk.as_ref()).expect("a desk").scorecards.clone();
    let closes = [(date(2019, 9, 6), 100.0), (date(2019, 9, 30), 101.0), (date(2019, 10, 4), 99.5)];
    let whole = report.beside(desk.account().history(), &as_of, "WAVE", &closes).with_scorecards(scorecards);
    let json = whole.to_json();
    assert!(json["performance"]["known"].is_object() && json["scorecards"]["cards"][0].is_object(), "{json}");
    assert_fits(&schema, &json);
    assert_refused(
        &schema,
        &json,
        &[
            ("/as_of", json!(20_191_231)),
            ("/equity/0/equity", json!(1.5)),
            ("/performance/known/days", json!("many")),
            ("/scorecards/cards/0/outcomes", json!(-1)),
            ("/account/totals", json!([])),
        ],
    );
}

#[test]
fn tests_over_the_past() {
    let schema = published("backtest.json");
    let json = ran(&backtest(&TICKERS, date(2019, 6, 3), AS_OF, "4w"), Desk::with_fixtures()).to_json();
    assert_fits(&schema, &json);
    let days = json["days"].as_array().expect("days");
    let all = days.iter().flat_map(|day| day["events"].as_array().expect("events")).cloned().collect();
    assert_seen(&Value::Array(all), &["filled", "split", "dividend", "marked"]);
    assert_refused(
        &schema,
        &json,
        &[
            ("/every", json!(7)),
            ("/capital", json!(100_000.0)),
            ("/days/0/tickers/0/action", json!("pray")),
            ("/days/1/orders", json!(null)),
            ("/drawdown/0/account", json!("deep")),
            ("/calibration", json!("good")),
            ("/is_blind", json!(0)),
        ],
    );
    // Nobody knows this ticker: nothing was decided, bought or measured.
    let nothing = ran(&backtest(&["NONE"], date(2019, 12, 2), AS_OF, "2w"), Desk::with_fixtures());
    assert_fits(&schema, &nothing.to_json());
}

/// A debate that fits, a vote where only that does, and none where it is known that not even that does.
#[tokio::test(start_paused = true)]
async fn choices_of_debates() {
    let schema = published("run.json");
    let (mut choices, mut learnt) = (BTreeSet::new(), Predictor::new());
    for (seconds, is_new) in [(9, true), (300, true), (300, false), (9, false), (6, false), (1, false)] {
        if is_new {
            learnt = Predictor::new();
        }
        let say = |_: &ChatRequest, _: &mut Chance| "p = 0.6".to_owned();
        let model = SimulatedModel::new("slow", Seed::new(1), say);
        let latency = Latency { first_token_median: Duration::from_secs(4), ..Latency::INSTANT };
        let model = Arc::new(model.with_latency(latency));
        let mut panel = offline_panel(20);
        panel.push((Seat::new("slow", "simulated:slow"), Arc::new(ModelDebater::new(model, None))));
        let mut request = request(&["RISE", "FALL", "WAVE"], AS_OF);
        (request.rounds, request.concurrency) = (3, 1);
        request.deadline = Some(Duration::from_secs(seconds));
        let toggles = Arc::new(Toggles::new(learnt));
        let maker = MorningBrief::new(Desk::with_fixtures().fetcher(), panel, clock());
        let (_, record) = maker.choosing(Arc::clone(&toggles)).run(&request).await.expect("a brief");
        learnt = toggles.predictor();
        let json = record.to_json();
        assert_fits(&schema, &json);
        for toggle in json["toggles"].as_array().expect("choices") {
            choices.insert(toggle["receipt"]["choice"]["do"].as_str().expect("a choice").to_owned());
        }
        assert_refused(
            &schema,
            &json,
            &[
                ("/toggles/0", json!({ "ticker": "RISE" })),
                ("/toggles/0/kind/panel", json!(null)),
                ("/toggles/0/receipt/choice/do", json!("dance")),
                ("/toggles/0/receipt/considered/0/prediction/time/p50_us", json!("long")),
            ],
        );
    }
    assert_eq!(choices.iter().map(String::as_str).collect::<Vec<_>>(), ["debate", "skip", "vote"]);
}
