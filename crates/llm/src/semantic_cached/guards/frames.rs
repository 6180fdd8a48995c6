//! Forms of questions that ask the same, brought to one; courtesies left out.

use super::{
    phrases::{begins, ends},
    reading::Tense,
    vocabulary::{is_boundary, is_preposition, is_time_word, is_wh_word},
};

/// What stands before a question and asks nothing.
const OPENINGS: &[&str] = &[
    "hi there",
    "hey there",
    "hello there",
    "hi",
    "hello",
    "hey",
    "good morning",
    "good afternoon",
    "good evening",
    "ok",
    "okay",
    "so",
    "well",
    "um",
    "excuse me",
    "sorry",
    "just a quick question",
    "a quick question",
    "quick question",
    "i have a quick question",
    "i have a question",
    "one question",
    "question",
    "please",
    "kindly",
    "actually",
    "basically",
    "my question is",
    "the question is",
    "out of curiosity",
    "just out of curiosity",
    "just curious",
    "by the way",
    "thanks",
];
/// What makes a question indirect: what follows may begin with "if" or "whether".
const INDIRECT: &[&str] = &[
    "could you please tell me",
    "can you please tell me",
    "would you please tell me",
    "could you tell me",
    "can you tell me",
    "would you tell me",
    "will you tell me",
    "please tell me",
    "tell me",
    "could you kindly tell me",
    "could you let me know",
    "can you let me know",
    "please let me know",
    "let me know",
    "could you please explain to me",
    "could you explain to me",
    "can you explain to me",
    "explain to me",
    "could you please explain",
    "can you please explain",
    "could you explain",
    "can you explain",
    "please explain",
    "explain",
    "could you clarify",
    "can you clarify",
    "clarify",
    "would you mind telling me",
    "would you mind explaining",
    "i would like to know",
    "i would love to know",
    "i want to know",
    "i just want to know",
    "i need to know",
    "i am trying to find out",
    "i am trying to figure out",
    "i am trying to understand",
    "i want to understand",
    "i would like to understand",
    "help me understand",
    "can you help me understand",
    "could you help me understand",
    "please help me understand",
    "i was wondering",
    "i am wondering",
    "i wonder",
    "i am curious to know",
    "i am curious about",
    "i am curious",
    "i was curious",
    "do you know",
    "do you happen to know",
    "would you know",
    "would you happen to know",
    "does anyone know",
    "does anybody know",
    "any idea",
    "do you have any idea",
    "any chance you know",
    "may i ask",
    "can i ask",
    "could i ask",
    "might i ask",
    "i would like to ask",
    "i want to ask",
    "can you say",
    "could you say",
];
/// What asks for a thing by its name: `give me the capital of France`.
const ASKING: &[&str] = &[
    "could you please give me",
    "can you please give me",
    "could you give me",
    "can you give me",
    "please give me",
    "give me",
    "could you please provide",
    "can you provide",
    "could you provide",
    "please provide",
    "provide",
    "please state",
    "state",
    "please name",
    "name",
    "could you describe",
    "can you describe",
    "please describe",
    "describe",
    "could you define",
    "can you define",
    "please define",
    "define",
    "can you name",
    "could you name",
    "can i get",
    "can i have",
    "i need",
    "i would like",
    "what can you tell me about",
];
/// Verbs of tasks: before them, "could you" is a courtesy.
const TASKS: &[&str] = &[
    "list",
    "show",
    "write",
    "translate",
    "summarize",
    "compare",
    "calculate",
    "compute",
    "convert",
    "recommend",
    "suggest",
    "find",
    "help",
    "create",
    "make",
    "draft",
    "check",
    "explain",
    "give",
    "tell",
    "describe",
    "define",
    "outline",
    "walk",
    "generate",
    "please",
];
/// What stands after a question and asks nothing.
const CLOSINGS: &[&str] = &[
    "thanks in advance",
    "thank you in advance",
    "thank you very much",
    "thanks a lot",
    "many thanks",
    "thank you",
    "thanks",
    "thx",
    "cheers",
    "please",
    "if you do not mind",
    "if you know",
    "if you can",
    "if possible",
    "do you know",
    "by the way",
    "for me",
    "again",
    "then",
];

/// Without greetings, thanks and what makes a question polite or indirect.
pub(super) fn without_courtesies(mut words: Vec<String>) -> Vec<String> {
    loop {
        let before = words.len();
        cut_front(&mut words, OPENINGS);
        if let Some(n) = longest(&words, INDIRECT) {
            let rest = &words[n + usize::from(words.get(n).is_some_and(|word| word == ","))..];
            let first = rest.first().map_or("", String::as_str);
            if matches!(first, "if" | "whether") {
                words = rest[1..].to_vec();
            } else if is_wh_word(first) {
                words = rest.to_vec();
            } else if !rest.is_empty()
                && !is_clause(first)
                && (words[n - 1] == "me" || words[n - 1] == "explain" || words[n - 1] == "know")
            {
                // `Explain inflation`, `tell me the capital of France`.
                words = [vec!["what".to_owned()], rest.to_vec()].concat();
            } else if !rest.is_empty() && is_clause(first) && first != "about" {
                words = rest.to_vec();
            }
        }
        if let Some(n) = longest(&words, ASKING)
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
        for closing in CLOSINGS {
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
    words.retain(|word| !matches!(word.as_str(), "please" | "actually" | "basically" | "kindly"));
    words
}

fn cut_front(words: &mut Vec<String>, phrases: &[&str]) {
    while let Some(n) = longest(words, phrases) {
        if n >= words.len() {
            return;
        }
        words.drain(..n);
        while words.first().is_some_and(|word| matches!(word.as_str(), "," | "." | "-")) {
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

/// Auxiliary verbs in one form, and the tenses that they had.
pub(super) fn without_tense(words: Vec<String>) -> (Vec<String>, Vec<Tense>) {
    let mut tenses = Vec::new();
    let plain = |word: String| match word.as_str() {
        "is" | "are" | "am" => (Some(Tense::Present), "is".to_owned()),
        "do" | "does" => (Some(Tense::Present), "do".to_owned()),
        "was" | "were" => (Some(Tense::Past), "is".to_owned()),
        "did" => (Some(Tense::Past), "do".to_owned()),
        _ => (None, word),
    };
    let words = words
        .into_iter()
        .map(|word| {
            let (tense, word) = plain(word);
            tenses.extend(tense);
            word
        })
        .collect();
    tenses.dedup();
    let mut words: Vec<String> = words;
    // `Do not I need …` as `do I not need …`.
    for at in 2..words.len() {
        let is_inverted = words[at - 1] == "not"
            && matches!(words[at].as_str(), "i" | "you" | "he" | "she" | "it" | "we" | "they");
        if is_inverted && is_boundary(&words[at - 2]) {
            words.swap(at - 1, at);
        }
    }
    // What says nothing of its tense is about now.
    if tenses.is_empty() {
        tenses.push(Tense::Present);
    }
    (words, tenses)
}

/// One form of question for those that ask the same. `words` have `is` and `do` for their auxiliary verbs.
pub(super) fn in_one_frame(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| !matches!(word.as_str(), "a" | "an" | "the"));
    let replacements: &[(&str, &str)] = &[
        ("how do i", "how to"),
        ("how can i", "how to"),
        ("how could i", "how to"),
        ("how would i", "how to"),
        ("how do we", "how to"),
        ("how can we", "how to"),
        ("how do you", "how to"),
        ("how can you", "how to"),
        ("how would you", "how to"),
        ("how do one", "how to"),
        ("how do 1", "how to"),
        ("how can 1", "how to"),
        ("how would 1", "how to"),
        ("how do someone", "how to"),
        ("how can someone", "how to"),
        ("how do person", "how to"),
        ("what is best way to", "how to"),
        ("what is way to", "how to"),
        ("what is right way to", "how to"),
        ("what is correct way to", "how to"),
        ("what is proper way to", "how to"),
        ("what best way to", "how to"),
        ("what is step to", "how to"),
        ("what step to", "how to"),
        ("i want to know how to", "how to"),
        ("how do i go about", "how to go about"),
        ("is there any way to", "can i"),
        ("is there way to", "can i"),
        ("is there any way for me to", "can i"),
        ("is there way for me to", "can i"),
        ("is it possible for me to", "can i"),
        ("is it possible to", "can i"),
        ("is i able to", "can i"),
        ("can 1", "can i"),
        ("is i allowed to", "may i"),
        ("is it allowed to", "may i"),
        ("is it permitted to", "may i"),
        ("how much is", "price of"),
        ("how expensive is", "price of"),
        ("what is price of", "price of"),
        ("what is price for", "price of"),
        ("what is cost of", "price of"),
        ("what price of", "price of"),
        ("what cost of", "price of"),
        ("how old is", "what is age of"),
        ("how tall is", "what is height of"),
        ("how high is", "what is height of"),
        ("how heavy is", "what is weight of"),
        ("how big is", "what is size of"),
        ("how large is", "what is size of"),
        ("how many person live in", "what is population of"),
        ("what is number of", "how many"),
        ("what is location of", "where is"),
        ("what is reason why", "why"),
        ("what is reason that", "why"),
        ("what is meant by", "what is"),
        ("what is meaning of", "what is"),
        ("what is definition of", "what is"),
        ("who wrote", "who is author of"),
        ("who invented", "who is inventor of"),
        ("who founded", "who is founder of"),
        ("who discovered", "who is discoverer of"),
    ];
    let asker = ["i", "you", "we"]
        .into_iter()
        .find(|who| begins(&words, &format!("how do {who}")) + begins(&words, &format!("how can {who}")) > 0);
    possessive(&mut words);
    let best =
        replacements.iter().filter(|(form, _)| begins(&words, form) > 0).max_by_key(|(form, _)| form.len());
    if let Some((form, one)) = best {
        let n = begins(&words, form);
        if n < words.len() {
            words.splice(..n, one.split(' ').map(str::to_owned));
        }
    }
    priced(&mut words);
    counted(&mut words);
    meant(&mut words);
    differing(&mut words);
    if begins(&words, "how to") > 0 {
        let own: &[&str] = match asker {
            Some("i") => &["my"],
            Some("you") => &["your"],
            Some(_) => &["our"],
            None => &["my", "your"],
        };
        words.retain(|word| !own.contains(&word.as_str()));
    }
    if begins(&words, "where is") > 0
        && words.last().is_some_and(|last| matches!(last.as_str(), "located" | "situated"))
    {
        words.pop();
    }
    let is_thing = words.get(1).is_some_and(|word| word == "of")
        && !is_boundary(&words[0])
        && words[0] != "price"
        && words[0] != "difference";
    if is_thing {
        words.insert(0, "what".to_owned());
    }
    words
}

/// `France 's capital` as `capital of France`.
fn possessive(words: &mut Vec<String>) {
    let mut marks = words.iter().enumerate().filter(|(_, word)| *word == "'s").map(|(at, _)| at);
    let (Some(at), None) = (marks.next(), marks.next()) else { return };
    let ends_here = |word: &String| is_boundary(word) || is_preposition(word) || word == "," || word == ".";
    let from = words[..at].iter().rposition(ends_here).map_or(0, |last| last + 1);
    let to = words[at + 1..].iter().position(ends_here).map_or(words.len(), |n| at + 1 + n);
    if from == at || to == at + 1 || to - at > 4 {
        return;
    }
    let (owner, thing) = (words[from..at].to_vec(), words[at + 1..to].to_vec());
    words.splice(from..to, thing.into_iter().chain(["of".to_owned()]).chain(owner));
}

/// `how much does it cost` and `what does it cost` as `price of it`.
fn priced(words: &mut Vec<String>) {
    let n = begins(words, "how much do").max(begins(words, "what do"));
    let Some(at) = words.iter().position(|word| word == "cost") else { return };
    let ends = words.get(at + 1).is_none_or(|next| is_preposition(next));
    if n > 0 && at > n && ends {
        words.remove(at);
        words.splice(..n, ["price".to_owned(), "of".to_owned()]);
    }
}

/// `how many legs does a spider have` and `how many legs are there on …` in one form.
fn counted(words: &mut Vec<String>) {
    if begins(words, "how many") == 0 {
        return;
    }
    if let Some(at) = words.windows(2).position(|two| two[0] == "is" && two[1] == "there") {
        words.drain(at..at + 2);
        return;
    }
    let ends = words.last().is_some_and(|last| matches!(last.as_str(), "have" | "contain"));
    if let Some(at) = words.iter().position(|word| word == "do")
        && ends
    {
        words.pop();
        words[at] = "in".to_owned();
    }
}

/// `what does it mean` as `what is it`.
fn meant(words: &mut Vec<String>) {
    if begins(words, "what do") > 0 && words.len() > 3 && words.last().is_some_and(|last| last == "mean") {
        words.pop();
        words[1] = "is".to_owned();
    }
}

/// What two things differ in is the same from both sides.
fn differing(words: &mut Vec<String>) {
    let n = ["what is difference between", "what difference between", "difference between"]
        .iter()
        .map(|form| begins(words, form))
        .max()
        .unwrap_or(0);
    let (from, apart, to) = if n > 0 {
        (n, "and", words.len())
    } else if begins(words, "how is") > 0 && words.contains(&"different".to_owned()) {
        let Some(at) = words.windows(2).position(|two| two[0] == "different" && two[1] == "from") else {
            return;
        };
        words.remove(at);
        (2, "from", words.len())
    } else if begins(words, "how do") > 0 && ends(words, "differ") > 0 {
        (2, "and", words.len() - 1)
    } else if begins(words, "how do") > 0
        && words.windows(2).any(|two| two[0] == "differ" && two[1] == "from")
    {
        words.retain(|word| word != "differ");
        (2, "from", words.len())
    } else {
        return;
    };
    let mut sides = words[from..to].split(|word| word == apart);
    let (Some(one), Some(other), None) = (sides.next(), sides.next(), sides.next()) else { return };
    if one.is_empty() || other.is_empty() {
        return;
    }
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    *words = [&["difference".to_owned()][..], first, &["and".to_owned()], second].concat();
}

/// Phrases of time and place at the end, in one order; auxiliary verbs left out.
pub(super) fn in_one_order(mut words: Vec<String>) -> Vec<String> {
    if !words.contains(&".".to_owned()) {
        lead_to_end(&mut words);
        year_to_end(&mut words);
        if let Some(at) = words.iter().position(|word| word == "now") {
            let now = words.remove(at);
            words.push(now);
        }
    }
    words.retain(|word| word != "," && word != "is");
    without_do(&mut words);
    sort_end(&mut words);
    words
}

/// `in 2023 , what …` as `what … in 2023`.
fn lead_to_end(words: &mut Vec<String>) {
    let leads = |word: &str| {
        is_preposition(word)
            || matches!(word, "if" | "when" | "while" | "because" | "as" | "this" | "last" | "next")
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
    loop {
        let Some(last) = words[..end].last() else { break };
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
