//! A debater who is a person: reads what a debater is told, and answers in a line.

use std::{fmt, sync::Arc};

use assize_debate::{
    AbstainReason, Abstention, Bill, Debater, Delta, EvidenceId, Reason, Reservation, Seat, Speech, Spoken,
    Turn, Utterance,
};
use futures_util::{StreamExt, stream};
use tokio::sync::{Mutex, mpsc};

/// So many answers that cannot be read are an abstention.
const TRIES: usize = 5;
/// More pieces of evidence are counted, not shown.
const SHOWN_EVIDENCE: usize = 40;
/// A longer text is cut.
const SHOWN_CHARACTERS: usize = 500;

/// Where people answer: what they are to read is shown, and their lines come back. All seats of people share it; who is asked
/// while another is answering waits for its turn.
///
/// Nothing waits for a line but the turn that asked for it: when its time is over, the debate goes on, and what is typed after
/// that answers nothing.
#[derive(Clone)]
pub struct Human(Arc<Desk>);

struct Desk {
    show: Box<dyn Fn(&str) + Send + Sync>,
    lines: Mutex<Lines>,
}

struct Lines {
    from: mpsc::Receiver<String>,
    /// Whether somebody was asked and did not answer in time.
    is_owed: bool,
}

impl fmt::Debug for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Human").finish_non_exhaustive()
    }
}

impl Human {
    /// People who answer with these lines and see what is shown. When the lines end, nobody is there any more.
    #[must_use]
    pub fn new(lines: mpsc::Receiver<String>, show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Desk {
            show: Box::new(show),
            lines: Mutex::new(Lines { from: lines, is_owed: false }),
        }))
    }

    async fn answer(self, question: String, turn: Turn) -> Result<Delta, Abstention> {
        let mut lines = self.0.lines.lock().await;
        if lines.is_owed {
            while lines.from.try_recv().is_ok() {}
        }
        lines.is_owed = true;
        (self.0.show)(&question);
        let mut why = String::new();
        for _ in 0..TRIES {
            let line = lines.from.recv().await;
            let Some(line) = line else {
                return Err(Abstention::new(AbstainReason::Failed, "nobody is there to answer any more"));
            };
            if line.trim().is_empty() {
                lines.is_owed = false;
                return Err(Abstention::new(AbstainReason::Undecided, "an empty line: no opinion"));
            }
            match read(&line, &turn) {
                Ok(utterance) => {
                    lines.is_owed = false;
                    return Ok(Delta::Done(Box::new(Spoken { utterance, bill: Bill::default() })));
                }
                Err(refusal) => {
                    (self.0.show)(&format!("{refusal}; once more: {}", form(turn.options())));
                    why = refusal;
                }
            }
        }
        lines.is_owed = false;
        Err(Abstention::new(AbstainReason::Unreadable, why))
    }
}

/// A seat in which a person sits.
#[derive(Debug)]
pub(crate) struct HumanDebater {
    human: Human,
    name: String,
    instructions: String,
}

impl HumanDebater {
    pub(crate) fn new(human: Human, seat: &Seat) -> Self {
        let instructions = seat.persona.as_ref().map(|persona| persona.instructions()).unwrap_or_default();
        Self { human, name: seat.name.clone(), instructions }
    }
}

impl Debater for HumanDebater {
    fn speak(&self, turn: Turn) -> Speech {
        let question = shown(&self.name, &self.instructions, &turn);
        let said = self.human.clone().answer(question, turn);
        Speech { reservation: Reservation::default(), deltas: stream::once(said).boxed() }
    }
}

/// All that a debater is told, for a person.
fn shown(name: &str, instructions: &str, turn: &Turn) -> String {
    let mut lines = vec![String::new(), format!("{name}, round {}: {}", turn.round() + 1, turn.question())];
    lines.extend(instructions.lines().map(|line| format!("  {line}")));
    let more = turn.evidence().len().saturating_sub(SHOWN_EVIDENCE);
    if turn.evidence().len() > 0 {
        lines.push("Evidence:".to_owned());
    }
    for evidence in turn.evidence().take(SHOWN_EVIDENCE) {
        let (id, source, known) = (&evidence.id, &evidence.source, evidence.available_at);
        lines.push(format!("  [{id}] {}: {} (known since {known})", cut(source), cut(&evidence.text)));
    }
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    let said = |utterance: &Utterance| -> Vec<String> {
        let because = |reason: &Reason| {
            let cites: Vec<&str> = reason.cites.iter().map(EvidenceId::as_str).collect();
            let cites = if cites.is_empty() { String::new() } else { format!(" [{}]", cites.join(", ")) };
            format!("    {}{cites}", cut(&reason.text))
        };
        utterance.reasons.iter().map(because).collect()
    };
    let stance = |utterance: &Utterance| turn.options().get(utterance.stance).map_or("?", String::as_str);
    for line in &turn.history().summary {
        lines.push(format!("  Long ago: {}", cut(line)));
    }
    for remark in &turn.history().remarks {
        let who = remark.peer.map_or("you".to_owned(), |number| format!("peer {number}"));
        lines.push(format!("  In round {}, {who}: {}", remark.round + 1, stance(&remark.utterance)));
        lines.extend(said(&remark.utterance));
    }
    if let Some(own) = turn.own() {
        lines.push(format!("  You said: {}", stance(own)));
        lines.extend(said(own));
    }
    for peer in turn.peers() {
        lines.push(format!("  Peer {} says: {}", peer.number, stance(&peer.utterance)));
        lines.extend(said(&peer.utterance));
    }
    lines.push(form(turn.options()));
    lines.join("\n")
}

/// How an answer is written.
fn form(options: &[String]) -> String {
    let options: Vec<String> =
        (1..).zip(options).map(|(number, option)| format!("{number} {option}")).collect();
    format!(
        "{}: a number or a word, such as 1 70 %: why [ids of evidence]; an empty line abstains",
        options.join(", ")
    )
}

/// A line of at most so many characters.
fn cut(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN_CHARACTERS + 1).collect();
    if line.chars().count() > SHOWN_CHARACTERS {
        format!("{}…", line.chars().take(SHOWN_CHARACTERS).collect::<String>())
    } else {
        line
    }
}

/// `OPTION`, `OPTION 70 %`, either followed by `: why`. What is not of that form is no answer, whatever words stand in it.
fn read(line: &str, turn: &Turn) -> Result<Utterance, String> {
    let (said, why) =
        match line.split_once(": ").or_else(|| line.trim_end().strip_suffix(':').map(|said| (said, ""))) {
            Some((said, why)) => (said.trim(), why.trim()),
            None => (line.trim(), ""),
        };
    let (stance, sure) = stance(said, turn.options())?;
    let mut utterance = Utterance::new(stance);
    if let Some(p) = sure {
        let n = turn.options().len();
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let others = n.saturating_sub(1).max(1) as f64;
        if p * (others + 1.0) < 1.0 {
            return Err(format!("{:.0} % is less than chance: name what you hold likelier", p * 100.0));
        }
        utterance.probabilities =
            Some((0..n).map(|option| if option == stance { p } else { (1.0 - p) / others }).collect());
    }
    if !why.is_empty() {
        let cites = |id: &&str| turn.evidence().any(|evidence| evidence.id.as_str() == *id);
        let words = why.split(['[', ']', ',', ' ']);
        let mut cited: Vec<EvidenceId> = Vec::new();
        for id in words.filter(cites).map(EvidenceId::from) {
            if !cited.contains(&id) {
                cited.push(id);
            }
        }
        utterance.reasons.push(Reason { text: why.to_owned(), cites: cited, weight: None });
    }
    utterance.check(turn.options().len()).map_err(|e| e.to_string())?;
    Ok(utterance)
}

/// The option that is named, by its word or its number, and how sure its probability makes it.
fn stance(said: &str, options: &[String]) -> Result<(usize, Option<f64>), String> {
    let named = |name: &str| {
        let name = name.trim();
        let same = |option: &String| option.trim().to_lowercase() == name.to_lowercase();
        // An option that is a number is meant by its word.
        options.iter().position(same).or_else(|| {
            name.parse::<usize>()
                .ok()
                .filter(|number| (1..=options.len()).contains(number))
                .map(|number| number - 1)
        })
    };
    if let Some(stance) = named(said) {
        return Ok((stance, None));
    }
    let unknown = || format!("{said:?} names no option");
    let percent = said.strip_suffix('%').map(str::trim_end);
    let (name, sure) = percent.unwrap_or(said).rsplit_once(char::is_whitespace).ok_or_else(unknown)?;
    let stance = named(name).ok_or_else(unknown)?;
    let sure: f64 = sure.parse().map_err(|_| unknown())?;
    let p = if percent.is_some() { sure / 100.0 } else { sure };
    if (0.0..=1.0).contains(&p) {
        Ok((stance, Some(p)))
    } else {
        Err(format!("{said:?} is surer than 100 %"))
    }
}

#[cfg(test)]
mod tests;
