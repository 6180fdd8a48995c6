//! Where phrases of time and place, and auxiliary verbs, may stand: in one order.

use super::vocabulary::{is_boundary, is_past, is_preposition, is_time_word, is_wh_word};

/// Phrases of time and place at the end, in one order; auxiliary verbs left out.
pub(super) fn in_one_order(mut words: Vec<String>) -> Vec<String> {
    if !words.contains(&".".to_owned()) {
        year_to_end(&mut words);
        if let Some(at) = words.iter().position(|word| word == "now") {
            let now = words.remove(at);
            words.push(now);
        }
    }
    // Who is paid is not who paid.
    let n_passive = if words.iter().any(|word| is_past(word)) {
        words.iter().filter(|word| *word == "is").count()
    } else {
        0
    };
    words.retain(|word| word != "," && word != "is");
    not_to_do(&mut words);
    without_do(&mut words);
    sort_end(&mut words);
    words.extend(vec!["is".to_owned(); n_passive]);
    words
}

/// Each sentence with its leading phrase of time, place or condition at its end.
pub(super) fn lead_to_end(words: &[String]) -> Vec<String> {
    let sentences = words.split(|word| word == ".").map(|sentence| {
        let mut sentence = sentence.to_vec();
        lead_of_sentence_to_end(&mut sentence);
        sentence
    });
    sentences.collect::<Vec<_>>().join(&".".to_owned())
}

/// `in 2023 , what …` as `what … in 2023`.
fn lead_of_sentence_to_end(words: &mut Vec<String>) {
    let leads = |word: &str| {
        is_preposition(word)
            || matches!(
                word,
                "if" | "when"
                    | "while"
                    | "because"
                    | "although"
                    | "though"
                    | "even"
                    | "according"
                    | "as"
                    | "this"
                    | "last"
                    | "next"
            )
            || is_time_word(word)
    };
    if !words.first().is_some_and(|first| leads(first)) {
        return;
    }
    let comma = words.iter().position(|word| word == ",").filter(|at| (1..=14).contains(at));
    let clause = words
        .iter()
        .position(|word| matches!(word.as_str(), "what" | "who" | "how" | "why"))
        .filter(|at| (1..=6).contains(at));
    let whole = |at: usize| at > 1 || is_time_word(&words[0]);
    let (at, after) = match (comma, clause) {
        (Some(at), _) if whole(at) => (at, at + 1),
        (None, Some(at)) if whole(at) && words[0] != "when" => (at, at),
        _ => return,
    };
    if after < words.len() {
        let lead: Vec<String> = words[..at].to_vec();
        words.drain(..after);
        words.extend(lead);
    }
}

/// `what is 2023 revenue` as `what is revenue in 2023`.
fn year_to_end(words: &mut Vec<String>) {
    let is_year = |word: &str| {
        word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"))
            && word.bytes().all(|b| b.is_ascii_digit())
    };
    let mut years = words.iter().enumerate().filter(|(_, word)| is_year(word)).map(|(at, _)| at);
    let (Some(at), None) = (years.next(), years.next()) else { return };
    let before = at.checked_sub(1).map_or("is", |before| &words[before]);
    let before = matches!(before, "is" | "do" | "what");
    let after =
        words.get(at + 1).is_some_and(|next| !is_boundary(next) && !is_preposition(next) && next != ",");
    if before && after {
        let year = words.remove(at);
        words.extend(["in".to_owned(), year]);
    }
}

/// `why do cats not` as `why do not cats`, where one thing is done and one denied.
fn not_to_do(words: &mut Vec<String>) {
    let mut denials = words.iter().enumerate().filter(|(_, word)| *word == "not").map(|(at, _)| at);
    let (Some(at), None) = (denials.next(), denials.next()) else { return };
    let mut done = words.iter().enumerate().filter(|(_, word)| *word == "do").map(|(at, _)| at);
    let (Some(to), None) = (done.next(), done.next()) else { return };
    if to + 1 >= at {
        return;
    }
    let is_elsewhere = is_boundary(&words[at - 1])
        || words[at - 1] == "to"
        || words.get(at + 1).is_none_or(|next| next == "to");
    if !is_elsewhere && words[to + 1..at].iter().all(|word| !is_boundary(word)) {
        words.remove(at);
        words.insert(to + 1, "not".to_owned());
    }
}

/// Without the auxiliary `do` of a question and of a negation. The one that says what somebody does stays.
fn without_do(words: &mut Vec<String>) {
    let mut is_first = true;
    let kept = (0..words.len()).filter(|&at| {
        if words[at] != "do" {
            return true;
        }
        let next = words.get(at + 1).map(String::as_str);
        let asks = is_first
            && at <= 8
            && next.is_some()
            && (at == 0 || words[..at].iter().any(|word| is_wh_word(word)));
        is_first = false;
        !(asks || next == Some("not"))
    });
    *words = kept.map(|at| words[at].clone()).collect();
}

/// Phrases of time and place at the end in the order of their letters.
fn sort_end(words: &mut Vec<String>) {
    let mut end = words.len();
    let mut phrases: Vec<Vec<String>> = Vec::new();
    while let Some(last) = words[..end].last() {
        let from = if is_time_word(last) {
            end - 1
        } else {
            let opens = |at: &usize| {
                matches!(
                    words[*at].as_str(),
                    "in" | "on" | "at" | "during" | "near" | "this" | "last" | "next"
                )
            };
            let Some(from) = (end.saturating_sub(4)..end)
                .rev()
                .find(|at| is_boundary(&words[*at]) || is_preposition(&words[*at]) || opens(at))
            else {
                break;
            };
            if !opens(&from) || from + 1 == end {
                break;
            }
            from
        };
        if from < 2 {
            break;
        }
        phrases.push(words[from..end].to_vec());
        end = from;
    }
    if phrases.len() > 1 {
        phrases.sort();
        words.truncate(end);
        words.extend(phrases.into_iter().flatten());
    }
}
