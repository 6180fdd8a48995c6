//! Several runs of one build as one, so that targets are held against the median of them.

use std::collections::BTreeMap;

use crate::{
    run::{Measurement, Run},
    statistics::Sorted,
    targets::Target,
};

/// The runs as one: each (id, metric) once, with the median of its runs, and their values as its samples. What a target speaks
/// of has an interval.
pub(super) fn pooled(runs: &[Run], targets: &[Target]) -> Run {
    let mut all = Run::merged(runs.to_vec());
    if runs.len() < 2 {
        return all;
    }
    let mut groups: BTreeMap<(String, String), Vec<Measurement>> = BTreeMap::new();
    for m in all.measurements {
        groups.entry((m.id.clone(), m.metric.clone())).or_default().push(m);
    }
    all.measurements = groups.into_values().filter_map(|group| one(group, targets)).collect();
    all
}

fn one(mut group: Vec<Measurement>, targets: &[Target]) -> Option<Measurement> {
    let values: Vec<f64> = group.iter().map(|m| m.value).collect();
    let same = group.iter().all(|m| m.unit == group[0].unit && m.better == group[0].better);
    let first = group.swap_remove(0);
    if group.is_empty() || !same {
        return Some(first);
    }
    let n = values.len();
    let Measurement { id, metric, unit, better, kind, .. } = first;
    let pooled = if targets.iter().any(|target| target.applies_to(&id, &metric)) {
        Measurement::of_samples(id, metric, unit, better, kind, values)?
    } else {
        let median = Sorted::new(&values)?.median();
        Measurement::new(id, metric, unit, better, kind, median).with_samples(values)
    };
    let (source, location) = (first.source, first.location);
    Some(Measurement { source, location, ..pooled }.with_note(format!("the median of {n} runs")))
}
