//! Where weight went, by call stack.

use std::collections::BTreeMap;

/// Stacks of calls with their weights, drawn as a flame: what called stands above what it called, as wide as its share.
/// (Icicles, strictly: they hang from the whole.) Stacks that begin alike share their beginning.
///
/// ```
/// use assize_report::{Document, Flame, Stack};
///
/// let stack = |frames: &[&str], weight| Stack { frames: frames.iter().map(|f| (*f).into()).collect(), weight };
/// let mut doc = Document::new("Profile");
/// doc.chart(Flame {
///     title: "Where the time went".into(),
///     unit: "samples".into(),
///     stacks: vec![stack(&["main", "parse"], 70.0), stack(&["main", "write"], 30.0)],
/// });
/// assert!(doc.to_html().contains("parse: 70 samples (70 %)"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flame {
    /// What is shown.
    pub title: String,
    /// What is weighed, such as `samples`.
    pub unit: String,
    /// The stacks. One whose weight is not a positive number is not drawn.
    pub stacks: Vec<Stack>,
}

/// One stack of calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stack {
    /// The functions, the outermost first.
    pub frames: Vec<String>,
    /// What was spent with exactly this stack.
    pub weight: f64,
}

/// Weights beyond this are none: all of them together have to stay finite.
const MOST_WEIGHT: f64 = 1e280;

impl Stack {
    pub(crate) fn has_weight(&self) -> bool {
        (f64::MIN_POSITIVE..=MOST_WEIGHT).contains(&self.weight) && !self.frames.is_empty()
    }
}

/// A function under one sequence of callers.
#[derive(Debug, Default)]
pub(crate) struct Node<'a> {
    /// With all that it called.
    pub(crate) total: f64,
    /// The heaviest first; by name where they weigh the same.
    pub(crate) called: Vec<(&'a str, Node<'a>)>,
    found: BTreeMap<&'a str, usize>,
}

/// The stacks as one tree, its root the whole; no deeper than `depth`.
pub(crate) fn tree(chart: &Flame, depth: usize) -> Node<'_> {
    let mut root = Node::default();
    for stack in chart.stacks.iter().filter(|stack| stack.has_weight()) {
        let mut at = &mut root;
        at.total += stack.weight;
        for frame in stack.frames.iter().take(depth) {
            let place = match at.found.get(frame.as_str()) {
                Some(place) => *place,
                None => {
                    at.found.insert(frame, at.called.len());
                    at.called.push((frame, Node::default()));
                    at.called.len() - 1
                }
            };
            at = &mut at.called[place].1;
            at.total += stack.weight;
        }
    }
    root.settle();
    root
}

impl Node<'_> {
    fn settle(&mut self) {
        self.found.clear();
        self.called
            .sort_by(|(a, left), (b, right)| right.total.total_cmp(&left.total).then_with(|| a.cmp(b)));
        for (_, node) in &mut self.called {
            node.settle();
        }
    }
}

/// What each function took itself, and with all that it called, by name: the heaviest first.
pub(crate) fn by_function(chart: &Flame) -> Vec<(&str, f64, f64)> {
    let mut found: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for stack in chart.stacks.iter().filter(|stack| stack.has_weight()) {
        if let Some(last) = stack.frames.last() {
            found.entry(last).or_default().0 += stack.weight;
        }
        let mut names: Vec<&str> = stack.frames.iter().map(String::as_str).collect();
        // One that calls itself is counted once a stack.
        names.sort_unstable();
        names.dedup();
        for name in names {
            found.entry(name).or_default().1 += stack.weight;
        }
    }
    let mut functions: Vec<_> = found.into_iter().map(|(name, (own, total))| (name, own, total)).collect();
    functions
        .sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| b.2.total_cmp(&a.2)).then_with(|| a.0.cmp(b.0)));
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flame(stacks: &[(&str, f64)]) -> Flame {
        let stacks = stacks.iter().map(|(frames, weight)| Stack {
            frames: frames.split(';').map(str::to_owned).collect(),
            weight: *weight,
        });
        Flame { stacks: stacks.collect(), ..Flame::default() }
    }

    #[test]
    fn stacks_share_their_beginnings_and_a_recursive_function_is_counted_once() {
        let chart = flame(&[
            ("main;walk;walk", 3.0),
            ("main;write", 4.0),
            ("main;walk", 2.0),
            ("main", 1.0),
            ("lost", f64::NAN),
            ("free", 0.0),
        ]);
        let root = tree(&chart, 64);
        assert_eq!((root.total, root.called.len()), (10.0, 1));
        let (name, main) = &root.called[0];
        assert_eq!((*name, main.total), ("main", 10.0));
        let called: Vec<_> = main.called.iter().map(|(name, node)| (*name, node.total)).collect();
        assert_eq!(called, [("walk", 5.0), ("write", 4.0)]);
        let functions = by_function(&chart);
        assert_eq!(functions, [("walk", 5.0, 5.0), ("write", 4.0, 4.0), ("main", 1.0, 10.0)]);
        assert_eq!(tree(&chart, 1).called[0].1.called.len(), 0);
    }
}
