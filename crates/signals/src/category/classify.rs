//! From rules that are met to probabilities, with their reasons.

use std::sync::LazyLock;

use super::Category;
use super::eight_k::{EightKItem, eight_k_items};
use super::rules::{Rules, RulesError};
use super::words::Words;

/// So much of a title or of a body is read, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 << 10;

/// So many words of a title or of a body are read: what an article is about stands at its head.
pub const MAX_WORDS: usize = 300;

/// The temperature of the softmax: what weights are divided by before they are exponents. See the module's documentation.
pub const TEMPERATURE: f64 = 0.45;

/// A rule that is met in the body alone counts so much of its weight.
const OF_BODY: f64 = 0.35;

/// All that the body says for a class, or against it, is at most this.
const MOST_OF_BODY: f64 = 2.5;

/// A further class belongs to an item if it is at least so probable.
const ALSO_FROM: f64 = 0.25;

/// What is to be classified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Article<'a> {
    /// Its headline, or the whole of a short post.
    pub title: &'a str,
    /// Its text, or nothing.
    pub body: &'a str,
    /// The items of an 8-K (`2.02,9.01`), or nothing.
    pub items: &'a str,
}

impl<'a> Article<'a> {
    /// An item of which only the headline is known.
    #[must_use]
    pub const fn titled(title: &'a str) -> Self {
        Self { title, body: "", items: "" }
    }
}

/// Where a reason was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the title, from this byte to that.
    Title(usize, usize),
    /// In the body, from this byte to that.
    Body(usize, usize),
    /// Among the items of an 8-K.
    Items,
}

/// Why a class is more or less probable.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The class.
    pub category: Category,
    /// What was added to its sum; negative if it speaks against it.
    pub weight: f64,
    /// The words that met the rule, or the item's number and title.
    pub phrase: String,
    /// The pattern of the rule, or the item's number.
    pub rule: String,
    /// Where.
    pub place: Place,
}

/// What an item is about, how surely, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    probabilities: [f64; Category::COUNT],
    sums: [f64; Category::COUNT],
    labels: Vec<Category>,
    reasons: Vec<Reason>,
}

impl Classification {
    /// The most probable class; of several the one that comes first.
    #[must_use]
    pub fn primary(&self) -> Category {
        self.labels[0]
    }

    /// The classes that the item belongs to, the most probable first: the primary one and those of a probability of 0.25
    /// and more.
    #[must_use]
    pub fn labels(&self) -> &[Category] {
        &self.labels
    }

    /// How probable a class is, from 0 to 1; all of them together are 1.
    #[must_use]
    pub fn probability(&self, category: Category) -> f64 {
        self.probabilities[category.index()]
    }

    /// The sum of a class's weights, before they become probabilities.
    #[must_use]
    pub fn sum(&self, category: Category) -> f64 {
        self.sums[category.index()]
    }

    /// Why: the rules that were met, the heaviest first. Empty if nothing was.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}

/// Tells what items are about. See the [module's documentation](super).
#[derive(Debug, Clone)]
pub struct Classifier {
    rules: Rules,
    temperature: f64,
}

impl Classifier {
    /// The one with the rules that come with the crate.
    ///
    /// # Panics
    ///
    /// Never: a test reads the rules.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Classifier> = LazyLock::new(|| {
            Classifier::from_rules(include_str!("rules.txt")).expect("a test reads these rules")
        });
        &EMBEDDED
    }

    /// One with rules of your own, in the language of `category/rules.txt`, which begins with its description.
    ///
    /// # Errors
    ///
    /// [`RulesError`] names the line that is wrong, and what is wrong with it.
    pub fn from_rules(text: &str) -> Result<Self, RulesError> {
        Ok(Self { rules: Rules::parse(text)?, temperature: TEMPERATURE })
    }

    /// The same with another temperature: higher is less sure. Below 0.05 is 0.05.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f64) -> Self {
        self.temperature = temperature.max(0.05);
        self
    }

    /// How many rules it has.
    #[must_use]
    pub fn n_rules(&self) -> usize {
        self.rules.rules.len()
    }

    /// What `article` is about. Of long texts the first [`MAX_WORDS`] words are read.
    #[must_use]
    pub fn classify(&self, article: &Article<'_>) -> Classification {
        let mut sums = self.rules.base;
        let mut reasons = Vec::new();
        let mut met = vec![false; self.rules.rules.len()];
        let title = bounded(article.title);
        let words = Words::of(title, MAX_WORDS);
        for hit in self.rules.hits(&words, true) {
            met[hit.rule] = true;
            let (start, end) = (words.get(hit.from).0.start, words.get(hit.to - 1).0.end);
            let rule = &self.rules.rules[hit.rule];
            sums[rule.category.index()] += rule.weight;
            reasons.push(Reason {
                category: rule.category,
                weight: rule.weight,
                phrase: title[start..end].to_owned(),
                rule: rule.pattern.as_ref().to_owned(),
                place: Place::Title(start, end),
            });
        }
        if !article.body.is_empty() {
            self.read_body(bounded(article.body), &met, &mut sums, &mut reasons);
        }
        for item in eight_k_items(article.items).0 {
            add_item(&item, &mut sums, &mut reasons);
        }
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let probabilities = softmax(&sums, self.temperature);
        Classification { labels: labels(&probabilities), probabilities, sums, reasons }
    }

    fn read_body(
        &self,
        body: &str,
        met: &[bool],
        sums: &mut [f64; Category::COUNT],
        reasons: &mut Vec<Reason>,
    ) {
        let words = Words::of(body, MAX_WORDS);
        let mut of_body = [0.0; Category::COUNT];
        for hit in self.rules.hits(&words, false).into_iter().filter(|hit| !met[hit.rule]) {
            let (start, end) = (words.get(hit.from).0.start, words.get(hit.to - 1).0.end);
            let rule = &self.rules.rules[hit.rule];
            of_body[rule.category.index()] += rule.weight * OF_BODY;
            reasons.push(Reason {
                category: rule.category,
                weight: rule.weight * OF_BODY,
                phrase: body[start..end].to_owned(),
                rule: rule.pattern.as_ref().to_owned(),
                place: Place::Body(start, end),
            });
        }
        for (sum, of_body) in sums.iter_mut().zip(of_body) {
            *sum += of_body.clamp(-MOST_OF_BODY, MOST_OF_BODY);
        }
    }
}

fn add_item(item: &EightKItem, sums: &mut [f64; Category::COUNT], reasons: &mut Vec<Reason>) {
    for &(category, weight) in item.weights {
        sums[category.index()] += weight;
        reasons.push(Reason {
            category,
            weight,
            phrase: format!("{} {}", item.number, item.title),
            rule: item.number.to_owned(),
            place: Place::Items,
        });
    }
}

fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

fn softmax(sums: &[f64; Category::COUNT], temperature: f64) -> [f64; Category::COUNT] {
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers = sums.map(|sum| libm::exp((sum - most) / temperature));
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}

fn labels(probabilities: &[f64; Category::COUNT]) -> Vec<Category> {
    let mut order = Category::ALL;
    // Stable: of classes alike the first stays first.
    order.sort_by(|a, b| probabilities[b.index()].total_cmp(&probabilities[a.index()]));
    let further = order[1..].iter().copied().take_while(|class| probabilities[class.index()] >= ALSO_FROM);
    std::iter::once(order[0]).chain(further).collect()
}
