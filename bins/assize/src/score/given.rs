//! What a user hands in to be scored: texts, items in JSON, option chains.

use std::path::Path;

use assize_ambient::Timestamp;
use assize_signals::{MAX_BATCH, Piece, Post, options::Chain};
use assize_wiring::chain_in;
use serde_json::Value;

use super::plain;
use crate::{exit::Failure, input};

/// What was handed in.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) pieces: Vec<Piece>,
    pub(super) chains: Vec<Chain>,
    /// What a person should know about it.
    pub(super) notes: Vec<String>,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Markdown,
    Html,
    Json,
}

/// By its name, or else by how it begins.
fn form(path: &Path, text: &str) -> Form {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    match ending.as_str() {
        "json" | "jsonl" | "ndjson" => Form::Json,
        "html" | "htm" | "xhtml" => Form::Html,
        "md" | "markdown" => Form::Markdown,
        "txt" => Form::Text,
        _ if start.starts_with(['{', '[']) => Form::Json,
        _ if plain::is_page(start) => Form::Html,
        _ => Form::Text,
    }
}

impl Given {
    /// Takes in a file, or standard input.
    pub(super) fn read(&mut self, path: &Path) -> Result<(), Failure> {
        let text = input::read(path)?;
        let name = input::name(path);
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(Failure::bad_request(format!("score {name}: it is empty")));
        }
        match form(path, text) {
            Form::Json => self.json(&name, text)?,
            Form::Text => self.pieces.push(Piece { text: text.to_owned(), ..Piece::default() }),
            Form::Markdown => self.page(plain::of_markdown(text)),
            Form::Html => self.page(plain::of_html(text)),
        }
        if self.pieces.len() > MAX_BATCH {
            return Err(Failure::bad_request(format!("score {name}: there are more than {MAX_BATCH} texts"))
                .with_hint("score them in several runs"));
        }
        Ok(())
    }

    fn page(&mut self, (title, text): (String, String)) {
        self.pieces.push(Piece { title, text, ..Piece::default() });
    }

    fn json(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        match serde_json::from_str(text) {
            Ok(value) => self.value(name, &value),
            // Several documents, one a line; one alone that is wrong is told by its own error.
            Err(whole) => {
                let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
                if lines().nth(1).is_none() || lines().next().is_some_and(|(_, line)| !is_json(line)) {
                    return Err(Failure::bad_request(format!("read {name}: {whole}")));
                }
                for (number, line) in lines() {
                    let at = format!("{name}, line {}", number + 1);
                    let value = serde_json::from_str(line)
                        .map_err(|e| Failure::bad_request(format!("read {at}: it is no JSON ({e})")))?;
                    self.value(&at, &value)?;
                }
                Ok(())
            }
        }
    }

    fn value(&mut self, name: &str, value: &Value) -> Result<(), Failure> {
        match value {
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    self.item(&format!("{name}, item {}", number + 1), item)?;
                }
                Ok(())
            }
            Value::Object(_) => {
                if let Some(chain) = chain_in(value) {
                    let chain =
                        chain.map_err(|e| Failure::bad_request(format!("read {name}: failed to {e}")))?;
                    self.chains.push(chain);
                    return Ok(());
                }
                match value.get("tickers").and_then(Value::as_array) {
                    Some(tickers) => self.fetched(name, tickers),
                    None => self.item(name, value),
                }
            }
            _ => Err(Failure::bad_request(format!("read {name}: it is neither an item nor a list of them"))),
        }
    }

    /// What a fetch printed: texts are taken, other items passed over and counted.
    fn fetched(&mut self, name: &str, tickers: &[Value]) -> Result<(), Failure> {
        let mut passed_over = 0_usize;
        for item in tickers.iter().filter_map(|ticker| ticker.get("items")?.as_array()).flatten() {
            match item.get("kind").and_then(Value::as_str) {
                Some("article" | "post" | "video") => self.item(name, item)?,
                _ => passed_over += 1,
            }
        }
        if passed_over > 0 {
            self.notes.push(format!("{passed_over} items of {name} are no texts, and were passed over"));
        }
        Ok(())
    }

    fn item(&mut self, name: &str, item: &Value) -> Result<(), Failure> {
        let wrong = |why: &str| Failure::bad_request(format!("read {name}: {why}"));
        if !item.is_object() {
            return Err(wrong("it is no object with a title or a text"));
        }
        let text = |fields: &[&str]| -> Result<String, Failure> {
            match fields.iter().find_map(|field| item.get(*field).filter(|value| !value.is_null())) {
                None => Ok(String::new()),
                Some(Value::String(text)) => Ok(text.clone()),
                Some(_) => Err(wrong(&format!("`{}` must be a text", fields[0]))),
            }
        };
        let count = |field: &str| -> Result<Option<u64>, Failure> {
            let wrong = || wrong(&format!("`{field}` must be a whole number, 0 or more"));
            match item.get(field) {
                None | Some(Value::Null) => Ok(None),
                // Some sites write their counts as texts.
                Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| wrong()),
                Some(value) => value.as_u64().map(Some).ok_or_else(wrong),
            }
        };
        let title = text(&["title", "headline"])?;
        let body = text(&["text", "body", "summary", "description", "content"])?;
        if title.trim().is_empty() && body.trim().is_empty() {
            return Err(wrong("it has neither a title nor a text"));
        }
        let published =
            item.get("published").or_else(|| item.get("available_latest")).filter(|at| !at.is_null());
        let usual = match item.get("usual_views_per_hour") {
            None | Some(Value::Null) => None,
            Some(value) => {
                Some(value.as_f64().ok_or_else(|| wrong("`usual_views_per_hour` must be a number"))?)
            }
        };
        let post = Post {
            views: count("views")?,
            likes: count("likes")?,
            dislikes: count("dislikes")?,
            comments: count("comments")?,
            age_hours: None,
            usual_views_per_hour: usual,
        };
        let published = published.map(|at| moment(at).ok_or_else(|| wrong(DATED))).transpose()?;
        let items = match item.get("items") {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            Some(Value::String(items)) => items.clone(),
            _ => String::new(),
        };
        // What a fetch found has its own address beside that of the request.
        let url = text(&["link", "url"])?;
        self.pieces.push(Piece { title, text: body, url, published, items, post });
        Ok(())
    }
}

const DATED: &str = "`published` must be a moment such as 2026-07-24T12:00:00Z, a day, or seconds since 1970";

fn is_json(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|value| value.is_object() || value.is_array())
}

/// A moment, a day (its end in UTC: before that it was not all known), or seconds since 1970.
fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => Timestamp::from_second(seconds.as_i64()?).ok(),
        Value::String(text) => {
            let text = text.trim();
            let day = || {
                let day = text
                    .parse::<jiff::civil::Date>()
                    .ok()
                    .filter(|_| !text.contains(['T', 't', ' ', ':']))?;
                Some(day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
            };
            text.parse().ok().or_else(day)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments() {
        for (value, shown) in [
            (json!("2026-07-24T12:00:00Z"), Some("2026-07-24T12:00:00Z")),
            (json!("2026-07-24T08:00:00-04:00"), Some("2026-07-24T12:00:00Z")),
            (json!("2026-07-24"), Some("2026-07-24T23:59:59Z")),
            (json!(1_000_000_000), Some("2001-09-09T01:46:40Z")),
            (json!("yesterday"), None),
            (json!(1e300), None),
            (json!(true), None),
        ] {
            assert_eq!(moment(&value).map(|at| at.to_string()).as_deref(), shown, "{value}");
        }
    }

    #[test]
    fn counts_are_numbers_or_texts_and_nothing_else() {
        let read = |item: Value| {
            let mut given = Given::default();
            given.item("x", &item).map(|()| given.pieces.remove(0).post)
        };
        let post = read(json!({ "title": "a", "views": "48", "likes": 2, "comments": null })).unwrap();
        assert_eq!((post.views, post.likes, post.comments), (Some(48), Some(2), None));
        for views in [json!(-1), json!(1.5), json!("many"), json!([])] {
            let failure = read(json!({ "title": "a", "views": views })).unwrap_err();
            assert!(failure.message.contains("`views`"), "{}", failure.message);
        }
    }
}
