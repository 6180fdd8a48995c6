//! What holds of a validation whatever comes in.

use assize_altdata::SourceKind;
use proptest::{collection::vec, option, prelude::*};

use super::{super::*, bp};
use crate::EvidenceFacts;

fn odd_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..=1.0,
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(0.45), Just(0.55), Just(1e300)],
    ]
}

fn odd_weight() -> impl Strategy<Value = Weight> {
    prop_oneof![8 => 0..=2_000_i32, 2 => -20_000..=20_000_i32, 1 => prop_oneof![Just(i32::MIN), Just(i32::MAX)]]
        .prop_map(Weight::from_bp)
}

fn age() -> impl Strategy<Value = Option<u32>> {
    option::weighted(0.9, prop_oneof![6 => 0..2_u32, 1 => 0..200_u32])
}

prop_compose! {
    fn facts()(
        has_price in proptest::bool::weighted(0.9),
        ages in (age(), age(), age()),
        counts in (0..6_u32, 0..3_u32, 0..3_u32, prop_oneof![9 => 0..3_u32, 1 => Just(u32::MAX)]),
        shares in (odd_number(), odd_number()),
        mismatch in proptest::bool::weighted(0.07),
        future_items in prop_oneof![12 => Just(0_u32), 1 => 1..5_u32],
    ) -> EvidenceFacts {
        EvidenceFacts {
            has_price,
            price_age_sessions: ages.0,
            chain_age_sessions: ages.1,
            news_age_hours: ages.2.map(|age| age * 40),
            cited: BTreeMap::from([
                (SourceKind::Prices, counts.0),
                (SourceKind::Options, counts.1),
                (SourceKind::News, counts.2),
                (SourceKind::Facts, counts.3),
            ]),
            share_for: shares.0,
            share_against: shares.1,
            identity_mismatch: mismatch.then(|| "another".to_owned()),
            future_items,
        }
    }
}

const NAMES: [&str; 12] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
const SECTORS: [&str; 4] = ["energy", "Energy ", "health", ""];

prop_compose! {
    fn proposals()(all in vec(
        (0..10_usize, option::of(0..SECTORS.len()), 0..5_usize, odd_number(), option::weighted(0.9, odd_weight()), facts()),
        0..14,
    )) -> Vec<Proposal> {
        const ACTIONS: [Action; 5] = [Action::Sell, Action::Underweight, Action::Hold, Action::Overweight, Action::Buy];
        all.into_iter().map(|(name, sector, action, p_up, target, facts)| Proposal {
            ticker: NAMES[name].parse().expect("a ticker"),
            sector: sector.map(|sector| SECTORS[sector].to_owned()),
            action: ACTIONS[action],
            p_up,
            target,
            facts,
            is_settled: false,
        }).collect()
    }
}

prop_compose! {
    fn holdings()(
        held in vec((0..NAMES.len(), odd_weight(), option::of(0..SECTORS.len())), 0..8),
        cash in odd_weight(),
    ) -> Holdings {
        let name = |place: usize| NAMES[place].parse::<Ticker>().expect("a ticker");
        Holdings {
            weights: held.iter().map(|(at, weight, _)| (name(*at), *weight)).collect(),
            sectors: held.iter().filter_map(|(at, _, sector)| Some((name(*at), SECTORS[(*sector)?].to_owned()))).collect(),
            cash,
        }
    }
}

prop_compose! {
    fn limits()(
        weights in (0..=2_000_i32, 0..=10_000_i32, 0..=4_000_i32, 0..=2_000_i32),
        ages in (0..3_u32, 0..3_u32, 0..100_u32),
        least in (0..4_u32, 0..6_u32),
        shares in (0..=1_000_u32, 0..=6_000_u32),
    ) -> Limits {
        Limits {
            max_weight: bp(weights.0),
            max_gross: bp(weights.1),
            max_sector: bp(weights.2),
            min_cash: bp(weights.3),
            max_price_age_sessions: ages.0,
            max_chain_age_sessions: ages.1,
            max_news_age_hours: ages.2,
            min_source_kinds: least.0,
            min_items: least.1,
            min_edge_bp: shares.0,
            conflict_share_bp: shares.1,
        }
    }
}

/// Whether nothing could be bought or sold of it.
fn is_frozen(accepted: &Accepted) -> bool {
    let freezing = [RuleId::Identity, RuleId::FutureItem, RuleId::NoPrice, RuleId::StalePrice];
    accepted.events.iter().any(|event| freezing.contains(&event.rule))
}

fn sector_of(name: Option<&String>) -> Option<String> {
    name.map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty())
}

/// No limit is exceeded, whatever was asked for; what is left alone is as it was, and takes its room from the others.
fn keeps_every_limit(
    proposals: &[Proposal],
    holdings: &Holdings,
    limits: &Limits,
) -> Result<(), TestCaseError> {
    let done = validate(proposals, holdings, limits);
    let (mut stuck, mut total) = (0, 0);
    let mut sectors: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for accepted in &done.accepted {
        let weight = i64::from(accepted.weight.bp());
        let frozen = is_frozen(accepted);
        prop_assert!(weight >= 0);
        prop_assert!(frozen || accepted.weight <= limits.max_weight, "{accepted:?}");
        if frozen {
            prop_assert_eq!(accepted.weight, accepted.present);
            stuck += weight;
        }
        if accepted.standing != Standing::Accepted {
            prop_assert!(accepted.weight <= accepted.present, "nothing is bought: {accepted:?}");
        }
        total += weight;
        let proposal = proposals.iter().find(|proposal| proposal.ticker == accepted.ticker).expect("it");
        if let Some(sector) = sector_of(proposal.sector.as_ref()) {
            let sums = sectors.entry(sector).or_default();
            sums.0 += weight;
            sums.1 += if frozen { weight } else { 0 };
        } else {
            prop_assert!(done.without_sector.contains(&accepted.ticker));
        }
        let mut figures = accepted.events.iter();
        let mut last = figures.next();
        for event in figures {
            let before = last.expect("one before");
            prop_assert!(before.rule <= event.rule && before.after == event.before);
            last = Some(event);
        }
        prop_assert!(last.is_none_or(|last| last.after.weight == accepted.weight));
    }
    let proposed = |ticker: &Ticker| done.accepted.iter().any(|accepted| &accepted.ticker == ticker);
    let held = |ticker: &Ticker| i64::from(holdings.weights[ticker].bp()).max(0);
    for ticker in holdings.weights.keys().filter(|ticker| !proposed(ticker)) {
        total += held(ticker);
        stuck += held(ticker);
        if let Some(sums) =
            sector_of(holdings.sectors.get(ticker)).and_then(|sector| sectors.get_mut(&sector))
        {
            sums.0 += held(ticker);
            sums.1 += held(ticker);
        }
    }
    for (sector, (all, stuck)) in sectors {
        prop_assert!(all <= i64::from(limits.max_sector.bp()).max(stuck), "{sector}: {all}");
    }
    prop_assert!(total <= i64::from(limits.max_gross.bp()).max(stuck));
    let worth: i64 = i64::from(holdings.cash.bp()) + holdings.weights.keys().map(held).sum::<i64>();
    let cash = worth - total;
    prop_assert!(cash >= i64::from(limits.min_cash.bp()).min(worth - stuck), "cash {cash}");
    prop_assert_eq!(done.cash, Weight::nearest(cash));
    prop_assert_eq!(done.gross, Weight::nearest(total));
    Ok(())
}

/// Validated again, what came out stays as it is.
fn is_idempotent(proposals: &[Proposal], holdings: &Holdings, limits: &Limits) -> Result<(), TestCaseError> {
    let once = validate(proposals, holdings, limits);
    let twice = validate(&once.settled(proposals), holdings, limits);
    let figures = |done: &Validation| {
        let each = done.accepted.iter();
        each.map(|a| (a.ticker.clone(), a.standing, a.action, a.weight)).collect::<Vec<_>>()
    };
    prop_assert_eq!(figures(&once), figures(&twice));
    // What fires again states a fact, and changes no weight but back to what is held of a name that is left alone.
    let limiting = [
        RuleId::LongOnly,
        RuleId::NameLimit,
        RuleId::SectorLimit,
        RuleId::GrossLimit,
        RuleId::Cash,
        RuleId::Conflict,
    ];
    prop_assert!(twice.events().all(|event| !limiting.contains(&event.rule)), "{twice:?}");
    Ok(())
}

proptest! {
    #[test]
    fn fuzz_validation(proposals in proposals(), holdings in holdings(), limits in limits()) {
        keeps_every_limit(&proposals, &holdings, &limits)?;
        is_idempotent(&proposals, &holdings, &limits)?;
    }

    #[test]
    fn less_room_for_all_raises_nothing(
        proposals in proposals(),
        holdings in holdings(),
        limits in limits(),
        (gross, cash) in (0..=10_000_i32, 0..=10_000_i32),
    ) {
        let tighter = Limits {
            max_gross: limits.max_gross.min(bp(gross)),
            min_cash: limits.min_cash.max(bp(cash)),
            ..limits
        };
        let (wide, tight) = (validate(&proposals, &holdings, &limits), validate(&proposals, &holdings, &tighter));
        for (wide, tight) in wide.accepted.iter().zip(&tight.accepted) {
            prop_assert!(tight.weight <= wide.weight, "{wide:?} {tight:?}");
        }
    }
}
