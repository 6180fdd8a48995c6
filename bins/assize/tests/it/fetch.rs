//! What is fetched from folders and recordings: nothing here asks the network.

use serde_json::Value;

use crate::program::{Place, Told, fixtures};

/// A fetch that is played back.
fn replayed(place: &Place, more: &[&str]) -> Told {
    let data = format!("replay:{}", fixtures("assize/recording").display());
    place.told(&[&["fetch", "ACME", "--data", &data, "--as-of", "2024-06-12"], more].concat())
}

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.out).expect("one JSON document")
}

#[test]
fn a_folder_of_prices() {
    let place = Place::new();
    let told = place.told(&["fetch", "RISE", "NONE", "--prices", "prices", "--as-of", "2019-06-28"]);
    assert_eq!(told.code, 0, "{}", told.err);
    for said in
        ["Fetched: RISE, NONE", "price (csv-folder): ", "on 2019-06-28", "no_such_ticker", "Not known yet: "]
    {
        assert!(told.out.contains(said), "{said}: {}", told.out);
    }
    assert!(told.out.contains("only the folder of prices is read"), "others are named: {}", told.out);
    let json = json(&place.told(&["fetch", "RISE", "--prices", "prices", "--as-of", "2019-06-28", "--json"]));
    let ticker = &json["tickers"][0];
    let bars = ticker["items"].as_array().expect("items");
    assert!(
        bars.len() > 100 && bars.iter().all(|bar| bar["date"].as_str() <= Some("2019-06-28")),
        "{}",
        bars.len()
    );
    assert!(ticker["removed"]["count"].as_u64() > Some(50));
    assert_eq!(ticker["removed"]["listed"].as_array().map(Vec::len), Some(50));
    assert_eq!(ticker["sources"][0]["items"], bars.len());
}

/// A market that is played: the same on each day, with every usual source and without a gap.
#[test]
fn a_world_of_a_seed() {
    let place = Place::new();
    let fetch = |seed: &str| {
        let data = format!("world:{seed}");
        let told = place.told(&["fetch", "KO", "--data", &data, "--as-of", "2026-03-06", "--json"]);
        assert_eq!(told.code, 0, "{}", told.err);
        json(&told)["tickers"][0].clone()
    };
    let (one, again, other) = (fetch("42"), fetch("42"), fetch("43"));
    assert_eq!(one["gaps"], serde_json::json!([]));
    let ids = |ticker: &Value| -> Vec<String> {
        let items = ticker["items"].as_array().expect("items");
        items.iter().map(|item| item["id"].to_string()).collect()
    };
    assert_eq!(ids(&one), ids(&again));
    assert_ne!(ids(&one), ids(&other));
    let kinds: std::collections::BTreeSet<&str> =
        one["items"].as_array().expect("items").iter().filter_map(|item| item["kind"].as_str()).collect();
    for kind in ["article", "attention", "fact", "filing", "identity", "insider_trade", "macro", "post"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
    let refused = place.told(&["fetch", "KO", "--data", "world:moon"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
}

#[test]
fn a_recording_of_many_sources() {
    let place = Place::new();
    let told = replayed(&place, &[]);
    assert_eq!(told.code, 0, "{}", told.err);
    for said in [
        "company: Acme Rockets, Inc., CIK 1999001",
        "price (yahoo-chart): 42.25 on 2024-06-12",
        "puts by calls 0.20 by volume",
        "980 views of en.wikipedia:Acme_Rockets,_Inc. on 2024-06-10",
        "8-K filed 2024-06-10, items 2.02, 9.01",
        "reported figures: 2",
        "Not known yet: 1 taken out",
        "the recording was made without it",
    ] {
        assert!(told.out.replace("\n  ", " ").contains(said), "{said}: {}", told.out);
    }
    assert!(!told.out.contains(" ms"), "nothing was waited for: {}", told.out);
}

/// The form that programs read, field by field.
#[test]
fn the_shape_of_the_document() {
    let place = Place::new();
    let mut json = json(&replayed(&place, &["--json"]));
    // What is measured differs from run to run.
    json["started_at"] = "…".into();
    json["elapsed_ms"] = 0.into();
    for health in json["health"].as_array_mut().expect("health") {
        health["median_ms"] = 0.into();
    }
    insta::assert_snapshot!("fetch-document", format!("{json:#}"));
}

#[test]
fn what_is_written_is_what_is_shown() {
    let place = Place::new();
    let told = replayed(&place, &["--json", "--out", "fetched"]);
    assert_eq!((told.code, &told.out), (0, &place.read("fetched/fetch.json")));
    assert!(
        place.read("fetched/fetch.html").contains("<h2")
            && place.read("fetched/fetch.md").contains("## ACME")
    );
}

#[test]
fn all_sources_are_listed() {
    let place = Place::new();
    let told = place.told(&["fetch", "--list"]);
    assert!(told.code == 0 && told.out.contains("SEC_CONTACT: missing"), "{}", told.out);
    let with =
        place.with_file("keys.toml", "sec = \"Example Research data@example.org\"\nfred = \"key-1234\"\n");
    let told = with.told(&["fetch", "--list", "--keys", "keys.toml", "--json"]);
    assert!(!told.out.contains("example.org") && !told.out.contains("key-1234"), "{}", told.out);
    let json = json(&told);
    let find = |name: &str| {
        let sources = json["sources"].as_array().expect("sources");
        sources.iter().find(|source| source["source"] == name).expect(name).clone()
    };
    assert_eq!(
        (&find("edgar-filings")["default"], &find("cboe-options")["default"]),
        (&true.into(), &false.into())
    );
    assert_eq!(find("fred-api")["needs"]["is_there"], true);
}

#[test]
fn what_cannot_be_fetched_is_refused() {
    let place = Place::new()
        .with_file("keys.toml", "openai = [\"sk-secret\"]\n")
        .with_file("nobody.toml", "sec = \"nobody\"\n")
        .with_file("in the way", "a file")
        .with_folder("empty");
    for (arguments, code, said) in [
        (&["fetch"][..], 2, "<TICKER>"),
        (&["fetch", "../KO"], 2, "read the ticker"),
        (&["fetch", "KO", "--sources", "bloomberg"], 2, "there is none of that name"),
        (&["fetch", "KO", "--sources", "fred-api"], 2, "set FRED_API_KEY"),
        (&["fetch", "KO", "--sources", "edgar-filings"], 2, "set SEC_CONTACT"),
        (&["fetch", "KO", "--sources", "csv-folder"], 2, "--prices DIR"),
        (&["fetch", "KO", "--sources", ","], 2, "with commas between"),
        (&["fetch", "KO", "--sources", "-all"], 2, "none is left"),
        (&["fetch", "KO", "--data", "disk:x"], 2, "replay:FOLDER"),
        (&["fetch", "KO", "--data", "replay:nowhere"], 2, "open the recording in `nowhere`"),
        (&["fetch", "KO", "--data", "replay:empty"], 2, "recording.jsonl"),
        (&["fetch", "KO", "--prices", "nowhere"], 2, "open the price folder nowhere"),
        (&["fetch", "KO", "--prices", "prices", "--as-of", "2999-01-01"], 2, "lies in the future"),
        (&["fetch", "KO", "--prices", "prices", "--as-of", "1998-3-2"], 2, "write it as 1998-03-02"),
        (&["fetch", "KO", "--prices", "prices", "--deadline", "0s"], 2, "longer than nothing"),
        (&["fetch", "KO", "--prices", "prices", "--out", "in the way"], 2, "make the folder"),
        (&["fetch", "KO", "--keys", "keys.toml", "--prices", "prices"], 2, "line 1"),
        (&["fetch", "KO", "--keys", "nobody.toml"], 2, "a name and an e-mail address"),
        (&["fetch", "KO", "--company", "KO"], 2, "write it as KO="),
        (&["fetch", "KO", "--company", "KO=X;many"], 2, "write it as KO="),
        (&["fetch", "--list", "KO"], 2, "cannot be used with"),
    ] {
        let told = place.told(arguments);
        assert_eq!((told.code, told.out.as_str()), (code, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(said), "{arguments:?}: {}", told.err);
        assert!(!told.err.contains("sk-secret"), "{}", told.err);
    }
}

/// What came to nothing still says why, and with which exit code.
#[test]
fn nothing_is_told_with_its_reasons() {
    let place = Place::new().with_file("bad/KO.csv", "A letter.\n\nDear all, the price is high.\n");
    for (ticker, prices, reason) in [("NONE", "prices", "no_such_ticker"), ("KO", "bad", "drift")] {
        let told = place.told(&["fetch", ticker, "--prices", prices, "--as-of", "2019-06-28"]);
        assert!(told.code == 2 && told.out.contains(reason), "{}: {}", told.code, told.out);
    }
    // Nothing was known that early: an answer, too.
    let told = place.told(&["fetch", "RISE", "--prices", "prices", "--as-of", "1990-01-02"]);
    assert!(told.code == 0 && told.out.contains("nothing_yet"), "{}: {}", told.code, told.out);
    // The recording is of another company.
    let data = format!("replay:{}", fixtures("assize/recording").display());
    let told =
        place.told(&["fetch", "ZZZ", "--data", &data, "--sources", "cboe-options", "--as-of", "2024-06-12"]);
    assert!(told.code == 2 && told.out.contains("unrecorded"), "{}: {}", told.code, told.out);
}

#[test]
fn no_colour_in_a_pipe_and_none_with_no_color() {
    let place = Place::new();
    for value in ["", "1"] {
        let arguments = ["fetch", "RISE", "--prices", "prices", "--as-of", "2019-06-28"];
        let done =
            place.command(&arguments).env("NO_COLOR", value).env("TERM", "xterm").output().expect("it runs");
        assert!(!done.stdout.contains(&0x1b) && !done.stderr.contains(&0x1b));
    }
}
