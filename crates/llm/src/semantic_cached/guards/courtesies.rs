//! Courtesies, and what makes a question indirect: left out.

use std::sync::LazyLock;

use super::{
    phrases::{begins, ends},
    tokens::is_mark,
    vocabulary::{is_preposition, is_wh_word},
};

type Phrases = LazyLock<Vec<&'static str>>;

fn phrases(table: &'static str) -> Vec<&'static str> {
    table.split('|').map(str::trim).collect()
}

/// What stands before a question and asks nothing. As all phrases here, in the one form of words.
static OPENINGS: Phrases = LazyLock::new(|| {
    phrases(
        "hi there | hey there | hello there | hi | hello | hey | good morning | good afternoon | good evening | \
    okay | um | excuse me | just a fast question | a fast question | fast question | i have a fast question \
    | i have a question | please | kindly | my question is | the question is | out of curiosity | just out \
    of curiosity | just curious | by the way | thanks in advance | thank you in advance",
    )
});
/// The same, where a comma or a full stop follows.
static OPENINGS_ALONE: Phrases = LazyLock::new(|| {
    phrases("ok | so | well | sorry | thanks | thank you | question | 1 question | actually | basically")
});
/// What makes a question indirect: what follows may begin with "if".
static INDIRECT: Phrases = LazyLock::new(|| {
    phrases(
        "could you please tell me | can you please tell me | would you please tell me | could you tell me | can \
    you tell me | would you tell me | will you tell me | please tell me | tell me | could you kindly tell me \
    | could you let me know | can you let me know | please let me know | let me know | could you please \
    explain to me | could you explain to me | can you explain to me | explain to me | could you please \
    explain | can you please explain | could you explain | can you explain | please explain | explain | \
    could you clarify | can you clarify | clarify | would you mind telling me | would you mind explaining | \
    i would like to know | i would love to know | i want to know | i just want to know | i need to know | i \
    am trying to find out | i am trying to figure out | i am trying to understand | i want to understand | i \
    would like to understand | help me understand | can you help me understand | could you help me \
    understand | please help me understand | just wondering | i was just wondering | i was wondering | i am \
    wondering | i wonder | i am curious to know | i am curious about | i am curious | i was curious | do you \
    know | do you happen to know | would you know | would you happen to know | does anyone know | any idea | do you have any idea | any chance you know | may i ask | can i ask | could i \
    ask | might i ask | i would like to ask | i want to ask | can you say | could you say | describe | \
    please describe | can you describe | could you describe",
    )
});
/// What asks for a thing by its name: `give me the capital of France`.
static ASKING: Phrases = LazyLock::new(|| {
    phrases(
        "show me | please show me | can you show me | could you show me | could you please give me | can you \
    please give me | could you give me | can you give me | please give me | give me | could you please \
    provide | can you provide | could you provide | please provide | provide | please state | state | please \
    name | name | could you describe | can you describe | please describe | describe | could you define | \
    can you define | please define | define | can you name | could you name | can i get | can i have | i \
    need | i would like | what can you tell me about",
    )
});
/// Verbs of tasks: before them, "could you" is a courtesy.
static TASKS: Phrases = LazyLock::new(|| {
    phrases(
        "list | show | write | translate | summarize | compare | calculate | compute | convert | recommend | \
    suggest | find | help | create | make | draft | check | explain | give | tell | describe | define | \
    outline | walk | generate | please",
    )
});
/// What stands after a question and asks nothing.
static CLOSINGS: Phrases = LazyLock::new(|| {
    phrases(
        "thanks in advance | thank you in advance | thank you very much | thanks a lot | many thanks | thank you \
    | thanks | cheer | please | if you do not mind | if you know | by the way",
    )
});

/// All phrases, as they are written here.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    let tables = [&OPENINGS, &OPENINGS_ALONE, &INDIRECT, &ASKING, &TASKS, &CLOSINGS];
    tables.into_iter().flat_map(|table| table.iter().copied())
}

/// Without greetings, thanks and what makes a question polite or indirect.
pub(super) fn without(mut words: Vec<String>) -> Vec<String> {
    loop {
        let before = words.len();
        cut_front(&mut words, &OPENINGS, false);
        cut_front(&mut words, &OPENINGS_ALONE, true);
        if let Some(n) = longest(&words, &INDIRECT) {
            let rest = &words[n + usize::from(words.get(n).is_some_and(|word| word == ","))..];
            let first = rest.first().map_or("", String::as_str);
            if matches!(first, "if" | "whether") {
                words = rest[1..].to_vec();
            } else if is_wh_word(first) {
                words = rest.to_vec();
                // `How I renew it` is `how do I renew it`.
                if words[0] == "how"
                    && words.get(1).is_some_and(|who| matches!(who.as_str(), "i" | "you" | "we"))
                {
                    words.insert(1, "do".to_owned());
                }
            } else if !rest.is_empty()
                && !is_clause(first)
                && (words[n - 1] == "me"
                    || matches!(words[n - 1].as_str(), "explain" | "describe")
                    || words[n - 1] == "know")
            {
                // `Explain inflation`, `tell me the capital of France`.
                words = [vec!["what".to_owned()], rest.to_vec()].concat();
            } else if !rest.is_empty() && is_clause(first) && first != "about" {
                words = rest.to_vec();
            }
        }
        if let Some(n) = longest(&words, &ASKING)
            && words.get(n).is_some_and(|next| !is_wh_word(next) && !is_clause(next) && !is_preposition(next))
            && (!matches!(words[n - 1].as_str(), "name" | "state" | "provide" | "need" | "like")
                || words.get(n).is_some_and(|next| next == "the"))
        {
            words.splice(..n, ["what".to_owned()]);
        }
        for asking in [
            "could you",
            "can you",
            "would you",
            "will you",
            "i want you to",
            "i need you to",
            "i would like you to",
        ] {
            let n = begins(&words, asking);
            if n > 0 && words.get(n).is_some_and(|verb| TASKS.contains(&verb.as_str())) {
                words.drain(..n);
            }
        }
        for (asking, task) in
            [("write me", "write"), ("list me", "list"), ("make me", "make"), ("recommend me", "recommend")]
        {
            if begins(&words, asking) > 0 {
                words.splice(..2, [task.to_owned()]);
            }
        }
        for closing in CLOSINGS.iter() {
            let n = ends(&words, closing);
            if n > 0 && n < words.len() {
                words.truncate(words.len() - n);
            }
        }
        while words.last().is_some_and(|word| matches!(word.as_str(), "," | ".")) {
            words.pop();
        }
        if words.len() == before {
            break;
        }
    }
    if words.first().is_some_and(|verb| TASKS.contains(&verb.as_str())) && ends(&words, "for me") > 0 {
        words.truncate(words.len() - 2);
    }
    words.retain(|word| !matches!(word.as_str(), "please" | "actually" | "basically" | "kindly" | "really"));
    words
}

fn cut_front(words: &mut Vec<String>, phrases: &[&str], stand_alone: bool) {
    while let Some(n) = longest(words, phrases) {
        let ends = words.get(n).is_some_and(|word| is_mark(word));
        if n >= words.len() || (stand_alone && !ends) {
            return;
        }
        words.drain(..n);
        while words.first().is_some_and(|word| is_mark(word)) {
            words.remove(0);
        }
    }
}

fn longest(words: &[String], phrases: &[&str]) -> Option<usize> {
    phrases.iter().map(|phrase| begins(words, phrase)).max().filter(|n| *n > 0)
}

/// Whether a clause begins with this word, and not a thing.
fn is_clause(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "am"
            | "was"
            | "were"
            | "do"
            | "does"
            | "did"
            | "can"
            | "could"
            | "should"
            | "would"
            | "will"
            | "must"
            | "may"
            | "have"
            | "had"
            | "if"
            | "whether"
            | "that"
            | "about"
            | "to"
            | "i"
            | "more"
            | "on"
            | "in"
            | "for"
    )
}
