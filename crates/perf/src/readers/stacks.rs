//! Figures of profiles: the whole, and the functions with the most of their own.

use std::collections::BTreeMap;

use crate::{
    Unit,
    run::{Better, Frame, Kind, Measurement, Profile, Run},
};

/// How many functions become figures.
const FUNCTIONS: usize = 50;

/// What a function took, as the source tells it.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) frame: Frame,
    pub(super) own: f64,
    pub(super) total: f64,
    pub(super) note: Option<String>,
}

/// What profiles of one unit come to.
#[derive(Debug, Default)]
struct Sum {
    total: f64,
    /// By name and file.
    functions: BTreeMap<(String, Option<String>), Function>,
}

/// Figures of profiles that are parts of one: threads of a program.
pub(super) fn tell(run: &mut Run, profiles: Vec<Profile>, notes: &[String]) {
    let mut by_unit: BTreeMap<&str, Sum> = BTreeMap::new();
    for profile in &profiles {
        let sum = by_unit.entry(profile.unit.name()).or_default();
        sum.total += profile.total();
        for told in profile.functions() {
            let key = (told.frame.function.clone(), told.frame.file.clone());
            let fresh = || Function { frame: told.frame, own: 0.0, total: 0.0, note: None };
            let function = sum.functions.entry(key).or_insert_with(fresh);
            function.own += told.own;
            function.total += told.total;
        }
    }
    for (unit, Sum { total, functions }) in by_unit {
        let functions = functions.into_values().collect();
        run.measurements.extend(figures(&Unit::named(unit), total, functions, notes));
    }
    for profile in profiles.iter().filter(|profile| profile.left_out > 0.0) {
        let kept = profile.stacks.len();
        let weight = profile.unit.show(profile.left_out);
        let text = format!("of the stacks the {kept} heaviest are kept; the others weigh {weight}");
        run.findings.push(crate::run::Finding::new(profile.name.as_str(), None, text));
    }
    run.profiles.extend(profiles.into_iter().filter(|profile| !profile.stacks.is_empty()));
}

/// `profile` with its total, and `profile/<function>` of the heaviest.
pub(super) fn figures(
    unit: &Unit,
    total: f64,
    mut functions: Vec<Function>,
    notes: &[String],
) -> Vec<Measurement> {
    let (what, kind) = match unit {
        Unit::Nanoseconds => ("time", Kind::Timed),
        Unit::Bytes => ("bytes", Kind::Counted),
        _ => ("samples", Kind::Timed),
    };
    let measured = |id: String, metric: String, value| {
        let mut measured = Measurement::new(id, metric, unit.clone(), Better::Lower, kind, value);
        measured.notes.extend_from_slice(notes);
        measured
    };
    let mut told = vec![measured("profile".to_owned(), format!("total-{what}"), total)];
    functions.sort_by(|a, b| {
        b.own.total_cmp(&a.own).then(b.total.total_cmp(&a.total)).then_with(|| a.frame.cmp(&b.frame))
    });
    // What has nothing of its own stands in the stacks.
    functions.retain(|function| function.own > 0.0);
    functions.truncate(FUNCTIONS);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for function in &functions {
        *names.entry(function.frame.function.clone()).or_default() += 1;
    }
    for Function { frame, own, total: with_calls, note } in functions {
        // Functions of one name are told apart by their place.
        let place = frame.location().filter(|_| names.get(&frame.function).is_some_and(|times| *times > 1));
        let id = match place {
            Some(place) => format!("profile/{} ({place})", frame.function),
            None => format!("profile/{}", frame.function),
        };
        let mut measured = measured(id, format!("self-{what}"), own).with_figure("with-calls", with_calls);
        if total > 0.0 {
            measured = measured.with_figure("share_fraction", own / total);
        }
        measured.notes.extend(note);
        measured.location = frame.location();
        told.push(measured);
    }
    told
}
