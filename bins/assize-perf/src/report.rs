//! `assize-perf report`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use assize_perf::{
    Analysis, Run, Target, Thresholds, Verdict, change_points::Detector, compare::Rules, history, read_path,
    targets, trend::Trend,
};
use assize_report::{Document, TerminalStyle};

use crate::{Surroundings, arguments::Report, compare::read, exit, exit::Failure};

pub(crate) fn report(
    request: &Report,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let judged = request.targets.as_deref().map(targets::load_file).transpose()?.unwrap_or_default();
    let mut runs = request.paths.iter().map(|path| read_path(path)).collect::<Result<Vec<_>, _>>()?;
    let run = if runs.len() == 1 { runs.remove(0) } else { Run::merged(runs) };
    let form =
        Form { folder: request.out.as_deref(), json: request.json, short: request.short, with_run: false };
    let mut analysis = Analysis::of(run, &judged.targets, &judged.thresholds);
    if !request.baseline.is_empty() {
        let rules = Rules { samples_are_runs: request.each_sample_a_run, ..Rules::default() };
        analysis = analysis.against(&read(&request.baseline)?, &rules);
    }
    if let Some(folder) = &request.history {
        let history = history::load(folder)?;
        let trend = Trend::of(history.series(), &Detector::default()).with_findings(history.findings);
        analysis = analysis.with_trend(trend);
    }
    show(&analysis, form, surroundings, out)
}

/// Where an analysis goes, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    pub(crate) folder: Option<&'a Path>,
    pub(crate) json: bool,
    /// The short form, as Markdown.
    pub(crate) short: bool,
    /// Whether the run is written beside the report.
    pub(crate) with_run: bool,
}

/// Analyses a run, writes and prints that, and answers with the exit code.
pub(crate) fn present(
    run: Run,
    targets: &[Target],
    form: Form<'_>,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    show(&Analysis::of(run, targets, &Thresholds::default()), form, surroundings, out)
}

fn show(
    analysis: &Analysis,
    form: Form<'_>,
    surroundings: Surroundings,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let document = analysis.document();
    let mut written = form.folder.map(|folder| write(folder, analysis, &document)).transpose()?;
    if let (Some(folder), true) = (form.folder, form.with_run) {
        let path = folder.join("run.json");
        fs::write(&path, format!("{:#}\n", analysis.run.to_json())).map_err(|e| Failure::file(&path, &e))?;
        written.get_or_insert_default().push(path);
    }
    let text = if form.json {
        format!("{:#}\n", analysis.to_json())
    } else if form.short {
        analysis.short_document().to_markdown()
    } else {
        let style = TerminalStyle { width: surroundings.width, colour: surroundings.colour };
        let files = written.iter().flatten().map(|file| format!("wrote {}\n", file.display()));
        format!("{}\n{}", document.to_terminal(&style).trim_end(), files.collect::<String>())
    };
    let code = if analysis.verdict() == Verdict::Failed { exit::NO } else { exit::DONE };
    exit::read_or_not(code, out.write_all(text.as_bytes()).map_err(Failure::output))
}

/// Writes the forms of the report, and answers with their paths.
fn write(folder: &Path, analysis: &Analysis, document: &Document) -> Result<Vec<PathBuf>, Failure> {
    fs::create_dir_all(folder).map_err(|e| Failure::file(folder, &e))?;
    let forms = [
        ("report.md", document.to_markdown()),
        ("summary.md", analysis.short_document().to_markdown()),
        ("report.html", document.to_html()),
        ("report.json", format!("{:#}\n", analysis.to_json())),
    ];
    let mut written = Vec::new();
    for (name, text) in forms {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| Failure::file(&path, &e))?;
        written.push(path);
    }
    Ok(written)
}
