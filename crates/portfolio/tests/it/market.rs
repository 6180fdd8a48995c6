//! Made-up histories: what a market does, and what somebody decides who can be wrong in every way.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::Ticker;
use assize_ambient::Timestamp;
use assize_journal::{Journal, Key, MemoryJournal};
use assize_metering::Usd;
use assize_portfolio::{
    Account, Booked, Decision, ExecutionRules, InputId, Order, Price, Quote, Session, Side, Split, State,
    Weight, rebalance,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::Index;

pub(crate) const TICKERS: [&str; 4] = ["AAA", "BBB", "CCC", "DDD"];

/// What a ticker does in a day.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    /// The open and the close, in thousandths of the price before.
    open: u64,
    close: u64,
    volume: Option<u64>,
    is_quoted: bool,
    split: Option<(u32, u32)>,
    /// In thousandths of the price.
    dividend: Option<u64>,
}

/// When in a day somebody decides.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// With the prices of the day before.
    BeforeTheOpen,
    /// While trade goes on, so that the day's open has passed.
    InTheMiddle,
    /// With the day's prices.
    Evening,
    /// With the day's prices, before the account has booked the day.
    EveningUnbooked,
}

#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// Weights in basis points.
    Weights(Vec<i32>),
    /// For each ticker perhaps a purchase of shares, or a sale of a part of what is held.
    Orders(Vec<Option<(Side, u64, Index)>>),
}

#[derive(Debug, Clone)]
pub(crate) struct Day {
    moves: Vec<Move>,
    deposit: Option<u64>,
    wish: Option<(Moment, Wish)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// In microdollars.
    prices: Vec<u64>,
    days: Vec<Day>,
    patience: u32,
}

fn moves() -> impl Strategy<Value = Move> {
    let volume = prop_oneof![
        1 => Just(None),
        2 => (0_u64..200).prop_map(Some),
        6 => (0_u64..1_000_000).prop_map(Some),
        3 => (0_u64..1_000_000_000_000).prop_map(Some),
    ];
    let factor = || prop_oneof![8 => 950_u64..1_050, 1 => 1_u64..10_000];
    let split = prop::option::weighted(0.08, (1_u32..=20, 1_u32..=20));
    let dividend = prop::option::weighted(0.1, 0_u64..2_000);
    (factor(), factor(), volume, prop::bool::weighted(0.93), split, dividend).prop_map(
        |(open, close, volume, is_quoted, split, dividend)| Move {
            open,
            close,
            volume,
            is_quoted,
            split,
            dividend,
        },
    )
}

fn wishes() -> impl Strategy<Value = (Moment, Wish)> {
    let moment = prop_oneof![
        1 => Just(Moment::BeforeTheOpen),
        1 => Just(Moment::InTheMiddle),
        4 => Just(Moment::Evening),
        2 => Just(Moment::EveningUnbooked),
    ];
    let order = (
        prop_oneof![Just(Side::Sell), Just(Side::Buy)],
        prop_oneof![1_u64..20, 1_u64..100_000, 1_u64..1_000_000_000],
        any::<Index>(),
    );
    let wish = prop_oneof![
        3 => prop::collection::vec(0_i32..=2_500, TICKERS.len()).prop_map(Wish::Weights),
        2 => prop::collection::vec(prop::option::of(order), TICKERS.len()).prop_map(Wish::Orders),
    ];
    (moment, wish)
}

/// Up to so many days of four tickers that cost a cent to ten thousand dollars.
pub(crate) fn plans(days: usize) -> impl Strategy<Value = Plan> {
    let deposit = prop::option::weighted(0.1, 1_u64..100_000_000);
    let day = (prop::collection::vec(moves(), TICKERS.len()), deposit, prop::option::weighted(0.5, wishes()))
        .prop_map(|(moves, deposit, wish)| Day { moves, deposit, wish });
    let price =
        prop_oneof![10_000_u64..1_000_000, 1_000_000_u64..500_000_000, 500_000_000_u64..10_000_000_000];
    let (prices, days) = (prop::collection::vec(price, TICKERS.len()), prop::collection::vec(day, 1..=days));
    (prices, days, 1_u32..=6).prop_map(|(prices, days, patience)| Plan { prices, days, patience })
}

/// What is handed to an account.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    Deposit(InputId, Usd, Timestamp),
    Decision(Decision),
    Session(Session),
}

impl Input {
    /// Hands it in; whether anything was booked.
    pub(crate) async fn hand_to(&self, account: &mut Account) -> Result<bool, assize_portfolio::Error> {
        match self {
            Self::Deposit(id, amount, at) => Ok(account.deposit(id, *amount, *at).await? == Booked::Now),
            Self::Decision(decision) => Ok(account.decide(decision).await? == Booked::Now),
            Self::Session(session) => Ok(!account.trade(session).await?.is_empty()),
        }
    }
}

pub(crate) fn rules(patience: u32) -> ExecutionRules {
    ExecutionRules { patience, ..ExecutionRules::default() }
}

pub(crate) fn key() -> Key {
    "paper".parse().expect("a key")
}

pub(crate) fn now<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// What came of a plan.
pub(crate) struct Run {
    pub(crate) rules: ExecutionRules,
    pub(crate) inputs: Vec<Input>,
    /// The state after each input.
    pub(crate) states: Vec<State>,
    pub(crate) account: Account,
    /// The journal, byte by byte.
    pub(crate) journal: Vec<u8>,
}

/// Carries a plan out.
pub(crate) fn run(plan: &Plan) -> Run {
    now(async {
        let (journal, rules) = (MemoryJournal::default(), rules(plan.patience));
        let mut account = Account::open(&journal, &key(), rules.clone()).await.expect("a new account");
        let (mut inputs, mut states) = (Vec::new(), Vec::new());
        let mut market = Market { prices: plan.prices.clone(), quoted: BTreeMap::new() };
        let mut today = date(2024, 2, 26);
        for day in &plan.days {
            let yesterday = today;
            today = today.tomorrow().expect("a day");
            let mut hand_in = async |account: &mut Account, input: Input| {
                assert!(input.hand_to(account).await.expect("it can be booked"), "{input:?} is new");
                states.push(account.state().clone());
                inputs.push(input);
            };
            if let Some(microdollars) =
                day.deposit.or((yesterday == date(2024, 2, 26)).then_some(10_000_000_000))
            {
                let id = format!("deposit-{today}").parse().expect("a name");
                let amount = Usd::from_picodollars(i128::from(microdollars) * 1_000_001);
                hand_in(&mut account, Input::Deposit(id, amount, at(today, 10))).await;
            }
            let wish = |moment: Moment, account: &Account, market: &Market| {
                let (_, wish) = day.wish.as_ref().filter(|(when, _)| moment as u8 == *when as u8)?;
                let (as_of, informed_by) = match moment {
                    Moment::BeforeTheOpen => (at(today, 13), yesterday),
                    Moment::InTheMiddle => (at(today, 17), yesterday),
                    Moment::Evening | Moment::EveningUnbooked => (at(today.tomorrow().ok()?, 3), today),
                };
                decision(account.state(), market, wish, as_of, informed_by).map(Input::Decision)
            };
            for moment in [Moment::BeforeTheOpen, Moment::InTheMiddle] {
                if let Some(input) = wish(moment, &account, &market) {
                    hand_in(&mut account, input).await;
                }
            }
            let session = market.trade(today, &day.moves);
            if let Some(input) = wish(Moment::EveningUnbooked, &account, &market) {
                hand_in(&mut account, input).await;
            }
            hand_in(&mut account, Input::Session(session)).await;
            if let Some(input) = wish(Moment::Evening, &account, &market) {
                hand_in(&mut account, input).await;
            }
        }
        let lines = journal.read(&key()).await.expect("a journal").records;
        let journal = lines.into_iter().flat_map(|line| [line, b"\n".to_vec()].concat()).collect();
        Run { rules, inputs, states, account, journal }
    })
}

fn at(day: Date, hour: i8) -> Timestamp {
    day.at(hour, 0, 0, 0).in_tz("UTC").expect("a moment").timestamp()
}

struct Market {
    /// In microdollars.
    prices: Vec<u64>,
    /// The last day on which each was quoted.
    quoted: BTreeMap<Ticker, Date>,
}

impl Market {
    /// The newest sessions that a decision has seen of those that were not quoted in its newest one.
    fn seen_until(&self, informed_by: Date) -> BTreeMap<Ticker, Date> {
        let older = self.quoted.iter().filter(|(_, day)| **day < informed_by);
        older.map(|(ticker, day)| (ticker.clone(), *day)).collect()
    }

    fn trade(&mut self, today: Date, moves: &[Move]) -> Session {
        let mut session = Session::new(today);
        for ((ticker, price), day) in TICKERS.iter().zip(&mut self.prices).zip(moves) {
            let ticker: assize_altdata::Ticker = ticker.parse().expect("a ticker");
            // Between a hundredth of a cent and a hundred thousand dollars.
            let kept = |price: u64| price.clamp(100, 100_000_000_000);
            if let Some((new, old)) = day.split {
                session.splits.insert(ticker.clone(), Split::new(new, old).expect("a split"));
                *price = kept(*price * u64::from(old) / u64::from(new));
            }
            if let Some(paid) =
                day.dividend.and_then(|part| Price::from_microdollars(*price * part / 1_000).ok())
            {
                session.dividends.insert(ticker.clone(), paid);
            }
            let open = kept(*price * day.open / 1_000);
            let close = kept(open * day.close / 1_000);
            if day.is_quoted {
                *price = close;
                let [open, close] =
                    [open, close].map(|price| Price::from_microdollars(price).expect("a price"));
                self.quoted.insert(ticker.clone(), today);
                session.quotes.insert(ticker, Quote { open, close, volume: day.volume });
            }
        }
        session
    }
}

fn decision(
    state: &State,
    market: &Market,
    wish: &Wish,
    as_of: Timestamp,
    informed_by: Date,
) -> Option<Decision> {
    let tickers = TICKERS.map(|ticker| ticker.parse().expect("a ticker"));
    let (covers, orders) = match wish {
        Wish::Weights(weights) => {
            let prices: BTreeMap<_, _> = tickers
                .iter()
                .cloned()
                .zip(market.prices.iter().map(|price| Price::from_microdollars(*price).expect("a price")))
                .collect();
            let weights = tickers.iter().cloned().zip(weights.iter().copied().map(Weight::from_bp)).collect();
            let rebalanced = rebalance(state.book(), &prices, &weights).expect("orders");
            (tickers.into_iter().collect::<BTreeSet<_>>(), rebalanced.orders)
        }
        Wish::Orders(orders) => {
            let orders = tickers.iter().zip(orders).filter_map(|(ticker, order)| {
                let (side, shares, part) = order.as_ref()?;
                let held = state.book().shares(ticker);
                let shares = match side {
                    Side::Buy => *shares,
                    Side::Sell if held == 0 => return None,
                    Side::Sell => 1 + part.index(usize::try_from(held).ok()?) as u64,
                };
                Some(Order { ticker: ticker.clone(), side: *side, shares })
            });
            let orders: Vec<_> = orders.collect();
            (orders.iter().map(|order| order.ticker.clone()).collect(), orders)
        }
    };
    let run = format!("run-{as_of}").parse().expect("a name");
    Some(Decision { run, as_of, informed_by, seen_until: market.seen_until(informed_by), covers, orders })
}
