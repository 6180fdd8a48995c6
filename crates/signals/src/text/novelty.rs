//! How new a text is beside those of the last days.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    fingerprint::{COPY_BITS, Fingerprint, HASHES, mixed},
    within_limit,
    words::words,
};
use crate::{Error, ErrorKind};

/// Texts that an index may remember, at most.
pub const MAX_REMEMBERED: usize = 1 << 22;

const DUPLICATE: f64 = 0.8;
const SAME_STORY: f64 = 0.5;
/// Of each band so many texts are compared, the last inserted first, so that a text which everybody sends costs no more
/// than others.
const MAX_OF_BAND: usize = 64;
const NOBODY: u32 = u32::MAX;

/// In how many bands the 128 minima are cut. Two texts are compared if they agree in one band at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bands {
    /// Sixteen bands of eight: of pairs at 0.8 it finds 95 in 100, at 0.5 only 6. For those who look for duplicates alone.
    Sixteen,
    /// Thirty-two bands of four: of pairs at 0.8 it finds all, at 0.5 it finds 87 in 100.
    #[default]
    ThirtyTwo,
}

impl Bands {
    const fn rows(self) -> usize {
        match self {
            Self::Sixteen => 8,
            Self::ThirtyTwo => 4,
        }
    }
}

/// What a [`NoveltyIndex`] remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoveltySettings {
    /// For how long a text makes others less new; 72 hours.
    pub window: SignedDuration,
    /// How many texts it holds, the oldest leaving first; 65,536, which takes about 90 MB. From 1 to [`MAX_REMEMBERED`].
    pub capacity: usize,
    /// What is found.
    pub bands: Bands,
}

impl Default for NoveltySettings {
    fn default() -> Self {
        Self { window: SignedDuration::from_hours(72), capacity: 1 << 16, bands: Bands::default() }
    }
}

/// What a text is to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kinship {
    /// Less than half of the pairs of words are shared.
    Loose,
    /// Half of them.
    SameStory,
    /// 80 %.
    Duplicate,
    /// It is the same text, but for a word in hundreds.
    Copy,
}

/// The remembered text that is most alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest<K> {
    /// The key that it was inserted with.
    pub key: K,
    /// The estimated share of pairs of words that both have, from 0 to 1.
    pub similarity: f64,
    /// What they are to one another.
    pub kinship: Kinship,
}

/// How new a text is.
#[derive(Debug, Clone, PartialEq)]
pub struct Novelty<K> {
    /// 1 less the greatest similarity, from 0 (said before) to 1 (nothing alike was found).
    pub score: f64,
    /// What it is most like, if it is like anything.
    pub nearest: Option<Nearest<K>>,
}

/// Fingerprints of the texts of the last days.
///
/// A text is compared with those from before it alone, whatever the order in which they are inserted. What is older than the
/// window, counted from the latest text, leaves; so does the oldest when the index is full. Whoever lets a text from the far
/// future in empties it.
///
/// ```
/// use assize_signals::{Kinship, NoveltyIndex, NoveltySettings};
/// use jiff::{SignedDuration, Timestamp};
///
/// let mut index = NoveltyIndex::new(NoveltySettings::default())?;
/// let monday: Timestamp = "2026-03-02T12:00:00Z".parse()?;
/// let text = "Acme beats estimates for the second quarter and raises its dividend";
/// assert_eq!(index.insert_and_score("first", monday, text).unwrap().score, 1.0);
///
/// let later = monday + SignedDuration::from_hours(2);
/// let again = index.insert_and_score("again", later, &text.to_uppercase()).unwrap();
/// let nearest = again.nearest.unwrap();
/// assert_eq!((again.score, nearest.key, nearest.kinship), (0.0, "first", Kinship::Copy));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct NoveltyIndex<K> {
    settings: NoveltySettings,
    slots: Vec<Option<Slot<K>>>,
    free: Vec<u32>,
    /// The slots in the order of their times.
    order: BTreeMap<(Timestamp, u64), u32>,
    inserted: u64,
    /// For each band a hash table of `width` chains, by the slot at the head of each.
    heads: Vec<u32>,
    width: usize,
}

#[derive(Debug, Clone)]
struct Slot<K> {
    key: K,
    at: Timestamp,
    number: u64,
    print: Fingerprint,
    /// For each band the slots inserted after and before it in its chain.
    links: Box<[[u32; 2]]>,
}

impl<K: Clone> NoveltyIndex<K> {
    /// An empty index.
    ///
    /// # Errors
    ///
    /// If the window is negative or the capacity out of its range.
    pub fn new(settings: NoveltySettings) -> Result<Self, Error> {
        if settings.window.is_negative() {
            return Err(
                ErrorKind::BadValue.error("set up an index of novelty: its window must not be negative")
            );
        }
        if !(1..=MAX_REMEMBERED).contains(&settings.capacity) {
            let message =
                format!("set up an index of novelty: its capacity must be from 1 to {MAX_REMEMBERED}");
            return Err(ErrorKind::BadValue.error(message));
        }
        let mut index = Self {
            settings,
            slots: Vec::new(),
            free: Vec::new(),
            order: BTreeMap::new(),
            inserted: 0,
            heads: Vec::new(),
            width: 512,
        };
        index.widen();
        Ok(index)
    }

    /// How many texts it remembers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Does it remember nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How new `text`, known to the world `at` a time, is beside the remembered ones, and remembers it as `key`. `None` if
    /// it has no words; it is not remembered then.
    pub fn insert_and_score(&mut self, key: K, at: Timestamp, text: &str) -> Option<Novelty<K>> {
        self.insert_and_score_print(key, at, Fingerprint::of_words(&words(within_limit(text)))?).into()
    }

    /// The same with a fingerprint that is at hand.
    pub fn insert_and_score_print(&mut self, key: K, at: Timestamp, print: Fingerprint) -> Novelty<K> {
        let novelty = self.score(at, &print);
        self.insert(key, at, print);
        novelty
    }

    /// How new a text from `at` is; it is not remembered.
    #[must_use]
    pub fn score(&self, at: Timestamp, print: &Fingerprint) -> Novelty<K> {
        let mut alike = Vec::new();
        for band in 0..HASHES / self.rows() {
            self.alike_in(band, print, &mut alike);
        }
        alike.sort_unstable();
        alike.dedup();
        let counts = |slot: &&Slot<K>| slot.at <= at && at.duration_since(slot.at) <= self.settings.window;
        let nearest = alike
            .into_iter()
            .filter_map(|place| self.slots[place as usize].as_ref())
            .filter(counts)
            .map(|slot| (slot, print.similarity(&slot.print)))
            // The most alike; of several the first.
            .max_by(|(one, a), (two, b)| {
                a.total_cmp(b).then((two.at, two.number).cmp(&(one.at, one.number)))
            });
        Novelty {
            score: nearest.as_ref().map_or(1.0, |(_, similarity)| 1.0 - similarity),
            nearest: nearest.map(|(slot, similarity)| Nearest {
                key: slot.key.clone(),
                similarity,
                kinship: match similarity {
                    alike if alike >= SAME_STORY && print.distance(&slot.print) <= COPY_BITS => Kinship::Copy,
                    alike if alike >= DUPLICATE => Kinship::Duplicate,
                    alike if alike >= SAME_STORY => Kinship::SameStory,
                    _ => Kinship::Loose,
                },
            }),
        }
    }

    fn insert(&mut self, key: K, at: Timestamp, print: Fingerprint) {
        let number = self.inserted;
        self.inserted += 1;
        let links = vec![[NOBODY; 2]; HASHES / self.rows()].into_boxed_slice();
        let slot = Some(Slot { key, at, number, print, links });
        let place = if let Some(place) = self.free.pop() {
            self.slots[place as usize] = slot;
            place
        } else {
            self.slots.push(slot);
            u32::try_from(self.slots.len() - 1).expect("the capacity is far below 2^32")
        };
        self.order.insert((at, number), place);
        self.link(place);
        if self.order.len() > self.width {
            self.width *= 2;
            self.widen();
        }
        self.let_go();
    }

    /// Lets the oldest go until the rest fits in the window and in the capacity.
    fn let_go(&mut self) {
        while let (Some((first, place)), Some((last, _))) =
            (self.order.first_key_value(), self.order.last_key_value())
        {
            let is_stale = last.0.duration_since(first.0) > self.settings.window;
            if !is_stale && self.order.len() <= self.settings.capacity {
                return;
            }
            let (first, place) = (*first, *place);
            self.order.remove(&first);
            self.unlink(place);
            self.slots[place as usize] = None;
            self.free.push(place);
        }
    }

    const fn rows(&self) -> usize {
        self.settings.bands.rows()
    }

    /// Where the head of the chain is to which a text belongs in a band.
    fn head(&self, band: usize, print: &Fingerprint) -> usize {
        let rows = self.rows();
        let hash = print.minima[band * rows..][..rows]
            .iter()
            .fold(band as u64, |hash, row| mixed(hash.rotate_left(32) ^ u64::from(*row)));
        #[expect(clippy::cast_possible_truncation, reason = "only the low bits are wanted")]
        let chain = hash as usize & (self.width - 1);
        band * self.width + chain
    }

    fn slot(&self, place: u32) -> Option<&Slot<K>> {
        self.slots.get(place as usize)?.as_ref()
    }

    fn alike_in(&self, band: usize, print: &Fingerprint, alike: &mut Vec<u32>) {
        let range = band * self.rows()..(band + 1) * self.rows();
        let (mut place, mut found, mut steps) = (self.heads[self.head(band, print)], 0, 0);
        while let Some(slot) = self.slot(place) {
            if slot.print.minima[range.clone()] == print.minima[range.clone()] {
                alike.push(place);
                found += 1;
            }
            steps += 1;
            if found == MAX_OF_BAND || steps == 4 * MAX_OF_BAND {
                return;
            }
            place = slot.links[band][1];
        }
    }

    fn link(&mut self, place: u32) {
        for band in 0..HASHES / self.rows() {
            let Some(slot) = self.slot(place) else { return };
            let head = self.head(band, &slot.print);
            let before = std::mem::replace(&mut self.heads[head], place);
            self.set_link(place, band, [NOBODY, before]);
            if let Some(Some(other)) = self.slots.get_mut(before as usize) {
                other.links[band][0] = place;
            }
        }
    }

    fn unlink(&mut self, place: u32) {
        for band in 0..HASHES / self.rows() {
            let Some(slot) = self.slot(place) else { return };
            let (head, [after, before]) = (self.head(band, &slot.print), slot.links[band]);
            match self.slots.get_mut(after as usize) {
                Some(Some(other)) => other.links[band][1] = before,
                _ => self.heads[head] = before,
            }
            if let Some(Some(other)) = self.slots.get_mut(before as usize) {
                other.links[band][0] = after;
            }
        }
    }

    fn set_link(&mut self, place: u32, band: usize, link: [u32; 2]) {
        if let Some(Some(slot)) = self.slots.get_mut(place as usize) {
            slot.links[band] = link;
        }
    }

    /// Makes the chains anew, in tables of the present width.
    fn widen(&mut self) {
        self.heads = vec![NOBODY; self.width * (HASHES / self.rows())];
        let mut places: Vec<(u64, u32)> =
            self.order.iter().map(|((_, number), place)| (*number, *place)).collect();
        places.sort_unstable();
        for (_, place) in places {
            self.link(place);
        }
    }
}

#[cfg(test)]
mod tests;
