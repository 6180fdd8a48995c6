//! What a model answers, read strictly.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use assize_debate::EvidenceId;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use super::{
    exhibit::cut,
    framework::{Cell, Point},
    prompt::Form,
};

/// The longest text of a point and of a summary, in characters; longer ones are cut.
pub(super) const MOST_TEXT: usize = 300;
pub(super) const MOST_SUMMARY: usize = 600;
/// Further points of a cell, and further ids of a point, are left out.
pub(super) const MOST_POINTS: usize = 4;
pub(super) const MOST_CITES: usize = 6;
/// A longer answer is none.
const MAX_BYTES: usize = 256 << 10;

/// What was read of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub(super) summary: String,
    pub(super) cells: Vec<Cell>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    summary: String,
    cells: Cells,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    cites: Vec<String>,
}

/// Cells by their names, each once.
struct Cells(BTreeMap<String, Vec<Said>>);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Cells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("cells by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells, A::Error> {
                let mut cells = BTreeMap::new();
                while let Some((name, points)) = map.next_entry::<String, Vec<Said>>()? {
                    if cells.insert(name, points).is_some() {
                        return Err(A::Error::custom("a cell stands there twice"));
                    }
                }
                Ok(Cells(cells))
            }
        }
        from.deserialize_map(Each)
    }
}

/// Reads an answer to a form. What it cites must be among `known`, or is marked.
///
/// # Errors
/// Why it cannot be read, for whoever is asked once more.
pub(super) fn read(text: &str, form: &Form, known: &BTreeSet<EvidenceId>) -> Result<Written, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let object = object_in(text).ok_or("it holds no JSON object")?;
    let Answer { summary, cells: Cells(mut said) } =
        serde_json::from_str(object).map_err(|e| cut(&e.to_string(), 160))?;
    let mut cells = Vec::with_capacity(form.cells.len());
    for kind in form.cells {
        let points = said.remove(kind.key).ok_or_else(|| format!("the cell {} is missing", kind.key))?;
        let points = points.into_iter().filter(|point| !point.text.trim().is_empty()).take(MOST_POINTS);
        let points = points.map(|point| judged(&point, known)).collect();
        cells.push(Cell { key: kind.key, title: kind.title, points, missing: None });
    }
    if let Some(name) = said.keys().next() {
        return Err(format!("there is no cell {}", cut(name, 40)));
    }
    if summary.trim().is_empty() {
        return Err("the summary is empty".to_owned());
    }
    Ok(Written { summary: cut(&summary, MOST_SUMMARY), cells })
}

/// A point, with what it cites told apart into what is there and what is not.
fn judged(said: &Said, known: &BTreeSet<EvidenceId>) -> Point {
    let mut seen = BTreeSet::new();
    let ids = said
        .cites
        .iter()
        .map(|id| EvidenceId::plain(id.trim().trim_start_matches('[').trim_end_matches(']')))
        .filter(|id| !id.as_str().is_empty() && seen.insert(id.clone()))
        .take(MOST_CITES);
    let (cites, unknown_cites): (Vec<EvidenceId>, Vec<EvidenceId>) = ids.partition(|id| known.contains(id));
    let is_supported = !cites.is_empty();
    Point { text: cut(&said.text, MOST_TEXT), cites, unknown_cites, is_supported }
}

/// The one object of an answer, without the words and the fence of code that models like to put around it.
fn object_in(text: &str) -> Option<&str> {
    let (from, to) = (text.find('{')?, text.rfind('}')?);
    (from < to).then(|| &text[from..=to])
}

#[cfg(test)]
mod tests {
    use super::super::framework::FrameworkKind;
    use super::*;

    fn known() -> BTreeSet<EvidenceId> {
        ["fin.net-margin", "ev-0123456789ab"].map(EvidenceId::from).into()
    }

    fn swot(strengths: &str) -> String {
        format!(
            "{{\"summary\": \"fine\", \"cells\": {{\"strengths\": {strengths}, \"weaknesses\": [], \"opportunities\": [], \"threats\": []}}}}"
        )
    }

    fn reading(text: &str) -> Result<Written, String> {
        read(text, &Form::of(FrameworkKind::Swot), &known())
    }

    #[test]
    fn points_are_told_apart_by_what_they_cite() {
        let text = swot(
            r#"[{"text": "a", "cites": ["fin.net-margin", "[ev-0123456789ab]", "fin.net-margin"]},
                {"text": "b", "cites": ["ev-ffffffffffff"]}, {"text": "c", "cites": []}, {"text": " ", "cites": []}]"#,
        );
        let written = reading(&format!("Here it is:\n```json\n{text}\n```")).unwrap();
        let points = &written.cells[0].points;
        assert_eq!(points.len(), 3, "what says nothing is none");
        assert_eq!((points[0].cites.len(), points[0].is_supported), (2, true));
        assert_eq!((points[1].unknown_cites.len(), points[1].is_supported), (1, false));
        assert!(!points[2].is_supported && points[2].unknown_cites.is_empty());
        assert_eq!(written.cells.len(), 4);
    }

    #[test]
    fn what_is_no_answer_says_why() {
        let twice = swot("[]").replacen("\"weaknesses\"", "\"strengths\"", 1);
        for (text, why) in [
            ("no idea".to_owned(), "no JSON object"),
            (swot("[]").replace("\"threats\": []", "\"treats\": []"), "the cell threats is missing"),
            (twice, "twice"),
            (swot("[]").replace("\"threats\": []", "\"threats\": [], \"more\": []"), "no cell more"),
            (swot("[]").replace("fine", " "), "summary is empty"),
            (swot("[]").replacen('{', "{\"mood\": 1, ", 1), "unknown field"),
            (swot("[{\"text\": \"a\"}]"), "missing field `cites`"),
            (swot("[{\"text\": \"a\", \"cites\": [], \"text\": \"b\"}]"), "duplicate field"),
            (format!("{{{}}}", "a".repeat(MAX_BYTES)), "more than"),
        ] {
            let error = reading(&text).unwrap_err();
            assert!(error.contains(why), "{error}: {text:.80}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let point = format!("{{\"text\": \"{}\", \"cites\": []}}", "x".repeat(900));
        let written = reading(&swot(&format!("[{}]", vec![point; 9].join(",")))).unwrap();
        assert_eq!(written.cells[0].points.len(), MOST_POINTS);
        assert_eq!(written.cells[0].points[0].text.chars().count(), MOST_TEXT + 1);
    }
}
