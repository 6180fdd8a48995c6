//! Scores of what strangers write.

use std::{io::Write as _, process::Stdio};

use serde_json::{Value, json};

use crate::program::{Place, fixtures};

fn json_of(place: &Place, arguments: &[&str]) -> Value {
    let told = place.told(&[&["score"], arguments, &["--as-of", "2026-07-24", "--json"]].concat());
    assert_eq!(told.code, 0, "{arguments:?}: {}", told.err);
    serde_json::from_str(&told.out).expect("one JSON document")
}

fn headlines() -> Place {
    let item =
        |title: &str, url: &str, at: &str| json!({ "title": title, "url": url, "published": at }).to_string();
    let lines = [
        item("Clorox cuts outlook after cyberattack", "https://www.reuters.com/a", "2026-07-24T12:00:00Z"),
        item("After cyberattack, Clorox cuts its outlook", "https://b.example/b", "2026-07-24T13:00:00Z"),
        item("Clorox names new finance chief", "https://b.example/c", "2026-07-24T14:00:00Z"),
    ];
    Place::new().with_file("headlines.jsonl", lines.join("\n"))
}

#[test]
fn headlines_are_scored_and_grouped() {
    let place = headlines();
    let json = json_of(&place, &["headlines.jsonl", "--ticker", "CLX", "--company", "Clorox"]);
    let texts = json["texts"].as_array().expect("texts");
    assert_eq!(texts.len(), 3);
    assert_eq!(json["stories"][0]["texts"], json!([0, 1]));
    assert_eq!(texts[2]["category"]["primary"], "management");
    assert!(texts[0]["credibility"]["score"].as_f64() > texts[1]["credibility"]["score"].as_f64());
    assert!(texts[0]["relevance"]["score"].as_f64() > Some(0.5));
    assert_eq!(texts[0]["missing"], json!(["engagement", "readability"]));
    let told = place.told(&["score", "headlines.jsonl", "--as-of", "2026-07-24"]);
    for said in [
        "Scores of 3 text(s)",
        "Stories that several tell",
        "no. 1, 2; 2 domains",
        "went to the others",
        "management",
    ] {
        assert!(told.out.contains(said), "{said}: {}", told.out);
    }
}

#[test]
fn the_shape_of_the_document() {
    let place = headlines();
    let json = json_of(&place, &["headlines.jsonl", "--ticker", "CLX", "--company", "Clorox"]);
    insta::assert_snapshot!("score-document", format!("{json:#}"));
}

#[test]
fn pages_markdown_and_texts() {
    let page = "<html><head><title>Acme beats estimates</title></head><body><script>bad()</script><p>Profits soar.</p></body></html>";
    let place = Place::new()
        .with_file("a.html", page)
        .with_file("b.md", "# Acme beats estimates\n\nProfits *soar*.\n")
        .with_file("c.txt", "Acme beats estimates.\nProfits soar.\n");
    let json = json_of(&place, &["a.html", "b.md", "c.txt"]);
    let texts = json["texts"].as_array().expect("texts");
    for text in texts {
        assert_eq!(
            (&text["category"]["primary"], &text["sentiment"]["feeling"]),
            (&json!("earnings"), &json!("positive")),
            "{text}"
        );
    }
    assert_eq!(texts[2]["novelty"]["score"], 0.0, "all say the same");
    assert_eq!(texts[2]["novelty"]["kinship"], "copy");
}

#[test]
fn a_chain_has_its_figures() {
    let place = Place::new();
    let recording = fixtures("assize/recording/bodies");
    let chain = std::fs::read_dir(recording)
        .expect("bodies")
        .filter_map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).ok())
        .find(|body| body.contains("\"current_price\""))
        .expect("a chain was recorded");
    let place = place.with_file("chain.json", chain);
    let json = json_of(&place, &["chain.json"]);
    let chain = &json["chains"][0];
    assert_eq!((&chain["underlying"], &chain["contracts"]), (&json!("ACME"), &json!(4)));
    assert_eq!((&chain["put_call_by_volume"], &chain["unusual_count"]), (&json!(0.2), &json!(1)));
    assert!(
        chain["flags"].as_array().is_some_and(|flags| flags.contains(&json!("few_contracts"))),
        "{chain}"
    );
    let told = place.told(&["score", "chain.json"]);
    assert!(
        told.out.contains("ACME240719C00040000") && told.out.contains("To be doubted: few_contracts"),
        "{}",
        told.out
    );
}

#[test]
fn what_a_fetch_prints_can_be_scored() {
    let item = |kind: &str, more: Value| {
        let mut item = json!({ "kind": kind, "url": "https://api.example/x", "available_latest": "2026-07-24T12:00:00Z" });
        item.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        item
    };
    let fetched = json!({ "format_version": 1, "tickers": [{ "ticker": "KO", "items": [
        item("article", json!({ "title": "Coca-Cola raises its dividend", "link": "https://www.reuters.com/k", "summary": "" })),
        item("bar", json!({ "close": 60.0 })),
        item("post", json!({ "title": "", "text": "$KO to the moon", "link": "https://stocktwits.com/1", "comments": 3 })),
    ] }] });
    let place = Place::new();
    let mut program =
        place.command(&["score", "-", "--json"]).stdin(Stdio::piped()).spawn().expect("it runs");
    program.stdin.take().expect("a pipe").write_all(fetched.to_string().as_bytes()).expect("it is read");
    let done = program.wait_with_output().expect("it ends");
    let json: Value = serde_json::from_slice(&done.stdout).expect("one JSON document");
    assert_eq!(json["texts"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["texts"][0]["url"], "https://www.reuters.com/k");
    assert!(String::from_utf8_lossy(&done.stderr).contains("1 items of standard input are no texts"));
}

#[test]
fn a_hostile_text_steers_nothing() {
    let hostile = json!([
        { "title": "<script>alert(1)</script> \u{1b}[2J\u{202e}evil", "text": "a\u{0}b", "url": "javascript:alert(1)" },
        { "title": "x".repeat(400_000), "url": "https://\u{1b}]0;x" },
        { "text": "\u{0301}".repeat(5_000), "views": u64::MAX, "likes": u64::MAX, "usual_views_per_hour": -1 },
        { "title": "!!!", "url": "reuters.com.evil.example" },
    ]);
    let place = Place::new().with_file("hostile.json", hostile.to_string());
    // `Place::told` holds each run to control characters.
    let told = place.told(&["score", "hostile.json"]);
    assert!(told.code == 0 && told.out.contains("<script>alert(1)</script>"), "{}", told.err);
    let json = json_of(&place, &["hostile.json"]);
    assert_eq!(json["texts"][1]["is_cut"], true);
    assert!(
        json["texts"]
            .as_array()
            .is_some_and(|texts| texts.iter().all(|text| text["score"].as_f64() <= Some(100.0)))
    );
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let deep = "[".repeat(10_000);
    let place = headlines()
        .with_file("empty.txt", " \n")
        .with_file("binary.txt", [0xff, 0xfe, 0x00])
        .with_file("broken.json", "{\"title\": ")
        .with_file("line.jsonl", "{\"title\": \"a\"}\n{\"title\": }\n")
        .with_file("number.json", "3")
        .with_file("none.json", "[]")
        .with_file("bare.json", "[{\"url\": \"https://a.example\"}]")
        .with_file("typed.json", "{\"title\": 3}")
        .with_file("dated.json", "{\"title\": \"a\", \"published\": \"yesterday\"}")
        .with_file("counts.json", "{\"title\": \"a\", \"views\": -1}")
        .with_file("chain.json", "{\"symbol\": \"X\", \"data\": {\"options\": [{\"option\": 3}]}}")
        .with_file("deep.json", deep)
        .with_file("words.csv", "No,Such,Columns\n1,2,3\n")
        .with_folder("folder.json");
    for (arguments, said) in [
        (&["score"][..], "<FILE>"),
        (&["score", "nowhere.txt"], "read nowhere.txt"),
        (&["score", "folder.json"], "folder.json"),
        (&["score", "empty.txt"], "it is empty"),
        (&["score", "binary.txt"], "is no UTF-8 text"),
        (&["score", "broken.json"], "read broken.json"),
        (&["score", "line.jsonl"], "line 2"),
        (&["score", "number.json"], "neither an item nor a list"),
        (&["score", "none.json"], "find a text or an option chain"),
        (&["score", "bare.json"], "item 1: it has neither a title nor a text"),
        (&["score", "typed.json"], "`title` must be a text"),
        (&["score", "dated.json"], "`published` must be a moment"),
        (&["score", "counts.json"], "`views` must be a whole number"),
        (&["score", "chain.json"], "read the option chain"),
        (&["score", "deep.json"], "read deep.json"),
        (&["score", "headlines.jsonl", "--company", "X"], "--ticker"),
        (&["score", "headlines.jsonl", "--ticker", "CLX", "--company", "!"], "its name `!`"),
        (&["score", "headlines.jsonl", "--lexicon", "words.csv"], "use the lexicon words.csv"),
        (&["score", "headlines.jsonl", "--domains", "words.csv"], "use the table of domains words.csv"),
    ] {
        let told = place.told(arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(said), "{arguments:?}: {}", told.err);
    }
}
