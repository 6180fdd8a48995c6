//! From standing votes to a verdict.

use std::sync::Arc;

use assize_metering::Usd;

use super::{Debate, Standing, TurnState};
use crate::{
    AbstainReason, Assessment, Ballot, Conformity, DecisionRule, Degradation, Election, FORMAT_VERSION,
    HaltCause, Lead, LinearPool, Listener, Outcome, Rule, SeatIndex, StopReason, TieBreak, Verdict,
    VerdictAbstention, VerdictAssessment, VerdictReason, Vote,
};

impl Debate {
    pub(super) fn decide(&mut self, stopped: StopReason, halted: Option<HaltCause>) {
        let options = &self.spec.options;
        let ballots = self.ballots();
        let history = self.history();
        let judged = self.judged();
        let mut election = self.election(&ballots, &history);
        if let Some(scores) = &judged {
            election = election.with_judgement(scores);
        }
        // A judge that was never heard leaves the decision to the votes.
        let rule = match self.spec.rule {
            Rule::Judge if judged.is_none() => Rule::Plurality,
            rule => rule,
        };
        let tally = rule.decide(election);
        let counted = self.counted(rule, election, &tally);
        let tally = self.spec.tie_break.apply(tally, election, self.spec.seed);
        let leaders = tally.foremost();
        let names = |of: &[usize]| of.iter().map(|&option| options[option].clone()).collect();
        let outcome = match &tally.lead {
            Lead::Nobody => Outcome::NoOpinion,
            Lead::One(one) => Outcome::Decided { option: options[*one].clone() },
            Lead::Tie(tied) => Outcome::Tied { options: names(tied) },
            Lead::Short { foremost, votes, needed, cast } => {
                Outcome::NoMajority { options: names(foremost), votes: *votes, needed: *needed, cast: *cast }
            }
        };
        let pool = LinearPool.decide(election);
        let (reasons, dissent) = self.reasons(leaders);
        let verdict = Verdict {
            format_version: FORMAT_VERSION,
            debate: (*self.id).clone(),
            question: self.spec.question.clone(),
            options: options.clone(),
            outcome,
            probabilities: (pool.scores.iter().any(|score| *score > 0.0)).then_some(pool.scores),
            support: tally.shares(),
            tally: Some(counted),
            rule: self.spec.rule,
            rounds: self.round() + 1,
            stopped,
            votes: self.votes(rule, election),
            reasons,
            dissent,
            abstentions: self.abstentions(),
            assessments: self.assessed(),
            selection: self.receipt(),
            conformity: self.conformity_by_now(),
            calls: self.spent.calls,
            tokens: self.spent.tokens,
            cost: self.spent.cost,
            degradations: self.degradations(halted),
        };
        self.verdict = Some(Arc::new(verdict));
    }

    /// The judge's scores, the last that there are. Where it names no winner, all options have the same: a judge that came to
    /// another result in the opposite order has not preferred any.
    fn judged(&self) -> Option<Vec<f64>> {
        let (_, last) = self.assessments.last()?;
        Some(match last.winner {
            Some(_) => last.scores.clone(),
            None => vec![1.0; self.spec.options.len()],
        })
    }

    fn conformity_by_now(&self) -> Conformity {
        Conformity {
            rounds_without_new_facts: (!self.spec.evidence.is_empty()).then_some(self.rounds_without_facts),
            unshared_fact_coverage: self.evidence.unshared_coverage(&self.spec),
            ..self.conformity
        }
    }

    fn standing(&self) -> impl Iterator<Item = (SeatIndex, &Standing)> {
        self.seats().filter_map(|seat| Some((seat, self.standing[seat.get()].as_ref()?)))
    }

    pub(super) fn ballots(&self) -> Vec<Ballot> {
        let ballot = |(seat, vote): (SeatIndex, &Standing)| Ballot {
            seat,
            stance: vote.utterance.stance,
            probabilities: vote.utterance.probabilities.clone(),
            confidence: vote.utterance.confidence,
            ranking: vote.utterance.ranking.clone(),
            approved: vote.utterance.approved.clone(),
            points: vote.utterance.points.clone(),
            own: None,
            weight: self.spec.seats[seat.get()].weight,
        };
        self.standing().map(ballot).collect()
    }

    /// What is known of these ballots, but for what the judge says.
    pub(super) fn election<'a>(
        &'a self,
        ballots: &'a [Ballot],
        history: &'a [Vec<Option<usize>>],
    ) -> Election<'a> {
        let election = Election::new(self.spec.options.len(), ballots);
        let mut election = election.with_rounds(self.round() + 1).with_history(history);
        if let Some(record) = &self.spec.track_record {
            election = election.with_record(record);
        }
        if let Some(table) = &self.spec.recalibration {
            election = election.with_recalibration(table);
        }
        election
    }

    /// The stances of each round, by seat, where something counts them.
    pub(super) fn history(&self) -> Vec<Vec<Option<usize>>> {
        if !self.spec.rule.needs_history() && self.spec.tie_break != TieBreak::FirstRound {
            return Vec::new();
        }
        let stance = |turn: &TurnState| match turn {
            TurnState::Spoke(utterance) => Some(utterance.stance),
            TurnState::Due | TurnState::Asked | TurnState::Abstained { .. } => None,
        };
        self.rounds.iter().map(|turns| turns.iter().map(stance).collect()).collect()
    }

    fn votes(&self, rule: Rule, election: Election<'_>) -> Vec<Vote> {
        let weights = rule.weights(election);
        let vote = |(place, ((seat, vote), ballot)): (usize, ((SeatIndex, &Standing), &Ballot))| Vote {
            seat,
            name: self.name(seat),
            option: self.spec.options[ballot.stance].clone(),
            probabilities: ballot.probabilities.clone(),
            confidence: ballot.confidence,
            ranking: self.named(ballot.ranking.as_ref()),
            approved: self.named(ballot.approved.as_ref()),
            points: ballot.points.clone(),
            weight: ballot.weight,
            counts: weights.as_ref().and_then(|weights| weights.get(place).copied()),
            way: self.way_of(ballot, election.history),
            round: vote.round,
        };
        self.standing().zip(election.ballots).enumerate().map(vote).collect()
    }

    /// The reasons of those who stand for a leader, and of the others.
    fn reasons(&self, leaders: &[usize]) -> (Vec<VerdictReason>, Vec<VerdictReason>) {
        let (mut reasons, mut dissent) = (Vec::new(), Vec::new());
        for (seat, vote) in self.standing() {
            let stance = vote.utterance.stance;
            let side = if leaders.contains(&stance) { &mut reasons } else { &mut dissent };
            side.extend(vote.utterance.reasons.iter().map(|reason| VerdictReason {
                seat,
                name: self.name(seat),
                option: self.spec.options[stance].clone(),
                text: reason.text.clone(),
                cites: reason.cites.clone(),
            }));
        }
        (reasons, dissent)
    }

    fn abstentions(&self) -> Vec<VerdictAbstention> {
        let mut abstentions = Vec::new();
        for (round, turns) in (0..).zip(&self.rounds) {
            for (seat, turn) in (0..).map(SeatIndex).zip(turns) {
                if let TurnState::Abstained { reason, detail } = turn {
                    let (name, detail) = (self.name(seat), (**detail).to_owned());
                    abstentions.push(VerdictAbstention { seat, name, round, reason: *reason, detail });
                }
            }
        }
        abstentions
    }

    fn assessed(&self) -> Vec<VerdictAssessment> {
        let assessed = |(round, assessment): &(u32, Arc<Assessment>)| VerdictAssessment {
            round: *round,
            winner: assessment.winner.map(|option| self.spec.options[option].clone()),
            scores: assessment.scores.clone(),
            orders_agree: assessment.orders_agree,
            reasons: assessment.reasons.iter().map(|reason| reason.text.clone()).collect(),
        };
        self.assessments.iter().map(assessed).collect()
    }

    fn last_abstention(&self, seat: SeatIndex) -> Option<AbstainReason> {
        self.rounds.iter().rev().find_map(|turns| match &turns[seat.get()] {
            TurnState::Abstained { reason, .. } => Some(*reason),
            TurnState::Due | TurnState::Asked | TurnState::Spoke(_) => None,
        })
    }

    fn degradations(&self, halted: Option<HaltCause>) -> Vec<Degradation> {
        let mut found = Vec::new();
        if let Some(cause) = halted {
            found.push(Degradation::Halted { cause });
        }
        for seat in self.seats() {
            let name = self.name(seat);
            match &self.standing[seat.get()] {
                None => {
                    let reason = self.last_abstention(seat).unwrap_or(AbstainReason::Halted);
                    found.push(Degradation::LostVoice { name, reason });
                }
                Some(vote) if vote.round < self.round() => {
                    found.push(Degradation::StaleVote { name, round: vote.round })
                }
                Some(_) => {}
            }
        }
        for (seat, round) in &self.economised {
            found.push(Degradation::CheaperModel { name: self.name(*seat), round: *round });
        }
        for (round, reason) in &self.summaries.lost {
            found.push(Degradation::LostSummary { round: *round, reason: *reason });
        }
        for (who, (times, evidence)) in &self.shortened {
            let name = match who {
                Listener::Seat { seat } => Some(self.name(*seat)),
                Listener::Judge => self.spec.judge.as_ref().map(|judge| judge.name.clone()),
                Listener::Summariser => self.spec.summariser.as_ref().map(|seat| seat.model.clone()),
            };
            let name = name.unwrap_or_default();
            found.push(Degradation::ShortenedPrompt { name, times: *times, evidence: *evidence });
        }
        for (seat, id) in &self.evidence.unknown {
            found.push(Degradation::UnknownCitation { name: self.name(*seat), id: id.clone() });
        }
        if let Some(judge) = &self.spec.judge {
            let name = judge.name.clone();
            let cited = |id| Degradation::UnknownCitation { name: name.clone(), id };
            found.extend(self.judge_cited_unknown.iter().cloned().map(cited));
            match (self.judge_lost(), self.assessments.last()) {
                (Some(reason), _) => found.push(Degradation::LostJudge { name, reason }),
                (None, Some((round, last))) if last.orders_agree == Some(false) => {
                    found.push(Degradation::JudgeContradictsItself { name, round: *round });
                }
                (None, _) => {}
            }
        }
        if self.spent.possibly_paid > Usd::ZERO {
            found.push(Degradation::PossiblyPaid { amount: self.spent.possibly_paid });
        }
        if self.spent.simulated {
            found.push(Degradation::Simulated);
        }
        found
    }
}
