//! The real readers on the sites of the exchange: whether they are as fast as the limits allow, keep to them, name what is
//! missing, and find what was planted.

use std::collections::BTreeMap;

use assize_benches::{
    handover::{Handover, Profile},
    played::{Came, FAULTS, Found, TICKERS, Which, World, contracts, in_virtual_time, stories},
};
use assize_loopback::{SiteFault, SiteFaults};
use assize_perf::{Better, Kind, Measurement, Run, Unit};

use crate::{HERE, makespan::of_seeds};

/// Each market is fetched from once without faults, and so often with them: 1,000 and 200 times in full.
const TIMES: u32 = 5;

/// Markets that are asked for the usual sources, and for all that are played.
const fn markets(profile: Profile) -> (u64, u64) {
    match profile {
        Profile::Smoke => (1, 1),
        Profile::Default => (4, 2),
        Profile::Full => (200, 40),
    }
}

/// Markets in which something planted is looked for, and days of news in each.
const fn planted(profile: Profile) -> (u64, i32) {
    match profile {
        Profile::Smoke => (1, 60),
        Profile::Default => (3, 180),
        Profile::Full => (20, 365),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (usual, every) = markets(handover.profile);
    let faults = SiteFaults::evenly(FAULTS).map_err(|e| e.to_string())?;
    for (name, which, markets) in [("default", Which::Default, usual), ("every", Which::Every, every)] {
        let id = format!("fetch/exchange/{name}");
        let (clean, faulty) = (format!("{id}/no-faults"), format!("{id}/faults-10-percent"));
        if !handover.wants(&clean) && !handover.wants(&faulty) {
            continue;
        }
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for seed in 1..=markets {
            let judged = async { Ok(World::new(seed, which, TICKERS.len())?.judged(&faults, TIMES).await) };
            let (one, others) = in_virtual_time(judged)?;
            for complaint in one.complaints.iter().chain(others.iter().flat_map(|other| &other.complaints)) {
                handover.progress(0, 0, &format!("market {seed}: {complaint}"));
            }
            without.push(one);
            with.extend(others);
        }
        run.measurements.extend(of(&clean, &without));
        run.measurements.extend(of(&faulty, &with));
    }
    of_planted(handover, run)
}

fn of_planted(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (seeds, days) = planted(handover.profile);
    let id = "fetch/exchange/planted-stories";
    if handover.wants(id) {
        let found = (1..=seeds).try_fold(Found::default(), |sum, seed| {
            Ok::<_, String>(sum.and(in_virtual_time(stories(seed, TICKERS.len(), days))?))
        })?;
        run.measurements.extend(of_found(id, found, "stories that burst before the jump", "articles"));
    }
    let id = "fetch/exchange/unusual-contracts";
    if handover.wants(id) {
        let found = (1..=seeds).try_fold(Found::default(), |sum, seed| {
            Ok::<_, String>(sum.and(in_virtual_time(contracts(seed, TICKERS.len()))?))
        })?;
        run.measurements.extend(of_found(id, found, "contracts dealt in ahead of a jump", "contracts"));
    }
    Ok(())
}

fn of_found(id: &str, found: Found, what: &str, read: &str) -> [Measurement; 2] {
    let share = |metric, value| {
        Measurement::new(id, metric, Unit::Ratio, Better::Higher, Kind::Virtual, value).at(HERE)
    };
    let Found { planted, found: n, claimed, right, read: all } = found;
    [
        share("recall", found.recall()).with_note(format!("{n} of {planted} {what}; {all} {read} read")),
        share("precision", found.precision()).with_note(format!("{right} of {claimed} that were claimed")),
    ]
}

fn of(id: &str, came: &[Came]) -> Vec<Measurement> {
    let all = |value: fn(&Came) -> f64| came.iter().map(value).collect::<Vec<f64>>();
    let sum = |value: fn(&Came) -> u64| came.iter().map(value).sum::<u64>();
    let ratio = |metric: &str, values, note: &str| {
        of_seeds(id, metric, Unit::Ratio, Better::Lower, values).map(|m| m.with_note(note))
    };
    let count = |metric: &str, n: u64, note: String| {
        let n = u32::try_from(n).map_or(f64::INFINITY, f64::from);
        Measurement::new(id, metric, Unit::Count, Better::Lower, Kind::Virtual, n).with_note(note).at(HERE)
    };
    let mut faults: BTreeMap<SiteFault, u64> = BTreeMap::new();
    for (fault, times) in came.iter().flat_map(|came| &came.faults) {
        *faults.entry(*fault).or_default() += times;
    }
    let wrong = faults.get(&SiteFault::WrongCompany).copied().unwrap_or(0);
    let played: Vec<String> =
        faults.iter().map(|(fault, times)| format!("{times} {}", fault.key())).collect();
    let (runs, requests, items) = (came.len(), sum(|came| came.requests), sum(|came| came.items));
    let (checked, answers) = (sum(|came| came.checked), sum(|came| came.answers));
    let figures = [
        of_seeds(id, "makespan", Unit::Nanoseconds, Better::Lower, all(|came| came.elapsed * 1e9)),
        ratio(
            "to-bound",
            all(|came| came.elapsed / came.bound),
            "the bound: the requests that the sites saw, in their order, as early as the sources' limits and the sites' own words allow",
        ),
        ratio(
            "to-limits",
            all(|came| came.elapsed / came.limits),
            "the host with the most requests for its rate, or the slowest request",
        ),
    ];
    let counts = [
        count(
            "over-limit",
            sum(|came| came.over_limit),
            format!("of {requests} requests in {runs} runs, by the sites' own count"),
        ),
        count(
            "damaged",
            sum(|came| came.damaged),
            format!("of {answers} sources of tickers; faults played: {}", played.join(", ")),
        ),
        count(
            "unnamed",
            sum(|came| came.unnamed),
            "damaged, and neither a gap nor a finding tells of it".to_owned(),
        ),
        count(
            "foreign",
            sum(|came| came.foreign),
            format!("of {items} items; {wrong} answers were another company's"),
        ),
        count(
            "look-ahead",
            sum(|came| came.ahead),
            format!("of {checked} items that the truth has the time of"),
        ),
    ];
    figures.into_iter().flatten().chain(counts).collect()
}
