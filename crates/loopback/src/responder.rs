//! What the vendors' models say.

use assize_ambient::Chance;
use serde_json::{Map, Value, json};

use crate::{Ask, Form, from_schema};

/// What a model says. The same request and chance must give the same text: the chance is drawn from the seed and from the
/// content of the request, and does not depend on whether the reply is streamed.
pub trait Responder: Send + Sync + 'static {
    /// The text of the reply. What ends it (a limit on tokens, a stop sequence) is seen to by the vendor.
    fn respond(&self, ask: &Ask, chance: &mut Chance) -> String;
}

impl<F: Fn(&Ask, &mut Chance) -> String + Send + Sync + 'static> Responder for F {
    fn respond(&self, ask: &Ask, chance: &mut Chance) -> String {
        self(ask, chance)
    }
}

/// Says something that fits: JSON for a schema where one is asked for, a vote where a debate asks for one, and otherwise
/// some sentences that mean nothing.
///
/// A debate asks for a vote when its system prompt holds `"stance": one of "…", "…"`. The vote cites evidence whose id
/// stands in brackets at the beginning of a fence, as in `<<<LABEL [ID]`. It asks for a summary when its system prompt holds
/// `{"summary": [{"text": `. The summary has a point for each line that ends in ids in brackets, as in `- so it is [ID, ID]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Improviser;

impl Responder for Improviser {
    fn respond(&self, ask: &Ask, chance: &mut Chance) -> String {
        if let Form::JsonSchema(schema) = &ask.form {
            return from_schema::improvise(schema, chance).to_string();
        }
        let options = options(&ask.system);
        if !options.is_empty() {
            return vote(&options, &cited(ask.last_text()), chance);
        }
        if ask.system.contains("{\"summary\": [{\"text\": ") {
            return summary(ask.last_text(), chance);
        }
        match ask.form {
            Form::JsonObject => json!({ "answer": sentence(chance) }).to_string(),
            _ => filler(chance),
        }
    }
}

/// The options that a debate's prompt names: the quoted texts, parted by commas, behind this.
fn options(system: &str) -> Vec<&str> {
    const MARK: &str = "\"stance\": one of ";
    let mut options = Vec::new();
    let Some(at) = system.find(MARK) else { return options };
    let mut rest = &system[at + MARK.len()..];
    while let Some((option, behind)) = rest.strip_prefix('"').and_then(|text| text.split_once('"')) {
        options.push(option);
        match behind.strip_prefix(", ") {
            Some(next) if next.starts_with('"') && !next.starts_with("\"probabilities\"") => rest = next,
            _ => break,
        }
    }
    options
}

/// The ids of the evidence that is shown.
fn cited(prompt: &str) -> Vec<&str> {
    let id = |line: &'_ str| -> Option<(usize, usize)> {
        let fenced = line.strip_prefix("<<<")?;
        let (label, rest) = fenced.split_once(" [")?;
        let (id, _) = rest.split_once(']')?;
        let start = 3 + label.len() + 2;
        Some((start, start + id.len()))
    };
    prompt.lines().filter_map(|line| id(line).map(|(start, end)| &line[start..end])).collect()
}

/// A vote as a debate reads it. Its probabilities are whole hundredths, and add up to 1.
fn vote(options: &[&str], evidence: &[&str], chance: &mut Chance) -> String {
    let mut hundredths = vec![0_u32; options.len()];
    for _ in 0..100 {
        // Not evenly, so that a panel is of some opinion.
        let favoured = chance.below(options.len()).min(chance.below(options.len()));
        hundredths[favoured] += 1;
    }
    chance.shuffle(&mut hundredths);
    let best =
        hundredths.iter().zip(options).max_by_key(|(share, _)| **share).map_or("", |(_, option)| *option);
    let probabilities: Map<String, Value> = options
        .iter()
        .zip(&hundredths)
        .map(|(option, share)| ((*option).to_owned(), json!(f64::from(*share) / 100.0)))
        .collect();
    let cites: Vec<&str> =
        if evidence.is_empty() { Vec::new() } else { vec![evidence[chance.below(evidence.len())]] };
    json!({
        "stance": best,
        "probabilities": probabilities,
        "reasons": [{ "text": sentence(chance), "cites": cites }],
    })
    .to_string()
}

/// A summary as a debate reads it.
fn summary(prompt: &str, chance: &mut Chance) -> String {
    let cites = |line: &str| -> Option<Vec<String>> {
        let (_, ids) = line.strip_prefix("- ")?.strip_suffix(']')?.rsplit_once('[')?;
        Some(ids.split(", ").map(str::to_owned).collect())
    };
    let points: Vec<Value> = prompt
        .lines()
        .filter_map(cites)
        .take(6)
        .map(|cites| json!({ "text": sentence(chance), "cites": cites }))
        .collect();
    let without = json!({ "text": sentence(chance), "cites": [] });
    json!({ "summary": if points.is_empty() { vec![without] } else { points } }).to_string()
}

const WORDS: [&str; 64] = [
    "the", "a", "one", "this", "every", "another", "market", "harbour", "ledger", "winter", "signal",
    "margin", "bridge", "letter", "engine", "garden", "reader", "measure", "question", "answer", "reason",
    "price", "evening", "machine", "pattern", "weather", "follows", "keeps", "shows", "moves", "holds",
    "turns", "meets", "leaves", "brings", "carries", "under", "over", "beside", "after", "before", "between",
    "without", "quietly", "slowly", "often", "rarely", "nearly", "plainly", "again", "narrow", "early",
    "steady", "distant", "common", "careful", "open", "and", "while", "because", "though", "until", "so",
    "where",
];

/// A sentence of six to fourteen words.
pub(crate) fn sentence(chance: &mut Chance) -> String {
    let mut text = String::new();
    for n in 0..6 + chance.below(9) {
        let word = WORDS[chance.below(WORDS.len())];
        if n == 0 {
            text.push_str(&word[..1].to_ascii_uppercase());
            text.push_str(&word[1..]);
        } else {
            text.push(' ');
            text.push_str(word);
        }
    }
    text.push('.');
    text
}

/// Two to twelve sentences.
fn filler(chance: &mut Chance) -> String {
    (0..2 + chance.below(11)).map(|_| sentence(chance)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;
    use crate::{
        Vendor,
        ask::{Delivery, Said},
    };

    fn ask(system: &str, user: &str) -> Ask {
        Ask {
            vendor: Vendor::OpenAi,
            model: "m".to_owned(),
            system: system.to_owned(),
            messages: vec![Said::new(false, user.to_owned())],
            max_tokens: None,
            stop: Vec::new(),
            form: Form::Text,
            delivery: Delivery::Whole,
        }
    }

    #[test]
    fn a_debates_prompt_gets_a_vote() {
        let system = "Answer so:\n{\"stance\": one of \"up a lot\", \"down\", \"flat\", \"probabilities\": {option: …}}";
        let user = "Evidence:\n<<<a1b2 [ev-1] x\ntext\na1b2>>>\n<<<a1b2 [ev-2] y\ntext [no]\na1b2>>>\n";
        for seed in 0..50 {
            let text = Improviser.respond(&ask(system, user), &mut Seed::new(seed).rng());
            let vote: Value = serde_json::from_str(&text).unwrap();
            let odds = vote["probabilities"].as_object().unwrap();
            let sum: f64 = odds.values().map(|p| p.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{text}");
            assert_eq!(odds.len(), 3, "{text}");
            let best = odds[vote["stance"].as_str().unwrap()].as_f64().unwrap();
            assert!(odds.values().all(|p| p.as_f64().unwrap() <= best), "{text}");
            let cite = vote["reasons"][0]["cites"][0].as_str().unwrap();
            assert!(["ev-1", "ev-2"].contains(&cite), "{text}");
        }
    }

    #[test]
    fn options_are_read_as_far_as_they_go() {
        for (system, wanted) in [
            ("nothing of the kind", &[][..]),
            ("\"stance\": one of \"yes\", \"probabilities\": …", &["yes"]),
            ("\"stance\": one of \"yes\", \"no\"", &["yes", "no"]),
            ("\"stance\": one of \"yes, or so\", \"no", &["yes, or so"]),
            ("\"stance\": one of yes", &[]),
        ] {
            assert_eq!(options(system), wanted, "{system}");
        }
    }

    #[test]
    fn whoever_sums_up_gets_a_summary_that_cites_what_was_cited() {
        let system = "Answer so:\n{\"summary\": [{\"text\": one point, \"cites\": [ids]}]}";
        let user = "<<<a1b2 round 1, debater 1\nstance: yes\n- so it is [ev-1, ev-2]\n- and so on\na1b2>>>\n";
        let text = Improviser.respond(&ask(system, user), &mut Seed::new(1).rng());
        let summary: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(summary["summary"].as_array().unwrap().len(), 1, "{text}");
        assert_eq!(summary["summary"][0]["cites"], json!(["ev-1", "ev-2"]), "{text}");
        let text = Improviser.respond(&ask(system, "nothing"), &mut Seed::new(1).rng());
        let summary: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(summary["summary"][0]["cites"], json!([]), "{text}");
    }

    #[test]
    fn other_prompts_get_sentences() {
        let text = Improviser.respond(&ask("", "Hello"), &mut Seed::new(1).rng());
        assert!(text.ends_with('.') && text.len() > 40, "{text}");
        assert_ne!(text, Improviser.respond(&ask("", "Hello"), &mut Seed::new(2).rng()));
        let mut object = ask("", "Hello");
        object.form = Form::JsonObject;
        let json: Value =
            serde_json::from_str(&Improviser.respond(&object, &mut Seed::new(1).rng())).unwrap();
        assert!(json["answer"].is_string());
    }
}
