//! Who asks a host next: not whoever came first, but whoever comes first in the order of the fetch.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::policy::FetchOrder;

/// A request's place in the order of its fetch; the lowest goes first. What is tried again keeps its place, and so goes before
/// what was not tried yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place([usize; 3]);

impl Place {
    /// Of a ticker and a kind by their numbers, so many answers after what was planned.
    pub(super) fn new(order: FetchOrder, ticker: usize, kind: usize, depth: usize) -> Self {
        match order {
            FetchOrder::Evenly => Self([depth, kind, ticker]),
            FetchOrder::ByTicker => Self([ticker, depth, kind]),
        }
    }
}

/// Those who wait to ask one host. One at a time has the turn, and may wait for the host's limits with it.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_taken: bool,
    /// By their places, and in the order in which they came.
    waiting: BTreeMap<(Place, u64), Arc<Notify>>,
    came: u64,
}

impl Line {
    /// Waits for the turn, and has it until what is returned is dropped. Dropping the future leaves the line.
    pub(super) async fn turn(&self, place: Place) -> Turn<'_> {
        let (key, wake) = {
            let mut state = self.state();
            if !state.is_taken {
                state.is_taken = true;
                return Turn(self);
            }
            state.came += 1;
            let (key, wake) = ((place, state.came), Arc::new(Notify::new()));
            state.waiting.insert(key, Arc::clone(&wake));
            (key, wake)
        };
        let mut waits = Waits { line: self, key: Some(key) };
        wake.notified().await;
        waits.key = None;
        Turn(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass_on(&self) {
        let mut state = self.state();
        match state.waiting.pop_first() {
            Some((_, next)) => next.notify_one(),
            None => state.is_taken = false,
        }
    }
}

/// The turn, until it is dropped.
#[derive(Debug)]
#[must_use = "dropping it lets the next have its turn"]
pub(super) struct Turn<'a>(&'a Line);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

/// One in the line, until it has its turn.
struct Waits<'a> {
    line: &'a Line,
    key: Option<(Place, u64)>,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        // Whoever is not in the line any more was given the turn, and does not take it.
        if self.line.state().waiting.remove(&key).is_none() {
            self.line.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn place(ticker: usize) -> Place {
        Place::new(FetchOrder::ByTicker, ticker, 0, 0)
    }

    #[test]
    fn by_ticker_or_evenly() {
        let at = |order, (ticker, kind, depth)| Place::new(order, ticker, kind, depth);
        let sorted = |order| {
            let mut all = [(1, 0, 0), (0, 1, 1), (0, 1, 0), (1, 1, 0), (0, 0, 0)];
            all.sort_by_key(|one| at(order, *one));
            all
        };
        assert_eq!(sorted(FetchOrder::ByTicker), [(0, 0, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 1, 0)]);
        assert_eq!(sorted(FetchOrder::Evenly), [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 1, 1)]);
    }

    #[tokio::test]
    async fn the_lowest_place_goes_next() {
        let line = Line::default();
        let turn = line.turn(place(9)).await;
        let mut waits: Vec<_> = [3, 1, 2, 1].map(|ticker| Box::pin(line.turn(place(ticker)))).into();
        assert!(waits.iter_mut().all(|one| one.now_or_never().is_none()));
        drop(turn);
        let mut order = Vec::new();
        while order.len() < 4 {
            let left: Vec<usize> = (0..4).filter(|n| !order.contains(n)).collect();
            let mut had = left.into_iter().filter_map(|n| Some((n, waits[n].as_mut().now_or_never()?)));
            let (first, turn) = had.next().expect("somebody has the turn");
            assert!(had.next().is_none(), "one at a time");
            order.push(first);
            drop(turn);
        }
        assert_eq!(order, [1, 3, 2, 0]);
    }

    #[tokio::test]
    async fn who_leaves_the_line_keeps_nothing() {
        let line = Line::default();
        let turn = line.turn(place(0)).await;
        let (mut first, mut second, mut third) =
            (Box::pin(line.turn(place(1))), Box::pin(line.turn(place(2))), Box::pin(line.turn(place(3))));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        drop(turn);
        drop(first);
        let turn = third.as_mut().now_or_never().expect("the turn that the first was given and did not take");
        assert!(line.turn(place(0)).now_or_never().is_none());
        drop(turn);
        assert!(line.turn(place(0)).now_or_never().is_some());
    }
}
