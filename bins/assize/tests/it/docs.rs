//! The pages about verdicts and data show what the program says, to the letter.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::program::Place;

/// A command of the page and what it shows under it.
struct Shown<'a> {
    /// Its words, quotation marks resolved.
    command: Vec<String>,
    /// What stands under it.
    output: &'a str,
    /// Where that stands in the page.
    at: std::ops::Range<usize>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const PAGES: [&str; 2] = ["docs/debate.md", "docs/data.md"];

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("the page")
}

/// Blocks of `console`, each with one command behind `$`, its lines joined by `\`, and its output.
fn shown(page: &str) -> Vec<Shown<'_>> {
    const BEGIN: &str = "```console\n$ assize ";
    let mut shown = Vec::new();
    let mut from = 0;
    while let Some(at) = page[from..].find(BEGIN).map(|at| from + at + BEGIN.len()) {
        let end = at + page[at..].find("\n```").expect("a block ends") + 1;
        let mut begun = at;
        loop {
            let line = begun + page[begun..end].find('\n').expect("a line ends");
            begun = line + 1;
            if !page[..line].ends_with('\\') {
                break;
            }
        }
        let command = words(&page[at..begun].replace("\\\n", " "));
        shown.push(Shown { command, output: &page[begun..end], at: begun..end });
        from = end;
    }
    shown
}

fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.trim().chars() {
        match (c, words.last_mut()) {
            ('"', _) => quoted = !quoted,
            (' ', Some(last)) if !quoted => {
                if !last.is_empty() {
                    words.push(String::new());
                }
            }
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    words
}

/// The program's output where anybody runs it: from the root of the project.
fn output(shown: &Shown<'_>) -> String {
    let place = Place::new();
    let arguments: Vec<&str> = shown.command.iter().map(String::as_str).collect();
    let mut command = place.command(&arguments);
    let done = command.current_dir(root()).output().expect("the program runs");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(!out.is_empty(), "{arguments:?}: {err}");
    let code = done.status.code().expect("it was not killed");
    let code = if code == 0 { String::new() } else { format!("(exit code {code})\n") };
    // Markdown's own checks want no spaces at the end of a line.
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    format!("{}\n{code}", lines.join("\n").trim_end())
}

#[test]
fn each_command_of_a_page_says_what_stands_there() {
    for (name, least) in PAGES.into_iter().zip([6, 2]) {
        let page = page(name);
        let shown = shown(&page);
        assert!(shown.len() >= least, "{name}: {}", shown.len());
        for shown in shown {
            let told = output(&shown);
            assert_eq!(
                told, shown.output,
                "{name}, {:?}: run `cargo test -p assize rewrite_the_pages -- --ignored`",
                shown.command
            );
        }
    }
}

/// Every source of the catalogue has its row.
#[test]
fn the_page_about_data_names_every_source() {
    let told = Place::new().told(&["fetch", "--list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
    let page = page("docs/data.md");
    for source in json["sources"].as_array().expect("sources") {
        let name = source["source"].as_str().expect("a name");
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
        if let Some(variable) = source["needs"]["variable"].as_str() {
            assert!(page.contains(&format!("| `{variable}` |")), "{variable}");
        }
    }
}

/// All ways that a verdict can come about are shown.
#[test]
fn the_page_shows_every_path() {
    let page = page("docs/debate.md");
    for heading in ["Decided", "A tie", "Abstained", "Out of time", "Out of budget", "Degraded"] {
        let (_, section) = page.split_once(&format!("\n### {heading}\n")).expect(heading);
        let section = section.split("\n### ").next().unwrap_or_default();
        assert!(section.contains("```console\n$ assize debate "), "{heading}");
    }
}

#[test]
#[ignore = "writes the pages"]
fn rewrite_the_pages() {
    for name in PAGES {
        let before = page(name);
        let mut after = before.clone();
        for shown in shown(&before).into_iter().rev() {
            after.replace_range(shown.at.clone(), &output(&shown));
        }
        fs::write(root().join(name), after).expect("the page is written");
    }
}
