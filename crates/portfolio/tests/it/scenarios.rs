//! Short histories, told event by event.

use assize_journal::MemoryJournal;
use assize_portfolio::{
    Account, Decision, ErrorKind, Event, ExecutionRules, Order, Price, Quote, Session, Side, Split, Weight,
};
use jiff::civil::{Date, date};

use crate::market::{key, now};

/// An account that is told of in short sentences. Every day is in March 2024.
struct Paper(Account);

impl Paper {
    fn with(dollars: u64) -> Self {
        let mut account = now(Account::open(&MemoryJournal::default(), &key(), ExecutionRules::default()))
            .expect("an account");
        let (id, at) = ("start".parse().expect("a name"), "2024-03-01T10:00:00Z".parse().expect("a moment"));
        now(account.deposit(&id, dollars.to_string().parse().expect("an amount"), at)).expect("a deposit");
        Self(account)
    }

    /// Decides in the evening of a day.
    fn decide(&mut self, day: i8, orders: &[(&str, i64)]) {
        let orders: Vec<Order> = orders
            .iter()
            .map(|(ticker, shares)| Order {
                ticker: ticker.parse().expect("a ticker"),
                side: if *shares < 0 { Side::Sell } else { Side::Buy },
                shares: shares.unsigned_abs(),
            })
            .collect();
        let decision = Decision {
            run: format!("run-{day}").parse().expect("a name"),
            as_of: march(day).at(21, 0, 0, 0).in_tz("America/New_York").expect("a moment").timestamp(),
            informed_by: march(day),
            seen_until: std::collections::BTreeMap::new(),
            covers: orders.iter().map(|order| order.ticker.clone()).collect(),
            orders,
        };
        now(self.0.decide(&decision)).expect("a decision");
    }

    fn trade(&mut self, session: &Session) -> Vec<String> {
        now(self.0.trade(session)).expect("a session").iter().map(told).collect()
    }

    fn cash(&self) -> String {
        self.0.state().book().cash().to_string()
    }
}

fn march(day: i8) -> Date {
    date(2024, 3, day)
}

/// A session with ticker, open, close and volume.
fn session(day: i8, quotes: &[(&str, f64, f64, u64)]) -> Session {
    let mut session = Session::new(march(day));
    for (ticker, open, close, volume) in quotes {
        let [open, close] = [open, close].map(|price| Price::from_dollars(*price).expect("a price"));
        let quote = Quote { open, close, volume: Some(*volume) };
        session.quotes.insert(ticker.parse().expect("a ticker"), quote);
    }
    session
}

fn split(mut session: Session, ticker: &str, new: u32, old: u32) -> Session {
    session.splits.insert(ticker.parse().expect("a ticker"), Split::new(new, old).expect("a split"));
    session
}

fn dividend(mut session: Session, ticker: &str, dollars: f64) -> Session {
    let paid = Price::from_dollars(dollars).expect("a dividend");
    session.dividends.insert(ticker.parse().expect("a ticker"), paid);
    session
}

fn told(event: &Event) -> String {
    match event {
        Event::Split { ticker, split, before, after, in_lieu, order, .. } => {
            let order = order.as_ref().map(|order| format!(", order {} to {}", order.before, order.after));
            format!("split {ticker} {split}: {before} to {after} and {in_lieu}{}", order.unwrap_or_default())
        }
        Event::Dividend { ticker, shares, amount, .. } => format!("dividend {ticker} {shares}: {amount}"),
        Event::Filled { ticker, side, shares, costs, left, .. } => {
            format!(
                "{side} {shares} {ticker} for {} + {} + {}, {left} left",
                costs.value, costs.slippage, costs.commission
            )
        }
        Event::Carried { ticker, left, limit, .. } => format!("carried {left} {ticker}: {limit}"),
        Event::Expired { ticker, left, limit, .. } => format!("expired {left} {ticker}: {limit}"),
        Event::Marked { equity, .. } => format!("equity {equity}"),
        other => panic!("{other:?}"),
    }
}

/// What is sold pays for what is bought, though the purchase comes first by ticker and was decided first.
#[test]
fn sales_come_first() {
    let mut paper = Paper::with(10_000);
    paper.decide(4, &[("ZZZ", 99)]);
    let first = [("AAA", 50.0, 50.0, 1_000_000), ("ZZZ", 100.0, 100.0, 1_000_000)];
    paper.trade(&session(5, &first));
    assert_eq!(paper.cash(), "94.0499901");
    let holdings = paper.0.state().holdings().unwrap();
    let weights: Vec<_> =
        holdings.weights.values().chain([&holdings.cash]).map(|weight| weight.bp()).collect();
    assert_eq!(weights, [9_905, 94], "of $9,994.05");
    paper.decide(5, &[("AAA", 150), ("ZZZ", -90)]);
    assert_eq!(
        paper.trade(&session(6, &first)),
        [
            "sell 90 ZZZ for 9000.00 + 4.500009 + 1.00, 0 left",
            "buy 150 AAA for 7500.00 + 3.7500225 + 1.00, 0 left",
            // $10,000 less all costs.
            "equity 9983.7999586",
        ]
    );
}

/// A large order goes in parts of 2.5 % of each session's volume, and ends after five.
#[test]
fn the_rest_is_carried_and_expires() {
    let mut paper = Paper::with(1_000_000);
    paper.decide(4, &[("KO", 1_000)]);
    let quiet = |day| session(day, &[("KO", 60.0, 60.0, 4_000)]);
    let because = "more would be too large a share of the session's volume";
    assert_eq!(
        paper.trade(&quiet(5)),
        [
            // 5 bp + 0.1 · 0.025² of $6,000.
            "buy 100 KO for 6000.00 + 3.375 + 1.00, 900 left",
            &format!("carried 900 KO: {because}"),
            "equity 999995.625",
        ]
    );
    assert_eq!(paper.trade(&session(6, &[]))[0], "carried 900 KO: the session has no price");
    let mut unknown = quiet(7);
    unknown.quotes.values_mut().for_each(|quote| quote.volume = None);
    assert_eq!(paper.trade(&unknown)[0], "carried 900 KO: the session's volume is not known");
    assert_eq!(paper.trade(&session(8, &[("KO", 60.0, 60.0, 39)]))[0], format!("carried 900 KO: {because}"));
    assert_eq!(paper.trade(&quiet(11))[1], format!("expired 800 KO: {because}"));
    assert_eq!(paper.trade(&quiet(12)), ["equity 999991.25"]);
    assert!(paper.0.state().pending().is_empty());
}

/// A purchase is cut to what cash allows; while a sale waits that will bring more, the rest waits for it.
#[test]
fn cash_cuts() {
    let mut paper = Paper::with(1_000);
    paper.decide(4, &[("AAA", 1_000), ("BBB", 10)]);
    let plenty = |day, volume| session(day, &[("AAA", 10.0, 10.0, volume), ("BBB", 10.0, 10.0, 1_000_000)]);
    assert_eq!(
        paper.trade(&plenty(5, 1_000_000)),
        [
            "buy 99 AAA for 990.00 + 0.49500099 + 1.00, 901 left",
            "expired 901 AAA: cash does not allow more",
            "expired 10 BBB: cash does not allow more",
            "equity 998.50499901",
        ]
    );
    paper.decide(5, &[("AAA", -99), ("BBB", 90)]);
    assert_eq!(
        paper.trade(&plenty(6, 2_000)),
        [
            "sell 50 AAA for 500.00 + 0.28125 + 1.00, 49 left",
            "carried 49 AAA: more would be too large a share of the session's volume",
            "buy 50 BBB for 500.00 + 0.2500005 + 1.00, 40 left",
            "carried 40 BBB: cash does not allow more",
            "equity 995.97374851",
        ]
    );
    let last = paper.trade(&plenty(7, 2_000));
    assert_eq!(last[1], "buy 40 BBB for 400.00 + 0.2000004 + 1.00, 0 left");
}

/// Whoever holds over night into the ex-date is paid, and nobody else. Of a split on the same day, new shares are paid.
#[test]
fn dividends_and_splits() {
    let mut paper = Paper::with(10_000);
    paper.decide(4, &[("KO", 15)]);
    let quote = [("KO", 60.0, 60.0, 1_000_000)];
    let ex_date = dividend(session(5, &quote), "KO", 0.485);
    let bought = "buy 15 KO for 900.00 + 0.4500009 + 1.00, 0 left";
    assert_eq!(paper.trade(&ex_date), [bought, "equity 9998.5499991"], "bought at the open of the ex-date");
    paper.decide(5, &[("KO", -15)]);
    // Three for two, in the night before the sale; half a share is paid out at the open.
    let ex_date = split(dividend(session(6, &[("KO", 40.0, 41.0, 1_000_000)]), "KO", 0.5), "KO", 3, 2);
    assert_eq!(
        paper.trade(&ex_date),
        [
            "split KO 3:2: 15 to 22 and 20.00, order 15 to 22",
            "dividend KO 22: 11.00",
            "sell 22 KO for 880.00 + 0.44000088 + 1.00, 0 left",
            "equity 10008.10999822",
        ]
    );
    let parts = paper.0.state().holdings().unwrap();
    assert_eq!((parts.weights.len(), parts.cash), (0, Weight::WHOLE));
    let totals = paper.0.state().book().totals();
    assert_eq!(
        (totals.realised.to_string().as_str(), totals.dividends.to_string().as_str()),
        ("0.00", "11.00")
    );
}

/// A reverse split that leaves no whole share pays it out, and ends the order.
#[test]
fn a_split_can_end_an_order() {
    let mut paper = Paper::with(1_000);
    paper.decide(4, &[("KO", 7)]);
    paper.trade(&session(5, &[("KO", 1.0, 1.0, 1_000_000)]));
    paper.decide(5, &[("KO", -7), ("PEP", 3)]);
    let reverse = split(session(6, &[("KO", 8.0, 8.0, 1_000_000)]), "KO", 1, 8);
    assert_eq!(
        paper.trade(&split(reverse, "PEP", 2, 1)),
        [
            "split KO 1:8: 7 to 0 and 7.00, order 7 to 0",
            // Nothing of it is held: only the order is split.
            "split PEP 2:1: 0 to 0 and 0.00, order 3 to 6",
            "carried 6 PEP: the session has no price",
            "equity 998.996499993",
        ]
    );
}

/// A session that becomes known after a decision that was made on its evening: the decision's orders are of what it saw.
#[test]
fn a_split_that_becomes_known_late() {
    let mut paper = Paper::with(1_000);
    paper.decide(4, &[("KO", 100)]);
    paper.trade(&session(5, &[("KO", 1.0, 1.0, 1_000_000)]));
    paper.decide(6, &[("KO", -100)]);
    let late = split(session(6, &[("KO", 8.0, 8.0, 1_000_000)]), "KO", 1, 8);
    assert_eq!(paper.trade(&late), ["split KO 1:8: 100 to 12 and 4.00", "equity 998.9499999"]);
    assert_eq!(
        paper.trade(&session(7, &[("KO", 8.0, 8.0, 1_000_000)])),
        [
            "sell 12 KO for 96.00 + 0.048000096 + 1.00, 88 left",
            "expired 88 KO: no more shares are held",
            "equity 997.901999804",
        ]
    );
}

/// A decision in the middle of a day, by the prices of the day before: its orders are in the shares of those prices, though
/// the day's open, at which they are split, has passed.
#[test]
fn a_split_on_the_day_of_a_decision_by_older_prices() {
    let mut paper = Paper::with(1_000);
    paper.decide(4, &[("KO", 100)]);
    paper.trade(&session(5, &[("KO", 1.0, 1.0, 1_000_000)]));
    let order = |ticker: &str, side| Order { ticker: ticker.parse().unwrap(), side, shares: 80 };
    let decision = Decision {
        run: "noon".parse().unwrap(),
        as_of: "2024-03-06T17:00:00Z".parse().unwrap(),
        informed_by: march(5),
        seen_until: std::collections::BTreeMap::new(),
        covers: ["KO", "PEP"].map(|ticker| ticker.parse().unwrap()).into(),
        orders: vec![order("KO", Side::Sell), order("PEP", Side::Buy)],
    };
    now(paper.0.decide(&decision)).unwrap();
    let quotes = [("KO", 8.0, 8.0, 1_000_000), ("PEP", 0.5, 0.5, 1_000_000)];
    let day = split(split(session(6, &quotes), "KO", 1, 8), "PEP", 2, 1);
    assert_eq!(
        paper.trade(&day),
        [
            "split KO 1:8: 100 to 12 and 4.00, order 80 to 10",
            "split PEP 2:1: 0 to 0 and 0.00, order 80 to 160",
            "equity 998.9499999",
        ]
    );
    let next = paper.trade(&session(7, &quotes));
    assert_eq!(next[0], "sell 10 KO for 80.00 + 0.04000008 + 1.00, 0 left");
    assert!(next[1].starts_with("buy 160 PEP for 80.00"), "{next:?}");
}

/// A decision withdraws what waits of those before it, for the tickers that it covers.
#[test]
fn a_later_decision_takes_the_place_of_an_earlier_one() {
    let mut paper = Paper::with(10_000);
    paper.decide(4, &[("AAA", 10), ("BBB", 10)]);
    paper.trade(&session(5, &[]));
    paper.decide(5, &[("BBB", 3)]);
    let quotes = [("AAA", 10.0, 10.0, 1_000_000), ("BBB", 10.0, 10.0, 1_000_000)];
    let events = paper.trade(&session(6, &quotes));
    assert!(events[0].starts_with("buy 10 AAA") && events[1].starts_with("buy 3 BBB"), "{events:?}");
}

/// Weekends, and whoever hands in a day that is over, book nothing.
#[test]
fn sessions_come_once_and_in_order() {
    let mut paper = Paper::with(10_000);
    paper.decide(4, &[("KO", 10)]);
    let quote = [("KO", 60.0, 60.0, 1_000_000)];
    assert!(paper.trade(&session(4, &quote)) == ["equity 10000.00"], "the day that informed it");
    assert_eq!(paper.trade(&session(6, &quote)).len(), 2);
    for day in [4, 5, 6] {
        assert_eq!(paper.trade(&session(day, &quote)), [""; 0], "day {day}");
    }
    assert_eq!(paper.0.state().unquoted(&session(7, &[])).len(), 1);
    let sale = Order { ticker: "KO".parse().unwrap(), side: Side::Sell, shares: 11 };
    let decision = Decision {
        run: "too-much".parse().unwrap(),
        as_of: "2024-03-08T10:00:00Z".parse().unwrap(),
        informed_by: march(7),
        seen_until: std::collections::BTreeMap::new(),
        covers: [sale.ticker.clone()].into(),
        orders: vec![sale],
    };
    let error = now(paper.0.decide(&decision)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.to_string(), "take over the decision too-much: it sells 11 of KO, and 10 are held");
}

/// What a decision did not see of a ticker is new to its order, although it saw that day of others: a split of that day is one of
/// the order's shares.
#[test]
fn a_split_on_a_day_that_the_decision_saw_of_others_only() {
    let wish = |seen_until: &[(&str, i8)]| {
        let mut paper = Paper::with(1_000);
        let order = Order { ticker: "PEP".parse().unwrap(), side: Side::Buy, shares: 80 };
        let decision = Decision {
            run: "evening".parse().unwrap(),
            as_of: "2024-03-07T02:00:00Z".parse().unwrap(),
            informed_by: march(6),
            seen_until: seen_until.iter().map(|(name, day)| (name.parse().unwrap(), march(*day))).collect(),
            covers: [order.ticker.clone()].into(),
            orders: vec![order],
        };
        now(paper.0.decide(&decision)).unwrap();
        assert_eq!(
            paper.0.state().pending()[&decision.orders[0].ticker].informed_by,
            decision.informed_of(&decision.orders[0].ticker)
        );
        let day = split(session(6, &[("KO", 8.0, 8.0, 1_000_000)]), "PEP", 2, 1);
        let mut told = paper.trade(&day);
        told.extend(paper.trade(&session(7, &[("PEP", 0.5, 0.5, 1_000_000)])));
        told
    };
    let of_others = wish(&[("PEP", 5)]);
    assert_eq!(of_others[0], "split PEP 2:1: 0 to 0 and 0.00, order 80 to 160");
    assert!(of_others[2].starts_with("buy 160 PEP"), "{of_others:?}");
    let of_it = wish(&[]);
    assert!(of_it[1].starts_with("buy 80 PEP"), "its prices were those after the split: {of_it:?}");
}

/// What is handed in in the wrong order is refused, and nothing of it is booked; what is booked may be handed in again.
#[test]
fn deposits_come_before_the_decisions_that_count_on_them() {
    let mut account =
        now(Account::open(&MemoryJournal::default(), &key(), ExecutionRules::default())).unwrap();
    let decision = |run: &str, as_of: &str, day| Decision {
        run: run.parse().unwrap(),
        as_of: as_of.parse().unwrap(),
        informed_by: march(day),
        seen_until: std::collections::BTreeMap::new(),
        covers: [].into(),
        orders: Vec::new(),
    };
    let evening = "2024-03-05T02:00:00Z";
    let early = now(account.decide(&decision("one", evening, 4))).unwrap_err();
    assert_eq!((early.kind(), account.history().records().len()), (ErrorKind::Refused, 0));
    assert!(early.to_string().ends_with("nothing was paid in yet; pay in first"), "{early}");
    let (start, thousand) = ("start".parse().unwrap(), "1000".parse().unwrap());
    now(account.deposit(&start, thousand, evening.parse().unwrap())).unwrap();
    now(account.decide(&decision("one", evening, 4))).unwrap();
    let more = "more".parse().unwrap();
    for (at, why) in [
        (evening, "a decision as of 2024-03-05T02:00:00Z was made without it"),
        ("2024-03-04T02:00:00Z", "a decision as of 2024-03-05T02:00:00Z was made without it"),
    ] {
        let late = now(account.deposit(&more, thousand, at.parse().unwrap())).unwrap_err();
        assert!(late.kind() == ErrorKind::Refused && late.to_string().contains(why), "{late}");
    }
    now(account.trade(&session(5, &[("KO", 60.0, 60.0, 1_000)]))).unwrap();
    let known_at = account.state().known_at().unwrap();
    let late = now(account.deposit(&more, thousand, "2024-03-05T03:00:00Z".parse().unwrap())).unwrap_err();
    assert!(late.to_string().contains(&format!("became known at {known_at}")), "{late}");
    let booked = account.history().records().len();
    now(account.deposit(&start, thousand, evening.parse().unwrap())).unwrap();
    now(account.decide(&decision("one", evening, 4))).unwrap();
    assert_eq!(account.history().records().len(), booked, "that is booked");
    now(account.deposit(&more, thousand, known_at)).unwrap();
}
