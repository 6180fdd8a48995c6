//! `cargo xtask schema`: writes the JSON Schemas of what a debate writes and reads, of what `assize fetch` and
//! `assize score` print, of briefs, analyses and the records of their runs, of tests over the past and of accounts,
//! into `docs/schemas`, or says which of them are no longer what the code says.

use std::fs;
use std::io::ErrorKind as IoErrorKind;
use std::path::Path;

use assize_debate::schema;
use assize_pipeline::schema as pipeline;
use serde_json::Value;

use crate::{Error, ErrorKind, stdout, workspace};

/// Where they are, from the workspace's folder.
const FOLDER: &str = "docs/schemas";

/// The arguments of `cargo xtask schema`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Write nothing: say which files are not what the code says, with exit code 1.
    #[arg(long)]
    pub check: bool,
}

/// Writes the schemas, or compares them; `Ok(false)` if a comparison found one that differs.
///
/// # Errors
///
/// [`ErrorKind::Files`] if a file cannot be read or written, [`ErrorKind::Output`] if standard output is closed.
pub fn run(options: &Options) -> Result<bool, Error> {
    let differing = bring_up_to_date(&workspace::root().join(FOLDER), options.check)?;
    let mut text = String::new();
    for name in &differing {
        text.push_str(if options.check { "out of date: " } else { "written: " });
        text.push_str(FOLDER);
        text.push('/');
        text.push_str(name);
        text.push('\n');
    }
    text.push_str(match (options.check, differing.is_empty()) {
        (_, true) => "the schemas are what the code says\n",
        (true, false) => {
            "run `cargo xtask schema`, and look at what changes: programs of others may rely on it\n"
        }
        (false, false) => "",
    });
    stdout::print(&text)?;
    Ok(!options.check || differing.is_empty())
}

/// The names of the files that differ, or did before they were written.
fn bring_up_to_date(folder: &Path, check: bool) -> Result<Vec<&'static str>, Error> {
    let mut differing = Vec::new();
    for (name, mut schema) in schemas() {
        // Whatever feature of the JSON library the build of another crate may turn on: in one order.
        schema.sort_all_objects();
        let path = folder.join(name);
        let failed =
            |what: &str, error| Error::because(ErrorKind::Files, format!("{what} {}", path.display()), error);
        let found = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == IoErrorKind::NotFound => None,
            Err(error) => return Err(failed("read", error)),
        };
        let text = format!("{schema:#}\n");
        if found.as_deref() == Some(text.as_str()) {
            continue;
        }
        if !check {
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, text))
                .map_err(|error| failed("write", error))?;
        }
        differing.push(name);
    }
    Ok(differing)
}

fn schemas() -> [(&'static str, Value); 12] {
    [
        ("account.json", assize_portfolio::account_schema().to_value()),
        ("analysis.json", pipeline::analysis()),
        ("backtest.json", pipeline::backtest()),
        ("brief.json", pipeline::brief()),
        ("fetch.json", assize_altdata::fetch_schema().to_value()),
        ("log-record.json", schema::log_record()),
        ("outcome.json", schema::outcome()),
        ("panel-file.json", schema::panel_file()),
        ("portfolio.json", pipeline::portfolio()),
        ("run.json", pipeline::run()),
        ("score.json", assize_signals::score_schema().to_value()),
        ("verdict.json", schema::verdict()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_in_the_documentation_are_what_the_code_says() {
        let differing = bring_up_to_date(&workspace::root().join(FOLDER), true).unwrap();
        assert_eq!(differing, Vec::<&str>::new(), "run `cargo xtask schema`");
    }

    #[test]
    fn what_differs_is_found_and_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("schemas");
        let all = [
            "account.json",
            "analysis.json",
            "backtest.json",
            "brief.json",
            "fetch.json",
            "log-record.json",
            "outcome.json",
            "panel-file.json",
            "portfolio.json",
            "run.json",
            "score.json",
            "verdict.json",
        ];
        assert_eq!(bring_up_to_date(&folder, true).unwrap(), all);
        assert!(!folder.exists(), "a check writes nothing");
        assert_eq!(bring_up_to_date(&folder, false).unwrap(), all);
        assert!(bring_up_to_date(&folder, true).unwrap().is_empty());
        let path = folder.join("verdict.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("What was decided.", "What was guessed.", 1)).unwrap();
        assert_eq!(bring_up_to_date(&folder, true).unwrap(), ["verdict.json"]);
        assert_eq!(bring_up_to_date(&folder, false).unwrap(), ["verdict.json"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
