//! A company's daily prices: a walk through regimes, with dividends, splits, halts and jumps.

use assize_ambient::Chance;
use jiff::civil::Date;

use super::{
    calendar,
    company::Company,
    number::{dollars, float, whole},
};

/// One jump at most is planted in each so many sessions.
pub(super) const BLOCK: usize = 63;
/// Sessions between two jumps, at least.
const MARGIN: usize = 12;

/// A day's trade, in cents as it was traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) open: u64,
    pub(super) high: u64,
    pub(super) low: u64,
    pub(super) close: u64,
    pub(super) volume: u64,
}

/// From this session on, so many new shares stand for so many old ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) session: usize,
    pub(super) new: u32,
    pub(super) old: u32,
}

impl Split {
    pub(super) fn ratio(&self) -> f64 {
        f64::from(self.new) / f64::from(self.old)
    }
}

/// From this session on, the price is without so many cents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dividend {
    pub(super) session: usize,
    pub(super) cents: u64,
}

/// A price that moves at once, between two sessions, for a reason.
#[derive(Debug, Clone)]
pub(super) struct Jump {
    /// At whose opening it shows.
    pub(super) session: usize,
    /// The logarithm of the price's ratio.
    pub(super) size: f64,
    /// Whether insiders bought before.
    pub(super) has_campaign: bool,
    /// Whether somebody dealt in its options before, and how many sessions before.
    pub(super) flow: Option<usize>,
}

impl Jump {
    pub(super) fn is_up(&self) -> bool {
        self.size > 0.0
    }

    pub(super) fn day(&self) -> Date {
        calendar::day(self.session)
    }
}

/// All of it, from 1998 to 2030.
#[derive(Debug)]
pub(super) struct Path {
    /// By session; `None` while trade was halted.
    pub(super) days: Vec<Option<Day>>,
    pub(super) splits: Vec<Split>,
    pub(super) dividends: Vec<Dividend>,
    pub(super) jumps: Vec<Jump>,
    /// The usual volatility of a year.
    pub(super) volatility: f64,
}

/// How the market as a whole fares: drift and volatility of a day.
const REGIMES: [(f64, f64); 3] = [(0.0006, 0.008), (-0.0009, 0.02), (0.0001, 0.012)];

impl Path {
    pub(super) fn of(company: &Company) -> Self {
        let jumps = jumps(company);
        let mut chance = company.seed.child("prices").rng();
        let own = 0.006 + 0.012 * chance.unit();
        let mut walk = Walk {
            price: 15.0 + 90.0 * chance.unit(),
            regime: chance.below(REGIMES.len()),
            own,
            volume: 0.004 * float(company.shares),
            chance,
        };
        let mut path = Self {
            days: Vec::with_capacity(calendar::sessions().len()),
            splits: Vec::new(),
            dividends: Vec::new(),
            jumps,
            volatility: (own * own + 0.00014).sqrt() * 252_f64.sqrt(),
        };
        let ex_day = walk.chance.below(BLOCK);
        let mut next = 0;
        for session in 0..calendar::sessions().len() {
            let jump = path.jumps.get(next).filter(|jump| jump.session == session).map(|jump| jump.size);
            next += usize::from(jump.is_some());
            if jump.is_none() && session % BLOCK == ex_day && session > 0 {
                path.dividends.extend(walk.dividend(company, session));
            } else if jump.is_none() && session % BLOCK == (ex_day + 20) % BLOCK {
                path.splits.extend(walk.split(session));
            }
            let day = walk.step(jump.unwrap_or(0.0));
            // What moves the price is traded.
            let is_halted = jump.is_none() && session > 0 && walk.chance.happens(0.0008);
            path.days.push((!is_halted).then_some(day));
        }
        path
    }

    /// The last day of trade up to a session, that one included.
    pub(super) fn last(&self, session: usize) -> Option<(usize, Day)> {
        let until = session.min(self.days.len().saturating_sub(1));
        (0..=until).rev().find_map(|session| Some((session, self.days[session]?)))
    }

    /// How many shares one of that session has become by a later one.
    pub(super) fn shares_between(&self, session: usize, until: usize) -> f64 {
        let between = self.splits.iter().filter(|split| split.session > session && split.session <= until);
        between.map(Split::ratio).product()
    }
}

struct Walk {
    price: f64,
    regime: usize,
    own: f64,
    volume: f64,
    chance: Chance,
}

impl Walk {
    fn step(&mut self, jump: f64) -> Day {
        if self.chance.happens(0.01) {
            self.regime = self.chance.below(REGIMES.len());
        }
        let (drift, common) = REGIMES[self.regime];
        let sigma = self.own.hypot(common);
        // Prices that ran far from where companies keep them are drawn back a little.
        let back = 0.0004 * libm::log(60.0 / self.price);
        let overnight = 0.3 * sigma * self.chance.normal() + jump;
        let daily = drift + back + 0.8 * sigma * self.chance.normal();
        let cents = |price: f64| whole(price * 100.0).max(1);
        let open = self.price * libm::exp(overnight);
        let close = open * libm::exp(daily);
        let (top, bottom) = (open.max(close), open.min(close));
        let high = top * libm::exp(0.3 * sigma * self.chance.normal().abs());
        let low = bottom * libm::exp(-0.3 * sigma * self.chance.normal().abs());
        let busy = if jump == 0.0 { 1.0 } else { 3.5 };
        let volume = whole(self.volume * busy * self.chance.log_normal(0.0, 0.35)).max(100);
        let day = Day { open: cents(open), high: cents(high), low: cents(low), close: cents(close), volume };
        self.price = dollars(day.close);
        day
    }

    fn dividend(&mut self, company: &Company, session: usize) -> Option<Dividend> {
        if !company.pays_dividends {
            return None;
        }
        let cents = whole(self.price * (0.4 + 0.4 * self.chance.unit())).max(1);
        self.price -= dollars(cents);
        Some(Dividend { session, cents })
    }

    /// Shares that became dear are split, and those that became cheap put together.
    fn split(&mut self, session: usize) -> Option<Split> {
        let (new, old) = match self.price {
            price if price > 240.0 => (4, 1),
            price if price > 150.0 => (2, 1),
            price if price < 3.0 => (1, 10),
            _ => return None,
        };
        let split = Split { session, new, old };
        self.price /= split.ratio();
        self.volume *= split.ratio();
        Some(split)
    }
}

fn jumps(company: &Company) -> Vec<Jump> {
    let blocks = calendar::sessions().len() / BLOCK;
    let jump = |block: usize| {
        let mut chance = company.seed.child("jump").child(&block.to_string()).rng();
        let session = block * BLOCK + MARGIN + chance.below(BLOCK - MARGIN);
        let is_there = chance.happens(0.7);
        let size = (0.08 + 0.14 * chance.unit()) * if chance.happens(0.5) { 1.0 } else { -1.0 };
        let has_campaign = chance.happens(0.5) && size > 0.0;
        let flow = chance.happens(0.6).then(|| 1 + chance.below(2));
        is_there.then_some(Jump { session, size, has_campaign, flow })
    };
    (1..blocks).filter_map(jump).collect()
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;

    fn path(seed: u64, symbol: &str) -> Path {
        Path::of(&Company::of(Seed::new(seed), symbol).unwrap())
    }

    #[test]
    fn days_are_sound_and_the_same_again() {
        for seed in 0..4 {
            let path = path(seed, "KO");
            assert_eq!(path.days.len(), calendar::sessions().len());
            for day in path.days.iter().flatten() {
                let (top, bottom) = (day.open.max(day.close), day.open.min(day.close));
                assert!(day.high >= top && day.low <= bottom && day.low > 0, "{day:?}");
                assert!(day.close < 200_000, "no company runs away: {day:?}");
            }
            let halted = path.days.iter().filter(|day| day.is_none()).count();
            assert!((1..30).contains(&halted), "{halted}");
            assert_eq!(path.days, self::path(seed, "KO").days);
        }
        assert_ne!(path(1, "KO").days, path(2, "KO").days);
        assert_ne!(path(1, "KO").days, path(1, "PEP").days);
    }

    #[test]
    fn a_jump_shows_at_its_opening() {
        let path = path(3, "ACME");
        assert!(path.jumps.len() > 50);
        for jump in &path.jumps {
            let (_, before) = path.last(jump.session - 1).unwrap();
            let (_, after) = path.last(jump.session).unwrap();
            let moved = libm::log(float(after.open) / float(before.close));
            assert!((moved - jump.size).abs() < 0.06, "{jump:?} moved {moved}");
        }
    }

    #[test]
    fn splits_and_dividends_happen() {
        let (mut splits, mut dividends) = (0, 0);
        for symbol in ["KO", "PEP", "NVDA", "F", "XOM", "MSFT"] {
            let path = path(5, symbol);
            splits += path.splits.len();
            dividends += path.dividends.len();
        }
        assert!(splits > 5 && dividends > 200, "{splits} {dividends}");
    }
}
