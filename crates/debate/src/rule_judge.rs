//! A judge without a model: it counts what was cited.

use std::collections::BTreeSet;

use crate::{Assessing, Assessment, Docket, EvidenceId, Judge, Reason, prompt};

/// An assessment has no more reasons than this.
const MAX_REASONS: usize = 16;
const MAX_CITES: usize = 512;

/// Judges by evidence alone, from what was laid before everybody and what each debater says. It knows no words: whether a reason
/// follows from what it cites is not for it. It costs nothing, and the same docket gives the same assessment, to the last digit.
///
/// The score of an option is `coverage × (validity + answered + grounded) / 3`, where, for the debaters who stand for it,
/// - coverage is the share of the evidence laid before all that at least one of them cites,
/// - validity is the share of their citations, each counted once a debater, of evidence that is there,
/// - answered is the share of the evidence cited by the other sides that they mention as well (1 where there is none), and
/// - grounded is the share of them who did not come over from another option without citing what they had not cited before.
///
/// An option that nobody stands for, or for which nobody cites anything, has 0. It has heard enough when all that was laid
/// before everybody was cited, and in a round after the first nobody cited anything for the first time or changed sides.
///
/// ```
/// use std::sync::Arc;
/// use assize_debate::{Driver, JudgeSeat, Rule, RuleJudge, ScriptedDebater, Seat, Spec, Utterance};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let spec = Spec::new("Tea?", ["yes", "no"])
///     .with_seat(Seat::new("Ada", "scripted"))
///     .with_rule(Rule::Judge)
///     .with_judge(JudgeSeat::new("Counter", "rule"));
/// let ada = ScriptedDebater::always(Utterance::new(0).because("it is four o'clock", []));
/// let driver = Driver::new(spec, vec![Arc::new(ada)])?.with_judge(Arc::new(RuleJudge))?;
/// assert_eq!(driver.run().await?.verdict.decision(), None, "without evidence nothing is argued");
/// # Ok::<(), assize_debate::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleJudge;

impl Judge for RuleJudge {
    fn assess(&self, docket: Docket) -> Assessing {
        Assessing::immediate(Ok(assessed(&docket)))
    }
}

/// What the debaters of an option did.
#[derive(Debug, Default)]
struct Side<'a> {
    debaters: usize,
    covered: BTreeSet<&'a EvidenceId>,
    citations: usize,
    valid: usize,
    /// Who came over without a new fact.
    adrift: usize,
}

impl Side<'_> {
    /// What the other sides cite and this one does not mention, and how much they cite.
    fn unanswered(&self, sides: &[Self]) -> (usize, usize) {
        let others = sides.iter().filter(|side| !std::ptr::eq(*side, self));
        let cited: BTreeSet<_> = others.flat_map(|side| &side.covered).collect();
        (cited.iter().filter(|id| !self.covered.contains(**id)).count(), cited.len())
    }

    fn score(&self, sides: &[Self], evidence: usize) -> f64 {
        let (unanswered, of) = self.unanswered(sides);
        let validity = share(self.valid, self.citations);
        let answered = if of == 0 { 1.0 } else { share(of - unanswered, of) };
        let grounded = share(self.debaters - self.adrift, self.debaters);
        share(self.covered.len(), evidence) * ((validity + answered + grounded) / 3.0)
    }
}

fn assessed(docket: &Docket) -> Assessment {
    let evidence: BTreeSet<&EvidenceId> = docket.evidence().map(|evidence| &evidence.id).collect();
    let options = docket.options();
    let mut sides: Vec<Side<'_>> = options.iter().map(|_| Side::default()).collect();
    let mut cited_before = BTreeSet::new();
    let mut is_restless = false;
    for (place, peer) in docket.statements().iter().enumerate() {
        let Some(side) = sides.get_mut(peer.utterance.stance) else { continue };
        let cites: BTreeSet<_> = peer.utterance.cites().collect();
        let earlier = docket.earlier(place);
        let own: BTreeSet<_> = earlier.iter().flat_map(|said| said.cites()).collect();
        let valid = cites.intersection(&evidence).copied();
        side.debaters += 1;
        side.citations += cites.len();
        side.valid += valid.clone().count();
        if earlier.last().is_some_and(|before| before.stance != peer.utterance.stance) {
            is_restless = true;
            side.adrift += usize::from(valid.clone().all(|id| own.contains(id)));
        }
        side.covered.extend(valid);
        cited_before.extend(own);
    }
    let scores: Vec<f64> = sides.iter().map(|side| side.score(&sides, evidence.len())).collect();
    let mut spoken: Vec<usize> = (0..options.len()).filter(|&option| sides[option].debaters > 0).collect();
    spoken.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    spoken.truncate(MAX_REASONS);
    let reasons =
        spoken.iter().map(|&option| reason(&options[option], &sides[option], &sides, evidence.len()));
    let reasons = reasons.collect();
    let covered: BTreeSet<_> = sides.iter().flat_map(|side| &side.covered).copied().collect();
    let is_new = covered.iter().any(|id| !cited_before.contains(id));
    let is_enough = docket.round() > 0 && covered.len() == evidence.len() && !is_new && !is_restless;
    Assessment { is_enough, reasons, ..Assessment::by_scores(scores) }
}

fn reason(option: &str, side: &Side<'_>, sides: &[Side<'_>], evidence: usize) -> Reason {
    let (unanswered, of) = side.unanswered(sides);
    let text = format!(
        "\"{}\": cites {} of {evidence} pieces of evidence; {} of {} citations are of what is not there; leaves {unanswered} of \
         {of} that others cite without an answer; {} of {} came over without a new fact",
        prompt::shown(option),
        side.covered.len(),
        side.citations - side.valid,
        side.citations,
        side.adrift,
        side.debaters,
    );
    let cites = side.covered.iter().copied().take(MAX_CITES).cloned().collect();
    Reason { text, cites, weight: None }
}

#[expect(clippy::cast_precision_loss, reason = "counts of citations")]
fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_ambient::Timestamp;
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Bill, Debate, Event, Evidence, JudgeSeat, Reservation, Seat, SeatIndex, Spec, Step, Utterance,
    };

    /// A stance, and the evidence cited; 9 is not there.
    type Said = (usize, &'static [u8]);

    fn evidence(number: u8) -> Evidence {
        Evidence {
            id: EvidenceId::from(&*format!("ev-{number}")),
            kind: String::new(),
            subject: String::new(),
            source: String::new(),
            available_at: Timestamp::UNIX_EPOCH,
            text: String::new(),
            data: serde_json::Value::Null,
            held_by: None,
        }
    }

    fn utterance(stance: usize, cites: &[u8]) -> Arc<Utterance> {
        let cites: Vec<String> = cites.iter().map(|number| format!("ev-{number}")).collect();
        Arc::new(Utterance::new(stance).because("so", cites.iter().map(String::as_str)))
    }

    /// The docket after these rounds, in which each seat says something.
    fn docket(options: usize, pieces: u8, rounds: &[Vec<(usize, Vec<u8>)>]) -> Docket {
        let mut spec = Spec::new("Which?", (0..options).map(|option| format!("option {option}")))
            .with_evidence((0..pieces).map(evidence).collect::<Vec<_>>())
            .with_rounds(50)
            .with_stops([])
            .with_judge(JudgeSeat::new("Counter", "rule").in_each_round());
        for seat in 0..rounds[0].len() {
            spec = spec.with_seat(Seat::new(format!("seat {seat}"), "scripted"));
        }
        let mut debate = Debate::open(spec).unwrap();
        for (round, said) in (0..).zip(rounds) {
            if debate.docket().is_some() {
                let assessment = Arc::new(Assessment::by_scores(vec![0.0; options]));
                debate
                    .apply(Event::JudgeAsked { round: round - 1, reserved: Reservation::default() })
                    .unwrap();
                debate
                    .apply(Event::Assessed { round: round - 1, assessment, bill: Bill::default() })
                    .unwrap();
            }
            for (seat, (stance, cites)) in (0..).map(SeatIndex).zip(said) {
                debate.apply(Event::Asked { round, seat, reserved: Reservation::default() }).unwrap();
                let utterance = utterance(*stance, cites);
                debate.apply(Event::Spoke { round, seat, utterance, bill: Bill::default() }).unwrap();
            }
        }
        assert!(matches!(debate.next(), Step::Assess { .. }));
        debate.docket().unwrap()
    }

    fn judged(options: usize, pieces: u8, rounds: &[&[Said]]) -> Assessment {
        let rounds: Vec<Vec<(usize, Vec<u8>)>> = rounds
            .iter()
            .map(|said| said.iter().map(|(stance, cites)| (*stance, cites.to_vec())).collect())
            .collect();
        assess(docket(options, pieces, &rounds))
    }

    fn assess(docket: Docket) -> Assessment {
        let options = docket.options().len();
        let assessing = RuleJudge.assess(docket);
        assert_eq!(assessing.reservation, Reservation::default());
        let assessed = assessing.assessment.now_or_never().unwrap().unwrap();
        assert_eq!(assessed.bill, Bill::default());
        assessed.assessment.check(options).unwrap();
        assessed.assessment
    }

    #[test]
    fn the_score_is_as_documented() {
        for (rounds, expected) in [
            // All of two, nothing wrong, nothing left out; the other side has nothing.
            (vec![&[(0, &[0, 1][..]), (1, &[][..])][..]], [1.0, 0.0]),
            // Each half, each leaves the other's point.
            (vec![&[(0, &[0]), (1, &[1])]], [0.5 * 2.0 / 3.0, 0.5 * 2.0 / 3.0]),
            // One citation of two is of nothing.
            (vec![&[(0, &[0, 9]), (1, &[1, 0])]], [0.5 * (0.5 + 0.5 + 1.0) / 3.0, 1.0]),
            // The same twice in one mouth counts once, in two mouths it covers no more.
            (vec![&[(0, &[0, 0]), (0, &[0]), (1, &[9])]], [0.5, 0.0]),
            // Who comes over without a new fact lends no ground.
            (vec![&[(0, &[0]), (1, &[1])], &[(0, &[0, 1]), (0, &[1])]], [(1.0 + 1.0 + 0.5) / 3.0, 0.0]),
            (vec![&[(0, &[0]), (1, &[1])], &[(0, &[0, 1]), (0, &[0])]], [1.0, 0.0]),
        ] {
            let assessment = judged(2, 2, &rounds);
            for (score, expected) in assessment.scores.iter().zip(expected) {
                assert!((score - expected).abs() < 1e-12, "{rounds:?}: {:?}", assessment.scores);
            }
        }
        let one = judged(2, 2, &[&[(0, &[0, 9]), (1, &[1, 0])]]);
        assert_eq!(one.winner, Some(1));
        assert_eq!(
            one.reasons[1].text,
            "\"option 0\": cites 1 of 2 pieces of evidence; 1 of 2 citations are of what is not there; leaves 1 of 2 that \
             others cite without an answer; 0 of 1 came over without a new fact"
        );
        assert_eq!(one.reasons[1].cites, ["ev-0".into()]);
    }

    #[test]
    fn heads_do_not_count_and_nothing_comes_of_nothing() {
        let many = judged(2, 2, &[&[(0, &[0]), (0, &[0]), (0, &[0]), (1, &[0, 1])]]);
        assert_eq!(many.winner, Some(1));
        let none = judged(2, 2, &[&[(0, &[]), (0, &[9]), (1, &[])]]);
        assert_eq!((none.winner, none.is_enough), (None, false));
        assert_eq!(judged(2, 0, &[&[(0, &[]), (1, &[])]]).winner, None);
    }

    #[test]
    fn it_has_heard_enough_when_all_was_cited_and_nothing_new_came() {
        let all: &[Said] = &[(0, &[0, 1]), (1, &[1])];
        let some: &[Said] = &[(0, &[0]), (1, &[])];
        assert!(!judged(2, 2, &[all]).is_enough, "all of it is new in the first round");
        assert!(judged(2, 2, &[all, all]).is_enough);
        assert!(!judged(2, 2, &[some, all]).is_enough, "something new came");
        assert!(!judged(2, 2, &[some, some]).is_enough, "something was not cited");
        assert!(!judged(2, 2, &[all, &[(0, &[0, 1]), (0, &[1])]]).is_enough, "somebody changed sides");
    }

    #[test]
    fn as_many_options_as_can_be_are_judged() {
        let said: Vec<(usize, Vec<u8>)> = (0..64).map(|option| (option, vec![0, 1])).collect();
        let assessment = assess(docket(64, 3, &[said]));
        assert_eq!((assessment.reasons.len(), assessment.winner), (MAX_REASONS, None));
    }

    type Rounds = Vec<Vec<(usize, Vec<u8>)>>;

    fn rounds() -> impl Strategy<Value = Rounds> {
        let said = (0_usize..3, prop::collection::vec(0_u8..6, 0..5));
        (2_usize..5, 1_usize..4).prop_flat_map(move |(seats, rounds)| {
            prop::collection::vec(prop::collection::vec(said.clone(), seats), rounds)
        })
    }

    proptest! {
        #[test]
        fn renaming_options_renames_the_scores(rounds in rounds(), by in 1_usize..3) {
            let plain = assess(docket(3, 4, &rounds));
            let renamed: Rounds = rounds
                .iter()
                .map(|said| said.iter().map(|(stance, cites)| ((stance + by) % 3, cites.clone())).collect())
                .collect();
            let renamed = assess(docket(3, 4, &renamed));
            for option in 0..3 {
                prop_assert!((plain.scores[option] - renamed.scores[(option + by) % 3]).abs() < 1e-12);
            }
            prop_assert_eq!(plain.winner.map(|option| (option + by) % 3), renamed.winner);
            prop_assert_eq!(plain.is_enough, renamed.is_enough);
        }

        #[test]
        fn the_order_of_statements_changes_nothing(rounds in rounds(), by in 1_usize..4) {
            let turned: Rounds = rounds
                .iter()
                .map(|said| {
                    let mut said = said.clone();
                    let places = by % said.len();
                    said.rotate_left(places);
                    said
                })
                .collect();
            prop_assert_eq!(assess(docket(3, 4, &rounds)), assess(docket(3, 4, &turned)));
        }

        #[test]
        fn scores_lie_in_the_unit_and_citing_more_of_what_is_there_lowers_none(rounds in rounds()) {
            let before = assess(docket(3, 4, &rounds));
            let mut more = rounds;
            let last = more.last_mut().unwrap();
            let stance = last[0].0;
            last[0].1 = [&last[0].1[..], &[0, 1, 2, 3]].concat();
            let after = assess(docket(3, 4, &more));
            prop_assert!(after.scores.iter().all(|score| (0.0..=1.0).contains(score)));
            prop_assert!(after.scores[stance] >= before.scores[stance] - 1e-12);
        }
    }
}
