//! Where in the code it is: profiles and the heaviest places that allocate.

use std::collections::BTreeMap;

use super::figures::{Figures, family};
use crate::{
    Unit,
    run::{Frame, Measurement, Profile, Run},
};

/// A function in a profile.
pub(super) struct Hot<'a> {
    pub(super) profile: &'a Profile,
    pub(super) frame: Frame,
    /// Its own share of the whole profile.
    pub(super) share: f64,
}

impl Hot<'_> {
    /// `walk at src/tree.rs:41 (43.0 % of profile tree)`.
    pub(super) fn place(&self) -> String {
        let at = self.frame.location().map_or_else(String::new, |at| format!(" at {at}"));
        let share = Unit::Fraction.show(self.share);
        format!("{}{at} ({share} of profile {})", self.frame.function, self.profile.name)
    }
}

/// The profile of a benchmark: the one of its name, or the only one where nothing else was measured.
pub(super) fn profile_of<'a>(runs: &'a [Run], id: &str) -> Option<&'a Profile> {
    let profiles = || runs.iter().flat_map(|run| &run.profiles);
    if let Some(named) = profiles().find(|profile| profile.name == id || profile.name == family(id).0) {
        return Some(named);
    }
    let mut families: Vec<&str> = runs
        .iter()
        .flat_map(|run| &run.measurements)
        .filter(|m| m.metric == "time")
        .map(|m| family(&m.id).0)
        .collect();
    families.dedup();
    let only = profiles().next().filter(|_| profiles().count() == 1)?;
    (families == [family(id).0]).then_some(only)
}

/// Its own share of each function.
fn shares(profile: &Profile) -> BTreeMap<String, (Frame, f64)> {
    let whole = profile.total();
    let of = profile.functions().into_iter();
    of.map(|weight| (weight.frame.function.clone(), (weight.frame, weight.own / whole))).collect()
}

/// The function whose own share grew most, or the one with the largest where there is no profile of before.
pub(super) fn hottest<'a>(before: Option<&Profile>, after: &'a Profile) -> Option<Hot<'a>> {
    if after.total() <= 0.0 {
        return None;
    }
    let old = before.filter(|profile| profile.total() > 0.0).map(shares).unwrap_or_default();
    let grew = |name: &str, share: f64| share - old.get(name).map_or(0.0, |(_, share)| *share);
    let new = shares(after).into_iter();
    let (_, (frame, share)) =
        new.max_by(|(a, (_, x)), (b, (_, y))| grew(a, *x).total_cmp(&grew(b, *y)).then_with(|| b.cmp(a)))?;
    (share > 0.0).then_some(Hot { profile: after, frame, share })
}

/// A place that allocates, as a profile of the heap names it.
pub(super) struct Site {
    pub(super) text: String,
    pub(super) share: f64,
    pub(super) metric: String,
    pub(super) id: String,
}

/// The heaviest place that allocates, of a benchmark of this id, or of the only profile of the heap that there is.
pub(super) fn heaviest_site(runs: &[Run], figures: &Figures<'_>, id: &str, metrics: &[&str]) -> Option<Site> {
    let own = metrics.iter().find_map(|metric| figures.measured(id, metric).iter().copied().find_map(site));
    if own.is_some() {
        return own;
    }
    let all =
        || runs.iter().flat_map(|run| &run.measurements).filter(|m| metrics.contains(&m.metric.as_str()));
    let mut ids: Vec<&str> = all().filter(|m| first_site(m).is_some()).map(|m| m.id.as_str()).collect();
    ids.dedup();
    match ids.as_slice() {
        [_] => all().find_map(site),
        _ => None,
    }
}

fn first_site(m: &Measurement) -> Option<&str> {
    m.notes.iter().find_map(|note| note.strip_prefix("site 1: "))
}

/// What the reader of DHAT's form notes: `site 1: 320 bytes in 4 blocks (64.0 %): walk at src/tree.rs:41`.
pub(super) fn site(m: &Measurement) -> Option<Site> {
    let (amount, text) = first_site(m)?.split_once(" %): ")?;
    let share: f64 = amount.rsplit_once('(')?.1.parse().ok()?;
    Some(Site { text: text.to_owned(), share: share / 100.0, metric: m.metric.clone(), id: m.id.clone() })
}
