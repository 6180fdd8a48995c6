//! Questions of the set that are no pair but share most of their words. Whatever of them is served is in the snapshot, to
//! be read: each line must be two wordings of one question.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use assize_llm::Guards;

use crate::pairs::{self, HALVES, LABELS};

/// The share of common words among all words of two texts, in tenths, from which they are judged.
const NEAR_TENTHS: usize = 6;

/// Numbers for the words of a text, each once, in their order.
fn words(text: &str, known: &mut BTreeMap<String, u32>) -> Vec<u32> {
    let mut numbers = BTreeSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let next = u32::try_from(known.len()).expect("few words");
        numbers.insert(*known.entry(word.to_lowercase()).or_insert(next));
    }
    numbers.into_iter().collect()
}

fn n_shared(one: &[u32], other: &[u32]) -> usize {
    one.iter().filter(|word| other.binary_search(word).is_ok()).count()
}

/// A text without what the templates put around it.
fn bare(text: &str) -> String {
    let text = ["Hi! ", "Hello. ", "Quick question: "]
        .iter()
        .find_map(|opening| text.strip_prefix(opening))
        .unwrap_or(text);
    text.strip_suffix(" Thanks.").unwrap_or(text).to_lowercase()
}

#[test]
fn what_shares_most_words_is_served_only_where_it_is_the_same() {
    let guards = Guards::all();
    let mut report = String::new();
    for half in HALVES {
        let (mut texts, mut labelled) = (BTreeSet::new(), BTreeSet::new());
        for pair in LABELS.iter().flat_map(|label| pairs::read(half, label)) {
            texts.extend([pair.a.clone(), pair.b.clone()]);
            labelled.extend([(pair.a.clone(), pair.b.clone()), (pair.b, pair.a)]);
        }
        let mut known = BTreeMap::new();
        let texts: Vec<_> =
            texts.into_iter().map(|text| (words(&text, &mut known), bare(&text), text)).collect();
        let (mut n_judged, mut served) = (0, Vec::new());
        for (at, (one, bare, a)) in texts.iter().enumerate() {
            for (other, other_bare, b) in &texts[..at] {
                let shared = n_shared(one, other);
                let near = shared * 10 >= (one.len() + other.len() - shared) * NEAR_TENTHS;
                if near && bare != other_bare && !labelled.contains(&(a.clone(), b.clone())) {
                    n_judged += 1;
                    if guards.judge(a, b).is_ok() {
                        served.push(format!("{a} | {b}"));
                    }
                }
            }
        }
        assert!(n_judged > 1_000, "{half}: there are many near questions: {n_judged}");
        writeln!(report, "{half}: {} of {n_judged} served", served.len()).expect("a line");
        for line in served {
            writeln!(report, "  {line}").expect("a line");
        }
    }
    insta::assert_snapshot!(report);
}
