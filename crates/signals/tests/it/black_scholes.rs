//! Black-Scholes against published figures, parity and differences.

use assize_signals::options::{BlackScholes, Right, implied_volatility};
use proptest::prelude::*;

const RIGHTS: [Right; 2] = [Right::Call, Right::Put];

/// Hull, "Options, Futures and Other Derivatives": the examples of the greeks of a call with S 49, K 50, r 5 %, volatility
/// 20 %, 20 weeks: price 2.40, delta 0.522, gamma 0.066, theta −4.31 a year, vega 12.1, rho 8.91.
#[test]
fn greeks_are_those_of_the_book() {
    let option = BlackScholes {
        spot: 49.0,
        strike: 50.0,
        years: 0.3846,
        rate: 0.05,
        dividend_yield: 0.0,
        volatility: 0.20,
    };
    let price = option.price(Right::Call).unwrap();
    let greeks = option.greeks(Right::Call).unwrap();
    for (name, found, expected, within) in [
        ("price", price, 2.40, 0.005),
        ("delta", greeks.delta, 0.522, 0.0005),
        ("gamma", greeks.gamma, 0.066, 0.0005),
        ("theta", greeks.theta * 365.0, -4.31, 0.005),
        ("vega", greeks.vega * 100.0, 12.1, 0.05),
        ("rho", greeks.rho * 100.0, 8.91, 0.005),
    ] {
        assert!((found - expected).abs() <= within, "{name} {found}");
    }
}

#[test]
fn senseless_inputs_have_no_price() {
    let good = BlackScholes {
        spot: 50.0,
        strike: 50.0,
        years: 1.0,
        rate: 0.0,
        dividend_yield: 0.0,
        volatility: 0.2,
    };
    for bad in [
        BlackScholes { spot: 0.0, ..good },
        BlackScholes { strike: -1.0, ..good },
        BlackScholes { years: -0.1, ..good },
        BlackScholes { volatility: f64::NAN, ..good },
        BlackScholes { rate: f64::INFINITY, ..good },
    ] {
        assert_eq!((bad.price(Right::Call), bad.greeks(Right::Put)), (None, None), "{bad:?}");
    }
    for edge in [
        BlackScholes { years: 0.0, spot: 57.5, ..good },
        BlackScholes { volatility: 0.0, spot: 57.5, ..good },
    ] {
        assert_eq!((edge.price(Right::Call), edge.price(Right::Put)), (Some(7.5), Some(0.0)));
        assert_eq!(edge.greeks(Right::Call), None);
    }
    assert_eq!(implied_volatility(&good, Right::Call, 51.0), None, "dearer than the underlying");
    assert_eq!(implied_volatility(&good, Right::Put, -0.1), None);
}

fn options() -> impl Strategy<Value = BlackScholes> {
    (20.0..200.0, 0.6..1.6, 0.02..2.0, -0.01..0.08, 0.0..0.05, 0.08..1.2).prop_map(
        |(spot, ratio, years, rate, dividend_yield, volatility)| BlackScholes {
            spot,
            strike: spot * ratio,
            years,
            rate,
            dividend_yield,
            volatility,
        },
    )
}

proptest! {
    /// C − P = S·e^(−qT) − K·e^(−rT).
    #[test]
    fn calls_less_puts_are_the_forward(option in options()) {
        let forward = option.spot * libm::exp(-option.dividend_yield * option.years)
            - option.strike * libm::exp(-option.rate * option.years);
        let difference = option.price(Right::Call).unwrap() - option.price(Right::Put).unwrap();
        prop_assert!((difference - forward).abs() < 1e-9 * option.spot);
    }

    /// Each greek is the slope of the price, or of the delta.
    #[test]
    fn greeks_are_slopes(option in options()) {
        for right in RIGHTS {
            let greeks = option.greeks(right).unwrap();
            let price = |option: BlackScholes| option.price(right).unwrap();
            let slope = |up: BlackScholes, down: BlackScholes, step: f64| (price(up) - price(down)) / (2.0 * step);
            let step = option.spot * 1e-4;
            let (up, down) = (BlackScholes { spot: option.spot + step, ..option }, BlackScholes { spot: option.spot - step, ..option });
            prop_assert!((slope(up, down, step) - greeks.delta).abs() < 1e-4);
            let gamma = (up.greeks(right).unwrap().delta - down.greeks(right).unwrap().delta) / (2.0 * step);
            prop_assert!((gamma - greeks.gamma).abs() < 1e-4 * greeks.gamma.abs().max(1.0));
            let (up, down) = (BlackScholes { volatility: option.volatility + 1e-5, ..option }, BlackScholes { volatility: option.volatility - 1e-5, ..option });
            prop_assert!((slope(up, down, 1e-5) / 100.0 - greeks.vega).abs() < 1e-4);
            let (up, down) = (BlackScholes { rate: option.rate + 1e-5, ..option }, BlackScholes { rate: option.rate - 1e-5, ..option });
            prop_assert!((slope(up, down, 1e-5) / 100.0 - greeks.rho).abs() < 1e-4);
            let (up, down) = (BlackScholes { years: option.years + 1e-6, ..option }, BlackScholes { years: option.years - 1e-6, ..option });
            prop_assert!((-slope(up, down, 1e-6) / 365.0 - greeks.theta).abs() < 1e-4);
        }
    }

    #[test]
    fn the_volatility_comes_back_from_the_price(option in options()) {
        for right in RIGHTS {
            let price = option.price(right).unwrap();
            // Where the price hardly depends on it, the volatility cannot be told.
            if option.greeks(right).unwrap().vega > 1e-3 {
                let found = implied_volatility(&option, right, price).unwrap();
                prop_assert!((found - option.volatility).abs() < 1e-6, "{} for {}", found, option.volatility);
            }
        }
    }
}
