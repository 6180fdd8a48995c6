//! Options on a company's shares: priced by Black and Scholes with a smile, and open interest of the session before.

use std::f64::consts::{PI, SQRT_2};

use assize_ambient::Timestamp;
use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, Weekday},
};

use super::{
    calendar,
    company::Company,
    number::{dollars, float, rounded, whole},
    path::{Jump, Path},
};

/// Of a year, without risk.
const RATE: f64 = 0.04;
/// How far quotes lag behind the market.
const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// A contract, quoted.
#[derive(Debug, Clone)]
pub(super) struct Contract {
    /// Its symbol by the rules of the Options Clearing Corporation.
    pub(super) symbol: String,
    pub(super) expiry: Date,
    pub(super) strike: f64,
    pub(super) is_call: bool,
    pub(super) volatility: f64,
    pub(super) worth: Worth,
    pub(super) bid: f64,
    pub(super) ask: f64,
    pub(super) last: f64,
    pub(super) previous: f64,
    /// Of the session.
    pub(super) volume: u64,
    /// As the session before left it.
    pub(super) open_interest: u64,
}

/// All contracts on a company at a moment.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) session: usize,
    pub(super) quoted_at: Timestamp,
    pub(super) is_over: bool,
    pub(super) spot: f64,
    pub(super) contracts: Vec<Contract>,
}

/// A price and how it moves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    pub(super) price: f64,
    pub(super) delta: f64,
    pub(super) gamma: f64,
    pub(super) vega: f64,
    pub(super) theta: f64,
    pub(super) rho: f64,
}

/// Which contract somebody dealt in before a jump, and in which session.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Planted {
    pub(super) session: usize,
    pub(super) symbol: String,
}

/// The chain as it is quoted now; `None` before the first session.
pub(super) fn chain(company: &Company, path: &Path, now: Timestamp) -> Option<Chain> {
    let at = now.checked_sub(DELAY).ok()?;
    let over = calendar::closed_by(at);
    let is_open = over < calendar::sessions().len() && calendar::open(over) <= at;
    let (session, is_over) = if is_open { (over, false) } else { (over.checked_sub(1)?, true) };
    let quoted_at = if is_over {
        calendar::close(session).checked_add(DELAY).ok()?
    } else {
        let second = now.as_second();
        Timestamp::from_second(second - second.rem_euclid(60)).ok()?
    };
    Some(Chain { quoted_at, ..at_session(company, path, session, is_over)? })
}

/// The chain of a session: at its end, or while it lasts.
pub(super) fn at_session(company: &Company, path: &Path, session: usize, is_over: bool) -> Option<Chain> {
    let (_, day) = path.last(session)?;
    let spot = dollars(if is_over { day.close } else { day.open });
    let before = path.last(session.checked_sub(1)?).map_or(spot, |(_, day)| dollars(day.close));
    let desk = Desk { company, path, session, spot, before };
    let mut contracts = Vec::new();
    for expiry in expiries(calendar::day(session)) {
        for strike in strikes(spot) {
            for is_call in [true, false] {
                contracts.push(desk.quote(expiry, strike, is_call, is_over));
            }
        }
    }
    Some(Chain { session, quoted_at: calendar::close(session), is_over, spot, contracts })
}

/// The contract that is dealt in before this jump.
pub(super) fn planted(company: &Company, path: &Path, jump: &Jump) -> Option<Planted> {
    let session = jump.session.checked_sub(jump.flow?)?;
    let (_, day) = path.last(session)?;
    let spot = dollars(day.close);
    let wanted = spot * if jump.is_up() { 1.03 } else { 0.97 };
    let strike = strikes(spot)
        .into_iter()
        .min_by(|one, other| (one - wanted).abs().total_cmp(&(other - wanted).abs()))?;
    let soonest = calendar::day(session).saturating_add(14.days());
    let expiry = expiries(calendar::day(session)).into_iter().find(|expiry| *expiry >= soonest)?;
    Some(Planted { session, symbol: occ(company, expiry, strike, jump.is_up()) })
}

fn occ(company: &Company, expiry: Date, strike: f64, is_call: bool) -> String {
    let root = company.symbol.replace('-', "");
    let right = if is_call { 'C' } else { 'P' };
    format!("{root}{}{right}{:08}", expiry.strftime("%y%m%d"), whole(strike * 1_000.0))
}

/// The next four Fridays, and the third Fridays of the months after.
fn expiries(today: Date) -> Vec<Date> {
    let first = today.tomorrow().unwrap_or(today);
    let mut days: Vec<Date> =
        first.series(1.day()).filter(|day| day.weekday() == Weekday::Friday).take(4).collect();
    let after = days.last().copied().unwrap_or(today);
    let months = today.first_of_month().series(1.month()).take(8);
    let third = months.filter_map(|month| calendar::third_friday(month.year(), month.month()));
    days.extend(third.filter(|day| *day > after).take(3));
    // On a holiday, the day before.
    days.iter().map(|day| calendar::session(*day).map_or(day.saturating_sub(1.day()), |_| *day)).collect()
}

fn strikes(spot: f64) -> Vec<f64> {
    let step = match spot {
        spot if spot < 12.0 => 0.5,
        spot if spot < 30.0 => 1.0,
        spot if spot < 75.0 => 2.5,
        spot if spot < 200.0 => 5.0,
        _ => 10.0,
    };
    let (from, to) = (whole(0.72 * spot / step).max(1), whole(1.28 * spot / step));
    (from..=to).map(|n| float(n) * step).collect()
}

/// What quotes are made of.
struct Desk<'a> {
    company: &'a Company,
    path: &'a Path,
    session: usize,
    spot: f64,
    before: f64,
}

impl Desk<'_> {
    fn quote(&self, expiry: Date, strike: f64, is_call: bool, is_over: bool) -> Contract {
        let symbol = occ(self.company, expiry, strike, is_call);
        let days = (expiry - calendar::day(self.session)).get_days();
        let time = (f64::from(days) / 365.0).max(0.5 / 365.0);
        let volatility = self.volatility(strike, time);
        let worth = worth(self.spot, strike, time, volatility, is_call);
        let mut chance = self.company.seed.child(&symbol).child(&self.session.to_string()).rng();
        let half = (worth.price * 0.02).max(0.02) * (0.6 + chance.unit());
        let cents = |price: f64| rounded(price.max(0.0), 2);
        let bid = if worth.price < 0.03 { 0.0 } else { cents(worth.price - half) };
        let open_interest = self.open_interest(&symbol, strike, self.session);
        let share = if is_over { 1.0 } else { 0.5 };
        Contract {
            bid,
            ask: cents(worth.price + half).max(bid + 0.01),
            last: cents(worth.price + half * (chance.unit() - 0.5)).max(0.01),
            previous: self::worth(self.before, strike, time + 1.0 / 365.0, volatility, is_call).price,
            volume: whole(share * float(self.volume(&symbol, strike, self.session, open_interest))),
            open_interest,
            symbol,
            expiry,
            strike,
            is_call,
            volatility,
            worth,
        }
    }

    /// A smile: out of the money costs more, below the price most of all.
    fn volatility(&self, strike: f64, time: f64) -> f64 {
        let mut chance = self.company.seed.child("volatility").child(&self.session.to_string()).rng();
        let usual = self.path.volatility * (1.0 + 0.06 * chance.normal());
        let far = (libm::log(strike / self.spot) / time.max(0.04).sqrt()).clamp(-2.0, 2.0);
        (usual * (1.0 - 0.12 * far + 0.10 * far * far)).clamp(0.08, 2.5)
    }

    /// Near the price most is held.
    fn held(&self, symbol: &str, strike: f64) -> f64 {
        let far = libm::log(strike / self.spot) / 0.12;
        let mut chance = self.company.seed.child("held").child(symbol).rng();
        1_500.0 * libm::exp(-far * far) * chance.log_normal(0.0, 0.6) + 3.0
    }

    /// As the session before left it: what was dealt in on a day shows on the next.
    fn open_interest(&self, symbol: &str, strike: f64, session: usize) -> u64 {
        let held = self.held(symbol, strike);
        let least = if self.is_dealt_in(symbol) { 150.0 } else { 0.0 };
        let recent = (session.saturating_sub(5)..session)
            .map(|session| if self.is_planted(symbol, session) { 0.6 * surge(held.max(150.0)) } else { 0.0 })
            .sum::<f64>();
        whole(held.max(least) + recent)
    }

    /// On usual days a part of what is held; before a jump, many times as much of one contract.
    fn volume(&self, symbol: &str, strike: f64, session: usize, open_interest: u64) -> u64 {
        if self.is_planted(symbol, session) {
            return whole(surge(self.held(symbol, strike).max(150.0)));
        }
        let mut chance = self.company.seed.child("volume").child(symbol).child(&session.to_string()).rng();
        whole(float(open_interest) * 0.6 * chance.unit() * chance.unit())
    }

    fn is_planted(&self, symbol: &str, session: usize) -> bool {
        let near =
            self.path.jumps.iter().filter(|jump| jump.session > session && jump.session <= session + 3);
        near.filter_map(|jump| planted(self.company, self.path, jump))
            .any(|planted| planted.session == session && planted.symbol == symbol)
    }

    /// Whether it is dealt in around this session.
    fn is_dealt_in(&self, symbol: &str) -> bool {
        (self.session.saturating_sub(5)..=self.session + 3).any(|session| self.is_planted(symbol, session))
    }
}

fn surge(held: f64) -> f64 {
    (6.0 * held).max(1_500.0)
}

/// By Black and Scholes, without dividends.
fn worth(spot: f64, strike: f64, time: f64, volatility: f64, is_call: bool) -> Worth {
    let root = volatility * time.sqrt();
    let d1 = (libm::log(spot / strike) + (RATE + volatility * volatility / 2.0) * time) / root;
    let d2 = d1 - root;
    let present = strike * libm::exp(-RATE * time);
    let density = libm::exp(-d1 * d1 / 2.0) / (2.0 * PI).sqrt();
    let sign = if is_call { 1.0 } else { -1.0 };
    let (n1, n2) = (below(sign * d1), below(sign * d2));
    Worth {
        price: (sign * (spot * n1 - present * n2)).max(0.0),
        delta: sign * n1,
        gamma: density / (spot * root),
        vega: spot * density * time.sqrt() / 100.0,
        theta: (-spot * density * volatility / (2.0 * time.sqrt()) - sign * RATE * present * n2) / 365.0,
        rho: sign * present * time * n2 / 100.0,
    }
}

/// The share of a normal distribution below a value.
fn below(value: f64) -> f64 {
    0.5 * libm::erfc(-value / SQRT_2)
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;

    #[test]
    fn it_prices_as_the_textbook_does() {
        // Hull, Options, Futures and Other Derivatives, with a rate of 4 %: put-call parity holds to the last digit.
        let (call, put) = (worth(50.0, 52.0, 0.5, 0.3, true), worth(50.0, 52.0, 0.5, 0.3, false));
        let parity = 50.0 - 52.0 * libm::exp(-RATE * 0.5);
        assert!((call.price - put.price - parity).abs() < 1e-12, "{call:?} {put:?}");
        assert!((call.delta - put.delta - 1.0).abs() < 1e-12);
        let bumped = worth(50.01, 52.0, 0.5, 0.3, true);
        assert!(((bumped.price - call.price) / 0.01 - call.delta).abs() < 1e-3);
        assert!(((bumped.delta - call.delta) / 0.01 - call.gamma).abs() < 1e-4);
    }

    #[test]
    fn what_was_dealt_in_stands_out_and_shows_in_the_next_interest() {
        let company = Company::of(Seed::new(9), "ACME").unwrap();
        let path = Path::of(&company);
        let mut seen = 0;
        for jump in path.jumps.iter().rev().take(12) {
            let Some(planted) = planted(&company, &path, jump) else { continue };
            let of = |session| {
                let chain = at_session(&company, &path, session, true).unwrap();
                let unusual = |contract: &&Contract| {
                    contract.volume > 500 && float(contract.volume) >= 1.25 * float(contract.open_interest)
                };
                let unusual: Vec<_> =
                    chain.contracts.iter().filter(unusual).map(|contract| contract.symbol.clone()).collect();
                let of_it = chain.contracts.into_iter().find(|contract| contract.symbol == planted.symbol);
                (unusual, of_it.unwrap())
            };
            let (unusual, dealt) = of(planted.session);
            assert_eq!(unusual, [planted.symbol.as_str()]);
            assert!(dealt.open_interest > 100);
            seen += 1;
            // Its grid of strikes may have changed with the jump itself.
            if planted.session + 1 < jump.session {
                let (_, after) = of(planted.session + 1);
                assert!(after.open_interest > dealt.open_interest + dealt.volume / 2, "{dealt:?} {after:?}");
            }
        }
        assert!(seen >= 4, "{seen}");
    }
}
