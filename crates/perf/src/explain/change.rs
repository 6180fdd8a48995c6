//! What changes for the worse come from.

use std::collections::BTreeMap;

use super::{
    Explanation, Origin,
    figures::{Figures, family, name, owned, subject},
    growing::{self, Changed, size},
    places::{heaviest_site, hottest, profile_of},
};
use crate::{
    Unit,
    compare::{Changes, Row, Verdict},
    growth::Growth,
    run::Run,
};

/// How much memory was asked for.
const ALLOCATING: [&str; 4] = ["allocations", "allocated", "heap-total", "copied"];
/// How much memory is held.
const HOLDING: [&str; 3] = ["resident-peak", "heap-peak", "memory-peak"];
/// What stands for work that was done.
const WORKING: [&str; 3] = ["instructions", "cpu-time", "cpu-user"];
/// What says by itself nothing of a cause: a share of two others.
const DERIVED: [&str; 1] = ["waiting"];

/// One benchmark, in all its sizes.
struct Case<'a> {
    family: &'a str,
    /// The ids of which something is worse.
    ids: Vec<&'a str>,
    /// What is worse, the largest growth first.
    rows: Vec<&'a Row>,
    /// Every id of the benchmark that both sides have.
    all: Vec<&'a str>,
}

/// The two sides.
struct Sides<'a> {
    before: Figures<'a>,
    after: Figures<'a>,
    runs_before: &'a [Run],
    runs_after: &'a [Run],
    rows: BTreeMap<(&'a str, &'a str), &'a Row>,
}

pub(super) fn changed(changes: &Changes, before: &[Run], after: &[Run]) -> Vec<Explanation> {
    let sides = Sides {
        before: Figures::of(before),
        after: Figures::of(after),
        runs_before: before,
        runs_after: after,
        rows: changes.rows.iter().map(|row| ((row.id.as_str(), row.metric.as_str()), row)).collect(),
    };
    let mut worse: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in changes.rows.iter().filter(|row| is_regression(row)) {
        worse.entry(family(&row.id).0).or_default().push(row);
    }
    let mut found = Vec::new();
    for (family, mut rows) in worse {
        rows.sort_by(|a, b| factor(b).total_cmp(&factor(a)));
        let mut ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        ids.sort_by(|a, b| crate::natural::order(a, b));
        ids.dedup();
        let all = sides.after.ids().filter(|id| super::figures::family(id).0 == family);
        let all = all.filter(|id| sides.before.ids().any(|old| old == *id)).collect();
        found.extend(sides.explain(&Case { family, ids, rows, all }));
    }
    found
}

/// Whether a figure is worse, surely or not, and says something by itself.
pub(crate) fn is_regression(row: &Row) -> bool {
    matches!(row.verdict, Verdict::Regressed | Verdict::Suspected)
        && row.is_worse()
        && !DERIVED.contains(&row.metric.as_str())
}

/// By which factor it is worse, above 1; what was nothing before is worse than anything.
/// By which factor it is worse.
pub(crate) fn factor(row: &Row) -> f64 {
    let (a, b) = (row.before.median, row.after.median);
    let factor = if a > b { a / b } else { b / a };
    if factor.is_finite() { factor } else { f64::MAX }
}

/// `allocations 131 → 133`.
fn went(row: &Row) -> String {
    let show = |value| row.unit.show(value);
    format!("{} {} → {}", row.metric, show(row.before.median), show(row.after.median))
}

impl<'a> Sides<'a> {
    fn explain(&self, case: &Case<'a>) -> Vec<Explanation> {
        let of = |metrics: &[&str]| {
            let rows = case.rows.iter().copied().filter(|row| metrics.contains(&row.metric.as_str()));
            rows.collect::<Vec<&Row>>()
        };
        let (leaks, allocating, holding) = (of(&["retained"]), of(&ALLOCATING), of(&HOLDING));
        let known = |row: &&&Row| {
            let metric = row.metric.as_str();
            metric == "retained" || ALLOCATING.contains(&metric) || HOLDING.contains(&metric)
        };
        let slower: Vec<&Row> = case.rows.iter().filter(|row| !known(row)).copied().collect();
        let mut found = Vec::new();
        found.extend(leaks.first().map(|row| self.leak(case, row, &leaks)));
        let waits = (!slower.is_empty()).then(|| self.waits(case)).flatten();
        let growth = growing::changed(&self.before, &self.after, &case.all);
        // So many more allocations for each thing are needless allocations, not another algorithm.
        let is_allocation = |one: &Changed| ALLOCATING.contains(&one.metric) && one.after <= Growth::Linear;
        let grows = growth.as_ref().filter(|one| waits.is_none() && !is_allocation(one));
        let mut allocation_told = allocating.is_empty();
        if let Some(waits) = waits {
            found.push(waits);
        } else if let Some(growth) = grows {
            allocation_told |= ALLOCATING.contains(&growth.metric);
            // Figures that grow with it are the same change.
            let same = |metric: &str| {
                let one = |figures| growing::growths(&growing::points(figures, &case.all, metric));
                one(&self.after).is_some_and(|growths| growths.best().growth == growth.after)
            };
            allocation_told |= allocating.iter().all(|row| same(&row.metric));
            found.push(self.algorithm(case, growth));
        } else if !slower.is_empty() && allocation_told {
            found.push(self.work(case, &slower));
        }
        if !allocation_told {
            let merged = if grows.is_none() && !found.iter().any(|one| one.origin == Origin::Waits) {
                slower
            } else {
                Vec::new()
            };
            found.push(self.allocation(case, &allocating, &holding, &merged));
        } else if found.is_empty() && !holding.is_empty() {
            found.push(self.allocation(case, &holding, &[], &[]));
        }
        found
    }

    fn base(&self, case: &Case<'a>, origin: Origin, rows: &[&Row]) -> Explanation {
        let mut ids: Vec<&str> =
            case.ids.iter().copied().filter(|id| rows.iter().any(|row| row.id == *id)).collect();
        if ids.is_empty() {
            ids.clone_from(&case.ids);
        }
        let worst = rows.first().or(case.rows.first());
        let place = worst.and_then(|row| row.location.clone().or_else(|| self.after.place(&row.id)));
        Explanation {
            origin,
            subject: subject(case.family, &ids),
            ids: owned(&ids),
            is_change: true,
            text: String::new(),
            action: String::new(),
            share: None,
            share_of: "the time".to_owned(),
            places: place.into_iter().collect(),
            evidence: rows.iter().map(|row| name(&row.id, &row.metric)).collect(),
            factor: worst.map_or(1.0, |row| factor(row)),
        }
    }

    /// More waiting: of most sizes that are slower, and of the one that grew most, half of what came on or more is not
    /// the processor's.
    fn waits(&self, case: &Case<'a>) -> Option<Explanation> {
        let grew = case.ids.iter().copied().filter_map(|id| {
            self.rows.get(&(id, "time")).filter(|row| is_regression(row))?;
            let (before, after) = (self.before.spent(id)?, self.after.spent(id)?);
            let more = after.time - before.time;
            (more > 0.0).then_some((id, more, after.cpu - before.cpu, after))
        });
        let grew: Vec<_> = grew.collect();
        let waiting = |more: f64, cpu: f64| more - cpu >= more / 2.0;
        let n = grew.iter().filter(|(_, more, cpu, _)| waiting(*more, *cpu)).count();
        let most = grew.iter().filter(|(_, more, cpu, _)| waiting(*more, *cpu));
        let (id, more, more_cpu, after) = most.max_by(|a, b| a.1.total_cmp(&b.1))?;
        if 2 * n <= grew.len() {
            return None;
        }
        let (id, more, more_cpu) = (*id, *more, *more_cpu);
        let waited = more - more_cpu.max(0.0);
        let ns = |value| Unit::Nanoseconds.show(value);
        let rows: Vec<&Row> = case.rows.iter().copied().filter(|row| row.metric == "time").collect();
        let time = self.rows.get(&(id, "time"))?;
        let mut found = self.base(case, Origin::Waits, &rows);
        found.text = format!(
            "{id}: {}, and the processor's time {} by {}: {} of what came on is waiting, in the best round too",
            went(time),
            if more_cpu < 0.0 { "fell" } else { "grew" },
            ns(more_cpu.abs()),
            ns(waited)
        );
        found.action =
            "look in what changed for a sleep, a lock, a limit of rate, a file or the network".to_owned();
        found.share = Some(waited / after.time);
        found.evidence.extend(after.evidence.iter().cloned());
        Some(found)
    }

    fn algorithm(&self, case: &Case<'a>, growth: &Changed) -> Explanation {
        let sized: Vec<&str> = case.all.iter().copied().filter(|id| family(id).1.is_some()).collect();
        let rows: Vec<&Row> = case.rows.iter().copied().filter(|row| row.metric != "retained").collect();
        let mut found = self.base(case, Origin::Algorithm, &rows);
        let from = match growth.crossover {
            Some(from) => format!("it is more from size {} on", size(from)),
            None => {
                format!("it is more at every size from {} to {}", size(growth.sizes.0), size(growth.sizes.1))
            }
        };
        let (old, new) = growth.at_largest;
        found.text = format!(
            "{}: {} grew {} with the size and now grows {}; {from}, at {} it went {} → {}",
            case.family,
            growth.metric,
            words(growth.before.name()),
            words(growth.after.name()),
            size(growth.sizes.1),
            growth.unit.show(old),
            growth.unit.show(new)
        );
        found.action =
            "look in what changed for a loop within a loop over the same input, a search through a list, or \
                        a copy in a loop"
                .to_owned();
        found.share = (new > old && new > 0.0).then(|| 1.0 - old / new);
        found.share_of = format!("{} at size {}", growth.metric, size(growth.sizes.1));
        found.subject = subject(case.family, &sized);
        found.ids = owned(&sized);
        let cited = sized.iter().map(|id| name(id, growth.metric));
        found.evidence = cited.chain(std::mem::take(&mut found.evidence)).fold(Vec::new(), |mut all, one| {
            if !all.contains(&one) {
                all.push(one);
            }
            all
        });
        self.add_hottest(case, &mut found);
        found
    }

    fn allocation(&self, case: &Case<'a>, rows: &[&Row], holding: &[&Row], slower: &[&Row]) -> Explanation {
        let mut cited: Vec<&Row> = rows.to_vec();
        cited.extend(holding);
        cited.extend(slower);
        let mut found = self.base(case, Origin::Allocation, &cited);
        let id = rows.first().map_or(case.family, |row| row.id.as_str());
        let of_worst = rows.iter().filter(|row| row.id == id).map(|row| went(row));
        let mut text = format!("{id}: {}", of_worst.collect::<Vec<_>>().join(", "));
        let time = slower.iter().find(|row| row.id == id && row.metric == "time").or(slower.first());
        if let Some(time) = time {
            text = format!("{text}; with them {}", went(time));
            found.share = share_of_time(time);
        }
        let metrics: &[&str] = if ALLOCATING.iter().any(|m| rows.iter().any(|row| row.metric == *m)) {
            &["heap-total", "heap-peak"]
        } else {
            &["heap-peak", "heap-total"]
        };
        if let Some(site) = heaviest_site(self.runs_after, &self.after, id, metrics) {
            text = format!(
                "{text}; most is asked for by {} ({} of {})",
                site.text,
                Unit::Fraction.show(site.share),
                site.metric
            );
            found.places.insert(0, site.text);
            found.evidence.push(name(&site.id, &site.metric));
        }
        found.text = text;
        found.action =
            "look in what changed for a copy, a text or a list made anew each time: borrow it, or use its \
                        memory again"
                .to_owned();
        self.add_hottest(case, &mut found);
        found
    }

    /// Slower, and neither waiting, growth nor allocations say why.
    fn work(&self, case: &Case<'a>, slower: &[&Row]) -> Explanation {
        let id = slower.first().map_or(case.family, |row| row.id.as_str());
        let allocations = ALLOCATING.iter().find_map(|metric| self.rows.get(&(id, *metric)));
        let more = WORKING.iter().find_map(|metric| {
            let row = self.rows.get(&(id, *metric)).copied()?;
            (row.after.median > row.before.median).then_some(row)
        });
        let time = slower.iter().find(|row| row.id == id && row.metric == "time").or(slower.first());
        let head = time.map(|row| format!("{id}: {}", went(row))).unwrap_or_default();
        match more {
            Some(more) => {
                let mut found = self.base(case, Origin::Work, slower);
                let beside = match allocations {
                    Some(row) => format!(", {} as before", row.metric),
                    None => String::new(),
                };
                let cause = if time.is_some_and(|time| time.metric == more.metric) {
                    String::new()
                } else {
                    format!(", {}", went(more))
                };
                found.text = format!("{head}{cause}{beside}: it computes more");
                found.action =
                    "profile both builds by function, and look at the one whose share grew".to_owned();
                found.share = time.and_then(|row| share_of_time(row));
                found.evidence.push(name(&more.id, &more.metric));
                found.evidence.extend(allocations.map(|row| name(&row.id, &row.metric)));
                found.evidence.dedup();
                self.add_hottest(case, &mut found);
                found
            }
            None => {
                let mut found = self.base(case, Origin::Unknown, slower);
                found.text = format!("{head}; nothing that stands beside it says why");
                found.action =
                    "measure the processor's time, the allocations and the instructions beside it, or \
                                profile both builds"
                        .to_owned();
                self.add_hottest(case, &mut found);
                found
            }
        }
    }

    fn leak(&self, case: &Case<'a>, row: &Row, rows: &[&Row]) -> Explanation {
        let mut found = self.base(case, Origin::Leak, rows);
        found.text = format!("{}: {} in each round: memory grows as long as it runs", row.id, went(row));
        found.action =
            "look in what changed for a list or a cache that only grows, or a task that never ends"
                .to_owned();
        found
    }

    /// The function whose share grew most, where both sides, or the new one, were profiled.
    fn add_hottest(&self, case: &Case<'a>, found: &mut Explanation) {
        let of = |runs| case.ids.iter().find_map(|id| profile_of(runs, id));
        let Some(profile) = of(self.runs_after) else { return };
        let Some(hot) = hottest(of(self.runs_before), profile) else { return };
        found.places.insert(0, hot.place());
        found.evidence.push(format!("profile {}", profile.name));
    }
}

/// Which share of the time now came on.
fn share_of_time(row: &Row) -> Option<f64> {
    let (before, after) = (row.before.median, row.after.median);
    (row.unit == Unit::Nanoseconds && after > before && after > 0.0).then(|| 1.0 - before / after)
}

fn words(growth: &str) -> String {
    match growth {
        "constant" => "not at all".to_owned(),
        "linear" => "in proportion".to_owned(),
        "quadratic" => "with its square".to_owned(),
        other => format!("with {other}"),
    }
}
