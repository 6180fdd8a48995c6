//! Records of comma-separated values, which may run over several lines (RFC 4180).

use super::lines::Lines;

/// How many lines a quoted field may run over: a quote that is never closed must not swallow the file.
const LINES: usize = 1_000;

/// The next record that is not empty, and the line on which it begins.
pub(super) fn record(lines: &mut Lines) -> Option<(usize, Vec<String>)> {
    loop {
        let (number, line) = lines.next()?;
        if line.trim().is_empty() {
            continue;
        }
        let mut fields = Fields::default();
        fields.take(line);
        for _ in 1..LINES {
            if !fields.is_quoted {
                break;
            }
            let Some((_, line)) = lines.next() else { break };
            fields.field.push('\n');
            fields.take(line);
        }
        fields.done.push(fields.field);
        return Some((number, fields.done));
    }
}

#[derive(Debug, Default)]
struct Fields {
    done: Vec<String>,
    field: String,
    is_quoted: bool,
}

impl Fields {
    fn take(&mut self, line: &str) {
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '"' if self.is_quoted && rest.peek() == Some(&'"') => {
                    rest.next();
                    self.field.push('"');
                }
                '"' if self.is_quoted || self.field.is_empty() => self.is_quoted = !self.is_quoted,
                ',' if !self.is_quoted => self.done.push(std::mem::take(&mut self.field)),
                _ => self.field.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{
        super::{Input, Limits},
        *,
    };

    fn records(text: &str) -> Vec<(usize, Vec<String>)> {
        let input = Input::of_bytes(text.as_bytes().to_vec(), "x.csv", Limits::default());
        let mut lines = Lines::open(&input, Path::new("x.csv")).unwrap();
        std::iter::from_fn(|| record(&mut lines)).collect()
    }

    #[test]
    fn quotes_hold_commas_quotes_and_lines() {
        let read = records("a,\"b,\"\"c\"\"\",\n\r\n\"x\ny\",5\" z\n\"open");
        let shown: Vec<(usize, Vec<&str>)> =
            read.iter().map(|(line, fields)| (*line, fields.iter().map(String::as_str).collect())).collect();
        assert_eq!(shown, [(1, vec!["a", "b,\"c\"", ""]), (3, vec!["x\ny", "5\" z"]), (5, vec!["open"])]);
    }
}
