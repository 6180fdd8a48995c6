//! The items of several answers. What an answer tells of no company, as a table of the economy's figures does, is there once for
//! all tickers that it was read for.

use std::sync::Arc;

use crate::{AsOf, Finding, Item, Known as _, Removed, Ticker};

/// What was read of an answer that says the same whichever ticker it is read for.
#[derive(Clone, Debug)]
pub(super) struct Common {
    /// The items, about the ticker that it was read for first.
    pub(super) items: Arc<Vec<Item>>,
    pub(super) findings: Vec<Finding>,
}

/// Items of one ticker in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Pile(Vec<Lot>);

#[derive(Clone, Debug)]
enum Lot {
    Own(Vec<Item>),
    /// Read for whatever ticker, and meant for this one.
    Common(Arc<Vec<Item>>, Ticker),
}

impl Pile {
    /// Adds what was read for the ticker itself.
    pub(super) fn add(&mut self, items: Vec<Item>) {
        match self.0.last_mut() {
            Some(Lot::Own(own)) => own.extend(items),
            _ => self.0.push(Lot::Own(items)),
        }
    }

    /// Adds what is there for all tickers, as read for this one.
    pub(super) fn add_common(&mut self, items: Arc<Vec<Item>>, ticker: &Ticker) {
        self.0.push(Lot::Common(items, ticker.clone()));
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|lot| lot.items().len()).sum()
    }

    /// What was observed. Of what is there for all, the ticker may be another one.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Item> {
        self.0.iter().flat_map(Lot::items)
    }

    /// Adds what was known as of a moment, about the ticker itself, and counts the rest.
    pub(super) fn cut_into(self, known: &mut Vec<Item>, as_of: &AsOf) -> Removed {
        let mut removed = Removed::default();
        for lot in self.0 {
            let all = lot.items().len();
            let later = lot.items().iter().filter(|item| !as_of.knows(*item));
            later.for_each(|item| removed.count(item.known_by()));
            known.reserve(all);
            match lot {
                Lot::Own(items) => known.extend(items.into_iter().filter(|item| as_of.knows(item))),
                Lot::Common(..) => known.extend(lot.known(as_of)),
            }
        }
        removed
    }

    /// A copy of what was known as of a moment, about the ticker itself.
    pub(super) fn known(&self, as_of: &AsOf) -> Vec<Item> {
        self.0.iter().flat_map(|lot| lot.known(as_of)).collect()
    }

    /// All of it, about the ticker itself.
    pub(super) fn into_items(self) -> Vec<Item> {
        self.0.into_iter().flat_map(Lot::into_items).collect()
    }
}

impl From<Vec<Item>> for Pile {
    fn from(items: Vec<Item>) -> Self {
        Self(vec![Lot::Own(items)])
    }
}

impl Lot {
    fn items(&self) -> &[Item] {
        match self {
            Self::Own(items) => items,
            Self::Common(items, _) => items,
        }
    }

    fn known(&self, as_of: &AsOf) -> impl Iterator<Item = Item> {
        self.items().iter().filter(|item| as_of.knows(*item)).map(|item| self.meant(item))
    }

    /// The item as one about the ticker that this is for.
    fn meant(&self, item: &Item) -> Item {
        match self {
            Self::Own(_) => item.clone(),
            Self::Common(_, ticker) => Item { ticker: ticker.clone(), ..item.clone() },
        }
    }

    fn into_items(self) -> Vec<Item> {
        match self {
            Self::Own(items) => items,
            Self::Common(..) => self.items().iter().map(|item| self.meant(item)).collect(),
        }
    }
}
