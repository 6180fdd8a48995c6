//! Proposals held against limits: what may be done, and what each rule changed.

mod draft;
mod event;
mod limits;
mod room;

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::Ticker;
use serde::Serialize;

use self::{draft::Draft, event::as_text};
pub use self::{
    event::{ClampEvent, Figures, RuleId, Standing},
    limits::{BadLimits, Limits},
};
use crate::{Action, Holdings, Proposal, Weight};

/// What may be done about a proposal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accepted {
    /// The name.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// What becomes of the proposal.
    pub standing: Standing,
    /// What is thought of the name.
    pub action: Action,
    /// The probability of a rise, as proposed.
    pub p_up: f64,
    /// What is held of it now.
    #[serde(rename = "present_bp")]
    pub present: Weight,
    /// What is to be held of it.
    #[serde(rename = "weight_bp")]
    pub weight: Weight,
    /// Which rules fired, in their order.
    pub events: Vec<ClampEvent>,
}

/// What comes of a validation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Validation {
    /// For each name that a proposal was made for, in the order of the proposals.
    pub accepted: Vec<Accepted>,
    /// The weight of all names afterwards, those without a proposal included.
    #[serde(rename = "gross_bp")]
    pub gross: Weight,
    /// Cash afterwards, before the costs of what is bought and sold.
    #[serde(rename = "cash_bp")]
    pub cash: Weight,
    /// Names whose sector nobody knows: no limit of a sector holds for them.
    #[serde(serialize_with = "as_texts")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub without_sector: Vec<Ticker>,
}

impl Validation {
    /// All that rules did, name by name.
    pub fn events(&self) -> impl Iterator<Item = &ClampEvent> {
        self.accepted.iter().flat_map(|accepted| &accepted.events)
    }

    /// The weights to be reached, in basis points: of the names whose weight changes, and of those that are to be sold, which
    /// may weigh less than a basis point. The others are to be left as they are.
    #[must_use]
    pub fn targets(&self) -> BTreeMap<Ticker, u32> {
        let is_sold =
            |accepted: &Accepted| accepted.standing == Standing::Accepted && accepted.weight == Weight::ZERO;
        let changes =
            self.accepted.iter().filter(|accepted| accepted.weight != accepted.present || is_sold(accepted));
        changes
            .filter_map(|accepted| Some((accepted.ticker.clone(), u32::try_from(accepted.weight.bp()).ok()?)))
            .collect()
    }

    /// The proposals as they are after this: validated again over the same holdings, they come out unchanged.
    #[must_use]
    pub fn settled(&self, proposals: &[Proposal]) -> Vec<Proposal> {
        let settle = |accepted: &Accepted| {
            let proposal = proposals.iter().find(|proposal| proposal.ticker == accepted.ticker)?;
            Some(Proposal {
                action: accepted.action,
                target: Some(accepted.weight),
                is_settled: true,
                ..proposal.clone()
            })
        };
        self.accepted.iter().filter_map(settle).collect()
    }
}

/// Holds proposals against limits. It is a function of its arguments, whatever they are.
///
/// The rules are applied in the order of [`RuleId`], each to all names before the next:
///
/// 1. What is wrong with a name comes first: a second proposal for it, another company's evidence, evidence from the future,
///    no price, an old price. Such a name is left alone: what is held stays held, and takes its room from the others.
/// 2. Then what is wrong with its evidence: chains and news that are too old are not counted; on too little of what is left,
///    nothing is bought or sold, though the opinion stays. A brief of prices alone has one kind of source, and so ends here
///    unless the limits say otherwise.
/// 3. Then its probability, its sign, and conflict in the evidence, which make the size that it would have by itself.
/// 4. Then the limits of a name, of a sector, of all names, and of cash. Where several names share too little room, what
///    would be bought gives way first, each purchase in proportion to its size; only if that is not enough, all are cut in
///    proportion. Weights are rounded down, and what is cut off stays cash.
///
/// What comes out keeps every limit, save where a name that is left alone breaks it by itself: then nothing else is held in
/// that name's sector, or nothing else at all. The weights of names without a proposal stay as they are.
///
/// A tighter limit on all names, or on cash, never makes a weight larger. The others can, elsewhere: what one name or sector
/// has to give up leaves room for the rest.
///
/// ```
/// use std::collections::BTreeMap;
/// use assize_altdata::SourceKind;
/// use assize_portfolio::{
///     Action, EvidenceFacts, Holdings, Limits, Proposal, RuleId, Weight, validate,
/// };
///
/// let facts = EvidenceFacts {
///     has_price: true,
///     price_age_sessions: Some(0),
///     news_age_hours: Some(5),
///     cited: BTreeMap::from([(SourceKind::Prices, 4), (SourceKind::News, 2)]),
///     share_for: 0.8,
///     share_against: 0.2,
///     ..EvidenceFacts::default()
/// };
/// let proposal = Proposal {
///     ticker: "KO".parse()?,
///     sector: Some("staples".to_owned()),
///     action: Action::Buy,
///     p_up: 0.63,
///     target: Some(Weight::from_bp(1_200)),
///     facts,
///     is_settled: false,
/// };
/// let done = validate(&[proposal], &Holdings::all_cash(), &Limits::default());
/// assert_eq!(done.accepted[0].weight, Weight::from_bp(1_000));
/// assert_eq!(done.accepted[0].events[0].rule, RuleId::NameLimit);
/// assert_eq!(done.cash, Weight::from_bp(9_000));
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[must_use]
pub fn validate(proposals: &[Proposal], holdings: &Holdings, limits: &Limits) -> Validation {
    let mut drafts: Vec<Draft<'_>> = Vec::with_capacity(proposals.len());
    let mut places: BTreeMap<&Ticker, usize> = BTreeMap::new();
    for proposal in proposals {
        if let Some(place) = places.get(&proposal.ticker) {
            drafts[*place].note_another(proposal);
        } else {
            places.insert(&proposal.ticker, drafts.len());
            drafts.push(Draft::new(proposal, holdings));
        }
    }
    for draft in &mut drafts {
        draft.judge(limits);
    }
    let others = |ticker: &&Ticker| !places.contains_key(ticker);
    room::share(&mut drafts, holdings, others, limits);

    let beside: i64 = holdings.weights.keys().filter(others).map(|ticker| holdings.held(ticker)).sum();
    let before: i64 = holdings.weights.keys().map(|ticker| holdings.held(ticker)).sum();
    let gross = beside + drafts.iter().map(Draft::weight).sum::<i64>();
    let without_sector: BTreeSet<&Ticker> =
        drafts.iter().filter(|draft| draft.sector().is_none()).map(Draft::ticker).collect();
    Validation {
        without_sector: without_sector.into_iter().cloned().collect(),
        gross: Weight::nearest(gross),
        cash: Weight::nearest(i64::from(holdings.cash.bp()) + before - gross),
        accepted: drafts.into_iter().map(Draft::finish).collect(),
    }
}

fn as_texts<S: serde::Serializer>(tickers: &[Ticker], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(tickers.iter().map(Ticker::as_str))
}

#[cfg(test)]
mod tests;
