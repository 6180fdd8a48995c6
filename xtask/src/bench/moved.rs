//! The history of all runs, and which figures moved with the latest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assize_perf::Run;
use assize_perf::change_points::{Detector, Status};
use assize_perf::compare::CONTROLS;
use assize_perf::history::{self, fingerprint};
use assize_perf::trend::Trend;

use crate::{Error, ErrorKind};

/// More runs than the latest of the machine are not looked through.
const LATEST: usize = 100;
/// A change this many runs ago is no news.
const NEWS: usize = 5;
/// More figures than this are in the trend only.
const MOST_LINES: usize = 12;

pub(super) fn folder(home: &Path) -> PathBuf {
    home.join("history")
}

/// Adds a run to the history, and says in lines which of its figures moved lately, for the worse first.
///
/// # Errors
/// [`ErrorKind::Files`] if the history cannot be read or written.
pub(super) fn remember(home: &Path, run: &Run) -> Result<Vec<String>, Error> {
    let folder = folder(home);
    let failed = |error: assize_perf::Error| Error::of_perf(ErrorKind::Files, &error);
    history::append(&folder, run).map_err(failed)?;
    let history = history::load(&folder).map_err(failed)?;
    let machine = fingerprint(&run.environment);
    let mut entries: Vec<_> = history.entries.iter().filter(|entry| entry.fingerprint == machine).collect();
    entries.drain(..entries.len().saturating_sub(LATEST));
    let measured: BTreeSet<(&str, &str)> =
        run.measurements.iter().map(|m| (m.id.as_str(), m.metric.as_str())).collect();
    let mut series = history::series(entries.iter().map(|entry| (entry.id.as_str(), &entry.run)));
    series.retain(|series| {
        measured.contains(&(series.id.as_str(), series.metric.as_str())) && !is_of_the_machine(&series.id)
    });
    Ok(lines(&Trend::of(series, &Detector::default())))
}

/// Figures that speak of the machine or of the run as a whole.
fn is_of_the_machine(id: &str) -> bool {
    id.starts_with(CONTROLS) || id.starts_with("bench-target/")
}

fn lines(trend: &Trend) -> Vec<String> {
    let recent = trend.changes().filter(|(one, change)| change.index + NEWS >= one.series.points.len());
    let mut lines: Vec<String> = recent
        .map(|(one, change)| {
            let (series, better) = (&one.series, if one.is_worse(change) { "worse" } else { "better" });
            let sure = if change.status == Status::Confirmed { "" } else { ", not sure yet" };
            format!(
                "{better} since {} runs{sure}: {} ({}) {} -> {}",
                series.points.len() - change.index,
                series.id,
                series.metric,
                series.unit.show(change.before),
                series.unit.show(change.after)
            )
        })
        .collect();
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        lines.truncate(MOST_LINES);
        lines
            .push(format!("{more} more figures moved: `assize-perf trend target/assize/history` shows them"));
    }
    lines
}
