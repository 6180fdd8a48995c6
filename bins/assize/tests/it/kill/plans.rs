//! The debates that are killed.

use assize_ambient::{Seed, Timestamp};
use assize_debate::{
    Event, Evidence, EvidenceId, JudgeSeat, Order, Record, Rule, Seat, SeatIndex, Selector, Spec, StopRule,
    Window,
};

use super::vendors::{EVIDENCE, OPTIONS, Vendors};

pub(super) const QUESTION: &str = "Does it go out on Friday?";

/// A debate, and how it begins.
pub(super) struct Plan {
    pub(super) name: &'static str,
    /// Whether it begins with a command, and not with an opening in its journal: with a command it can be killed before there
    /// is anything at all.
    pub(super) by_command: bool,
    /// Whether it ends when a lead is unassailable: who is not heard then depends on who was faster, and what is decided does
    /// not.
    pub(super) is_race: bool,
    seats: u16,
    shape: fn(Spec) -> Spec,
}

pub(super) const PLANS: [Plan; 5] = [
    Plan { name: "three at once", by_command: true, is_race: false, seats: 3, shape: |spec| spec },
    Plan {
        name: "four and a judge in each round",
        by_command: false,
        is_race: false,
        seats: 4,
        shape: |spec| spec.with_rule(Rule::Judge).with_stops([StopRule::Unanimous, StopRule::JudgeSatisfied]),
    },
    Plan {
        name: "in turns, with a window",
        by_command: false,
        is_race: false,
        seats: 3,
        shape: |spec| {
            let mut spec = spec
                .with_rule(Rule::Trajectory)
                .with_order(Order::RoundRobin)
                .with_selector(Selector::Always)
                .with_window(Window { rounds: 2, tokens: 60 });
            spec.judge = None;
            spec
        },
    },
    Plan {
        name: "one by one, one of them mute, and a judge",
        by_command: false,
        is_race: false,
        seats: 2,
        shape: |spec| {
            let spec = spec.with_order(Order::Sequential).without_blind_round().with_rule(Rule::Majority);
            spec.with_seat(Seat::new("mute", "scripted:mute.txt"))
        },
    },
    Plan {
        name: "a race of five",
        by_command: false,
        is_race: true,
        seats: 5,
        shape: |spec| {
            let mut spec =
                spec.with_rounds(2).with_rule(Rule::Plurality).with_stops([StopRule::UnassailableLead]);
            spec.judge = None;
            spec
        },
    },
];

impl Plan {
    /// The models of a debate of this name.
    fn models(&self, vendors: &Vendors, debate: &str) -> Vec<String> {
        (0..self.seats).map(|seat| vendors.model(debate, &seat.to_string())).collect()
    }

    /// The command with which it begins.
    pub(super) fn command(&self, vendors: &Vendors, debate: &str) -> Vec<String> {
        let mut command =
            ["debate", QUESTION, "--rounds", "3", "--rule", "plurality"].map(str::to_owned).to_vec();
        for model in self.models(vendors, debate) {
            command.extend(["--model".to_owned(), model]);
        }
        command.extend(OPTIONS.iter().flat_map(|option| ["--option".to_owned(), (*option).to_owned()]));
        command
    }

    /// Its name and the first line of its log, where it begins with that.
    pub(super) fn opening(&self, vendors: &Vendors, debate: &str) -> (String, Vec<u8>) {
        let held = |at: u16| (at % 2 == 1).then(|| vec![SeatIndex(at % self.seats)]);
        let evidence = (0..).zip(EVIDENCE).map(|(at, id)| Evidence {
            id: EvidenceId::from(id),
            kind: "note".to_owned(),
            subject: "the release".to_owned(),
            source: format!("log {at}"),
            available_at: Timestamp::UNIX_EPOCH,
            text: format!("Run {at} went well."),
            data: serde_json::Value::Null,
            held_by: held(at),
        });
        let mut spec = Spec::new(QUESTION, OPTIONS)
            .with_evidence(evidence.collect())
            .with_seed(Seed::new(9))
            .with_judge(JudgeSeat::new("judge", vendors.model(debate, "judge")).in_each_round());
        for (number, model) in (1..).zip(self.models(vendors, debate)) {
            spec = spec.with_seat(Seat::new(format!("voice {number}"), model));
        }
        let spec = (self.shape)(spec);
        let id = spec.id().as_str().to_owned();
        let line = Record::new(0, Event::Opened { spec: spec.into() }).to_line().expect("an opening");
        (id, line)
    }
}
