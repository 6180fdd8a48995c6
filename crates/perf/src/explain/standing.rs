//! What the costs of one run come from.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Explanation, Origin,
    figures::{Figures, family, name, owned, subject},
    growing::{GROWING, growths, points, size, square_share},
    places::{hottest, profile_of, site},
};
use crate::{
    Unit,
    growth::Growth,
    run::{Kind, Run},
    statistics::Sorted,
};

/// From this share on waiting is what to look at.
const MOSTLY: f64 = 0.5;
/// A function with less than this of a profile is not what holds it up.
const HOT: f64 = 0.2;
/// A place with less than this of the heap is not what fills it.
const HEAVY: f64 = 0.3;
/// So many rounds at least have to keep memory.
const ROUNDS: usize = 3;

pub(super) fn standing(run: &Run) -> Vec<Explanation> {
    let runs = std::slice::from_ref(run);
    let figures = Figures::of(runs);
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in figures.ids() {
        families.entry(family(id).0).or_default().push(id);
    }
    let mut found = Vec::new();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    for (family, ids) in &families {
        let waits = waiting(&figures, family, ids);
        let slow = waits.is_some();
        found.extend(waits);
        if !slow && let Some(mut grows) = growing(&figures, family, ids) {
            // The hottest function of that benchmark is where it grows: one cause.
            if let Some(profile) = ids.first().and_then(|id| profile_of(runs, id)) {
                placed.insert(profile.name.as_str());
                grows.places.extend(hottest(None, profile).map(|hot| hot.place()));
            }
            found.push(grows);
        }
        found.extend(leaking(&figures, family, ids));
        found.extend(ids.iter().filter_map(|id| heap(&figures, id)));
    }
    for profile in run.profiles.iter().filter(|profile| !placed.contains(profile.name.as_str())) {
        let Some(hot) = hottest(None, profile).filter(|hot| hot.share >= HOT) else { continue };
        let share = Unit::Fraction.show(hot.share);
        found.push(Explanation {
            origin: Origin::Function,
            subject: profile.name.clone(),
            ids: vec![profile.name.clone()],
            is_change: false,
            text: format!("{} takes {share} of profile {} itself", hot.frame.function, profile.name),
            action: format!("begin with {}: call it less, or make it do less", hot.frame.function),
            share: Some(hot.share),
            share_of: format!("profile {}", profile.name),
            places: vec![hot.frame.location().unwrap_or_else(|| hot.frame.function.clone())],
            evidence: vec![format!("profile {}", profile.name)],
            factor: 1.0,
        });
    }
    found
}

/// The share of the time in which no processor worked for it, of the size where it is most.
fn waiting(figures: &Figures<'_>, family: &str, ids: &[&str]) -> Option<Explanation> {
    let shares = ids.iter().copied().filter_map(|id| {
        figures.measured(id, "time").first().filter(|m| m.kind == Kind::Timed)?;
        let spent = figures.spent(id)?;
        Some((id, 1.0 - spent.cpu / spent.time, spent))
    });
    let waiting: Vec<_> = shares.filter(|(_, share, _)| *share >= MOSTLY).collect();
    let (id, share, spent) = waiting.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let all: Vec<&str> = waiting.iter().map(|(id, ..)| *id).collect();
    let ns = |value| Unit::Nanoseconds.show(value);
    let evidence = std::iter::once(name(id, "time")).chain(spent.evidence.clone());
    Some(Explanation {
        origin: Origin::Waits,
        subject: subject(family, &all),
        ids: owned(&all),
        is_change: false,
        text: format!(
            "{id} takes {} of which a processor works {}: it waits {} of the time",
            ns(spent.time),
            ns(spent.cpu),
            Unit::Fraction.show(*share)
        ),
        action: "find what it waits for: a sleep, a lock, a limit of rate, a file, the network, or a processor that others \
                 keep busy"
            .to_owned(),
        share: Some(*share),
        share_of: "the time".to_owned(),
        places: figures.place(id).into_iter().collect(),
        evidence: evidence.collect(),
        factor: 1.0,
    })
}

fn growing(figures: &Figures<'_>, family: &str, ids: &[&str]) -> Option<Explanation> {
    let (metric, growths, largest) = GROWING.into_iter().find_map(|metric| {
        let points = points(figures, ids, metric);
        let growths = growths(&points).filter(|growths| growths.told() == Some(Growth::Quadratic))?;
        let positive = growths.best().slope > 0.0;
        positive.then_some((metric, growths, points.last()?.0))
    })?;
    let unit = figures.measured(ids.first()?, metric).first()?.unit.clone();
    let fit = growths.best();
    let sized: Vec<&str> = ids.iter().copied().filter(|id| super::figures::family(id).1.is_some()).collect();
    Some(Explanation {
        origin: Origin::Algorithm,
        subject: subject(family, &sized),
        ids: owned(&sized),
        is_change: false,
        text: format!(
            "{family}: {metric} grows with the square of the size; twice the largest size ({}) would take {}",
            size(2.0 * largest),
            unit.show(fit.at(2.0 * largest))
        ),
        action: "look for a loop within a loop over the same input, or a search through a list: sort it, or look it \
                 up by a map"
            .to_owned(),
        share: square_share(fit, largest),
        share_of: format!("{metric} at size {}, by the fit", size(largest)),
        places: sized.iter().find_map(|id| figures.place(id)).into_iter().collect(),
        evidence: sized.iter().map(|id| name(id, metric)).collect(),
        factor: 1.0,
    })
}

/// Memory that every round keeps.
fn leaking(figures: &Figures<'_>, family: &str, ids: &[&str]) -> Option<Explanation> {
    let kept = ids.iter().copied().filter_map(|id| {
        let m = figures.measured(id, "retained").iter().copied().next()?;
        let sorted = Sorted::new(&m.samples).filter(|_| m.samples.len() >= ROUNDS)?;
        (sorted.min() > 0.0).then(|| (id, sorted.median(), m.samples.len(), m.unit.clone()))
    });
    let leaks: Vec<_> = kept.collect();
    let (id, bytes, rounds, unit) = leaks.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let all: Vec<&str> = leaks.iter().map(|leak| leak.0).collect();
    Some(Explanation {
        origin: Origin::Leak,
        subject: subject(family, &all),
        ids: owned(&all),
        is_change: false,
        text: format!("{id} keeps {} in each of {rounds} rounds: memory grows as long as it runs", unit.show(*bytes)),
        action: "find who holds it: a list or a cache that only grows, a task that never ends, a cycle of counted \
                 references"
            .to_owned(),
        share: None,
        share_of: String::new(),
        places: figures.place(id).into_iter().collect(),
        evidence: all.iter().map(|id| name(id, "retained")).collect(),
        factor: 1.0,
    })
}

/// One place that holds a large part of the heap.
fn heap(figures: &Figures<'_>, id: &str) -> Option<Explanation> {
    let heaviest = ["heap-peak", "heap-total"]
        .into_iter()
        .find_map(|metric| figures.measured(id, metric).iter().copied().find_map(site))?;
    (heaviest.share >= HEAVY).then(|| Explanation {
        origin: Origin::Allocation,
        subject: id.to_owned(),
        ids: vec![id.to_owned()],
        is_change: false,
        text: format!(
            "{} holds {} of {} of {id}",
            heaviest.text,
            Unit::Fraction.show(heaviest.share),
            heaviest.metric
        ),
        action: "keep less of it at once, or use the same memory again".to_owned(),
        share: Some(heaviest.share),
        share_of: heaviest.metric.clone(),
        places: vec![heaviest.text.clone()],
        evidence: vec![name(&heaviest.id, &heaviest.metric)],
        factor: 1.0,
    })
}
