//! Briefs at a desk: what they book, and what they leave alone.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{AsOf, Ticker};
use assize_analysts::offline_panel;
use assize_journal::Journal;
use assize_metering::Usd;
use assize_pipeline::{
    Brief, BriefRequest, DeskReport, DeskSettings, MorningBrief, PaperDesk, Part, ShortfallKind,
};
use assize_portfolio::{Event, OrderId, Voice};

use crate::{
    desk::{Desk, clock, request, words},
    tape::Tape,
};

const TICKERS: [&str; 4] = ["RISE", "FALL", "SPLIT", "WAVE"];

/// Prices are one kind of source, and enough here.
pub(crate) fn settings() -> DeskSettings {
    let mut settings = DeskSettings::with_capital("100000".parse().expect("an amount"));
    settings.limits.min_source_kinds = 1;
    settings.limits.min_edge_bp = 100;
    settings
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn maker(files: Desk) -> MorningBrief {
    MorningBrief::new(files.fetcher(), offline_panel(20), clock())
}

pub(crate) async fn open(journal: &dyn Journal) -> PaperDesk {
    PaperDesk::open(journal, &"paper".parse().expect("a key"), settings()).await.expect("a desk")
}

async fn at(desk: &mut PaperDesk, files: Desk, request: &BriefRequest) -> Brief {
    maker(files).run_at(desk, request).await.expect("a brief").0
}

fn report(brief: &Brief) -> &DeskReport {
    brief.desk.as_deref().expect("it was made at a desk")
}

/// Fridays, and two days without a session.
pub(crate) const DAYS: [&str; 6] =
    ["2019-09-06", "2019-09-13", "2019-09-15", "2019-09-20", "2019-09-27", "2019-10-04"];

pub(crate) async fn briefs(journal: &Tape, days: &[&str]) -> Vec<Brief> {
    let mut desk = open(journal).await;
    let maker = maker(Desk::with_fixtures());
    let mut briefs = Vec::new();
    for day in days {
        let request = request(&TICKERS, day);
        briefs.push(maker.run_at(&mut desk, &request).await.expect("a brief").0);
    }
    briefs
}

#[test]
fn what_is_decided_is_carried_out_at_the_next_open() {
    let briefs = runtime().block_on(briefs(&Tape::default(), &DAYS));
    let mut ordered: BTreeMap<OrderId, AsOf> = BTreeMap::new();
    let (mut fills, mut events) = (0, Vec::new());
    for brief in &briefs {
        let report = report(brief);
        assert!(report.is_booked && report.shortfalls.is_empty(), "{:?}", report.shortfalls);
        assert!(report.account.imbalance.is_zero() && !report.account.cash.is_negative());
        for order in &report.orders {
            assert_eq!(ordered.insert(order.id, brief.as_of), None, "no order twice");
        }
        for event in &report.events {
            if let Event::Filled { session, order, .. } = event {
                assert!(*session > ordered[order].date(), "it was filled on {session}");
                fills += 1;
            }
        }
        events.extend(report.events.clone());
        for accepted in &report.validation.accepted {
            assert!(accepted.weight <= settings().limits.max_weight.max(accepted.present));
        }
    }
    assert!(fills >= 2, "{fills} fills");
    let sessions: Vec<_> =
        events.iter().filter(|event| matches!(event, Event::Marked { .. })).map(Event::session).collect();
    let distinct: BTreeSet<_> = sessions.iter().collect();
    // From 6 September to 4 October there are 21 sessions.
    assert_eq!((sessions.len(), distinct.len()), (21, 21), "each session is booked once");
    let last = report(briefs.last().expect("six"));
    assert_eq!(last.curve.len(), 21);
    assert_eq!(last.curve[0].equity, settings().capital);
    assert_eq!(last.curve[0].benchmark, Some(1.0));
    assert!(last.curve.iter().all(|point| point.benchmark.is_some()));
    assert_eq!(last.performance.known().expect("a curve").days, 20);
    let voices: BTreeSet<String> = last.scorecards.cards.iter().map(|card| card.who.to_string()).collect();
    for voice in ["decision", "debater Momentum", "source csv-folder", "category prices"] {
        assert!(voices.iter().any(|one| one.eq_ignore_ascii_case(voice)), "{voice}: {voices:?}");
    }
}

/// Cut after any record, the journals become what they were when the same briefs are made again, and these say the same.
#[test]
fn a_desk_goes_on_where_it_broke_off() {
    runtime().block_on(async {
        let tape = Tape::default();
        let whole = briefs(&tape, &DAYS[..4]).await;
        assert!(tape.len() > 15, "{} records", tape.len());
        for records in 0..tape.len() {
            let cut = tape.cut(records);
            briefs(&cut, &DAYS[..4]).await;
            assert!(cut.logs() == tape.logs(), "cut after {records} records");
        }
        let length = tape.len();
        for (again, brief) in briefs(&tape, &DAYS[..4]).await.iter().zip(&whole) {
            assert!(words(again) == words(brief), "as of {}", brief.as_of);
        }
        assert_eq!(tape.len(), length, "nothing is booked twice");
    });
}

#[test]
fn a_brief_as_of_an_earlier_day_books_nothing_and_knows_nothing_later() {
    runtime().block_on(async {
        let tape = Tape::default();
        let mut desk = open(&tape).await;
        at(&mut desk, Desk::with_fixtures(), &request(&TICKERS, "2019-09-06")).await;
        let early = tape.cut(tape.len());
        at(&mut desk, Desk::with_fixtures(), &request(&TICKERS, "2019-10-04")).await;
        let length = tape.len();
        let back = request(&TICKERS[..2], "2019-09-11");
        let brief = at(&mut desk, Desk::with_fixtures(), &back).await;
        assert_eq!(tape.len(), length);
        let report = report(&brief);
        assert!(!report.is_booked && report.orders.is_empty());
        let [shortfall] = &report.shortfalls[..] else { panic!("{:?}", report.shortfalls) };
        assert_eq!((shortfall.part, shortfall.kind), (Part::Execution, ShortfallKind::LookedBack));
        let known =
            PaperDesk::open(&early, &"paper".parse().expect("a key"), settings()).await.expect("a desk");
        let state = known.account().state();
        assert!(report.account.known_at <= Some(back.as_of.moment()));
        assert!(report.curve.iter().all(|point| point.session <= back.as_of.date()));
        // Sessions since the first brief were booked by the second, and were known by then all the same.
        assert!(report.account.session.expect("a session") >= state.closed().expect("a session"));
        assert!(report.scorecards.cards.iter().all(|card| card.outcomes == 0), "no horizon is over");
    });
}

/// What is held and has no price is waited for; then all is caught up with.
#[test]
fn names_without_prices_are_waited_for() {
    runtime().block_on(async {
        let (tape, undisturbed) = (Tape::default(), Tape::default());
        let (mut desk, mut other) = (open(&tape).await, open(&undisturbed).await);
        for desk in [&mut desk, &mut other] {
            at(desk, Desk::with_fixtures(), &request(&TICKERS, "2019-09-06")).await;
        }
        let [held] = &desk.account().state().pending().keys().take(1).collect::<Vec<&Ticker>>()[..] else {
            panic!("something is ordered")
        };
        let (file, name) = (format!("{held}.csv"), held.to_string());
        let blind = Desk::with_fixtures().without(&file);
        let others: Vec<&str> = TICKERS.into_iter().filter(|ticker| *ticker != name).collect();
        let brief = at(&mut desk, blind, &request(&others, "2019-09-13")).await;
        let [shortfall] = &report(&brief).shortfalls[..] else { panic!("{:?}", report(&brief).shortfalls) };
        assert!(shortfall.detail.contains(&format!("no price of {name}")), "{}", shortfall.detail);
        assert!(report(&brief).orders.is_empty() && !report(&brief).is_booked);
        let brief = at(&mut desk, Desk::with_fixtures(), &request(&others, "2019-09-20")).await;
        assert!(report(&brief).is_booked, "its price is fetched, although nobody asks about it");
        let caught_up =
            report(&brief).events.iter().filter(|event| matches!(event, Event::Marked { .. })).count();
        assert_eq!(caught_up, 10, "two weeks of sessions");
        let brief = at(&mut other, Desk::with_fixtures(), &request(&others, "2019-09-20")).await;
        assert_eq!(report(&brief).account.equity, desk.account().state().equity().expect("it is in range"));
    });
}

/// Once enough is known of a debater, its seat weighs what its record is worth, and debates begin when that is known.
#[test]
fn seats_weigh_what_their_records_are_worth() {
    runtime().block_on(async {
        let tape = Tape::default();
        let mut desk = open(&tape).await;
        let mut request = request(&TICKERS, "2019-06-03");
        request.horizon_sessions = 1;
        let mut day = request.as_of.date();
        let maker = MorningBrief::new(Desk::with_fixtures().fetcher(), offline_panel(1), clock());
        let mut brief = None;
        for _ in 0..40 {
            request.as_of = AsOf::end_of_new_york_day(day);
            brief = Some(maker.run_at(&mut desk, &request).await.expect("a brief").0);
            day = day.tomorrow().expect("a day");
        }
        let brief = brief.expect("40");
        let cards = &report(&brief).scorecards.cards;
        let weight = |name: &str| {
            let card = cards.iter().find(|card| card.who == Voice::Debater(name.to_owned()));
            card.map_or(1.0, |card| card.weight)
        };
        let votes: Vec<_> = brief
            .tickers
            .iter()
            .filter_map(|ticker| ticker.verdict.as_ref())
            .flat_map(|v| v.votes.iter())
            .collect();
        assert!(!votes.is_empty());
        for vote in &votes {
            assert!((vote.weight - weight(&vote.name)).abs() < 1e-12, "{} weighs {}", vote.name, vote.weight);
        }
        assert!(votes.iter().any(|vote| (vote.weight - 1.0).abs() > 1e-6), "somebody has shown something");
    });
}

#[test]
fn settings_that_make_no_sense() {
    runtime().block_on(async {
        let none = DeskSettings::with_capital(Usd::ZERO);
        let key = "paper".parse().expect("a key");
        let error = PaperDesk::open(&Tape::default(), &key, none).await.expect_err("nothing to begin with");
        assert!(error.to_string().contains("more than nothing"), "{error}");
        let tape = Tape::default();
        let mut desk = open(&tape).await;
        at(&mut desk, Desk::with_fixtures(), &request(&TICKERS, "2019-09-06")).await;
        let mut other = settings();
        other.execution.patience += 1;
        let error = PaperDesk::open(&tape, &key, other).await.expect_err("other rules");
        assert_eq!(error.kind(), assize_pipeline::ErrorKind::Refused, "{error}");
    });
}
