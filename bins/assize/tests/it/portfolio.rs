//! `assize brief … --portfolio` and `assize portfolio`.

use serde_json::Value;

use crate::program::{Place, Told};

fn place() -> Place {
    Place::new().with_file("limits.toml", "min_source_kinds = 1\n")
}

fn brief(place: &Place, day: &str, more: &[&str]) -> Told {
    let mut arguments =
        vec!["brief", "RISE", "FALL", "--prices", "prices", "--as-of", day, "--portfolio", "paper"];
    arguments.extend(more);
    place.told(&arguments)
}

fn json(told: &Told) -> Value {
    assert_eq!(told.code, 0, "{}", told.err);
    serde_json::from_str(&told.out).expect("one JSON document")
}

#[test]
fn an_account_from_its_first_brief_on() {
    let place = place();
    let first =
        json(&brief(&place, "2019-12-02", &["--limits", "limits.toml", "--json", "--capital", "50000"]));
    assert_eq!(first["desk"]["account"]["cash"], "50000.00");
    assert_eq!(first["desk"]["orders"][0]["ticker"], "RISE");
    let told = brief(&place, "2019-12-09", &["--limits", "limits.toml", "--out", "out"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("On paper") && told.out.contains("filled"), "{}", told.out);
    assert!(place.read("out/brief.html").contains("Growth of 100"));

    let show = ["portfolio", "show", "paper", "--prices", "prices", "--benchmark", "WAVE", "--out", "shown"];
    let told = place.told(&show);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("RISE") && told.out.contains("more than the benchmark"), "{}", told.out);
    let shown: Value = serde_json::from_str(&place.read("shown/portfolio.json")).unwrap();
    assert_eq!(shown["account"]["positions"][0]["ticker"], "RISE");
    assert_eq!(shown["account"]["imbalance"], "0.00");
    assert!(shown["scorecards"]["cards"].as_array().is_some_and(|cards| cards.len() > 3), "{shown}");

    let before = json(&place.told(&["portfolio", "show", "paper", "--as-of", "2019-12-02", "--json"]));
    assert_eq!(before["account"]["positions"].as_array().map(Vec::len), Some(0), "it was not filled yet");
    let events = json(&place.told(&["portfolio", "events", "paper", "--ticker", "RISE", "--json"]));
    let kinds: Vec<&str> =
        events["events"].as_array().unwrap().iter().filter_map(|one| one["event"]["type"].as_str()).collect();
    assert_eq!(kinds, ["decided", "filled", "decided"]);
}

#[test]
fn a_brief_of_an_earlier_day_books_nothing() {
    let place = place();
    let limits = ["--limits", "limits.toml", "--json"];
    assert_eq!(brief(&place, "2019-12-09", &limits).code, 0);
    let journal = place.read("paper/journal/account.jsonl");
    let back = json(&brief(&place, "2019-12-02", &limits));
    assert_eq!(back["desk"]["is_booked"], false);
    assert_eq!(back["desk"]["shortfalls"][0]["kind"], "looked-back");
    assert_eq!(place.read("paper/journal/account.jsonl"), journal);
}

#[test]
fn from_prices_alone_nothing_is_bought_by_default() {
    let place = place();
    let told = json(&brief(&place, "2019-12-09", &["--json"]));
    assert_eq!(told["desk"]["orders"].as_array().map(Vec::len), Some(0));
    let fired = told["desk"]["validation"].to_string();
    assert!(fired.contains("too-little-evidence"), "{fired}");
}

#[test]
fn folders_that_are_no_portfolio() {
    let place = place().with_file("other/thesis.txt", "years of work");
    for arguments in [
        &["portfolio", "show", "nowhere"][..],
        &["portfolio", "events", "other"],
        &["brief", "RISE", "--prices", "prices", "--as-of", "2019-12-31", "--portfolio", "other"],
        &[
            "brief",
            "RISE",
            "--prices",
            "prices",
            "--as-of",
            "2019-12-31",
            "--portfolio",
            "new",
            "--capital",
            "0",
        ],
        &["brief", "RISE", "--prices", "prices", "--as-of", "2019-12-31", "--capital", "5"],
    ] {
        let told = place.told(arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}: {}", told.err);
    }
}

/// Where there is no portfolio, what debates took is kept beside the cache, and a brief of an earlier day leaves it alone.
#[test]
fn briefs_learn_without_a_portfolio() {
    let place = place();
    let kept = "caches/assize/predictor.json";
    let made = |as_of: &str, more: &[&str]| {
        let asked =
            ["brief", "RISE", "--prices", "prices", "--model", "simulated:gpt-4o-mini", "--as-of", as_of];
        let told = place.told(&[&asked[..], more].concat());
        assert_eq!(told.code, 0, "{}", told.err);
    };
    made("2019-12-30", &["--no-cache"]);
    assert!(!place.path(kept).exists());
    made("2019-12-30", &[]);
    let first = place.read(kept);
    assert!(place.read("caches/assize/predictor.json.as-of").starts_with("2019-12-31T04:59:59"));
    made("2019-12-31", &[]);
    let second = place.read(kept);
    assert_ne!(first, second, "it was learnt from");
    made("2019-12-30", &[]);
    assert_eq!(place.read(kept), second, "an earlier day knows nothing of it, and adds nothing");
}

/// Nothing is known of the models: what is assumed of them fits into the deadline twice and not three times.
#[cfg(unix)]
#[test]
fn a_debate_is_as_long_as_the_deadline_is_likely_to_allow() {
    let place = place();
    let vendor = crate::brief_killed::Vendor::start();
    let models = ["a", "b"].map(|name| format!("{}/v1#{name}", vendor.address));
    let mut more =
        vec!["--selector", "always", "--stop", "none", "--deadline", "20s", "--out", "out", "--json"];
    models.iter().for_each(|model| more.extend(["--model", model]));
    let told = json(&brief(&place, "2019-12-31", &more));
    let shortfalls = told["tickers"][0]["shortfalls"].to_string();
    assert!(shortfalls.contains("the debate has at most 2 of 3 rounds"), "{shortfalls}");
    let run: Value = serde_json::from_str(&place.read("out/run.json")).unwrap();
    let first = &run["toggles"][0];
    assert_eq!(
        (&first["ticker"], &first["receipt"]["choice"]["rounds"]),
        (&"FALL".into(), &2.into()),
        "{first}"
    );
    assert!(
        first["actual"]["took_us"].is_number() && first["receipt"]["considered"][0]["prediction"].is_object()
    );
    assert!(place.read("out/run.md").contains("Debate, vote or skip"));
    assert!(place.read("paper/toggles.json").contains("format_version"));
}
