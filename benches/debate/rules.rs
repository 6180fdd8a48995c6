//! One count by each rule of decision.

use std::hint::black_box;

use assize_ambient::Seed;
use assize_benches::handover::Handover;
use assize_debate::{Ballot, DecisionRule, Election, Rule, SeatIndex};
use assize_perf::Run;

use crate::figures::{interleaved, sampled, timed};

const OPTIONS: usize = 4;
const ROUNDS: u32 = 3;

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    for seats in [5_u16, 1_000] {
        let mut chance = Seed::new(u64::from(seats)).rng();
        let ballots: Vec<Ballot> = (0..seats)
            .map(|seat| {
                let mut ranking: Vec<usize> = (0..OPTIONS).collect();
                chance.shuffle(&mut ranking);
                Ballot::new(SeatIndex(seat), ranking[0]).with_ranking(ranking)
            })
            .collect();
        let history: Vec<Vec<Option<usize>>> =
            vec![ballots.iter().map(|ballot| Some(ballot.stance)).collect(); ROUNDS as usize];
        let election = Election::new(OPTIONS, &ballots).with_rounds(ROUNDS).with_history(&history);
        for rule in Rule::ALL {
            let id = format!("debate/rule/{}/{seats}", rule.name());
            if handover.wants(&id) {
                let mut count = |n: u32| {
                    let (time, ()) = timed(|| {
                        for _ in 0..n {
                            black_box(rule.decide(black_box(election)));
                        }
                    });
                    Ok(time)
                };
                let times = interleaved(handover.profile, &mut [&mut count])?.remove(0);
                let note = format!("{seats} ballots that rank, {OPTIONS} options");
                run.measurements.push(sampled(&id, "time", times)?.with_note(note));
            }
        }
    }
    Ok(())
}
