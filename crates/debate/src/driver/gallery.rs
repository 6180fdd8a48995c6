//! From where a debate is watched.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use super::Notice;

/// Keeps what those who watch a debate are told, in order, so that each can begin where it likes and read as slowly as it
/// likes: nobody misses anything, and nobody holds the debate up. Cheap to clone; all clones are one.
///
/// It holds every piece of text until the last clone and the last watcher are gone: as much as the debaters say, and no more.
///
/// ```
/// use std::sync::Arc;
/// use assize_debate::{Debater, Driver, Gallery, Notice, ScriptedDebater, Seat, Spec, Utterance};
/// use futures_util::StreamExt;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let spec = Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "scripted"));
/// let panel: Vec<Arc<dyn Debater>> = vec![Arc::new(ScriptedDebater::always(Utterance::new(0)))];
/// let gallery = Gallery::new();
/// Driver::new(spec, panel)?.with_gallery(gallery.clone()).run().await?;
///
/// // Whoever comes late reads from the beginning, and the stream ends with the debate.
/// let seen: Vec<Notice> = gallery.watch(0).collect().await;
/// assert!(matches!(seen.last(), Some(Notice::Record { .. })));
/// assert_eq!(gallery.watch(3).count().await, seen.len() - 3);
/// # Ok::<(), assize_debate::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Gallery(Arc<Inner>);

struct Inner {
    notices: Mutex<Vec<Notice>>,
    /// How many there are; gone when the debate is over.
    count: Mutex<Option<watch::Sender<usize>>>,
    counted: watch::Receiver<usize>,
}

impl fmt::Debug for Gallery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gallery").field("n_notices", &self.notices().len()).finish_non_exhaustive()
    }
}

impl Default for Gallery {
    fn default() -> Self {
        Self::new()
    }
}

impl Gallery {
    /// An empty one, for one debate.
    #[must_use]
    pub fn new() -> Self {
        let (count, counted) = watch::channel(0);
        Self(Arc::new(Inner { notices: Mutex::default(), count: Mutex::new(Some(count)), counted }))
    }

    /// All notices from the `from`-th on, 0 being the first: those that came already, then the others as they come. It ends
    /// with the debate.
    pub fn watch(&self, from: usize) -> BoxStream<'static, Notice> {
        let gallery = self.clone();
        let counted = self.0.counted.clone();
        stream::unfold((gallery, counted, from), |(gallery, mut counted, next)| async move {
            loop {
                let notice = gallery.notices().get(next).cloned();
                if let Some(notice) = notice {
                    return Some((notice, (gallery, counted, next + 1)));
                }
                // Seen before it is waited for, so that none that comes in between is slept over.
                if *counted.borrow_and_update() > next {
                    continue;
                }
                if counted.changed().await.is_err() && gallery.notices().len() <= next {
                    return None;
                }
            }
        })
        .boxed()
    }

    pub(super) fn tell(&self, notice: Notice) {
        let mut notices = self.notices();
        notices.push(notice);
        let n_notices = notices.len();
        drop(notices);
        if let Some(count) = &*self.count() {
            // Of two that tell at once the later number must stay.
            count.send_modify(|known| *known = n_notices.max(*known));
        }
    }

    /// The debate is over, or given up.
    fn close(&self) {
        self.count().take();
    }

    fn notices(&self) -> MutexGuard<'_, Vec<Notice>> {
        self.0.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> MutexGuard<'_, Option<watch::Sender<usize>>> {
        self.0.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who tells those in the gallery. When it is gone, the debate is over, whatever way it ended.
#[derive(Debug)]
pub(super) struct Crier(Gallery);

impl Crier {
    pub(super) const fn new(gallery: Gallery) -> Self {
        Self(gallery)
    }

    pub(super) fn tell(&self, notice: Notice) {
        self.0.tell(notice);
    }

    /// Where a turn that is under way tells its text. A turn ends before its debate does.
    pub(super) fn gallery(&self) -> Gallery {
        self.0.clone()
    }
}

impl Drop for Crier {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future;

    use super::*;
    use crate::SeatIndex;

    fn text(n: usize) -> Notice {
        Notice::Text { round: 0, seat: SeatIndex(0), text: n.to_string().into() }
    }

    fn number(notice: &Notice) -> usize {
        let Notice::Text { text, .. } = notice else { panic!("not a text") };
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_watchers_see_everything_in_order_whenever_they_come() {
        let gallery = Gallery::new();
        let watchers = (0..1_000_usize).map(|n| {
            let gallery = gallery.clone();
            tokio::spawn(async move {
                // They come at other times, begin at other places and read at other speeds.
                tokio::time::sleep(std::time::Duration::from_millis(n as u64 % 97)).await;
                let from = n % 150;
                let mut seen = Vec::new();
                let mut notices = gallery.watch(from);
                drop(gallery);
                while let Some(notice) = notices.next().await {
                    seen.push(number(&notice));
                    if n % 3 == 0 {
                        tokio::time::sleep(std::time::Duration::from_millis(n as u64 % 11)).await;
                    }
                }
                assert_eq!(seen, (from..200).collect::<Vec<_>>());
            })
        });
        let watchers: Vec<_> = watchers.collect();
        for n in 0..200 {
            gallery.tell(text(n));
            if n % 7 == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            }
        }
        gallery.close();
        assert!(future::join_all(watchers).await.iter().all(Result::is_ok));
        assert_eq!(gallery.watch(200).count().await, 0);
    }

    #[tokio::test]
    async fn on_many_threads_nobody_sleeps_over_the_last_word() {
        for _ in 0..200 {
            let gallery = Gallery::new();
            let readers: Vec<_> = (0..4).map(|_| tokio::spawn(gallery.watch(0).count())).collect();
            let teller = gallery.clone();
            std::thread::spawn(move || {
                (0..50).for_each(|n| teller.tell(text(n)));
                teller.close();
            })
            .join()
            .unwrap();
            for count in future::join_all(readers).await {
                assert_eq!(count.unwrap(), 50);
            }
        }
    }
}
