//! A verdict as a document.

use assize_debate::{
    Counted, Degradation, Evidence, EvidenceId, Outcome, Selection, SelectionReason, Selector, StopReason,
    TieBreak, Verdict, VerdictAssessment, VerdictReason, VerdictTally,
};
use assize_report::{Cell, Column, Document, Table, Text, Tone};

/// More citations of one reason are counted.
const SHOWN_CITES: usize = 5;

/// A verdict for people: what was decided and how surely, the votes, the reasons with the evidence they cite, dissent,
/// abstentions, what the judge made of it, why it was debated at all, cost, and what is doubtful. `evidence` is what could be cited.
#[must_use]
pub fn verdict_document(verdict: &Verdict, evidence: &[Evidence]) -> Document {
    let mut doc = Document::new(verdict.question.clone());
    doc.meta("debate", verdict.debate.to_string());
    doc.meta("rule", verdict.rule.to_string());
    doc.meta("cost of model calls", format!("{} USD", verdict.cost));
    let tone = if verdict.decision().is_some() { Tone::Good } else { Tone::Warn };
    doc.callout(tone, outcome(verdict));
    doc.heading(2, "Votes");
    doc.table(votes(verdict));
    doc.paragraph(verdict.tally.as_ref().map(|tally| count(tally, verdict)).unwrap_or_default());
    doc.heading(2, "Reasons");
    argue(&mut doc, verdict, |id| cited(id, evidence));
    if !verdict.assessments.is_empty() {
        doc.heading(2, "What the judge says");
        doc.table(assessments(verdict));
        let because = |assessment: &VerdictAssessment| -> Vec<Text> {
            let round = format!("Round {}", assessment.round + 1);
            assessment
                .reasons
                .iter()
                .map(|why| Text::new().strong(&round).plain(format!(": {why}")))
                .collect()
        };
        doc.list(verdict.assessments.iter().flat_map(because));
    }
    doc.heading(2, "How it went");
    doc.paragraph(how_it_went(verdict));
    doc.paragraph(verdict.selection.as_ref().map(receipt).unwrap_or_default());
    if !verdict.degradations.is_empty() {
        doc.paragraph(Text::new().strong("What is missing or doubtful"));
        doc.list(verdict.degradations.iter().map(doubt));
    }
    doc
}

/// The reasons, the dissent and the abstentions of the last round; `resolve` says what an id stands for.
pub(crate) fn argue(doc: &mut Document, verdict: &Verdict, resolve: impl Fn(&EvidenceId) -> String) {
    let side = |reasons: &[VerdictReason]| -> Vec<Text> {
        reasons.iter().map(|reason| grounds(reason, &resolve)).collect()
    };
    if verdict.reasons.is_empty() {
        doc.paragraph("No reasons were given.");
    } else {
        doc.list(side(&verdict.reasons));
    }
    doc.paragraph(Text::new().strong("Dissent"));
    if verdict.dissent.is_empty() {
        let leads = |option: &String| match &verdict.outcome {
            Outcome::Decided { option: decided } => option == decided,
            Outcome::Tied { options } | Outcome::NoMajority { options, .. } => options.contains(option),
            _ => false,
        };
        let agree = verdict.votes.windows(2).all(|pair| pair[0].option == pair[1].option);
        doc.paragraph(if agree {
            "None of those who voted disagrees."
        } else if verdict.votes.iter().all(|vote| leads(&vote.option)) {
            "Nobody stands for anything else."
        } else {
            "The dissenting votes came without reasons."
        });
    } else {
        doc.list(side(&verdict.dissent));
    }
    let last_round = verdict.rounds.saturating_sub(1);
    let silent: Vec<Text> = verdict
        .abstentions
        .iter()
        .filter(|abstention| abstention.round == last_round)
        .map(|abstention| Text::new().strong(&abstention.name).plain(format!(": {}", abstention.detail)))
        .collect();
    if !silent.is_empty() {
        doc.paragraph(Text::new().strong("Abstained"));
        doc.list(silent);
    }
}

/// A reason with its citations resolved.
fn grounds(reason: &VerdictReason, resolve: impl Fn(&EvidenceId) -> String) -> Text {
    let mut cites: Vec<String> = reason.cites.iter().take(SHOWN_CITES).map(resolve).collect();
    if let Some(more @ 1..) = reason.cites.len().checked_sub(SHOWN_CITES) {
        cites.push(format!("and {more} more"));
    }
    let text = Text::new().strong(&reason.name).plain(format!(" ({}): {}", reason.option, reason.text));
    if cites.is_empty() { text } else { text.plain(format!(" [{}]", cites.join(", "))) }
}

fn cited(id: &EvidenceId, evidence: &[Evidence]) -> String {
    let known = evidence.iter().find(|evidence| evidence.id == *id);
    known.map_or_else(
        || format!("{id}, which is not there"),
        |evidence| format!("{id}: {}", first_words(&evidence.text)),
    )
}

fn first_words(text: &str) -> String {
    const SHOWN: usize = 60;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN + 1).collect();
    if line.chars().count() > SHOWN {
        format!("{}…", line.chars().take(SHOWN).collect::<String>())
    } else {
        line
    }
}

/// How the votes were counted, in a sentence or two.
fn count(tally: &VerdictTally, verdict: &Verdict) -> String {
    if tally.got.iter().all(|got| *got <= 0.0) {
        return String::new();
    }
    let named = |options: &[String], got: &[f64]| -> String {
        let each = options.iter().zip(got).map(|(option, got)| format!("{option} {}", short(*got)));
        each.collect::<Vec<_>>().join(", ")
    };
    let what = match tally.counted {
        Counted::Votes => "votes",
        Counted::ShareOfLastCount => "shares of the last count",
        Counted::Approvals => "approvals",
        Counted::PlacePoints => "points for places",
        Counted::Duels => "duels won",
        Counted::NotStronger => "options that are not stronger",
        Counted::AgreeingPairs => "pairs that agree with the best order",
        Counted::MeanShare => "mean shares of the points",
        Counted::MeanPoints => "mean points of ten",
        Counted::Weight => "weights",
        Counted::Probability => "pooled probabilities",
        Counted::TrajectoryPoints => "points for how the votes came about",
        Counted::JudgeScore => "the judge's scores",
        _ => "what the rule counts",
    };
    let counted = format!("Counted by the rule, {what}: {}.", named(&verdict.options, &tally.got));
    let Some(tie) = &tally.tie else { return counted };
    let judge = match tie.broken_by {
        TieBreak::Confidence => "how sure their supporters are was to decide",
        TieBreak::FirstRound => "the first round was to decide",
        TieBreak::Seeded => "the lot was to decide",
        _ => "something was to decide",
    };
    let got = match tie.got.is_empty() {
        true => String::new(),
        false => format!(": {}", named(&tie.options, &tie.got)),
    };
    format!("{counted} {} were tied; {judge}{got}.", tie.options.join(" and "))
}

/// At most three digits behind the point, and none that say nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What was decided, in one sentence.
pub(crate) fn outcome(verdict: &Verdict) -> Text {
    match &verdict.outcome {
        Outcome::Decided { option } => {
            let p =
                verdict.probability_of(option).map(|p| format!(", probability {p:.3}")).unwrap_or_default();
            Text::new().strong(option).plain(format!("{p} ({})", vote_counts(verdict)))
        }
        Outcome::Tied { options } => Text::new().strong("a tie").plain(format!(
            " between {} ({})",
            options.join(" and "),
            vote_counts(verdict)
        )),
        Outcome::NoMajority { options, votes, needed, cast } => {
            Text::new().strong("no majority").plain(format!(
                ": {} with {votes} of {cast} votes, and it takes {needed} ({})",
                options.join(" and "),
                vote_counts(verdict)
            ))
        }
        _ if verdict.votes.is_empty() => Text::new().strong("no opinion").plain(": nobody voted"),
        _ => Text::new().strong("no decision").plain(format!(
            ": the rule {} came to none ({})",
            verdict.rule,
            vote_counts(verdict)
        )),
    }
}

fn votes(verdict: &Verdict) -> Table {
    let mut table = Table::new([
        Column::left("voice"),
        Column::left("stands for"),
        Column::right("probability"),
        Column::right("weight"),
        Column::right("since round"),
    ]);
    for vote in &verdict.votes {
        let stated = verdict.options.iter().position(|option| *option == vote.option);
        let p = stated
            .zip(vote.probabilities.as_ref())
            .and_then(|(at, p)| p.get(at).copied())
            .or(vote.confidence);
        table.push([
            Cell::from(vote.name.clone()),
            Cell::from(vote.option.clone()),
            Cell::from(p.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}"))),
            Cell::from(vote.weight.to_string()),
            Cell::from((vote.round + 1).to_string()),
        ]);
    }
    table
}

/// What the judge made of each round.
fn assessments(verdict: &Verdict) -> Table {
    let of = |option: &String| Column::right(option.clone());
    let scores = verdict.options.iter().map(of);
    let columns = [Column::left("round"), Column::left("argued best")].into_iter().chain(scores);
    let mut table = Table::new(columns.chain([Column::left("in both orders")]));
    for assessment in &verdict.assessments {
        let winner = assessment.winner.clone().unwrap_or_else(|| "none".to_owned());
        let orders = match assessment.orders_agree {
            Some(true) => "the same",
            Some(false) => "another result",
            None => "not asked twice",
        };
        let scores = assessment.scores.iter().map(|score| Cell::from(format!("{score:.2}")));
        let cells =
            [Cell::from((assessment.round + 1).to_string()), Cell::from(winner)].into_iter().chain(scores);
        table.push(cells.chain([Cell::from(orders)]));
    }
    table
}

/// Why it was debated or not, and what that saved.
fn receipt(selection: &Selection) -> String {
    let Selection { selector, debated, reason, calls_saved, cost_saved } = selection;
    let what = if *debated { "Debated" } else { "Not debated" };
    let why = match (reason, selector) {
        (SelectionReason::Told, Selector::Never) => "it was to be a vote",
        (SelectionReason::Told, _) => "it was to be debated in any case",
        (SelectionReason::Split, _) => "votes were split after the first round",
        (SelectionReason::UnevenEvidence, _) => "all agreed, and some held evidence that others had not seen",
        (SelectionReason::Agreement, _) => "all agreed on the same evidence",
        (SelectionReason::Stopped, _) => "the first round met a rule that ends it",
        (SelectionReason::NoTime, _) => "a second round would not have ended in time",
        (SelectionReason::NoMoney, _) => "a second round would have cost more than was left",
        _ => "so it was chosen",
    };
    if *calls_saved == 0 {
        return format!("{what}: {why}.");
    }
    format!(
        "{what}: {why}. Rounds that were not held saved {calls_saved} model call(s) and {cost_saved} USD, if each had taken what \
         the last one did."
    )
}

/// Such as `2 up, 1 down, 1 silent`.
pub(crate) fn vote_counts(verdict: &Verdict) -> String {
    let count = |option: &String| verdict.votes.iter().filter(|vote| vote.option == *option).count();
    let counts: Vec<String> =
        verdict.options.iter().map(|option| format!("{} {option}", count(option))).collect();
    let silent = verdict.degradations.iter().filter(|d| matches!(d, Degradation::LostVoice { .. })).count();
    if silent > 0 { format!("{}, {silent} silent", counts.join(", ")) } else { counts.join(", ") }
}

/// Rounds, why it ended, conformity, calls and cost, in a few sentences.
pub(crate) fn how_it_went(verdict: &Verdict) -> String {
    let rounds = match verdict.rounds {
        1 => "one round".to_owned(),
        n => format!("{n} rounds"),
    };
    let why = match verdict.stopped {
        StopReason::Unanimous => "all who voted agree",
        StopReason::Stable => "a whole round changed nothing",
        StopReason::RoundLimit => "no further round was allowed",
        StopReason::NoOpinion => "nobody has an opinion",
        StopReason::Deadline => "the deadline came",
        StopReason::Unheard => "nobody could be heard",
        StopReason::Budget => "the budget was used up",
        StopReason::UnassailableLead => "those who had not answered could not have changed it",
        StopReason::SequentialTest => "the votes left too little doubt",
        StopReason::JudgeSatisfied => "the judge had heard enough",
        StopReason::VoteOnly => "it was to be a vote only",
        StopReason::NoTime => "a further round would not have ended in time",
        StopReason::NoMoney => "a further round would have cost more than was left",
        _ => "it ended",
    };
    let flips = verdict.conformity;
    format!(
        "Debate {} took {rounds}: {why}. Changes of stance: {}, of them without new evidence: {}. Model calls: {}, cost {} USD.",
        verdict.debate, flips.flips, flips.flips_without_new_evidence, verdict.calls, verdict.cost
    )
}

/// What makes a verdict less than it could have been, in a sentence.
pub(crate) fn doubt(degradation: &Degradation) -> String {
    match degradation {
        Degradation::LostVoice { name, reason } => format!("{name} has no vote: {}", words(*reason)),
        Degradation::StaleVote { name, round } => {
            format!("{name} was not heard again after round {}", round + 1)
        }
        Degradation::Halted { .. } => "it was judged as it stood when its time was over".to_owned(),
        Degradation::CheaperModel { name, round } => {
            format!(
                "from round {} on {name} was asked through its cheaper model, for want of money",
                round + 1
            )
        }
        Degradation::LostJudge { name, reason } => {
            format!("the judge {name} was not heard about the last round: {}", words(*reason))
        }
        Degradation::JudgeContradictsItself { name, round } => format!(
            "the judge {name} came to another result in round {} when it read the sides in the opposite order",
            round + 1
        ),
        Degradation::LostSummary { round, reason } => format!(
            "before round {} nobody summed up what was no longer shown, and extracts stood in: {}",
            round + 1,
            words(*reason)
        ),
        Degradation::ShortenedPrompt { name, times, evidence } => {
            let left_out = match evidence {
                0 => String::new(),
                1 => ", with a piece of evidence left out".to_owned(),
                n => format!(", with up to {n} pieces of evidence left out"),
            };
            format!("{name} was told less than the whole {times} time(s), to fit the model{left_out}")
        }
        Degradation::UnknownCitation { name, id } => format!("{name} cites {id}, which is not there"),
        Degradation::PossiblyPaid { amount } => {
            format!("lost calls may have been paid: at most {amount} USD")
        }
        Degradation::Simulated => {
            "voices are simulated: their votes carry no knowledge, and the cost is what they would have cost"
                .to_owned()
        }
        other => format!("{other:?}"),
    }
}

fn words(reason: assize_debate::AbstainReason) -> &'static str {
    use assize_debate::AbstainReason as Reason;
    match reason {
        Reason::NoEvidence => "it holds no evidence that it can judge",
        Reason::Undecided => "its evidence speaks for neither side",
        Reason::Unreadable => "its answer could not be read",
        Reason::Failed => "it could not be asked",
        Reason::TimedOut => "it did not answer in time",
        Reason::OverBudget => "the call could have exceeded the budget",
        Reason::Halted => "the debate ended before it spoke",
        Reason::TooLong => "what it must be told does not fit its model",
        _ => "it abstained",
    }
}
