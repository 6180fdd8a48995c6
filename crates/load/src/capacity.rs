//! How much a service can take: the knee, users per instance, bandwidth, from runs at several rates.

use assize_ambient::{Chance, Seed};
use assize_perf::{
    Better, Finding, Interval, Kind, Measurement, Run, Unit,
    statistics::{Bootstrap, Sorted, mean},
};

use crate::{
    Block, Error, ErrorKind, Mode, Report,
    number::{len, real, whole},
};

const RESAMPLES: usize = 500;
/// The quantile that is watched.
const Q: f64 = 0.99;
/// Users that bandwidth is told for.
const USERS: f64 = 50.0;

/// When a service is no longer well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// It answers less than this share of what is offered; 0.95.
    pub answered: f64,
    /// Its p99 is this many times that at the lowest rate, or more; 3.
    pub slower: f64,
    /// More than this share goes wrong; 0.01.
    pub wrong: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { answered: 0.95, slower: 3.0, wrong: 0.01 }
    }
}

/// How much one instance can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// The name of the plan that was run.
    pub name: String,
    /// The kind of the figures that it rests on.
    pub kind: Kind,
    /// Requests a second from which on it is no longer well; the highest rate tried where it always was.
    pub knee: f64,
    /// Where the knee lies: at least from the last rate that went well to the first that did not, and wherever 95 % of resampled
    /// runs see it.
    pub interval: Option<Interval>,
    /// What gives way first; `None` if nothing did.
    pub gives_way: Option<&'static str>,
    /// Users that one instance serves at the knee, with their interval.
    pub users: Option<(f64, Option<Interval>)>,
    /// Mbit/s of 50 users, both ways, with its interval.
    pub bandwidth: Option<(f64, Option<Interval>)>,
}

/// Finds the knee: where the strain, which is the largest of p99, unanswered and wrong requests as shares of their limits, first
/// exceeds one; between two rates both are taken on logarithmic scales. Intervals come from resampling the blocks of each run
/// (seeded).
///
/// # Errors
/// [`ErrorKind::InvalidPlan`] for fewer than three open-loop runs of rates that differ, one with fewer than 1,000 requests, and a
/// service that is not well at the lowest rate.
pub fn capacity(reports: &[Report], limits: &Limits, seed: Seed) -> Result<Capacity, Error> {
    let wrong = |what: &str| ErrorKind::InvalidPlan.error(format!("plan the capacity: {what}"));
    let mut loads = reports.iter().map(Load::of).collect::<Option<Vec<_>>>().ok_or_else(|| {
        wrong("it needs runs of an open loop with 1,000 requests or more at each rate")
            .hinted("let each rate last longer")
    })?;
    loads.sort_by(|a, b| a.offered.total_cmp(&b.offered));
    let are_apart = loads.windows(2).all(|pair| pair[0].offered < pair[1].offered);
    let (Some(first), true) = (reports.first(), loads.len() >= 3 && are_apart) else {
        return Err(wrong("it needs three rates or more that differ"));
    };
    let seen: Vec<Vec<&Slice>> = loads.iter().map(|load| load.slices.iter().collect()).collect();
    let strains = strains(&loads, &seen, limits);
    let found = knee(&loads, &strains);
    if found.place == Some(0) {
        return Err(wrong("the service is not well at the lowest rate").hinted("begin with a lower rate"));
    }
    let mut chance = seed.child("capacity").rng();
    let drawn: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn: Vec<Vec<&Slice>> = loads.iter().map(|load| load.resampled(&mut chance)).collect();
            knee(&loads, &self::strains(&loads, &drawn, limits)).rate
        })
        .collect();
    let interval = found.place.and_then(|bad| {
        let sorted = Sorted::new(&drawn)?;
        Some(Interval {
            low: sorted.percentile(2.5).min(loads[bad - 1].offered),
            high: sorted.percentile(97.5).max(loads[bad].offered),
            level: 0.95,
            method: format!("bootstrap of blocks, {RESAMPLES} resamples, at least from one rate to the next"),
        })
    });
    let well = &loads[..found.place.unwrap_or(loads.len())];
    let users = first.per_user.map(|each| {
        let each = each.as_secs_f64();
        let of = |i: &Interval| Interval { low: i.low * each, high: i.high * each, ..i.clone() };
        (found.rate * each, interval.as_ref().map(of))
    });
    Ok(Capacity {
        name: first.name.clone(),
        kind: first.kind,
        knee: found.rate,
        interval,
        gives_way: found.place.map(|bad| strains[bad].1),
        users,
        bandwidth: first.per_user.and_then(|each| bandwidth(well, each.as_secs_f64(), seed)),
    })
}

impl Capacity {
    /// Adds it as measurements `load/<name>/capacity` with the metrics `knee`, `users` and `bandwidth-50-users`.
    pub fn add_to(&self, run: &mut Run) {
        let id = format!("load/{}/capacity", self.name);
        let why = self.gives_way.map_or_else(
            || "not reached: it lies above the highest rate tried".to_owned(),
            |what| format!("{what} gives way first"),
        );
        if self.gives_way.is_none() {
            run.findings.push(Finding::new(id.as_str(), None, format!("the knee was {why}")));
        }
        let mut add =
            |metric: &str, unit: Unit, better: Better, value: f64, interval: Option<Interval>, note: &str| {
                let figure = Measurement::new(&id, metric, unit, better, self.kind, value).with_note(note);
                run.measurements.push(Measurement { interval, ..figure });
            };
        add("knee", Unit::PerSecond, Better::Higher, self.knee, self.interval.clone(), &why);
        if let Some((users, interval)) = &self.users {
            add(
                "users",
                Unit::Count,
                Better::Higher,
                *users,
                interval.clone(),
                "users that one instance serves at the knee",
            );
        }
        if let Some((mbit, interval)) = &self.bandwidth {
            let unit = Unit::Other("Mbit/s".to_owned());
            add(
                "bandwidth-50-users",
                unit,
                Better::Lower,
                *mbit,
                interval.clone(),
                "both ways, headers included",
            );
        }
    }
}

/// One run.
struct Load<'a> {
    offered: f64,
    answered: f64,
    blocks: &'a [Block],
    slices: Vec<Slice>,
}

/// Of a block what its share in a p99 needs: the longest times, longest first, and how many there were.
struct Slice {
    longest: Vec<(u64, u64)>,
    count: u64,
    right: u64,
    wrong: u64,
}

impl<'a> Load<'a> {
    fn of(report: &'a Report) -> Option<Self> {
        let Mode::Open { offered } = report.mode else { return None };
        let requests = report.total().requests;
        // By what was really to start, so that a schedule by chance is not taken for a service that answers less.
        let started = real(requests) / report.counted.as_secs_f64().max(1e-9);
        let largest = report.blocks.iter().map(|block| block.latency.count()).max().unwrap_or(0);
        // However the blocks are drawn, no more of one than this lie among the slowest hundredth of all.
        let needed = whole(real(largest) * len(&report.blocks) * (1.0 - Q)) + 2;
        (requests >= 1_000 && offered > 0.0).then(|| Self {
            offered,
            answered: report.throughput() / started,
            blocks: &report.blocks,
            slices: report.blocks.iter().map(|block| Slice::of(block, needed)).collect(),
        })
    }

    fn resampled(&self, chance: &mut Chance) -> Vec<&Slice> {
        self.slices.iter().map(|_| &self.slices[chance.below(self.slices.len())]).collect()
    }
}

impl Slice {
    fn of(block: &Block, needed: u64) -> Self {
        let mut held = 0;
        let mut longest = block.latency.values();
        longest.reverse();
        longest.retain(|(_, count)| {
            let keep = held < needed;
            held += count;
            keep
        });
        Self { longest, count: block.latency.count(), right: block.right, wrong: block.wrong }
    }
}

/// The p99 of slices together.
fn p99(slices: &[&Slice]) -> f64 {
    let mut longest: Vec<(u64, u64)> =
        slices.iter().flat_map(|slice| slice.longest.iter().copied()).collect();
    longest.sort_unstable_by(|a, b| b.cmp(a));
    let total: u64 = slices.iter().map(|slice| slice.count).sum();
    let from_the_top = total.saturating_sub(whole((real(total) * Q).ceil())) + 1;
    let mut reached = 0;
    let at = longest.into_iter().find(|(_, count)| {
        reached += count;
        reached >= from_the_top
    });
    at.map_or(f64::INFINITY, |(value, _)| real(value))
}

/// How near each rate is to a limit, 1 being at it, and to which.
fn strains(loads: &[Load<'_>], drawn: &[Vec<&Slice>], limits: &Limits) -> Vec<(f64, &'static str)> {
    let usual = drawn.first().map_or(f64::INFINITY, |slices| p99(slices)).max(1.0);
    let of = |(load, blocks): (&Load<'_>, &Vec<&Slice>)| {
        let (right, wrong): (u64, u64) =
            blocks.iter().fold((0, 0), |sum, b| (sum.0 + b.right, sum.1 + b.wrong));
        let strains = [
            (p99(blocks) / (usual * limits.slower), "p99"),
            (limits.answered / load.answered.max(1e-9), "throughput"),
            (real(wrong) / real(right + wrong).max(1.0) / limits.wrong, "errors"),
        ];
        strains.into_iter().fold((0.0, "p99"), |most, one| if one.0 > most.0 { one } else { most })
    };
    loads.iter().zip(drawn).map(of).collect()
}

struct Knee {
    rate: f64,
    /// The place of the first rate that does not go well.
    place: Option<usize>,
}

fn knee(loads: &[Load<'_>], strains: &[(f64, &str)]) -> Knee {
    let Some(bad) = strains.iter().position(|strain| strain.0 > 1.0) else {
        return Knee { rate: loads.last().map_or(0.0, |load| load.offered), place: None };
    };
    let Some(good) = bad.checked_sub(1) else { return Knee { rate: loads[0].offered, place: Some(0) } };
    let (low, high) = (libm::log(strains[good].0.max(1e-3)), libm::log(strains[bad].0.min(1e12)));
    let share = (-low / (high - low)).clamp(0.0, 1.0);
    let (from, to) = (libm::log(loads[good].offered), libm::log(loads[bad].offered));
    Knee { rate: libm::exp(share.mul_add(to - from, from)), place: Some(bad) }
}

/// Mbit/s of 50 users who each ask once in so many seconds.
fn bandwidth(loads: &[Load<'_>], each: f64, seed: Seed) -> Option<(f64, Option<Interval>)> {
    let blocks = loads.iter().flat_map(|load| load.blocks).filter(|block| block.right + block.wrong > 0);
    let factor = 8.0 / 1e6 * USERS / each.max(1e-9);
    let per_request: Vec<f64> =
        blocks.map(|block| real(block.bytes) / real(block.right + block.wrong) * factor).collect();
    let value = mean(&per_request).filter(|_| len(&per_request) > 0.0)?;
    Some((
        value,
        Bootstrap::new(seed.child("bandwidth")).of(&per_request, |drawn| mean(drawn).unwrap_or(f64::NAN)),
    ))
}

#[cfg(test)]
mod tests;
