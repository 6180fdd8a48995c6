//! Option chains: one computed by hand, one recorded, and damaged ones.

use std::fs;
use std::path::Path;

use assize_signals::options::{
    Chain, Contract, MIN_IV_DAYS, OccSymbol, PutCallFlag, QualityFlag, Right, Strike, analyse, at_the_money,
    gamma_exposure, iv_standing, max_pain, premium_flow, premium_of, put_call, quality, skew, unusual,
    z_score,
};
use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::{Offset, TimeZone};
use serde_json::Value;

/// A chain in the shape of Cboe's delayed quotes: UTC outside, local time inside. `offset` is that of New York on the day.
fn read(file: &Path, offset: i8) -> Option<Chain> {
    let text = fs::read_to_string(file).ok()?;
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let stamp = value["timestamp"].as_str().expect("a time").replace(' ', "T") + "Z";
    let utc: Timestamp = stamp.parse().expect("a time");
    let contracts = value["data"]["options"].as_array().expect("options").iter().map(contract).collect();
    Some(Chain {
        underlying: value["symbol"].as_str().expect("a symbol").to_owned(),
        spot: value["data"]["current_price"].as_f64().expect("a price"),
        quoted_at: utc.to_zoned(TimeZone::fixed(Offset::constant(offset))).datetime(),
        contracts,
    })
}

fn contract(value: &Value) -> Contract {
    let symbol: OccSymbol = value["option"].as_str().expect("a symbol").parse().expect("an OCC symbol");
    let count = |name: &str| value[name].as_f64().map(|n| n.to_string().parse().expect("a whole number"));
    Contract {
        bid: value["bid"].as_f64(),
        ask: value["ask"].as_f64(),
        last: value["last_trade_price"].as_f64(),
        last_trade_at: value["last_trade_time"].as_str().map(|at| at.parse::<DateTime>().expect("a time")),
        volume: count("volume"),
        open_interest: count("open_interest"),
        iv: value["iv"].as_f64(),
        delta: value["delta"].as_f64(),
        gamma: value["gamma"].as_f64(),
        ..Contract::new(symbol)
    }
}

fn by_hand() -> Chain {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/signals/chain-by-hand.json");
    read(&file, -5).expect("the chain computed by hand")
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} is not {expected}");
}

/// The working is in `fixtures/signals/chain-by-hand.md`.
#[test]
fn the_chain_computed_by_hand() {
    let chain = by_hand();
    assert_eq!(chain.quoted_at.to_string(), "2026-03-02T16:00:00");
    let report = analyse(&chain);
    near(report.put_call.by_volume.unwrap(), 2_000.0 / 3_700.0, 1e-12);
    near(report.put_call.by_open_interest.unwrap(), 1_400.0 / 2_550.0, 1e-12);
    let names = |contract: &Contract| format!("{:?}{}", contract.symbol.right, contract.symbol.strike);
    let found: Vec<_> = report.unusual.iter().map(|unusual| names(unusual.contract)).collect();
    assert_eq!(found, ["Call100", "Call95", "Put90", "Call105"]);
    near(report.unusual[3].ratio, 1.25, 1e-12);
    near(report.premium.total, 1_130_500.0, 1e-6);
    near(report.premium.calls, 887_500.0, 1e-6);
    near(report.premium.puts, 243_000.0, 1e-6);
    let large: Vec<_> = report.premium.large.iter().map(|premium| names(premium.contract)).collect();
    assert_eq!(large, ["Call95", "Call100"]);
    near(report.premium.top_share.unwrap(), 372_000.0 / 1_130_500.0, 1e-12);
    let skew = report.skew.unwrap();
    assert_eq!((skew.days, skew.is_suspect), (30, true));
    near(skew.put_iv, 0.33, 1e-12);
    near(skew.call_iv, 0.25, 1e-12);
    near(skew.skew, 0.08, 1e-12);
    let money = report.at_the_money.unwrap();
    near(money.iv, 0.28, 1e-12);
    assert!(money.is_interpolated && money.days == 30);
    assert_eq!(report.max_pain.len(), 1);
    assert_eq!((report.max_pain[0].strike.to_string().as_str(), report.max_pain[0].is_tied), ("95", false));
    near(report.max_pain[0].payout, 100_000.0, 1e-6);
    let gamma = report.gamma.unwrap();
    near(gamma.calls, 810_000.0, 1e-6);
    near(gamma.puts, -270_000.0, 1e-6);
    near(gamma.total, 540_000.0, 1e-6);
    assert_eq!((gamma.n_missing, gamma.by_expiry.len()), (1, 1));
    let flags: Vec<_> = report.quality.flags.iter().copied().collect();
    assert_eq!(flags, [QualityFlag::FewContracts, QualityFlag::CrossedMarkets, QualityFlag::Expired]);
    assert_eq!((report.quality.n_contracts, report.quality.n_expired, report.quality.n_crossed), (7, 1, 1));
    near(report.quality.missing_iv, 1.0 / 7.0, 1e-12);
    near(report.quality.zero_bids, 1.0 / 7.0, 1e-12);
    near(report.quality.newest_trade_hours.unwrap(), 0.5, 1e-9);
}

/// What an independent computation gives for the 15 rows of the recorded chain, where it is there.
#[test]
fn the_recorded_chain() {
    let samples =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata/cboe-delayed-options");
    let Some(chain) = read(&samples.join("options_CLX_2026-07-25_trimmed.json"), -4) else { return };
    assert_eq!((chain.contracts.len(), chain.quoted_at.date()), (15, date(2026, 7, 24)));
    let report = analyse(&chain);
    near(report.put_call.by_volume.unwrap(), 0.1595, 5e-5);
    near(report.put_call.by_open_interest.unwrap(), 1.0359, 5e-5);
    assert_eq!(PutCallFlag::of(report.put_call.by_volume), Some(PutCallFlag::Low));
    assert_eq!(PutCallFlag::of(report.put_call.by_open_interest), None);
    assert_eq!(report.max_pain.len(), 1, "the expiry of 2028 has no open interest");
    assert_eq!(report.max_pain[0].strike.to_string(), "95");
    near(report.gamma.as_ref().unwrap().total, -91_780.0, 0.5);
    assert!(report.unusual.is_empty() && report.premium.large.is_empty());
    // Puts: 0.4108 at 0.1615 and 0.3906 at 0.3087; calls: 0.3996 at 0.1954 and 0.396 at 0.3459.
    let skew = report.skew.unwrap();
    assert_eq!((skew.days, skew.is_suspect), (28, false), "from the date in New York, not that in UTC");
    near(skew.skew, 0.398_66 - 0.398_29, 2e-5);
    // Cboe's own figure for 30 days, over all 300 contracts, is 38.98.
    near(report.at_the_money.unwrap().iv, 0.379_96, 1e-5);
    assert!(report.quality.flags.contains(&QualityFlag::FewContracts));
    assert!(!report.quality.flags.contains(&QualityFlag::OldQuotes), "the last trade was at 15:59:41");
    near(report.quality.missing_iv, 2.0 / 15.0, 1e-12);
}

fn quoted(symbol: &str, open_interest: u64, iv: f64) -> Contract {
    Contract {
        open_interest: Some(open_interest),
        iv: Some(iv),
        gamma: Some(0.01),
        ..Contract::new(symbol.parse().expect("a symbol"))
    }
}

fn chain_of(spot: f64, contracts: Vec<Contract>) -> Chain {
    Chain { underlying: "XYZ".to_owned(), spot, quoted_at: date(2026, 3, 2).at(16, 0, 0, 0), contracts }
}

/// As many calls at 110 as puts at 90, with one volatility: without a rate both gammas are alike where ln(S/110) + v =
/// −(ln(S/90) + v), v = volatility²·T/2, so at S = √(110·90)·e^(−v).
#[test]
fn the_flip_lies_where_both_sides_have_the_same_gamma() {
    let chain = chain_of(
        100.0,
        vec![quoted("XYZ260401C00110000", 1_000, 0.3), quoted("XYZ260401P00090000", 1_000, 0.3)],
    );
    let expected = (110.0_f64 * 90.0).sqrt() * libm::exp(-0.3 * 0.3 * (30.0 / 365.0) / 2.0);
    near(gamma_exposure(&chain).unwrap().flip.unwrap(), expected, 1e-6);
    let calls = chain_of(100.0, vec![quoted("XYZ260401C00110000", 1_000, 0.3)]);
    let only = gamma_exposure(&calls).unwrap();
    assert_eq!(only.flip, None);
    near(only.total, 1_000.0 * 0.01 * 100.0 * 100.0, 1e-6);
}

#[test]
fn what_cannot_be_had_is_none() {
    let empty = chain_of(100.0, Vec::new());
    let report = analyse(&empty);
    assert_eq!((report.put_call.by_volume, report.put_call.by_open_interest), (None, None));
    assert!(report.skew.is_none() && report.gamma.is_none() && report.max_pain.is_empty());
    assert!(report.at_the_money.is_none() && report.premium.top_share.is_none());
    let puts = chain_of(100.0, vec![quoted("XYZ260401P00110000", 10, 0.3)]);
    assert_eq!(put_call(&puts).by_open_interest, None, "no calls: no ratio, and not 0");
    let no_spot = chain_of(f64::NAN, vec![quoted("XYZ260401P00110000", 10, 0.3)]);
    assert!(gamma_exposure(&no_spot).is_none() && at_the_money(&no_spot).is_none());
    assert!(quality(&no_spot).flags.contains(&QualityFlag::NoSpot));
    assert_eq!(max_pain(&puts, date(2026, 5, 1)), None);
    let silent = Contract::new("XYZ260401C00100000".parse().unwrap());
    assert_eq!(premium_of(&silent), None);
    assert!(unusual(&chain_of(100.0, vec![silent])).is_empty());
}

#[test]
fn the_skew_is_not_extrapolated_and_takes_the_right_expiry() {
    let leg = |symbol: &str, delta: f64, iv: f64| Contract {
        delta: Some(delta),
        bid: Some(1.0),
        ask: Some(1.1),
        ..quoted(symbol, 1, iv)
    };
    // 4, 25 and 60 days from 2 March.
    let of = |expiry: &str, lift: f64| {
        vec![
            leg(&format!("XYZ{expiry}P00090000"), -0.2, 0.40 + lift),
            leg(&format!("XYZ{expiry}P00095000"), -0.3, 0.36 + lift),
            leg(&format!("XYZ{expiry}C00105000"), 0.3, 0.30),
            leg(&format!("XYZ{expiry}C00110000"), 0.2, 0.28),
        ]
    };
    let all = [of("260306", 0.5), of("260327", 0.0), of("260501", 0.1)].concat();
    let found = skew(&chain_of(100.0, all)).unwrap();
    assert_eq!((found.expiry, found.days, found.is_suspect), (date(2026, 3, 27), 25, false));
    near(found.skew, 0.38 - 0.29, 1e-12);
    let wild = skew(&chain_of(100.0, of("260327", 0.4))).unwrap();
    assert!(wild.is_suspect, "{wild:?}");
    let mut without_wing = of("260327", 0.0);
    without_wing.remove(0);
    assert_eq!(skew(&chain_of(100.0, without_wing)), None, "no put beyond a quarter on the far side");
    let mut zero_iv = of("260327", 0.0);
    zero_iv[3].iv = Some(0.0);
    assert_eq!(skew(&chain_of(100.0, zero_iv)), None, "a volatility of 0 is none");
    assert_eq!(skew(&chain_of(100.0, of("260306", 0.0))), None, "too soon");
}

#[test]
fn volatilities_at_the_money_meet_at_thirty_days() {
    // 20 days at 0.2, 50 days at 0.3: total variance at 30 days is 0.8 + (4.5 − 0.8)/3.
    let chain = chain_of(
        100.0,
        vec![
            quoted("XYZ260322C00100000", 1, 0.20),
            quoted("XYZ260421C00090000", 1, 0.32),
            quoted("XYZ260421P00110000", 1, 0.28),
        ],
    );
    let found = at_the_money(&chain).unwrap();
    near(found.iv, ((0.8 + (4.5 - 0.8) / 3.0) / 30.0_f64).sqrt(), 1e-12);
    assert!(found.is_interpolated && found.days == 20);
    let late = at_the_money(&chain_of(100.0, vec![quoted("XYZ260421C00100000", 1, 0.3)])).unwrap();
    assert_eq!((late.days, late.is_interpolated), (50, false));
}

#[test]
fn bad_chains_are_told() {
    let bad = Contract {
        bid: Some(-1.0),
        ask: Some(f64::NAN),
        delta: Some(0.4),
        last_trade_at: Some(date(2026, 3, 3).at(9, 0, 0, 0)),
        ..quoted("XYZ1260401P00100000", 0, 99.0)
    };
    let chain = chain_of(100.0, vec![bad.clone(), bad]);
    let found = quality(&chain);
    for flag in [
        QualityFlag::MissingIv,
        QualityFlag::NoOpenInterest,
        QualityFlag::NoVolume,
        QualityFlag::Duplicates,
        QualityFlag::ImpossibleValues,
        QualityFlag::TradesInTheFuture,
        QualityFlag::AdjustedContracts,
    ] {
        assert!(found.flags.contains(&flag), "{flag:?} in {found:?}");
    }
    assert_eq!((found.n_impossible, found.n_duplicates), (8, 1));
    let old = |day| {
        let traded = Contract {
            last_trade_at: Some(date(2026, 2, day).at(15, 0, 0, 0)),
            ..quoted("XYZ260401P00100000", 1, 0.3)
        };
        quality(&chain_of(100.0, vec![traded])).flags
    };
    assert!(old(27).contains(&QualityFlag::OldQuotes) && !old(27).contains(&QualityFlag::StaleTrades));
    assert!(old(20).contains(&QualityFlag::StaleTrades));
}

#[test]
fn a_clean_chain_has_no_flags() {
    let contracts = (0..20)
        .map(|n| Contract {
            bid: Some(1.0),
            ask: Some(1.1),
            volume: Some(5),
            last_trade_at: Some(date(2026, 3, 2).at(15, 59, 0, 0)),
            ..quoted(&format!("XYZ260401C{:08}", 90_000 + n * 1_000), 10, 0.3)
        })
        .collect();
    let found = quality(&chain_of(100.0, contracts));
    assert!(found.is_clean(), "{found:?}");
}

#[test]
fn premiums_take_the_price_that_there_is() {
    let of = |bid: Option<f64>, ask: Option<f64>, last: Option<f64>| {
        premium_of(&Contract {
            bid,
            ask,
            last,
            volume: Some(1),
            ..Contract::new("XYZ260401C00100000".parse().unwrap())
        })
    };
    for (bid, ask, last, expected) in [
        (Some(1.0), Some(1.2), Some(9.0), Some(110.0)),
        (Some(0.0), Some(1.2), Some(0.9), Some(90.0)),
        (Some(0.0), Some(1.2), Some(1.9), Some(120.0)),
        (Some(0.0), Some(1.2), Some(0.0), Some(120.0)),
        (Some(2.0), Some(1.2), Some(1.9), Some(120.0)),
        (None, None, Some(0.5), Some(50.0)),
        (Some(1.0), None, Some(0.5), Some(50.0)),
        (None, None, None, None),
        (Some(f64::NAN), Some(-1.0), None, None),
    ] {
        match (of(bid, ask, last), expected) {
            (Some(found), Some(expected)) => near(found, expected, 1e-9),
            (found, expected) => assert_eq!(found, expected, "{bid:?} {ask:?} {last:?}"),
        }
    }
    let unpriced = Contract { volume: Some(5), ..Contract::new("XYZ260401C00100000".parse().unwrap()) };
    assert_eq!(premium_flow(&chain_of(100.0, vec![unpriced])).n_unpriced, 1);
}

#[test]
fn figures_stand_beside_their_past() {
    let flat = [1.0; 30];
    assert_eq!(z_score(2.0, &flat), None, "no day differs");
    let mut history = vec![100.0; 5];
    history.extend((1..=20).map(f64::from));
    near(z_score(10.5, &history).unwrap(), 0.0, 1e-12);
    assert_eq!(z_score(f64::NAN, &history), None);
    let days: Vec<f64> = (1..=100).map(|n| f64::from(n) / 100.0).collect();
    let standing = iv_standing(0.505, &days).unwrap();
    near(standing.rank, (0.505 - 0.01) / 0.99, 1e-12);
    near(standing.percentile, 0.5, 1e-12);
    near(iv_standing(9.0, &days).unwrap().rank, 1.0, 1e-12);
    assert_eq!(iv_standing(0.5, &days[..MIN_IV_DAYS - 1]), None);
    assert_eq!(iv_standing(0.5, &[0.0; 300]), None);
    for (ratio, flag) in
        [(1.21, Some(PutCallFlag::High)), (1.2, None), (0.4, None), (0.39, Some(PutCallFlag::Low))]
    {
        assert_eq!(PutCallFlag::of(Some(ratio)), flag);
    }
    assert_eq!(PutCallFlag::of(None), None);
}

#[test]
fn strikes_are_exact() {
    assert_eq!(Strike::from_dollars(0.1 + 0.2), Some(Strike::from_thousandths(300)));
    for beyond in [-0.1, 100_000.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Strike::from_dollars(beyond), None);
    }
    assert!("XYZ260401C00100000".parse::<OccSymbol>().unwrap().right == Right::Call);
}
