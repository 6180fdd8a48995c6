//! A file of questions: one a line, as text or as JSON.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use assize_llm::{ChatRequest, Reuse, ReuseScope};
use serde::Deserialize;

use crate::{arguments::Asking, exit::Failure, input};

/// A longer line is no question.
const MAX_LINE_BYTES: usize = 1 << 20;
/// More questions are refused.
const MAX_QUESTIONS: usize = 1_000_000;

/// A question with the line on which it first stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) line: usize,
    pub(super) request: ChatRequest,
}

/// The questions of a file.
#[derive(Debug)]
pub(super) struct Questions {
    /// Each once, in their order.
    pub(super) distinct: Vec<Question>,
    /// How many there were, repeated ones included.
    pub(super) n: usize,
}

/// A line of JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    question: String,
    system: Option<String>,
    temperature: Option<f32>,
    max_tokens: Option<u32>,
}

/// Reads the questions. What a line does not say is as `asking` says.
pub(super) fn read(path: &Path, asking: &Asking) -> Result<Questions, Failure> {
    let text = input::read(path)?;
    parse(&input::name(path), path, &text, asking)
}

fn parse(shown: &str, path: &Path, text: &str, asking: &Asking) -> Result<Questions, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let is_json = ending.is_some_and(|ending| ending == "jsonl" || ending == "ndjson")
        || text.trim_start().starts_with('{');
    let mut questions = Questions { distinct: Vec::new(), n: 0 };
    let mut seen = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let wrong = |why: &str| {
            Failure::bad_request(format!("read the questions in {shown}, line {number}: {why}")).with_hint(
                "one question a line, or one object such as {\"question\": \"…\", \"max_tokens\": 200}",
            )
        };
        if line.len() > MAX_LINE_BYTES {
            return Err(wrong(&format!("it has more than {} KiB", MAX_LINE_BYTES >> 10)));
        }
        if line.trim().is_empty() {
            continue;
        }
        let line = if is_json {
            json(line).map_err(|why| wrong(&why))?
        } else {
            plain(line).map_err(|why| wrong(&why))?
        };
        questions.n += 1;
        if questions.n > MAX_QUESTIONS {
            return Err(wrong(&format!("there are more than {MAX_QUESTIONS} questions")));
        }
        let request = request(line, asking);
        // What the model sees of it, told apart without ambiguity.
        let id =
            format!("{:?}", (&request.system, &request.messages, request.temperature, request.max_tokens));
        if seen.insert(id) {
            questions.distinct.push(Question { line: number, request });
        }
    }
    if questions.n == 0 {
        return Err(Failure::bad_request(format!("read the questions in {shown}: there are none"))
            .with_hint("write one question a line"));
    }
    Ok(questions)
}

fn plain(line: &str) -> Result<Line, String> {
    if line.chars().any(|c| c.is_control() && c != '\t') {
        return Err("it holds a control character: is this a text?".to_owned());
    }
    Ok(Line { question: line.trim().to_owned(), system: None, temperature: None, max_tokens: None })
}

fn json(line: &str) -> Result<Line, String> {
    let line: Line = serde_json::from_str(line).map_err(|e| {
        // Of a document that is one line, the column alone says where.
        let text = e.to_string();
        let what = text.split(" at line ").next().unwrap_or(&text).to_owned();
        if e.column() > 0 { format!("{what}, at column {}", e.column()) } else { what }
    })?;
    if line.question.trim().is_empty() {
        return Err("`question` is empty".to_owned());
    }
    if line.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
        return Err("`temperature` must be a number from 0 to 2".to_owned());
    }
    if line.max_tokens == Some(0) {
        return Err("`max_tokens` must be at least 1".to_owned());
    }
    Ok(line)
}

fn request(line: Line, asking: &Asking) -> ChatRequest {
    let mut request = ask(&line.question, asking);
    if let Some(system) = line.system {
        request = request.with_system(system);
    }
    if let Some(temperature) = line.temperature {
        request = request.with_temperature(temperature);
    }
    if let Some(max_tokens) = line.max_tokens {
        request = request.with_max_tokens(max_tokens);
    }
    request
}

/// A question as a request.
pub(crate) fn ask(question: &str, asking: &Asking) -> ChatRequest {
    let mut request = ChatRequest::new(question);
    if let Some(system) = &asking.system {
        request = request.with_system(system.as_str());
    }
    if let Some(temperature) = asking.temperature {
        request = request.with_temperature(temperature);
    }
    if let Some(max_tokens) = asking.max_tokens {
        request = request.with_max_tokens(max_tokens);
    }
    request.with_reuse(Reuse::Exact(ReuseScope::of(Arc::<str>::from(asking.scope.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking() -> Asking {
        Asking {
            model: "simulated:gpt-4o".to_owned(),
            system: Some("Be brief.".to_owned()),
            temperature: Some(0.5),
            max_tokens: None,
            scope: "acme".to_owned(),
            budget: None,
            keys: None,
            price_books: Vec::new(),
        }
    }

    fn read_as(name: &str, text: &str) -> Result<Questions, Failure> {
        parse(name, Path::new(name), text, &asking())
    }

    #[test]
    fn lines_are_questions() {
        let read = read_as("q.txt", "\u{feff}One?\r\n\n  Two?\t\nOne?\n").unwrap();
        assert_eq!(read.n, 3);
        let all: Vec<_> = read.distinct.iter().map(|q| (q.line, &*q.request.messages[0].text)).collect();
        assert_eq!(all, [(1, "One?"), (3, "Two?")]);
        let request = &read.distinct[0].request;
        assert_eq!((request.system.as_deref(), request.temperature), (Some("Be brief."), Some(0.5)));
        assert_eq!(request.reuse, Reuse::Exact(ReuseScope::of("acme")));
    }

    #[test]
    fn objects_are_questions_whatever_the_name() {
        let text = "{\"question\": \"One?\\nAt once?\", \"system\": \"Be long.\", \"temperature\": 0, \"max_tokens\": 9}\n{\"question\": \"Two?\"}\n";
        for name in ["q.jsonl", "-", "q.txt"] {
            let read = read_as(name, text).unwrap();
            let (one, two) = (&read.distinct[0].request, &read.distinct[1].request);
            assert_eq!(
                (one.system.as_deref(), one.temperature, one.max_tokens),
                (Some("Be long."), Some(0.0), Some(9))
            );
            assert_eq!(
                (two.system.as_deref(), two.temperature, two.max_tokens),
                (Some("Be brief."), Some(0.5), None)
            );
        }
        // The same words to other ends are another question.
        let twice = "{\"question\": \"One?\"}\n{\"question\": \"One?\", \"max_tokens\": 1}\n";
        assert_eq!(read_as("q.jsonl", twice).unwrap().distinct.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named_by_line() {
        let long = format!("One?\n{}\n", "x".repeat(MAX_LINE_BYTES + 1));
        for (name, text, line, why) in [
            ("q.txt", "", 0, "there are none"),
            ("q.txt", "\n \n", 0, "there are none"),
            ("q.txt", "One?\nTwo\u{7}?", 2, "control character"),
            ("q.txt", &*long, 2, "more than 1024 KiB"),
            ("q.jsonl", "One?", 1, "expected value"),
            (
                "q.jsonl",
                "{\"question\": \"One?\"}\n{\"question\": \"Two?\", \"modle\": 1}",
                2,
                "unknown field `modle`",
            ),
            ("q.jsonl", "{\"system\": \"x\"}", 1, "missing field `question`"),
            ("q.jsonl", "{\"question\": \" \"}", 1, "`question` is empty"),
            ("q.jsonl", "{\"question\": \"q\", \"temperature\": 2.1}", 1, "`temperature` must be"),
            ("q.jsonl", "{\"question\": \"q\", \"max_tokens\": 0}", 1, "`max_tokens` must be"),
            ("q.jsonl", "{\"question\": \"q\", \"max_tokens\": -1}", 1, "invalid value"),
            ("q.txt", "{\"question\": \"q\"} and more", 1, "trailing characters"),
        ] {
            let failure = read_as(name, text).unwrap_err();
            assert!(failure.message.contains(why), "{text:.40}: {}", failure.message);
            assert!(line == 0 || failure.message.contains(&format!("line {line}: ")), "{}", failure.message);
            assert!(failure.hint.is_some());
        }
    }
}
