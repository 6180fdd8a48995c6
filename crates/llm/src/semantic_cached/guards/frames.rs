//! Forms of questions that ask the same, brought to one.

use super::{
    phrases::{begins, ends},
    reading::Tense,
    vocabulary::{has_two_sides, is_boundary, is_date, is_preposition},
};

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

/// How a question begins, and how one that asks the same begins.
const BEGINNINGS: &[(&str, &str)] = &[
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
    ("how deep is", "what is depth of"),
    ("how wide is", "what is width of"),
    ("how fast is", "what is speed of"),
];

/// One form of question for those that ask the same. `words` have `is` and `do` for their auxiliary verbs.
pub(super) fn in_one_frame(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| !matches!(word.as_str(), "a" | "an" | "the"));
    let asker = ["i", "you", "we"]
        .into_iter()
        .find(|who| begins(&words, &format!("how do {who}")) + begins(&words, &format!("how can {who}")) > 0);
    possessive(&mut words);
    let best =
        BEGINNINGS.iter().filter(|(form, _)| begins(&words, form) > 0).max_by_key(|(form, _)| form.len());
    if let Some((form, one)) = best {
        let n = begins(&words, form);
        // `How do you feel` is no `how do I feel`.
        let is_general = !form.ends_with("you") || words.len() > n + 1;
        if n < words.len() && is_general {
            words.splice(..n, one.split(' ').map(str::to_owned));
        }
    }
    priced(&mut words);
    counted(&mut words);
    meant(&mut words);
    differing(&mut words);
    had(&mut words);
    passive(&mut words);
    either(&mut words);
    let says = begins(&words, "how to say");
    if says > 0
        && let Some(at) = words.iter().rposition(|word| word == "in")
        && at > says
    {
        words[at] = "to".to_owned();
        words.splice(..says, ["translate".to_owned()]);
    }
    if begins(&words, "translate") > 0
        && let Some(at) = words.iter().rposition(|word| word == "into")
    {
        words[at] = "to".to_owned();
    }
    if begins(&words, "why") > 0 {
        words.retain(|word| word != "so");
    }
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
    if from == at || to == at + 1 || to - at > 4 || words[at + 1..to].iter().any(|word| has_two_sides(word)) {
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

/// `what side effects does it have` as `what is side effects of it`.
fn had(words: &mut Vec<String>) {
    let Some(at) = words.iter().position(|word| word == "do") else { return };
    if words[0] != "what" || at < 2 || at + 2 >= words.len() {
        return;
    }
    let is_plain =
        words[1..at].iter().all(|word| !is_boundary(word) && !is_preposition(word) && !has_two_sides(word));
    if is_plain && words.last().is_some_and(|last| last == "have") {
        words.pop();
        words[at] = "of".to_owned();
        words.insert(1, "is".to_owned());
    }
}

/// `is it paid by them` as `do they pay it`.
fn passive(words: &mut Vec<String>) {
    const PARTICIPLES: &[(&str, &str)] = &[
        ("paid", "pay"),
        ("made", "make"),
        ("sold", "sell"),
        ("owned", "own"),
        ("used", "use"),
        ("caused", "cause"),
        ("accepted", "accept"),
        ("offered", "offer"),
        ("covered", "cover"),
        ("produced", "produce"),
        ("issued", "issue"),
        ("published", "publish"),
        ("written", "write"),
        ("built", "build"),
        ("provided", "provide"),
        ("supported", "support"),
        ("needed", "need"),
        ("charged", "charge"),
        ("set", "set"),
        ("taxed", "tax"),
    ];
    let mut agents = words.iter().enumerate().filter(|(_, word)| *word == "by").map(|(at, _)| at);
    let (Some(by), None) = (agents.next(), agents.next()) else { return };
    if words[0] != "is" || by < 3 || by + 1 == words.len() {
        return;
    }
    let verb = PARTICIPLES.iter().find(|(participle, _)| *participle == words[by - 1]);
    let is_plain = |words: &[String]| words.iter().all(|word| !is_boundary(word) && !is_preposition(word));
    if let Some((_, verb)) = verb
        && is_plain(&words[by + 1..])
        && is_plain(&words[1..by - 1])
    {
        let (thing, agent) = (words[1..by - 1].to_vec(), words[by + 1..].to_vec());
        *words = [vec!["do".to_owned()], agent, vec![(*verb).to_owned()], thing].concat();
    }
}

/// Two things to choose between, or to be between, in the order of their letters.
fn either(words: &mut Vec<String>) {
    const DIRECTED: [&str; 12] = [
        "rate", "balance", "ratio", "exchange", "score", "surplus", "deficit", "transfer", "flow", "move",
        "change", "flight",
    ];
    let is_side = |side: &[String]| {
        (1..=3).contains(&side.len())
            && side.iter().all(|word| {
                let is_noun = !is_boundary(word) && !is_preposition(word) && !is_date(word);
                is_noun && !word.contains(|c: char| c.is_ascii_digit())
            })
    };
    let comma = words.iter().rposition(|word| word == ",").map(|at| at + 1);
    let what = (begins(words, "what is") > 0 && words.len() == 6).then_some(3);
    let between = words.iter().position(|word| word == "between").map(|at| at + 1);
    let is_directed = words.iter().any(|word| DIRECTED.contains(&word.as_str()));
    for (from, apart) in [(comma, "or"), (what, "or"), (between.filter(|_| !is_directed), "and")] {
        let Some(from) = from else { continue };
        let Some(at) = words[from..].iter().position(|word| word == apart).map(|at| from + at) else {
            continue;
        };
        let (one, other) = (words[from..at].to_vec(), words[at + 1..].to_vec());
        if is_side(&one) && is_side(&other) && other < one {
            words.splice(from.., other.into_iter().chain([apart.to_owned()]).chain(one));
        }
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
