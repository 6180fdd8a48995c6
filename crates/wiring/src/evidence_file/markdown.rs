//! Markdown: one item for each heading.

use std::path::Path;

use assize_ambient::Timestamp;

use super::{Item, failed_at, file_name, moment};
use crate::Error;

/// Fields of the front matter that say when a document could be known.
const WHEN: [&str; 4] = ["available_at", "published", "date", "updated"];
const FENCES: [&str; 2] = ["```", "~~~"];

/// The sections of a document, each with the headings that it stands under; a date in its front matter holds for all.
pub(super) fn sections(path: &Path, text: &str) -> Result<Vec<Item>, Error> {
    let file = file_name(path);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (known, skipped) = front_matter(path, text)?;
    let mut items = Vec::new();
    let mut headings: Vec<(usize, &str)> = Vec::new();
    let (mut begun, mut body, mut fence) = (skipped + 1, Vec::new(), None);
    let mut close = |headings: &[(usize, &str)], line: usize, body: &mut Vec<&str>, is_leaf: bool| {
        let said = body.join("\n");
        body.clear();
        let said = said.trim();
        // A heading alone is said again by those under it.
        if said.is_empty() && (!is_leaf || headings.is_empty()) {
            return;
        }
        let above: Vec<&str> = headings.iter().map(|(_, heading)| *heading).collect();
        let above = above.join(" › ");
        let text = [above.as_str(), said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        items.push(Item {
            place: format!("line {line}"),
            kind: Some("text".to_owned()),
            subject: Some(if above.is_empty() { file.clone() } else { above.clone() }),
            available_at: known,
            text: text.join("\n"),
            ..Item::default()
        });
    };
    for (number, line) in (1..).zip(text.lines()).skip(skipped) {
        let start = line.trim_start();
        match (fence, FENCES.iter().find(|mark| start.starts_with(**mark))) {
            (None, Some(mark)) => fence = Some(*mark),
            (Some(open), Some(mark)) if open == *mark => fence = None,
            (None, None) => {
                if let Some((level, heading)) = heading(line) {
                    let is_leaf = headings.last().is_none_or(|(above, _)| *above >= level);
                    close(&headings, begun, &mut body, is_leaf);
                    headings.retain(|(above, _)| *above < level);
                    headings.push((level, heading));
                    begun = number;
                    continue;
                }
            }
            (Some(_), _) => {}
        }
        body.push(line);
    }
    close(&headings, begun, &mut body, true);
    Ok(items)
}

/// A heading's level and words: one to six `#`, then a space.
fn heading(line: &str) -> Option<(usize, &str)> {
    let line =
        line.strip_prefix("   ").or(line.strip_prefix("  ")).or(line.strip_prefix(' ')).unwrap_or(line);
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    if !(1..=6).contains(&level) || !(words.is_empty() || words.starts_with([' ', '\t'])) {
        return None;
    }
    let words = words.trim();
    let closed = words.trim_end_matches('#');
    let words = if closed.is_empty() || closed.ends_with([' ', '\t']) { closed.trim_end() } else { words };
    Some((level, words))
}

/// Since when the document says that it could be known, and how many lines say so.
fn front_matter(path: &Path, text: &str) -> Result<(Option<Timestamp>, usize), Error> {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return Ok((None, 0));
    }
    let Some(length) = lines.position(|line| line.trim_end() == "---") else { return Ok((None, 0)) };
    let mut found: Option<(usize, Timestamp)> = None;
    for (number, line) in (2..).zip(text.lines().skip(1).take(length)) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let Some(rank) = WHEN.iter().position(|known| *known == name.trim()) else { continue };
        let value = value.trim().trim_matches(['"', '\'']);
        let known = moment(value).ok_or_else(|| {
            failed_at(path, &format!("line {number}"), format!("its {} is {value:?}", name.trim()))
                .with_hint("write a day such as 2019-06-01, or a moment such as 2019-06-01T08:30:00Z")
        })?;
        if found.is_none_or(|(before, _)| rank < before) {
            found = Some((rank, known));
        }
    }
    Ok((found.map(|(_, known)| known), length + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let items = sections(Path::new("x.md"), text).unwrap();
        items.into_iter().map(|item| (item.place, item.text)).collect()
    }

    #[test]
    fn each_heading_begins_an_item() {
        let text = "Before.\n\n# Plans\n## Costs #\nTen.\n```sh\n# no heading\n```\n## Dates\n\n# End\n#tag\nLast.\n";
        let expected = [
            ("line 1", "Before."),
            ("line 4", "Plans › Costs\nTen.\n```sh\n# no heading\n```"),
            ("line 9", "Plans › Dates"),
            ("line 11", "End\n#tag\nLast."),
        ];
        assert_eq!(read(text), expected.map(|(place, text)| (place.to_owned(), text.to_owned())));
        assert_eq!(read("\n \n"), []);
    }

    #[test]
    fn the_front_matter_dates_it() {
        let text =
            "---\ntitle: Notes\nupdated: 2020-01-01\ndate: \"2019-06-01T08:30:00Z\"\n---\n# A\nx\n# B\ny\n";
        let items = sections(Path::new("x.md"), text).unwrap();
        assert_eq!(items.len(), 2);
        assert!(items.iter().all(|item| item.available_at.unwrap().to_string() == "2019-06-01T08:30:00Z"));
        assert_eq!(items[0].place, "line 6");
        let error = sections(Path::new("x.md"), "---\ndate: soon\n---\n").unwrap_err().to_string();
        assert_eq!(error, "read the evidence x.md, line 2: its date is \"soon\"");
        assert_eq!(read("---\nno end\n")[0].1, "---\nno end", "a line, not front matter");
    }
}
