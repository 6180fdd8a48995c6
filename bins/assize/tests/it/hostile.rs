//! Text from outside is shown; it neither steers the terminal nor becomes part of a page.

use assize_debate::Verdict;
use assize_pipeline::verdict_document;

use crate::program::Place;

/// What must not stand in a page, whoever says it.
const LIVE: [&str; 5] = ["<script", "<img", "href=\"javascript:", "<iframe", "onerror=alert(1)>"];

fn is_dead(html: &str) {
    for live in LIVE {
        assert!(!html.contains(live), "{live} in\n{html}");
    }
    assert!(!html.chars().any(|c| c.is_control() && c != '\n'), "{html:?}");
}

const PANEL: [&str; 6] =
    ["debate", "Ship?", "--model", "scripted:panel/hostile.txt", "--model", "scripted:panel/ada.txt"];

/// `Place::told` holds every run to control characters; here there are some to hold back.
#[test]
fn a_hostile_voice_is_heard_as_words() {
    let place = Place::new();
    let told = place.told(&[&PANEL[..], &["--stream"]].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("<script>alert(1)</script> **bold**"), "shown as it is: {}", told.out);
    assert!(told.err.contains("voice 1"), "{}", told.err);
}

#[test]
fn a_hostile_voice_stays_words_in_every_document() {
    let place = Place::new();
    let told = place.told(&[&PANEL[..], &["--json"]].concat());
    assert!(told.out.contains("\\u001b[2J"), "programs get what was said: {}", told.out);
    let verdict: Verdict = serde_json::from_str(&told.out).expect("a verdict");
    assert!(
        verdict.dissent.iter().chain(&verdict.reasons).any(|reason| reason.text.contains("<script>")),
        "{verdict:?}"
    );
    let doc = verdict_document(&verdict, &[]);
    is_dead(&doc.to_html());
    // The heading and the table cell that it tries to be are none in Markdown either.
    let markdown = doc.to_markdown();
    assert!(!markdown.lines().any(|line| line.starts_with("# heading")), "{markdown}");
}

#[test]
fn hostile_files_are_findings_and_messages() {
    let rows = "2019-12-30,5,\u{1b}[31m<img src=x onerror=alert(1)>\n2019-12-31,\u{1b}[2J,<script>\n";
    let header = "Date,Close,<script>alert(1)</script>\u{1b}[2J\n";
    let place = Place::new()
        .with_file("evil/EVIL.csv", format!("{header}{rows}"))
        .with_file("evil/TEXT.csv", "<script>alert(1)</script>\u{1b}[2J\u{9b}31m\n")
        .with_file("evil/MANY_\u{1b}[31ma.csv", "")
        .with_file("evil/MANY_b.csv", "");
    let told = place.told(&[
        "brief",
        "EVIL",
        "TEXT",
        "MANY",
        "--prices",
        "evil",
        "--as-of",
        "2019-12-31",
        "--out",
        "report",
    ]);
    assert!(told.out.contains("alert(1)"), "shown: {}", told.out);
    for name in ["report/brief.html", "report/run.html"] {
        is_dead(&place.read(name));
    }
    // The name of an unknown field is part of the message.
    let told = place.told(&["debate", "Ship?", "--evidence", "evidence/hostile.jsonl"]);
    assert!(told.code == 2 && told.err.contains("unknown field"), "{}", told.err);
    // And so are a user's own words.
    let told = place.told(&[
        "debate",
        "\u{1b}[31mShip?",
        "--model",
        "scripted:panel/ada.txt",
        "--option",
        "yes",
        "--option",
        "\u{1b}[2J",
    ]);
    assert_eq!(told.code, 0, "{}", told.err);
}
