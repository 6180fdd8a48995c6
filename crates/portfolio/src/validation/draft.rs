//! One proposal on its way through the rules that look at it alone.

use assize_altdata::{SourceKind, Ticker};

use super::{Accepted, ClampEvent, Figures, Limits, RuleId, Standing};
use crate::{Action, Holdings, Proposal, Weight};

/// A proposal, what has become of it by now, and what did that.
pub(super) struct Draft<'a> {
    proposal: &'a Proposal,
    /// What is held, in basis points, at least nothing.
    pub(super) present: i64,
    is_held: bool,
    now: Figures,
    /// Nothing can be bought or sold of it.
    pub(super) is_frozen: bool,
    sector: Option<String>,
    events: Vec<ClampEvent>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(proposal: &'a Proposal, holdings: &Holdings) -> Self {
        let present = holdings.held(&proposal.ticker);
        let is_held = holdings.weights.contains_key(&proposal.ticker);
        let facts = &proposal.facts;
        let counted = facts.cited.values().filter(|items| **items > 0);
        let now = Figures {
            standing: if proposal.action == Action::Hold { Standing::Held } else { Standing::Accepted },
            action: proposal.action,
            weight: proposal.target.unwrap_or(Weight::nearest(present)),
            source_kinds: u32::try_from(counted.clone().count()).unwrap_or(u32::MAX),
            items: counted.fold(0, |sum: u32, items| sum.saturating_add(*items)),
        };
        let sector = proposal.sector.as_deref().and_then(sector_name);
        Self { proposal, present, is_held, now, is_frozen: false, sector, events: Vec::new() }
    }

    pub(super) fn ticker(&self) -> &'a Ticker {
        &self.proposal.ticker
    }

    pub(super) fn sector(&self) -> Option<&str> {
        self.sector.as_deref()
    }

    /// The weight by now, in basis points.
    pub(super) fn weight(&self) -> i64 {
        i64::from(self.now.weight.bp())
    }

    pub(super) fn finish(self) -> Accepted {
        Accepted {
            ticker: self.proposal.ticker.clone(),
            standing: self.now.standing,
            action: self.now.action,
            p_up: self.proposal.p_up,
            present: Weight::nearest(self.present),
            weight: self.now.weight,
            events: self.events,
        }
    }

    /// That there was another proposal for the same name.
    pub(super) fn note_another(&mut self, other: &Proposal) {
        let wanted = other.target.map_or_else(|| "what is held".to_owned(), |weight| weight.to_string());
        let why = format!("another proposal, {} with {wanted}, is left out", other.action);
        self.record(RuleId::OneProposal, self.now, why);
    }

    /// Cuts the weight.
    pub(super) fn cut(&mut self, rule: RuleId, weight: i64, why: String) {
        self.record(rule, Figures { weight: Weight::nearest(weight), ..self.now }, why);
    }

    /// Applies the rules that look at one name alone, in their order.
    pub(super) fn judge(&mut self, limits: &Limits) {
        if let Some((rule, standing, why)) = self.flaw(limits) {
            let weight = Weight::nearest(self.present);
            self.record(rule, Figures { standing, weight, ..self.now }, why);
            self.is_frozen = true;
            return;
        }
        self.count_evidence(limits);
        if !self.abstained(limits) && !self.held(limits) {
            self.direct();
        }
        if self.weight() < 0 {
            self.cut(RuleId::LongOnly, 0, format!("{} is less than nothing", self.now.weight));
        }
        if self.now.standing == Standing::Accepted {
            self.halve(limits);
        }
        let most = Limits::bounded(limits.max_weight);
        if self.weight() > most {
            let why = format!(
                "{} is more than the {} that one name may have",
                self.now.weight,
                Weight::nearest(most)
            );
            self.cut(RuleId::NameLimit, most, why);
        }
    }

    /// What is wrong with the name itself, if anything is: then it stays as it is.
    fn flaw(&self, limits: &Limits) -> Option<(RuleId, Standing, String)> {
        let facts = &self.proposal.facts;
        if let Some(whose) = &facts.identity_mismatch {
            let why = format!("it may be another company: {whose}");
            return Some((RuleId::Identity, Standing::Stopped, why));
        }
        if facts.future_items > 0 {
            let why = format!("items from after the as-of moment: {}", facts.future_items);
            return Some((RuleId::FutureItem, Standing::Stopped, why));
        }
        if !facts.has_price {
            return Some(if self.is_held {
                (RuleId::NoPrice, Standing::Stopped, "it is held and has no price".to_owned())
            } else {
                (RuleId::NoPrice, Standing::Abstained, "it has no price".to_owned())
            });
        }
        let most = limits.max_price_age_sessions;
        let why = match facts.price_age_sessions {
            Some(age) if age <= most => return None,
            Some(age) => format!("sessions since the newest price: {age}, of at most {most}"),
            None => "nobody can say how old the newest price is".to_owned(),
        };
        Some((RuleId::StalePrice, Standing::Abstained, why))
    }

    /// Leaves out of the count what is too old.
    fn count_evidence(&mut self, limits: &Limits) {
        let facts = &self.proposal.facts;
        let perishable = [
            (SourceKind::Options, facts.chain_age_sessions, limits.max_chain_age_sessions, "sessions"),
            (SourceKind::News, facts.news_age_hours, limits.max_news_age_hours, "hours"),
        ];
        for (kind, age, most, unit) in perishable {
            let items = facts.cited.get(&kind).copied().unwrap_or(0);
            if items == 0 || age.is_some_and(|age| age <= most) {
                continue;
            }
            let why = match age {
                Some(age) => format!("{unit} since the newest {}: {age}, of at most {most}", kind.as_str()),
                None => format!("nobody can say how old the {} are", kind.as_str()),
            };
            let after = Figures {
                source_kinds: self.now.source_kinds.saturating_sub(1),
                items: self.now.items.saturating_sub(items),
                ..self.now
            };
            self.record(RuleId::StaleEvidence, after, why);
        }
    }

    fn abstained(&mut self, limits: &Limits) -> bool {
        let Figures { source_kinds, items, .. } = self.now;
        if source_kinds >= limits.min_source_kinds && items >= limits.min_items {
            return false;
        }
        let why = format!(
            "items that count: {items}, of at least {}; kinds of sources: {source_kinds}, of at least {}",
            limits.min_items, limits.min_source_kinds
        );
        let after = Figures { standing: Standing::Abstained, weight: self.kept(), ..self.now };
        self.record(RuleId::TooLittleEvidence, after, why);
        true
    }

    fn held(&mut self, limits: &Limits) -> bool {
        let p = self.proposal.p_up;
        let close = is_close_to_half(p, limits.min_edge_bp);
        if self.now.action != Action::Hold && !close {
            return false;
        }
        let after =
            Figures { standing: Standing::Held, action: Action::Hold, weight: self.kept(), ..self.now };
        let why = match (close, (0.0..=1.0).contains(&p)) {
            (_, false) => "its probability is no number from 0 to 1".to_owned(),
            (true, true) => {
                let least = f64::from(limits.min_edge_bp) / 1e4;
                format!("p(up) {p:.3} is less than {least} from one half")
            }
            (false, true) => "it is a hold".to_owned(),
        };
        // A hold that asks for no more needs no word.
        if after != self.now {
            self.record(RuleId::Confidence, after, why);
        }
        true
    }

    fn direct(&mut self) {
        if self.proposal.p_up < 0.5 && self.weight() > self.present {
            let why = format!("p(up) {:.3} is no reason to buy", self.proposal.p_up);
            self.cut(RuleId::Direction, self.present, why);
        }
    }

    fn halve(&mut self, limits: &Limits) {
        let facts = &self.proposal.facts;
        let least = f64::from(limits.conflict_share_bp) / 1e4;
        let is_small = |share: f64| share.is_finite() && rounded(share) < least;
        let agrees = is_small(facts.share_for) || is_small(facts.share_against);
        // Whatever is held is no size that somebody asked for: it would be halved again with each proposal.
        let is_sized = self.proposal.target.is_some() && !self.proposal.is_settled;
        if agrees || !is_sized || self.weight() <= 0 {
            return;
        }
        let why = format!(
            "{:.0} % of the evidence's weight is for it and {:.0} % against; from {:.0} % on both sides it is a conflict",
            100.0 * facts.share_for,
            100.0 * facts.share_against,
            100.0 * least
        );
        self.cut(RuleId::Conflict, self.weight() / 2, why);
    }

    /// The weight where nothing is to be bought or sold. What went through a validation may have been cut below what is held.
    fn kept(&self) -> Weight {
        let present = Weight::nearest(self.present);
        if self.proposal.is_settled { self.now.weight.min(present) } else { present }
    }

    fn record(&mut self, rule: RuleId, after: Figures, why: String) {
        let ticker = self.proposal.ticker.clone();
        self.events.push(ClampEvent { rule, ticker, before: self.now, after, why });
        self.now = after;
    }
}

/// Longer names of sectors are cut.
const LONGEST_SECTOR: usize = 60;

/// A sector's name as it is compared.
pub(super) fn sector_name(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(LONGEST_SECTOR).collect::<String>().to_lowercase();
    (!name.is_empty()).then_some(name)
}

fn is_close_to_half(p: f64, edge_bp: u32) -> bool {
    !(0.0..=1.0).contains(&p) || rounded((p - 0.5).abs()) < f64::from(edge_bp) / 1e4
}

/// To nine digits, so that 0.05 and what a subtraction makes of it are the same.
fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}
