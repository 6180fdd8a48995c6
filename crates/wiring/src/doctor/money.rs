//! Whether money is kept within limits, spent and counted as it should be.

use std::collections::BTreeMap;

use assize_altdata::SourceKind;
use assize_journal::MemoryJournal;
use assize_portfolio::{
    Account, Action, Decision, EvidenceFacts, ExecutionRules, Holdings, Limits, Order, Performance, Price,
    Proposal, Quote, Returns, RuleId, Session, Side, Standing, Weight, validate,
};
use jiff::civil::{Date, date};
use serde_json::Value;

use super::{expect, text};

/// An account's worth and a benchmark's level day by day, and what is to come of them: drawn and reckoned by another program.
const LEVELS: &str = include_str!("../../../../fixtures/portfolio/tracking-levels.csv");
const FIGURES: &str = include_str!("../../../../fixtures/portfolio/tracking-expected.json");
/// Figures that were reckoned elsewhere are met to twelve digits.
const CLOSE: f64 = 1e-12;

/// A proposal that wants too much is cut, and one without a price gets nothing; each says by which rule.
pub(super) fn validation() -> Result<String, String> {
    let facts = EvidenceFacts {
        has_price: true,
        price_age_sessions: Some(0),
        news_age_hours: Some(5),
        cited: BTreeMap::from([(SourceKind::Prices, 4), (SourceKind::News, 2)]),
        share_for: 0.8,
        share_against: 0.2,
        ..EvidenceFacts::default()
    };
    let proposal = |ticker: &str, facts: EvidenceFacts| {
        Ok::<_, String>(Proposal {
            ticker: ticker.parse().map_err(text)?,
            sector: Some("staples".to_owned()),
            action: Action::Buy,
            p_up: 0.63,
            target: Some(Weight::from_bp(1_200)),
            facts,
            is_settled: false,
        })
    };
    let blind = EvidenceFacts { has_price: false, price_age_sessions: None, ..facts.clone() };
    let limits = Limits::default();
    let done = validate(&[proposal("KO", facts)?, proposal("PEP", blind)?], &Holdings::all_cash(), &limits);
    let [cut, blind] = &done.accepted[..] else {
        return Err("not every proposal has an answer".to_owned());
    };
    let fired = |rule| done.events().any(|event| event.rule == rule);
    let is_known = cut.weight == limits.max_weight
        && (blind.standing, blind.weight) == (Standing::Abstained, Weight::ZERO)
        && fired(RuleId::NameLimit)
        && fired(RuleId::NoPrice)
        && done.cash == Weight::from_bp(9_000);
    expect(
        is_known,
        format!("of 12.00 % wanted, {} is let through; without a price, {}", cut.weight, blind.weight),
    )
}

/// A purchase, a dividend and a sale leave nothing over and nothing missing, and each amount is known.
pub(super) async fn execution() -> Result<String, String> {
    let journal = MemoryJournal::default();
    let key = "check".parse().map_err(text)?;
    let mut account = Account::open(&journal, &key, ExecutionRules::default()).await.map_err(text)?;
    let start = "2024-03-01T12:00:00Z".parse().map_err(text)?;
    account
        .deposit(&"start".parse().map_err(text)?, "10000".parse().map_err(text)?, start)
        .await
        .map_err(text)?;
    account.decide(&decision("buy", date(2024, 3, 5), Side::Buy, 100)?).await.map_err(text)?;
    account.trade(&session(date(2024, 3, 6), (59.5, 60.0))?).await.map_err(text)?;
    let bought = account.state().equity().map_err(text)?;
    let mut ex_date = session(date(2024, 3, 7), (60.0, 60.0))?;
    ex_date.dividends.insert("KO".parse().map_err(text)?, Price::from_dollars(0.5).map_err(text)?);
    account.trade(&ex_date).await.map_err(text)?;
    account.decide(&decision("sell", date(2024, 3, 7), Side::Sell, 100)?).await.map_err(text)?;
    account.trade(&session(date(2024, 3, 8), (61.0, 61.0))?).await.map_err(text)?;
    let (book, equity) = (account.state().book(), account.state().equity().map_err(text)?);
    let totals = book.totals();
    // $50 of dividends and $150 of gains, less $2 of commission and what both fills cost beyond the open.
    let left = "10198".parse::<assize_metering::Usd>().map_err(text)?.checked_sub(totals.slippage);
    let is_known = bought.to_string() == "10046.02499405"
        && book.imbalance().is_zero()
        && book.positions().is_empty()
        && totals.dividends.to_string() == "50.00"
        && totals.commission.to_string() == "2.00"
        && left == Some(equity);
    expect(
        is_known,
        format!(
            "10000 USD became {equity} after costs of {} and {}; the books are off by {}",
            totals.commission,
            totals.slippage,
            book.imbalance()
        ),
    )
}

fn decision(run: &str, informed_by: Date, side: Side, shares: u64) -> Result<Decision, String> {
    let ticker: assize_altdata::Ticker = "KO".parse().map_err(text)?;
    Ok(Decision {
        run: run.parse().map_err(text)?,
        as_of: assize_altdata::AsOf::end_of_new_york_day(informed_by).moment(),
        informed_by,
        seen_until: std::collections::BTreeMap::new(),
        covers: [ticker.clone()].into(),
        orders: vec![Order { ticker, side, shares }],
    })
}

fn session(on: Date, (open, close): (f64, f64)) -> Result<Session, String> {
    let mut session = Session::new(on);
    let (open, close) = (Price::from_dollars(open).map_err(text)?, Price::from_dollars(close).map_err(text)?);
    session.quotes.insert("KO".parse().map_err(text)?, Quote { open, close, volume: Some(12_000_000) });
    Ok(session)
}

/// The figures of an account beside a benchmark are those that were reckoned elsewhere.
pub(super) fn tracking() -> Result<String, String> {
    let expected: Value = serde_json::from_str(FIGURES).map_err(text)?;
    let expected = &expected["performance"];
    let (ours, benchmark) = (levels(1)?, levels(2)?);
    let found = Performance::of(&ours, Some(&benchmark));
    let against = found.against.value().ok_or("there is no benchmark")?;
    let depth = found.max_drawdown.value().map(|fall| fall.depth);
    let figures = [
        ("sharpe", found.sharpe.value(), &expected["sharpe"]),
        ("sortino", found.sortino.value(), &expected["sortino"]),
        ("volatility", found.volatility.value(), &expected["volatility"]),
        ("drawdown", depth, &expected["drawdown"]["depth"]),
        ("alpha", against.alpha.value(), &expected["against"]["alpha"]),
        ("beta", against.beta.value(), &expected["against"]["beta"]),
    ];
    for (name, found, expected) in figures {
        let is_met =
            found.zip(expected.as_f64()).is_some_and(|(found, expected)| (found - expected).abs() < CLOSE);
        if !is_met {
            return Err(format!("{name} is {found:?}, and should be {expected}"));
        }
    }
    let shown = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
    Ok(format!(
        "Sharpe {:.4}, drawdown {:.2} %, beta {:.4} over {} days",
        shown(found.sharpe.value()),
        100.0 * shown(depth),
        shown(against.beta.value()),
        found.days
    ))
}

/// The levels in a column of the table.
fn levels(column: usize) -> Result<Returns, String> {
    let mut levels: Vec<(Date, f64)> = Vec::new();
    for line in LEVELS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let Some(level) = cells.get(column).filter(|level| !level.is_empty()) {
            levels.push((cells[0].parse().map_err(text)?, level.parse().map_err(text)?));
        }
    }
    Returns::from_levels(levels).map_err(text)
}
