//! The language of the rules, and the matcher: each word is held against all patterns at once.

use rustc_hash::FxHashMap;

use super::Category;
use super::words::Words;

/// Rules longer than this, or alternatives beyond, are refused: they come from a file.
const MAX_SEQUENCES: usize = 512;

/// The steps of a sequence, and the gaps among them: each gap multiplies the ways to look.
const MAX_STEPS: usize = 32;
const MAX_GAPS: usize = 4;

/// A file of rules is not longer than this, in bytes.
const MAX_FILE: usize = 1 << 20;

/// A file of rules cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the rules, line {line}: {problem}")]
pub struct RulesError {
    line: usize,
    problem: String,
}

impl RulesError {
    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }
}

/// One line of the file.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) category: Category,
    pub(super) weight: f64,
    pub(super) pattern: Box<str>,
}

/// An element of a sequence: a set of words, or up to so many of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    OneOf(u32),
    Gap(u8),
    Start,
}

#[derive(Debug, Clone)]
struct Sequence {
    rule: u32,
    steps: Box<[Step]>,
}

/// A set of words, of beginnings and of kinds of words.
type Alternatives = Vec<Box<str>>;

/// The rules, ready to be held against a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) base: [f64; Category::COUNT],
    sequences: Vec<Sequence>,
    /// The sets that a word, a beginning or a kind belongs to.
    sets_of: FxHashMap<Box<str>, Vec<u32>>,
    /// The sequences that begin with a set.
    begin: Vec<Vec<u32>>,
    numbers: FxHashMap<Alternatives, u32>,
    /// The lengths of the beginnings that are listed, in bytes, by their first byte: bit n for length n.
    prefixes: FxHashMap<u8, u64>,
}

/// Where a rule was met, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Rules {
    pub(super) fn parse(text: &str) -> Result<Self, RulesError> {
        let mut rules = Self::default();
        let mut category = None;
        if text.len() > MAX_FILE {
            return Err(RulesError { line: 1, problem: format!("the file is longer than {MAX_FILE} bytes") });
        }
        for (at, line) in text.lines().enumerate() {
            let wrong = |problem: String| RulesError { line: at + 1, problem };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                category = Some(name.parse::<Category>().map_err(|error| wrong(error.to_string()))?);
                continue;
            }
            let category =
                category.ok_or_else(|| wrong("a rule before the first class; write `[class]`".to_owned()))?;
            let (weight, pattern) = line
                .split_once(' ')
                .ok_or_else(|| wrong("a weight and a pattern are expected".to_owned()))?;
            if weight == "base" {
                rules.base[category.index()] =
                    number(pattern).ok_or_else(|| wrong(format!("`{pattern}` is no number")))?;
                continue;
            }
            let weight =
                number(weight).ok_or_else(|| wrong(format!("`{weight}` is no weight from -10 to 10")))?;
            rules.add(category, weight, pattern.trim()).map_err(wrong)?;
        }
        Ok(rules)
    }

    fn add(&mut self, category: Category, weight: f64, pattern: &str) -> Result<(), String> {
        let mut rest = pattern;
        let expansions = self.sequence(&mut rest, 0)?;
        if !rest.is_empty() {
            return Err(format!("`{rest}` is left over; a bracket too many?"));
        }
        let rule = u32::try_from(self.rules.len()).map_err(|_| "too many rules".to_owned())?;
        self.rules.push(Rule { category, weight, pattern: pattern.into() });
        for mut steps in expansions {
            // Gaps at the ends say nothing.
            while matches!(steps.last(), Some(Step::Gap(_))) {
                steps.pop();
            }
            let lead = steps.iter().take_while(|step| matches!(step, Step::Gap(_))).count();
            steps.drain(..lead);
            let first = steps.iter().position(|step| matches!(step, Step::OneOf(_)));
            let n_gaps = steps.iter().filter(|step| matches!(step, Step::Gap(_))).count();
            let Some(first) = first.filter(|_| steps.len() <= MAX_STEPS && n_gaps <= MAX_GAPS) else {
                return Err(format!(
                    "`{pattern}` has no word, or more than {MAX_STEPS} words or {MAX_GAPS} gaps"
                ));
            };
            if let Step::OneOf(set) = steps[first] {
                let sequence =
                    u32::try_from(self.sequences.len()).map_err(|_| "too many rules".to_owned())?;
                self.begin[set as usize].push(sequence);
                self.sequences.push(Sequence { rule, steps: steps.into() });
            }
        }
        Ok(())
    }

    /// A sequence up to the end, a bar or a bracket that closes.
    fn sequence(&mut self, rest: &mut &str, depth: u8) -> Result<Vec<Vec<Step>>, String> {
        let mut found = vec![Vec::new()];
        loop {
            *rest = rest.trim_start();
            let steps = match rest.chars().next() {
                None | Some('|' | ')') => return Ok(found),
                Some('(') if depth >= 4 => return Err("brackets in brackets in brackets".to_owned()),
                Some('(') => {
                    *rest = &rest[1..];
                    self.group(rest, depth)?
                }
                Some(_) => {
                    let end = rest.find([' ', '|', '(', ')']).unwrap_or(rest.len());
                    let word = &rest[..end];
                    *rest = &rest[end..];
                    vec![vec![self.step(word)?]]
                }
            };
            if found.len() * steps.len() > MAX_SEQUENCES {
                return Err(format!("more than {MAX_SEQUENCES} ways to read the pattern"));
            }
            found = found
                .iter()
                .flat_map(|head| steps.iter().map(move |tail| [head.as_slice(), tail.as_slice()].concat()))
                .collect();
        }
    }

    /// What stands between brackets: single words become one set, the rest stays apart.
    fn group(&mut self, rest: &mut &str, depth: u8) -> Result<Vec<Vec<Step>>, String> {
        let (mut singles, mut others) = (Alternatives::new(), Vec::new());
        loop {
            let end = rest.find(['|', '(', ')']).unwrap_or(rest.len());
            let simple = rest[..end].trim();
            let closed = !rest[end..].starts_with('(');
            if closed
                && !simple.is_empty()
                && !simple.contains(' ')
                && !simple.starts_with("..")
                && simple != "<start>"
            {
                singles.push(checked(simple)?.into());
                *rest = &rest[end..];
            } else {
                others.extend(self.sequence(rest, depth + 1)?);
            }
            match rest.chars().next() {
                Some('|') => *rest = &rest[1..],
                Some(')') => {
                    *rest = &rest[1..];
                    break;
                }
                _ => return Err("a bracket is not closed".to_owned()),
            }
        }
        if !singles.is_empty() {
            others.push(vec![self.set(singles)?]);
        }
        Ok(others)
    }

    fn step(&mut self, word: &str) -> Result<Step, String> {
        Ok(match word {
            ".." => Step::Gap(3),
            "..." => Step::Gap(6),
            "<start>" => Step::Start,
            _ => self.set(vec![checked(word)?.into()])?,
        })
    }

    fn set(&mut self, mut words: Alternatives) -> Result<Step, String> {
        words.sort_unstable();
        words.dedup();
        if let Some(&number) = self.numbers.get(&words) {
            return Ok(Step::OneOf(number));
        }
        let number = u32::try_from(self.begin.len()).map_err(|_| "too many rules".to_owned())?;
        self.begin.push(Vec::new());
        for word in &words {
            if let Some(prefix) = word.strip_suffix('*') {
                let length = u32::try_from(prefix.len()).unwrap_or(u32::MAX);
                let bit = 1_u64.checked_shl(length).ok_or_else(|| format!("`{word}` is too long"))?;
                *self.prefixes.entry(prefix.as_bytes()[0]).or_default() |= bit;
            }
            self.sets_of.entry(word.clone()).or_default().push(number);
        }
        self.numbers.insert(words, number);
        Ok(Step::OneOf(number))
    }

    /// The rules that `words` meet, each once, where it is met first; in the rules' order.
    pub(super) fn hits(&self, words: &Words, is_title: bool) -> Vec<Hit> {
        let sets = self.sets_of(words);
        let mut met: Vec<Option<Hit>> = vec![None; self.rules.len()];
        for from in 0..sets.len() {
            for &number in sets.of(from).iter().flat_map(|&set| &self.begin[set as usize]) {
                let sequence = &self.sequences[number as usize];
                let place = &mut met[sequence.rule as usize];
                if place.is_some() {
                    continue;
                }
                if let Some(to) = ends(&sequence.steps, &sets, from, from, is_title) {
                    *place = Some(Hit { rule: sequence.rule as usize, from, to });
                }
            }
        }
        met.into_iter().flatten().collect()
    }

    fn sets_of(&self, words: &Words) -> Sets {
        let mut sets =
            Sets { all: Vec::with_capacity(words.len() * 8), ends: Vec::with_capacity(words.len()) };
        let mut key = String::new();
        for at in 0..words.len() {
            let (word, lower) = words.get(at);
            let start = sets.all.len();
            let mut add = |name: &str| sets.all.extend(self.sets_of.get(name).into_iter().flatten());
            add(lower);
            for kind in word.kinds.into_iter().filter(|kind| !kind.is_empty()) {
                add(kind);
            }
            let first = lower.as_bytes().first();
            let mut lengths = first.and_then(|first| self.prefixes.get(first)).copied().unwrap_or(0);
            while lengths != 0 {
                let length = lengths.trailing_zeros() as usize;
                lengths &= lengths - 1;
                let Some(beginning) = lower.get(..length) else { continue };
                key.clear();
                key.push_str(beginning);
                key.push('*');
                add(&key);
            }
            sets.all[start..].sort_unstable();
            sets.ends.push(sets.all.len());
        }
        sets
    }
}

/// The sets that each word belongs to, sorted, one word after the other.
struct Sets {
    all: Vec<u32>,
    ends: Vec<usize>,
}

impl Sets {
    fn len(&self) -> usize {
        self.ends.len()
    }

    /// Those of a word; none behind the last.
    fn of(&self, at: usize) -> &[u32] {
        let Some(&end) = self.ends.get(at) else { return &[] };
        &self.all[if at == 0 { 0 } else { self.ends[at - 1] }..end]
    }
}

/// Where the steps end if they begin at the word `at`, exclusive.
fn ends(steps: &[Step], sets: &Sets, first: usize, at: usize, is_title: bool) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else { return Some(at) };
    match step {
        Step::Start => {
            // What may stand before the first word of the sequence.
            let room = match rest.first() {
                Some(Step::Gap(room)) => usize::from(*room),
                _ => 0,
            };
            let rest = if room > 0 { &rest[1..] } else { rest };
            (is_title && first <= room).then(|| ends(rest, sets, first, at, is_title)).flatten()
        }
        Step::OneOf(set) => {
            let meets = sets.of(at).binary_search(set).is_ok();
            meets.then(|| ends(rest, sets, first, at + 1, is_title)).flatten()
        }
        Step::Gap(room) => {
            (0..=usize::from(*room)).find_map(|skipped| ends(rest, sets, first, at + skipped, is_title))
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|weight: &f64| weight.abs() <= 10.0)
}

/// A word as it may stand in a pattern.
fn checked(word: &str) -> Result<&str, String> {
    let kinds = ["<number>", "<money>", "<percent>", "<year>", "<tag>", "<caps>"];
    let stem = word.strip_suffix('*').unwrap_or(word);
    let plain = matches!(word, "?" | "!")
        || (!stem.is_empty() && stem.chars().all(|c| (c.is_alphanumeric() && !c.is_uppercase()) || c == '&'));
    if plain || kinds.contains(&word) {
        Ok(word)
    } else {
        Err(format!("`{word}` is no lower-case word, beginning or kind of word"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Rules, Words};

    fn meets(pattern: &str, text: &str) -> bool {
        let rules = Rules::parse(&format!("[legal]\n1 {pattern}")).unwrap();
        !rules.hits(&Words::of(text, 100), true).is_empty()
    }

    #[test]
    fn patterns_mean_what_they_say() {
        for (pattern, text, expected) in [
            ("court", "The Court's view", true),
            ("court", "Courtship of a rival", false),
            ("court*", "Courtship of a rival", true),
            ("(sue|sues) .. bank", "Town sues the big bank", true),
            ("(sue|sues) .. bank", "Town sues a very big old bank", false),
            ("(sue|sues) ... bank", "Town sues a very big old bank", true),
            ("(plea deal|suit)", "A plea deal", true),
            ("(plea deal|suit)", "A plea for a deal", false),
            ("(class (action|actions)|suit) over", "Class actions over fees", true),
            ("<start> why", "Why banks fail", true),
            ("<start> why", "This is why", false),
            ("<start> .. miners", "Big gold miners fall", true),
            ("<start> .. miners", "The four or five gold miners fall", false),
            ("pay* <money>", "Bank pays $3m", true),
            ("pay* <money>", "Bank pays 3m", false),
            ("<year> (target|goal)", "its 2027 goal", true),
            ("... fine", "fine", true),
        ] {
            assert_eq!(meets(pattern, text), expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn a_rule_counts_once_and_says_where() {
        let rules = Rules::parse("[legal]\n2 (fine|fined)\n[macro]\n-1 fed\nbase 0.5").unwrap();
        let hits = rules.hits(&Words::of("Fed fined; a fine Fed", 100), true);
        assert_eq!(
            hits.iter().map(|hit| (hit.rule, hit.from, hit.to)).collect::<Vec<_>>(),
            [(0, 1, 2), (1, 0, 1)]
        );
    }

    #[test]
    fn bad_rules_name_their_line() {
        for (text, line) in [
            ("2 early", 1),
            ("[nothing]", 1),
            ("[legal]\nx word", 2),
            ("[legal]\n\n99 word", 3),
            ("[legal]\n1 (a|b", 2),
            ("[legal]\n1 a)", 2),
            ("[legal]\n1 ..", 2),
            ("[legal]\n1 Word", 2),
            ("[legal]\n1 <nonsense>", 2),
            ("[legal]\nNaN word", 2),
            ("[legal]\n1 a .. b .. c .. d .. e .. f", 2),
            (
                "[legal]\n1 (a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h)",
                2,
            ),
        ] {
            assert_eq!(Rules::parse(text).unwrap_err().line(), line, "{text}");
        }
    }
}
