//! `assize-perf trend`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use assize_perf::{
    ErrorKind, Run,
    change_points::Detector,
    history,
    history::Series,
    read_path,
    trend::{Trend, read_series},
};
use assize_report::TerminalStyle;

use crate::{Surroundings, arguments, exit, exit::Failure};

/// A file with series is not read beyond this many bytes.
const LARGEST_TABLE: u64 = 256 * 1024 * 1024;

pub(crate) fn trend(
    request: &arguments::Trend,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let detector = Detector { floor: request.floor, ..Detector::default() };
    let trend = match &request.history {
        Some(folder) => {
            let history = history::load(folder)?;
            Trend::of(history.series(), &detector).with_findings(history.findings)
        }
        None => of_paths(&request.paths, &detector)?,
    };
    let written = request.out.as_deref().map(|folder| write(folder, &trend)).transpose()?;
    let text = if request.json {
        format!("{:#}\n", trend.to_json())
    } else {
        let style = TerminalStyle { width: surroundings.width, colour: surroundings.colour };
        let files = written.iter().flatten().map(|file| format!("wrote {}\n", file.display()));
        format!("{}\n{}", trend.document().to_terminal(&style).trim_end(), files.collect::<String>())
    };
    exit::read_or_not(exit::DONE, out.write_all(text.as_bytes()).map_err(Failure::output))
}

/// Each path is a run, or a file with series.
fn of_paths(paths: &[PathBuf], detector: &Detector) -> Result<Trend, Failure> {
    let (mut runs, mut series): (Vec<Run>, Vec<Series>) = (Vec::new(), Vec::new());
    for path in paths {
        match read_path(path) {
            Ok(run) => runs.push(run),
            Err(error) if error.kind() == ErrorKind::UnknownFormat && path.is_file() => {
                series.extend(table(path)?.ok_or(error)?);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if runs.is_empty() {
        return Ok(Trend::of(series, detector));
    }
    runs.sort_by_key(|run| run.created_at);
    let ids: Vec<String> = runs.iter().map(Run::id).collect();
    series.extend(history::series(ids.iter().map(String::as_str).zip(&runs)));
    let findings = runs.into_iter().flat_map(|run| run.findings);
    Ok(Trend::of(series, detector).with_findings(findings))
}

/// The series of a file; `None` if it holds none.
fn table(path: &Path) -> Result<Option<Vec<Series>>, Failure> {
    let unreadable = |error: &std::io::Error| Failure::Told {
        code: exit::OUTSIDE,
        message: format!("failed to read {}: {error}", path.display()),
        hint: None,
    };
    if fs::metadata(path).map_err(|e| unreadable(&e))?.len() > LARGEST_TABLE {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(|e| unreadable(&e))?;
    match read_series(&bytes, &path.display().to_string()) {
        Ok(series) => Ok(Some(series)),
        Err(error) if error.kind() == ErrorKind::UnknownFormat => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes the three forms of the report, and answers with their paths.
fn write(folder: &Path, trend: &Trend) -> Result<Vec<PathBuf>, Failure> {
    fs::create_dir_all(folder).map_err(|e| Failure::file(folder, &e))?;
    let document = trend.document();
    let forms = [
        ("trend.md", document.to_markdown()),
        ("trend.html", document.to_html()),
        ("trend.json", format!("{:#}\n", trend.to_json())),
    ];
    let mut written = Vec::new();
    for (name, text) in forms {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| Failure::file(&path, &e))?;
        written.push(path);
    }
    Ok(written)
}
