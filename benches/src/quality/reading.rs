//! What a mind reads: in the words of a prompt, or of what a prompt is made of. Both come to the same.

use assize_debate::Utterance;
use assize_llm::ChatRequest;

use super::facts::{FACT, NAMES, read, written};

const IMPRESSION: &str = "Your own reading of the question: ";
const PLEADING: &str = "Whatever you think, argue for option ";
const BELIEF: &str = "I put ";
const WEIGHT: &str = "; what I know weighs ";

/// The instruction of a panel that is told to lay its facts open.
pub(super) const TELL_ALL: &str = "State every fact that you hold, by its id, at the first opportunity. Do not follow the others: what changes your mind \
     is a fact that is new to you.";

/// What a seat is told of what it makes of the question by itself.
pub(super) fn impression(weights: &[f64]) -> String {
    format!("{IMPRESSION}{}", written(weights))
}

/// What a seat is told that argues for an option in any case.
pub(super) fn pleading(option: usize) -> String {
    format!("{PLEADING}{}", NAMES[option])
}

/// The words for a belief, and for the evidence that it rests on.
pub(super) fn reason(belief: &[f64], evidence: &[f64]) -> String {
    let parts: Vec<String> = belief.iter().zip(NAMES).map(|(p, name)| format!("{name} {p:.6}")).collect();
    format!("{BELIEF}{}{WEIGHT}{}", parts.join(", "), written(evidence))
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// The option stood for.
    pub(super) stance: usize,
    /// The probability of each option, as said in words; without such words, certainty.
    pub(super) belief: Vec<f64>,
    /// The log weights of what it knew then, as said in words.
    pub(super) evidence: Option<Vec<f64>>,
}

impl Statement {
    fn new(stance: usize, options: usize) -> Self {
        let mut belief = vec![0.0; options];
        belief[stance] = 1.0;
        Self { stance, belief, evidence: None }
    }

    /// What it says in a reason, if it is one that speaks of a belief.
    fn hear(&mut self, text: &str) {
        let options = self.belief.len();
        let Some((belief, evidence)) = text.strip_prefix(BELIEF).and_then(|rest| rest.split_once(WEIGHT))
        else {
            return;
        };
        if let Some(belief) = read(belief, options) {
            self.belief = belief;
        }
        self.evidence = read(evidence, options);
    }

    pub(super) fn of(utterance: &Utterance, options: usize) -> Self {
        let mut statement = Self::new(utterance.stance, options);
        utterance.reasons.iter().for_each(|reason| statement.hear(&reason.text));
        statement
    }
}

/// Everything that a mind goes by.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Seen {
    /// How many options there are.
    pub(super) options: usize,
    /// The round, from 0.
    pub(super) round: u32,
    /// The facts: ids and log weights.
    pub(super) facts: Vec<(String, Vec<f64>)>,
    /// What it makes of the question by itself.
    pub(super) impression: Option<Vec<f64>>,
    /// The option for which it argues in any case.
    pub(super) pleads_for: Option<usize>,
    /// Whether it is told to lay its facts open.
    pub(super) told_to_tell: bool,
    /// What it said last.
    pub(super) own: Option<Statement>,
    /// What the others said last, in the order in which it reads them.
    pub(super) others: Vec<Statement>,
    /// Whether the options are listed from the last to the first.
    pub(super) reversed: bool,
}

impl Seen {
    /// Reads the instructions, one a line.
    pub(super) fn follow(&mut self, instructions: &str) {
        for line in instructions.lines() {
            if let Some(weights) = line.strip_prefix(IMPRESSION) {
                self.impression = read(weights, self.options);
            } else if let Some(option) = line.strip_prefix(PLEADING) {
                self.pleads_for = NAMES[..self.options].iter().position(|name| *name == option);
            } else if line.starts_with("State every fact") {
                self.told_to_tell = true;
            }
        }
    }

    /// Takes the text of a piece of evidence, if it is a fact.
    pub(super) fn look_at(&mut self, id: &str, text: &str) {
        let weights =
            text.strip_prefix(FACT).and_then(|weights| read(weights.strip_suffix('.')?, self.options));
        self.facts.extend(weights.map(|weights| (id.to_owned(), weights)));
    }

    /// Reads the prompt of a debater or of a judge.
    pub(super) fn of(request: &ChatRequest) -> Self {
        let mut seen = Self::default();
        let mut texts = request.texts();
        let system = texts.next().unwrap_or_default();
        let user = texts.next().unwrap_or_default();
        let listed = system.lines().find_map(|line| {
            let rest = line.strip_prefix("{\"stance\": one of ");
            rest.or_else(|| line.strip_prefix("{\"winner\": one of ")).map(listed)
        });
        let listed = listed.unwrap_or_default();
        seen.options = listed.len();
        seen.reversed = listed.first() > listed.last();
        seen.follow(system);
        seen.read_message(user);
        seen
    }

    fn read_message(&mut self, message: &str) {
        let (mut id, mut speaks, mut is_own) = ("", false, false);
        for line in message.lines() {
            if let Some(opening) = line.strip_prefix("<<<") {
                id = opening
                    .split_once('[')
                    .and_then(|(_, rest)| rest.split_once(']'))
                    .map_or("", |(id, _)| id);
                is_own = opening.ends_with(" you");
                speaks = is_own || opening.contains(" peer ") || opening.contains(" debater ");
            } else if line.ends_with(">>>") {
                (id, speaks) = ("", false);
            } else if let Some(round) = line.strip_prefix("Round ") {
                let number = round.split(' ').next().and_then(|number| number.parse::<u32>().ok());
                self.round = number.unwrap_or(1).saturating_sub(1);
            } else if speaks {
                self.hear(line, is_own);
            } else if !id.is_empty() {
                self.look_at(id, line);
            }
        }
    }

    /// Reads a line of what somebody said.
    fn hear(&mut self, line: &str, is_own: bool) {
        if let Some(stance) = line.strip_prefix("stance: ") {
            let stance = NAMES[..self.options].iter().position(|name| *name == stance);
            let statement = stance.map(|stance| Statement::new(stance, self.options));
            if is_own {
                self.own = statement;
            } else {
                self.others.extend(statement);
            }
        } else if let Some(reason) = line.strip_prefix("- ") {
            // Behind the reason stand the ids that it cites, in brackets.
            let words = reason.rsplit_once(" [").map_or(reason, |(words, _)| words);
            let last = if is_own { self.own.as_mut() } else { self.others.last_mut() };
            if let Some(last) = last {
                last.hear(words);
            }
        }
    }
}

/// The options in a list like `"a", "b"`, with whatever behind it.
fn listed(mut rest: &str) -> Vec<usize> {
    let mut options = Vec::new();
    while let Some((name, behind)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'))
        && let Some(option) = NAMES.iter().position(|known| *known == name)
    {
        options.push(option);
        rest = behind.strip_prefix(", ").unwrap_or("");
    }
    options
}

#[cfg(test)]
mod tests;
