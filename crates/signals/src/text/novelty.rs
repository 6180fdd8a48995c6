//! How new a text is beside those of the last days.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::fingerprint::{COPY_BITS, Fingerprint, HASHES, mixed};
use crate::{Error, ErrorKind};

/// Texts that an index may remember, at most.
pub const MAX_REMEMBERED: usize = 1 << 22;

const DUPLICATE: f64 = 0.8;
const SAME_STORY: f64 = 0.5;
/// Of each band so many texts are looked at, the last inserted first, and of all bands so many are compared, those that agree
/// in most bands: a text that everybody sends costs no more than others.
const MAX_OF_BAND: usize = 16;
const MAX_COMPARED: usize = 32;
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
    /// How many texts it holds, the oldest leaving first; 65,536, which takes about 80 MB. From 1 to [`MAX_REMEMBERED`].
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
    /// For each slot its links in all bands, one slot behind the other.
    links: Vec<Link>,
}

#[derive(Debug, Clone)]
struct Slot<K> {
    key: K,
    at: Timestamp,
    number: u64,
    print: Fingerprint,
}

/// A slot's place in the chain of a band.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// The slots that were inserted next and last.
    after: u32,
    before: u32,
    /// Of the rows of the band: tells in which chain the slot is, and whether two are alike.
    hash: u32,
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
            links: Vec::new(),
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
        let print = Fingerprint::of(text)?;
        Some(self.insert_and_score_print(key, at, print))
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
        let alike = self.alike(print);
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
        let links = (0..self.n_bands()).map(|band| Link {
            after: NOBODY,
            before: NOBODY,
            hash: self.hash(band, &print),
        });
        let links: Vec<Link> = links.collect();
        let slot = Some(Slot { key, at, number, print });
        let place = if let Some(place) = self.free.pop() {
            self.slots[place as usize] = slot;
            let first = self.link_at(place, 0);
            self.links[first..first + links.len()].copy_from_slice(&links);
            place
        } else {
            self.slots.push(slot);
            self.links.extend(links);
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

    const fn n_bands(&self) -> usize {
        HASHES / self.settings.bands.rows()
    }

    /// The hash of the rows of a band.
    fn hash(&self, band: usize, print: &Fingerprint) -> u32 {
        let rows = self.settings.bands.rows();
        let hash = print.minima[band * rows..][..rows]
            .iter()
            .fold(band as u64, |hash, row| mixed(hash.rotate_left(32) ^ u64::from(row.cast_unsigned())));
        #[expect(clippy::cast_possible_truncation, reason = "only half of the bits are wanted")]
        let hash = hash as u32;
        hash
    }

    /// Where the head of a chain is.
    const fn head_at(&self, band: usize, hash: u32) -> usize {
        band * self.width + (hash as usize & (self.width - 1))
    }

    const fn link_at(&self, place: u32, band: usize) -> usize {
        place as usize * self.n_bands() + band
    }

    /// The slots that agree with a text in the most bands.
    fn alike(&self, print: &Fingerprint) -> Vec<u32> {
        let mut found = Vec::new();
        for band in 0..self.n_bands() {
            let hash = self.hash(band, print);
            let (mut place, mut n, mut steps) = (self.heads[self.head_at(band, hash)], 0, 0);
            while place != NOBODY && n < MAX_OF_BAND && steps < 4 * MAX_OF_BAND {
                let link = self.links[self.link_at(place, band)];
                if link.hash == hash {
                    found.push(place);
                    n += 1;
                }
                steps += 1;
                place = link.before;
            }
        }
        found.sort_unstable();
        let mut counted: Vec<(u32, usize)> =
            found.chunk_by(|one, two| one == two).map(|same| (same[0], same.len())).collect();
        if counted.len() > MAX_COMPARED {
            // Which of several with the same count are left out depends on their numbers, not on where they are kept.
            let number = |place: u32| self.slots[place as usize].as_ref().map(|slot| slot.number);
            counted.sort_unstable_by_key(|(place, count)| (std::cmp::Reverse(*count), number(*place)));
            counted.truncate(MAX_COMPARED);
        }
        counted.into_iter().map(|(place, _)| place).collect()
    }

    /// Puts a slot at the heads of its chains.
    fn link(&mut self, place: u32) {
        for band in 0..self.n_bands() {
            let at = self.link_at(place, band);
            let head = self.head_at(band, self.links[at].hash);
            let before = std::mem::replace(&mut self.heads[head], place);
            self.links[at] = Link { after: NOBODY, before, ..self.links[at] };
            if before != NOBODY {
                let at = self.link_at(before, band);
                self.links[at].after = place;
            }
        }
    }

    fn unlink(&mut self, place: u32) {
        for band in 0..self.n_bands() {
            let Link { after, before, hash } = self.links[self.link_at(place, band)];
            if after == NOBODY {
                let head = self.head_at(band, hash);
                self.heads[head] = before;
            } else {
                let at = self.link_at(after, band);
                self.links[at].before = before;
            }
            if before != NOBODY {
                let at = self.link_at(before, band);
                self.links[at].after = after;
            }
        }
    }

    /// Makes the chains anew, in tables of the present width.
    fn widen(&mut self) {
        self.heads = vec![NOBODY; self.width * self.n_bands()];
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
