//! The dependency table of `docs/architecture.md`, read from its Markdown.

/// Where the table lies.
pub(super) const FILE: &str = "docs/architecture.md";

/// The heads of its columns, in order.
pub(super) const HEADS: [&str; 5] =
    ["floor", "crate", "one reason to change", "owns the trait", "depends on"];

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The floor that the crate stands on; none for programs, which stand on top of the house.
    pub(super) floor: Option<u32>,
    /// The crate: `llm` for `crates/llm`, otherwise its folder.
    pub(super) name: String,
    /// The crates that it may depend on.
    pub(super) depends_on: Vec<String>,
    /// The line of the file, from 1.
    pub(super) line: usize,
}

/// A line of the table that cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) why: String,
}

/// Reads the one table with these [`HEADS`]; what cannot be read is said line by line.
pub(super) fn read(text: &str) -> (Vec<Row>, Vec<Unreadable>) {
    let mut rows = Vec::new();
    let mut unreadable = Vec::new();
    let lines: Vec<(usize, Vec<String>)> =
        text.lines().enumerate().map(|(at, line)| (at + 1, cells(line))).collect();
    let Some(head) = lines.iter().position(|(_, cells)| is_head(cells)) else {
        let why = format!("there is no table with the columns {}; add it", HEADS.join(" | "));
        return (rows, vec![Unreadable { line: 1, why }]);
    };
    // The line after the heads is Markdown's ruler.
    for (line, cells) in lines[head + 1..].iter().skip(1).take_while(|(_, cells)| !cells.is_empty()) {
        match row(cells, *line) {
            Ok(row) => rows.push(row),
            Err(why) => unreadable.push(Unreadable { line: *line, why }),
        }
    }
    (rows, unreadable)
}

fn is_head(cells: &[String]) -> bool {
    cells.len() == HEADS.len() && cells.iter().zip(HEADS).all(|(cell, head)| cell.eq_ignore_ascii_case(head))
}

/// The trimmed cells of a table's line; none if the line is no part of a table.
fn cells(line: &str) -> Vec<String> {
    let inside = line.trim().strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
    inside.map(|inside| inside.split('|').map(|cell| cell.trim().to_owned()).collect()).unwrap_or_default()
}

fn row(cells: &[String], line: usize) -> Result<Row, String> {
    let [floor, name, _, _, depends_on] = cells else {
        return Err(format!("the row has {} cells; it needs {}", cells.len(), HEADS.len()));
    };
    let floor = if is_nothing(floor) {
        None
    } else {
        Some(floor.parse().map_err(|_| format!("the floor `{floor}` is neither a number nor –"))?)
    };
    let depends_on = if is_nothing(depends_on) {
        Vec::new()
    } else {
        depends_on.split(',').map(unquoted).collect::<Result<_, _>>()?
    };
    Ok(Row { floor, name: unquoted(name)?, depends_on, line })
}

fn is_nothing(cell: &str) -> bool {
    matches!(cell, "" | "-" | "–" | "—")
}

/// The name of a crate, with or without backticks.
fn unquoted(cell: &str) -> Result<String, String> {
    let name = cell.trim().trim_matches('`');
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!("`{name}` is not the name of a crate; write names with commas between them"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_their_lines() {
        let text = "# House\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\
            | floor | crate | one reason to change | owns the trait | depends on |\n|--|--|--|--|--|\n\
            | 0 | `ambient` | time | `Clock` | – |\n\
            | – | bins/assize | arguments |  | `ambient`, llm |\n\nprose\n| 9 | `x` | y | z | – |\n";
        let (rows, unreadable) = read(text);
        let row = |floor, name: &str, depends_on: &[&str], line| Row {
            floor,
            name: name.to_owned(),
            depends_on: depends_on.iter().map(|&name| name.to_owned()).collect(),
            line,
        };
        assert_eq!(
            rows,
            [row(Some(0), "ambient", &[], 9), row(None, "bins/assize", &["ambient", "llm"], 10)]
        );
        assert_eq!(unreadable, []);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let head = "| Floor | Crate | One reason to change | Owns the trait | Depends on |\n|-|-|-|-|-|\n";
        for (line, why) in [
            ("| 0 | `a` | b | c |", "the row has 4 cells; it needs 5"),
            ("| low | `a` | b | c | – |", "the floor `low` is neither a number nor –"),
            ("| 0 | `a` | b | c | everything below |", "`everything below` is not the name of a crate"),
            ("| 0 | `a` | b | c | x,, y |", "`` is not the name of a crate"),
        ] {
            let (_, unreadable) = read(&format!("{head}{line}\n"));
            assert_eq!(unreadable.len(), 1, "{line}");
            assert_eq!(unreadable[0].line, 3);
            assert!(unreadable[0].why.starts_with(why), "{}", unreadable[0].why);
        }
        assert!(read("no table").1[0].why.contains("floor | crate | one reason to change"));
    }
}
