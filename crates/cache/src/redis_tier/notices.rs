//! What the other processes on a server tell each other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};

use crate::{Namespace, Notice, Prefix, Selector, Tag, Tiered};

/// Notices that may wait for who is slow to take them; beyond that they become one that something was missed.
const MOST_WAITING: usize = 1024;
/// Parts the sender from the rest; in no key and no tag.
const END: char = '\u{1}';

/// What the others did, from when it was asked for on.
#[derive(Debug)]
pub struct Notices(Receiver<Notice>);

impl Notices {
    /// The next notice. Whoever takes them too slowly gets [`Notice::MayHaveMissed`] instead of the oldest.
    pub async fn next(&mut self) -> Notice {
        match self.0.recv().await {
            Ok(notice) => notice,
            Err(RecvError::Lagged(_)) => Notice::MayHaveMissed,
            // The tier is gone: nothing comes any more.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Where notices come in.
#[derive(Debug, Clone)]
pub(super) struct Board {
    sender: Sender<Notice>,
    followers: Arc<Mutex<Vec<Weak<Follower>>>>,
}

/// A composition that heeds each notice before anybody else learns of it, or of the connection that brought it: what is
/// asked for, and computed, after that is not mistaken for what the notice means.
#[derive(Debug)]
pub(super) struct Follower {
    cache: Tiered,
    level: usize,
}

impl Board {
    pub(super) fn new() -> Self {
        Self { sender: Sender::new(MOST_WAITING), followers: Arc::default() }
    }

    pub(super) fn post(&self, notice: Notice) {
        let followers: Vec<_> = self.lock().iter().filter_map(Weak::upgrade).collect();
        for follower in followers {
            follower.cache.heed_at_once(follower.level, &notice);
        }
        // Nobody need listen.
        let _ = self.sender.send(notice);
    }

    pub(super) fn read(&self) -> Notices {
        Notices(self.sender.subscribe())
    }

    /// Has `cache` heed all notices about its `level`-th tier until what this gives is dropped.
    pub(super) fn follow(&self, cache: Tiered, level: usize) -> Arc<Follower> {
        let follower = Arc::new(Follower { cache, level });
        let mut followers = self.lock();
        followers.retain(|one| one.strong_count() > 0);
        followers.push(Arc::downgrade(&follower));
        drop(followers);
        // Nothing was heeded until now, and there may be a connection already.
        follower.cache.heed_at_once(level, &Notice::MayHaveMissed);
        follower
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Follower>>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The letter that stands for a selector's kind, and its text.
pub(super) fn parts(selector: &Selector) -> (&'static str, &str) {
    match selector {
        Selector::Key(key) => ("K", key.as_str()),
        Selector::Tag(tag) => ("T", tag.as_str()),
        Selector::Prefix(prefix) => ("P", prefix.as_str()),
        Selector::All => ("A", ""),
    }
}

/// What `sender` tells the others.
pub(super) fn message(sender: u64, selector: &Selector) -> String {
    let (kind, text) = parts(selector);
    format!("{sender}{END}{kind}{text}")
}

/// What a message means to `reader`: nothing if it is its own. One that can't be read may mean anything.
pub(super) fn notice(message: &[u8], reader: u64) -> Option<Notice> {
    let read = || -> Option<(u64, Selector)> {
        let (sender, rest) = std::str::from_utf8(message).ok()?.split_once(END)?;
        Some((sender.parse().ok()?, selector(rest)?))
    };
    match read() {
        Some((sender, _)) if sender == reader => None,
        Some((_, selector)) => Some(Notice::Removed(selector)),
        None => Some(Notice::MayHaveMissed),
    }
}

fn selector(text: &str) -> Option<Selector> {
    let kind = text.chars().next()?;
    let text = &text[kind.len_utf8()..];
    match kind {
        'K' => {
            let (name, rest) = text.split_once(':')?;
            let (version, text) = rest.split_once(':')?;
            let key = Namespace::new(name, version.parse().ok()?).ok()?.key(text).ok()?;
            Some(Selector::Key(key))
        }
        'T' => Some(Selector::Tag(Tag::new(text).ok()?)),
        'P' => Some(Selector::Prefix(Prefix::of(text.to_owned()))),
        'A' if text.is_empty() => Some(Selector::All),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_understood_by_the_others_alone() {
        let space = Namespace::new("n", 7).unwrap();
        let all = [
            Selector::Key(space.key("a:é*\"").unwrap()),
            Selector::Tag(Tag::new("tenant:é").unwrap()),
            Selector::Prefix(space.prefix("").unwrap()),
            Selector::Prefix(space.every_version()),
            Selector::All,
        ];
        for selector in all {
            let message = message(12, &selector);
            assert_eq!(notice(message.as_bytes(), 12), None, "{message:?}");
            assert_eq!(notice(message.as_bytes(), 1), Some(Notice::Removed(selector)), "{message:?}");
        }
    }

    #[test]
    fn what_is_not_understood_may_mean_anything() {
        for message in [
            &b""[..],
            b"1",
            b"1\x01",
            b"1\x01Z",
            b"x\x01A",
            b"1\x01Aa",
            b"1\x01Kn:1",
            b"1\x01Kn:x:a",
            b"1\x01T a",
            b"\xff",
        ] {
            assert_eq!(notice(message, 1), Some(Notice::MayHaveMissed), "{message:?}");
        }
    }

    #[tokio::test]
    async fn who_is_slow_is_told_that_something_was_missed() {
        let board = Board::new();
        let mut notices = board.read();
        for _ in 0..=MOST_WAITING {
            board.post(Notice::Removed(Selector::All));
        }
        assert_eq!(notices.next().await, Notice::MayHaveMissed);
        assert_eq!(notices.next().await, Notice::Removed(Selector::All));
    }
}
