//! Room that several names share: a sector, all that may be held, what can be paid.

use std::collections::BTreeMap;

use assize_altdata::Ticker;

use super::{
    Limits, RuleId,
    draft::{Draft, sector_name},
};
use crate::{Holdings, Weight};

/// Makes all drafts fit into the room of their sectors, of all names, and of cash. `others` says of which holdings there is no
/// draft.
pub(super) fn share(
    drafts: &mut [Draft<'_>],
    holdings: &Holdings,
    others: impl Fn(&&Ticker) -> bool,
    limits: &Limits,
) {
    let mut sectors: BTreeMap<String, (Vec<usize>, i64)> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        if let Some(sector) = draft.sector() {
            sectors.entry(sector.to_owned()).or_default().0.push(place);
        }
    }
    let beside: Vec<&Ticker> = holdings.weights.keys().filter(&others).collect();
    for ticker in &beside {
        let sector = holdings.sectors.get(*ticker).and_then(|name| sector_name(name));
        if let Some((_, held)) = sector.and_then(|sector| sectors.get_mut(&sector)) {
            *held += holdings.held(ticker);
        }
    }
    for (sector, (places, held)) in sectors {
        let room = Room {
            rule: RuleId::SectorLimit,
            most: Limits::bounded(limits.max_sector),
            taken: held,
            what: format!("the sector {sector} may have"),
        };
        room.fit(drafts, &places);
    }
    let present: i64 = holdings.weights.keys().map(|ticker| holdings.held(ticker)).sum();
    let payable = i64::from(holdings.cash.bp()) + present - Limits::bounded(limits.min_cash);
    let gross = Limits::bounded(limits.max_gross);
    let taken = beside.iter().map(|ticker| holdings.held(ticker)).sum();
    let (rule, most, what) = if payable < gross {
        (RuleId::Cash, payable, "can be paid")
    } else {
        (RuleId::GrossLimit, gross, "all names may have together")
    };
    let all: Vec<usize> = (0..drafts.len()).collect();
    Room { rule, most, taken, what: what.to_owned() }.fit(drafts, &all);
}

/// Room that names share.
struct Room {
    rule: RuleId,
    /// The most that may be in it.
    most: i64,
    /// What others hold of it.
    taken: i64,
    /// What it is, as the end of a sentence.
    what: String,
}

impl Room {
    /// Cuts those at `places` until they fit: first what would be bought, each in proportion; if that is not enough, all that
    /// is left, in proportion.
    fn fit(&self, drafts: &mut [Draft<'_>], places: &[usize]) {
        let frozen: i64 =
            places.iter().map(|at| &drafts[*at]).filter(|draft| draft.is_frozen).map(Draft::weight).sum();
        let free: Vec<usize> = places.iter().copied().filter(|at| !drafts[*at].is_frozen).collect();
        let wanted: i64 = free.iter().map(|at| drafts[*at].weight()).sum();
        let room = (self.most - self.taken - frozen).max(0);
        if wanted <= room {
            return;
        }
        let bought = |draft: &Draft<'_>| (draft.weight() - draft.present).max(0);
        let purchases: i64 = free.iter().map(|at| bought(&drafts[*at])).sum();
        let affordable = (purchases - (wanted - room)).max(0);
        let rest = wanted - purchases;
        let total = Weight::nearest(self.taken + frozen + wanted);
        let why = format!("{total} is more than the {} that {}", Weight::nearest(self.most), self.what);
        for at in free {
            let draft = &mut drafts[at];
            let purchase = bought(draft);
            let kept = draft.weight() - purchase;
            let weight = if rest > room {
                part(kept, room, rest)
            } else {
                kept + part(purchase, affordable, purchases)
            };
            if weight != draft.weight() {
                draft.cut(self.rule, weight, why.clone());
            }
        }
    }
}

/// `amount · of / whole`, rounded down.
fn part(amount: i64, of: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let part = i128::from(amount) * i128::from(of) / i128::from(whole);
    i64::try_from(part).unwrap_or(0)
}
