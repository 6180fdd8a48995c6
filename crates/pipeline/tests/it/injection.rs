//! A verdict full of text that wants to be more than text: the page is built as if all of it were plain.

use std::{fs, path::Path, sync::Arc};

use assize_debate::{
    AbstainReason, Abstention, Debater, Driver, Evidence, EvidenceId, Rule, ScriptedDebater, Seat, Spec,
    Utterance,
};
use assize_pipeline::verdict_document;
use assize_report::Document;

/// The texts of the debate's attempts at injection, at a length that fits everywhere.
fn payloads() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/debate/injection/cases.jsonl");
    let text = fs::read_to_string(path).expect("the cases");
    let payload = |line: &str| -> String {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case");
        let payload = case["payload"].as_str().expect("a payload");
        payload.chars().take(800).collect()
    };
    text.lines().map(payload).collect()
}

/// The page of a debate that holds this text wherever text can be.
async fn page(text: &str) -> Document {
    let evidence = Evidence {
        id: EvidenceId::from("ev-1"),
        kind: text.to_owned(),
        subject: text.to_owned(),
        source: text.to_owned(),
        available_at: "2026-01-02T03:04:05Z".parse().expect("a moment"),
        text: text.to_owned(),
        data: serde_json::Value::Null,
        held_by: None,
    };
    let spec = Spec::new(format!("Q {text}"), ["yes".to_owned(), format!("O {text}")])
        .with_evidence(vec![evidence.clone()])
        .with_rounds(1)
        .with_rule(Rule::Plurality)
        .with_seat(Seat::new(format!("A {text}"), "scripted"))
        .with_seat(Seat::new(format!("B {text}"), "scripted"))
        .with_seat(Seat::new(format!("C {text}"), "scripted"))
        .with_seat(Seat::new(format!("D {text}"), "scripted"));
    let says = |stance| Utterance::new(stance).because(format!("R {text}"), ["ev-1", "ev-9"]);
    let silent = Abstention::new(AbstainReason::Unreadable, format!("W {text}"));
    let panel: Vec<Arc<dyn Debater>> = vec![
        Arc::new(ScriptedDebater::always(says(1))),
        Arc::new(ScriptedDebater::always(says(1))),
        Arc::new(ScriptedDebater::always(says(0))),
        Arc::new(ScriptedDebater::new([Err(silent)])),
    ];
    let verdict = Driver::new(spec, panel).expect("a debate").run().await.expect("a conclusion").verdict;
    assert_eq!(verdict.decision(), Some(&*format!("O {text}")));
    verdict_document(&verdict, &[evidence])
}

/// The tags of a page, with the names of their attributes.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    for (at, _) in html.match_indices('<') {
        let (mut tag, mut quote) = (String::new(), None);
        for c in html[at..].chars() {
            match quote {
                Some(end) if c == end => quote = None,
                Some(_) => continue,
                None if c == '"' || c == '\'' => quote = Some(c),
                None => {}
            }
            tag.push(c);
            if c == '>' && quote.is_none() {
                break;
            }
        }
        tags.push(tag);
    }
    tags
}

/// What a line of Markdown begins with, and how often what means something in it stands there without a backslash.
type Line = (String, Vec<(char, usize)>);

fn skeleton(markdown: &str) -> Vec<Line> {
    let line = |line: &str| {
        let mut begins: String = line.chars().take_while(|c| "#->|`=~+* ".contains(*c)).collect();
        // Columns are as wide as what is in them.
        while begins.contains("--") || begins.contains("  ") {
            begins = begins.replace("--", "-").replace("  ", " ");
        }
        let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() < line.trim_start().len() && (rest.starts_with(". ") || rest.starts_with(") ")) {
            begins.push('1');
        }
        let (mut marks, mut is_escaped) = (vec![('<', 0), ('`', 0), ('[', 0), ('|', 0), ('*', 0)], false);
        for c in line.chars() {
            if let Some((_, count)) = marks.iter_mut().find(|(mark, _)| *mark == c && !is_escaped) {
                *count += 1;
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        (begins, marks)
    };
    markdown.lines().map(line).collect()
}

/// A text of the same shape that wants nothing.
fn harmless(text: &str) -> String {
    let keeps = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if keeps(c) { c } else { 'x' }).collect()
}

#[tokio::test(start_paused = true)]
async fn whatever_a_verdict_holds_its_page_is_built_the_same() {
    let payloads = payloads();
    assert!(payloads.len() >= 50, "{}", payloads.len());
    for text in payloads {
        let (hostile, plain) = (page(&text).await, page(&harmless(&text)).await);
        let (found, expected) = (tags(&hostile.to_html()), tags(&plain.to_html()));
        assert!(expected.len() > 20, "{expected:?}");
        assert_eq!(found, expected, "{text:?}");
        let (markdown, plain) = (hostile.to_markdown(), plain.to_markdown());
        assert!(plain.lines().count() > 10, "{plain}");
        for (line, (found, expected)) in
            markdown.lines().zip(skeleton(&markdown).into_iter().zip(skeleton(&plain)))
        {
            assert_eq!(found, expected, "{text:?}: {line}");
        }
        assert_eq!(markdown.lines().count(), plain.lines().count(), "{text:?}");
    }
}
