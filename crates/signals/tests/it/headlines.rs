//! The classifier on headlines: made with one half of them, judged on the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assize_signals::category::{Article, Category, Classification, Classifier, Place, Reason, TEMPERATURE};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Headline {
    text: String,
    label: String,
    #[serde(default)]
    also: Vec<String>,
    split: String,
}

impl Headline {
    fn label(&self) -> Category {
        self.label.parse().expect("a class")
    }
}

fn headlines() -> Vec<Headline> {
    read("headlines.jsonl")
}

fn read(name: &str) -> Vec<Headline> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/signals").join(name);
    let text = fs::read_to_string(file).expect("the labelled headlines");
    text.lines().map(|line| serde_json::from_str(line).expect("a headline")).collect()
}

fn half(name: &str) -> Vec<Headline> {
    headlines().into_iter().filter(|headline| headline.split == name).collect()
}

fn classify(headline: &Headline) -> Classification {
    Classifier::embedded().classify(&Article::titled(&headline.text))
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).expect("few")) / f64::from(u32::try_from(whole.max(1)).expect("few"))
}

/// The multi-class score of Brier: the sum of squares over the classes, from 0 to 2.
fn brier(found: &Classification, truth: Category) -> f64 {
    let miss = |class: Category| found.probability(class) - if class == truth { 1.0 } else { 0.0 };
    Category::ALL.iter().map(|&class| miss(class) * miss(class)).sum()
}

#[test]
fn the_halves_are_told_apart_by_their_texts_alone() {
    let headlines = headlines();
    assert!(headlines.len() >= 480);
    for headline in &headlines {
        let hash = headline.text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        let expected = if hash >> 40 & 1 == 0 { "tune" } else { "report" };
        assert_eq!(headline.split, expected, "{}", headline.text);
        assert!(
            headline
                .also
                .iter()
                .all(|also| also.parse::<Category>().is_ok_and(|also| also != headline.label()))
        );
    }
    let mut texts: Vec<&str> = headlines.iter().map(|headline| headline.text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), headlines.len(), "no headline is in both halves, or twice in one");
}

/// What the classifier achieves, as a text, and the share of right answers.
fn figures(headlines: &[Headline]) -> (String, f64) {
    let mut table: BTreeMap<Category, (usize, usize, usize)> = BTreeMap::new();
    let (mut right, mut acceptable, mut sure, mut score) = (0, 0, 0.0, 0.0);
    for headline in headlines {
        let (found, truth) = (classify(headline), headline.label());
        let primary = found.primary();
        right += usize::from(primary == truth);
        acceptable +=
            usize::from(primary == truth || headline.also.iter().any(|also| also == primary.name()));
        sure += found.probability(primary);
        score += brier(&found, truth);
        table.entry(truth).or_default().0 += 1;
        table.entry(primary).or_default().1 += 1;
        table.entry(truth).or_default().2 += usize::from(primary == truth);
    }
    let n = f64::from(u32::try_from(headlines.len()).expect("few"));
    let accuracy = share(right, headlines.len());
    let mut text = format!(
        "{} headlines, accuracy {accuracy:.3} (with second labels {:.3}), mean probability of the answer {:.3}, Brier {:.3}\n",
        headlines.len(),
        share(acceptable, headlines.len()),
        sure / n,
        score / n,
    );
    for (class, (labelled, answered, right)) in &table {
        let (precision, recall) = (share(*right, *answered), share(*right, *labelled));
        writeln!(text, "{:<10} n {labelled:>2} precision {precision:.2} recall {recall:.2}", class.name())
            .expect("a string takes it");
    }
    (text, accuracy)
}

/// What the classifier achieves on headlines that its rules were not made with.
#[test]
fn the_half_that_was_kept_apart() {
    let (text, accuracy) = figures(&half("report"));
    insta::assert_snapshot!(text);
    assert!(accuracy >= 0.93, "accuracy {accuracy}");
}

/// The same on headlines that were written after the rules, in words far from theirs: the sober figure.
#[test]
fn headlines_that_came_later() {
    let (text, accuracy) = figures(&read("headlines-later.jsonl"));
    insta::assert_snapshot!(text);
    assert!(accuracy >= 0.18, "accuracy {accuracy}");
}

/// The log loss on the half that the rules were made with, without those rules, for each headline, that no other meets.
fn loss(half: &[(Category, Vec<Reason>, Classification)], temperature: f64) -> f64 {
    let mut met: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for reason in half.iter().flat_map(|(_, reasons, _)| reasons) {
        *met.entry((reason.category.name(), &reason.rule)).or_default() += 1;
    }
    let of = |(truth, reasons, found): &(Category, Vec<Reason>, Classification)| {
        let mut sums = Category::ALL.map(|class| found.sum(class));
        for reason in reasons.iter().filter(|reason| met[&(reason.category.name(), reason.rule.as_str())] < 2)
        {
            let at = Category::ALL.iter().position(|class| *class == reason.category).expect("a class");
            sums[at] -= reason.weight;
        }
        let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = sums.iter().map(|sum| libm::exp((sum - most) / temperature)).sum();
        let at = Category::ALL.iter().position(|class| class == truth).expect("a class");
        libm::log(total) - (sums[at] - most) / temperature
    };
    half.iter().map(of).sum::<f64>()
}

#[test]
fn the_temperature_is_that_of_the_half_it_was_fitted_on() {
    let tune: Vec<_> = half("tune")
        .iter()
        .map(|headline| {
            let found = classify(headline);
            (headline.label(), found.reasons().to_vec(), found)
        })
        .collect();
    let candidates = (10..60).map(|step| f64::from(step) * 0.025);
    let best = candidates.min_by(|a, b| loss(&tune, *a).total_cmp(&loss(&tune, *b))).expect("candidates");
    assert!((best - TEMPERATURE).abs() < 0.051, "fit again: the best temperature is {best}");
}

#[test]
fn probabilities_are_probabilities_and_reasons_lie_where_they_say() {
    for headline in headlines() {
        let found = classify(&headline);
        let total: f64 = Category::ALL.iter().map(|&class| found.probability(class)).sum();
        assert!((total - 1.0).abs() < 1e-9);
        assert!(
            found
                .labels()
                .iter()
                .all(|&class| found.probability(class) <= found.probability(found.primary()))
        );
        for class in Category::ALL {
            let weights: f64 = found
                .reasons()
                .iter()
                .filter(|reason| reason.category == class)
                .map(|reason| reason.weight)
                .sum();
            let base = found.sum(class) - weights;
            let expected = if class == Category::Other { 1.0 } else { 0.0 };
            assert!((base - expected).abs() < 1e-9, "{class} of {}", headline.text);
        }
        for reason in found.reasons() {
            let Place::Title(start, end) = reason.place else { panic!("only titles were given") };
            assert_eq!(&headline.text[start..end], reason.phrase);
        }
    }
}

#[test]
fn items_of_a_filing_decide_where_a_headline_says_nothing() {
    let classifier = Classifier::embedded();
    for (items, expected) in [
        ("1.03,9.01", Category::Credit),
        ("2.02,9.01", Category::Earnings),
        ("4.02", Category::Earnings),
        ("5.02,9.01", Category::Management),
        ("2.01", Category::MergersAndAcquisitions),
        ("3.02", Category::Capital),
        ("8.01", Category::Other),
    ] {
        let found = classifier.classify(&Article { title: "8-K", body: "", items });
        assert_eq!(found.primary(), expected, "{items}");
        assert!(found.reasons().iter().any(|reason| reason.place == Place::Items));
    }
    let both = classifier.classify(&Article { title: "", body: "", items: "2.02,5.02" });
    assert_eq!(both.labels(), [Category::Earnings, Category::Management], "two items, two labels");
}

#[test]
fn a_body_helps_and_never_outweighs_a_clear_headline() {
    let classifier = Classifier::embedded();
    let body = "The company said its board had declared a quarterly dividend of 32 cents. ".repeat(50);
    let vague = Article { title: "Northgate Bank says more", body: &body, items: "" };
    assert_eq!(classifier.classify(&vague).primary(), Category::Capital);
    let clear =
        Article { title: "Northgate Bank to acquire rival in hostile takeover", body: &body, items: "" };
    assert_eq!(classifier.classify(&clear).primary(), Category::MergersAndAcquisitions);
}

#[test]
fn nothing_is_something_else_and_long_texts_are_cut() {
    let classifier = Classifier::embedded();
    let empty = classifier.classify(&Article::titled(""));
    assert_eq!((empty.primary(), empty.reasons().len()), (Category::Other, 0));
    let long = "é".repeat(200_000);
    assert_eq!(classifier.classify(&Article::titled(&long)).primary(), Category::Other);
}

proptest! {
    #[test]
    fn no_text_is_too_strange(title in "\\PC{0,60}", marks in "[$€£%.,'’?!&a-zA-Z0-9 -]{0,60}", items in "[0-9., Item]{0,30}") {
        let article = Article { title: &title, body: &marks, items: &items };
        let found = Classifier::embedded().classify(&article);
        prop_assert!(Category::ALL.iter().all(|&class| found.probability(class).is_finite()));
        prop_assert!(found.probability(found.primary()) >= 1.0 / 16.0);
    }
}
