//! `cargo xtask bench --against`: two builds measured by turns, base, new, new, base, and judged by the gate. A process is
//! a run: what is decided is decided over those.

use std::path::Path;
use std::time::Duration;

use assize_perf::explain::{Explanation, explain_changes};
use assize_perf::gate::{Gate, Gated, Outcome as GateOutcome};
use assize_perf::{Finding, Run, Target};
use assize_report::{Document, Text, Tone};
use serde_json::json;

use super::baseline::{self, Baseline};
use super::control;
use super::environment;
use super::measure::{Executable, Measured, Work};
use super::outcome::{Outcome, assemble};
use super::plan::{Plan, Profile};
use super::progress::{self, Progress};
use super::{Bench, folder, summary};
use crate::{Error, report, stdout};

/// So many runs a side: the smallest p of a test of ranks is then 0.0022, which holds for 23 metrics together.
const RUNS: usize = 6;

/// Measures against the baseline and reports; `Ok(true)` if the gate is open.
pub(super) fn run(bench: &Bench, baseline: Baseline, json: bool) -> Result<bool, Error> {
    let mut sides = match baseline {
        Baseline::Stored { run } => return once(bench, &run, json),
        Baseline::Executables { name, executables, revision } => {
            Sides::new(bench, name, executables, revision)
        }
        Baseline::Revision { revision } => {
            let (home, profile) = (&bench.home, bench.plan.profile);
            let executables = baseline::of_revision(home, &revision, &bench.executables, profile)?;
            Sides::new(bench, revision.clone(), executables, Some(revision))
        }
    };
    let whole = sides.measure()?;
    let gated = gate(bench, &sides.new).judge(&sides.new, &sides.base, &[]);
    let causes = causes(&gated, &sides.base, &sides.new);
    tell(bench, gated, &causes, whole, json)
}

/// Against figures that were stored: one run a side.
fn once(bench: &Bench, base: &Run, json: bool) -> Result<bool, Error> {
    progress::tell("only figures are kept of this baseline: a change of a time can be suspected at most");
    let mut progress = Progress::shown();
    progress.expect(bench.expected(), bench.lanes());
    let load = environment::load_average();
    let measured = bench.work(&bench.folder).measure(&mut progress, &mut |_| Ok(()))?;
    let whole = measured.is_whole();
    let new = [bench.assembled(&measured, load)];
    let base = std::slice::from_ref(base);
    let gated = gate(bench, &new).judge(&new, base, &[]);
    let causes = causes(&gated, base, &new);
    tell(bench, gated, &causes, whole, json)
}

/// Why what got slower did.
fn causes(gated: &Gated, base: &[Run], new: &[Run]) -> Vec<Explanation> {
    gated.changes.as_ref().map(|changes| explain_changes(changes, base, new)).unwrap_or_default()
}

fn cause(one: &Explanation) -> Text {
    let places = if one.places.is_empty() { String::new() } else { format!(" at {}", one.places.join(", ")) };
    Text::new().strong(&one.subject).plain(places).plain(format!(" ({}): {}", one.origin.name(), one.text))
}

fn cause_as_json(one: &Explanation) -> serde_json::Value {
    json!({
        "origin": one.origin.name(), "subject": one.subject, "ids": one.ids, "places": one.places, "text": one.text,
        "action": one.action, "gain": one.gain(), "evidence": one.evidence,
    })
}

/// Targets that speak of what was measured, and regressions.
fn gate(bench: &Bench, new: &[Run]) -> Gate {
    let mut gate = Gate::default();
    let measured = |target: &&Target| {
        new.iter().flat_map(|run| &run.measurements).any(|m| target.applies_to(&m.id, &m.metric))
    };
    gate.targets = bench.targets.iter().filter(measured).cloned().collect();
    gate.rules.drift = control::LIMIT;
    gate
}

/// The two builds, and what each run of them came to.
struct Sides<'a> {
    bench: &'a Bench,
    name: String,
    old: Vec<Executable>,
    old_revision: Option<String>,
    base: Vec<Run>,
    new: Vec<Run>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Base,
    New,
}

impl<'a> Sides<'a> {
    fn new(bench: &'a Bench, name: String, old: Vec<Executable>, old_revision: Option<String>) -> Self {
        Self { bench, name, old, old_revision, base: Vec::new(), new: Vec::new() }
    }

    /// Measures one target after the other, each by turns; whether everything ran to its end.
    fn measure(&mut self) -> Result<bool, Error> {
        let new = baseline::whole(&self.bench.executables);
        let mut by_run: Vec<(Side, Vec<Outcome>, Vec<Run>)> =
            (0..2 * RUNS).map(|turn| (side(turn), Vec::new(), Vec::new())).collect();
        let mut whole = true;
        for executable in &new {
            let Some(old) = self.old.iter().find(|old| old.target.name == executable.target.name) else {
                progress::tell(&format!("{}: not in {}", executable.target.name, self.name));
                continue;
            };
            // What is exact is the same every time.
            let turns = if executable.target.part.is_timed() { 2 * RUNS } else { 2 };
            for (turn, (side, outcomes, looks)) in by_run.iter_mut().enumerate().take(turns) {
                let one = if *side == Side::Base { old } else { executable };
                let measured = self.turn(turn, *side, one)?;
                whole &= measured.is_whole();
                outcomes.extend(measured.outcomes);
                looks.extend(measured.looks);
                if self.bench.interrupt.is_set() {
                    whole = false;
                    break;
                }
            }
        }
        for (turn, (side, outcomes, looks)) in by_run.into_iter().enumerate() {
            if outcomes.is_empty() {
                continue;
            }
            let mut run = self.run(turn, side, outcomes);
            run.measurements.extend(control::figures(&looks));
            if side == Side::Base { self.base.push(run) } else { self.new.push(run) }
        }
        Ok(whole)
    }

    fn turn(&self, turn: usize, side: Side, one: &Executable) -> Result<Measured, Error> {
        let bench = self.bench;
        // Twelve runs are as many as a long one.
        let profile = match bench.plan.profile {
            Profile::Full => Profile::Default,
            Profile::Smoke | Profile::Default => Profile::Smoke,
        };
        let plant = bench.plan.plant.filter(|_| side == Side::New);
        let plan = Plan { profile, plant, watched: false, ..bench.plan.clone() };
        let work = Work {
            executables: std::slice::from_ref(one),
            control: bench.control.as_ref(),
            plan: &plan,
            folder: &self.folder(turn, side),
            interrupt: &bench.interrupt,
        };
        let name = if side == Side::Base { self.name.as_str() } else { "this build" };
        let mut shown = Progress::silent();
        let measured = work.measure(&mut shown, &mut |_| Ok(()))?;
        let took: Duration = measured.outcomes.iter().map(|outcome| outcome.took).sum();
        let took = summary::duration(took);
        progress::tell(&format!("{} {}/{}, {name}: {took}", one.target.name, turn + 1, 2 * RUNS));
        Ok(measured)
    }

    fn folder(&self, turn: usize, side: Side) -> std::path::PathBuf {
        let side = if side == Side::Base { "base" } else { "new" };
        self.bench.folder.join("runs").join(format!("{:02}-{side}", turn + 1))
    }

    fn run(&self, turn: usize, side: Side, outcomes: Vec<Outcome>) -> Run {
        let mut environment = self.bench.environment.clone();
        let title = match side {
            Side::Base => {
                environment.revision.clone_from(&self.old_revision);
                self.name.clone()
            }
            Side::New => super::title(&self.bench.plan),
        };
        assemble(title, self.bench.moment, environment, outcomes, &self.folder(turn, side))
    }
}

/// Base, new, new, base, and again: what drifts evenly falls on both alike.
const fn side(turn: usize) -> Side {
    match turn % 4 {
        0 | 3 => Side::Base,
        _ => Side::New,
    }
}

/// Writes and prints what came of it.
fn tell(
    bench: &Bench,
    mut gated: Gated,
    causes: &[Explanation],
    whole: bool,
    as_json: bool,
) -> Result<bool, Error> {
    if !whole {
        let text = "not everything ran to its end: what is there was compared";
        gated.analysis.run.findings.push(Finding::new("bench", None, text));
    }
    let mut document = gated.document();
    if !causes.is_empty() {
        document.heading(2, "What slowed it down");
        document.list(causes.iter().map(cause));
    }
    let folder = &bench.folder;
    let mut data = gated.to_json();
    data["causes"] = causes.iter().map(cause_as_json).collect();
    let data = format!("{data:#}\n");
    folder::write(&folder.join("run.json"), &super::stored(&gated.analysis.run))?;
    folder::write(&folder.join("against.md"), &document.to_markdown())?;
    folder::write(&folder.join("against.json"), &data)?;
    let html = folder.join("against.html");
    folder::write(&html, &document.to_html())?;
    report::write(folder, &gated.analysis)?;
    folder::note_latest(&bench.home, folder)?;
    let text = if as_json { data } else { shown(&gated, causes, whole, &html) };
    stdout::print(&text)?;
    Ok(whole && gated.is_open())
}

fn shown(gated: &Gated, causes: &[Explanation], whole: bool, html: &Path) -> String {
    let tone = match gated.outcome() {
        GateOutcome::Passed => Tone::Good,
        GateOutcome::Inconclusive => Tone::Warn,
        GateOutcome::Failed => Tone::Bad,
    };
    let mut short = Document::new("Against the baseline");
    short.callout(tone, Text::new().strong(format!("The gate: {}.", gated.outcome().name())));
    if !whole {
        short.callout(Tone::Warn, "Not everything ran to its end.");
    }
    if !gated.reasons.is_empty() {
        short.list(gated.reasons.iter().map(|reason| Text::new().plain(&reason.text)));
    }
    if !causes.is_empty() {
        short.paragraph("What slowed it down:");
        short.list(causes.iter().map(cause));
    }
    if !gated.open.is_empty() {
        short.paragraph(format!("{} could not be told; the report names them.", gated.open.len()));
    }
    let text = short.to_terminal(&summary::style());
    format!("{}\n\nreport: {}\n", text.trim_end(), html.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_take_turns_and_none_is_always_first() {
        let sides: Vec<Side> = (0..2 * RUNS).map(side).collect();
        assert_eq!(sides[..4], [Side::Base, Side::New, Side::New, Side::Base]);
        assert_eq!(sides.iter().filter(|side| **side == Side::Base).count(), RUNS);
    }
}
