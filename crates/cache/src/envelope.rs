//! What a tier stores: a value and what is to be known about it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Timestamp;
use bytes::{BufMut, Bytes, BytesMut};

use crate::{Error, ErrorKind, MAX_TAG_BYTES, Tag};

/// The most tags that an entry can have.
pub const MAX_TAGS: usize = 16;

const MAGIC: [u8; 3] = *b"azc";
const FORMAT_VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 16;
/// Magic, version, three moments, a duration, the number of tags.
const HEAD_BYTES: usize = 3 + 1 + 4 * 8 + 1;

/// A value with its envelope. Moments are kept to the microsecond, so that an entry reads back equal from every tier.
///
/// ```
/// use std::time::Duration;
/// use assize_ambient::Timestamp;
/// use assize_cache::{Stored, Tag};
///
/// let now: Timestamp = "1998-03-02T21:00:00Z".parse().unwrap();
/// let entry = Stored::new("3.14", now, Duration::from_secs(60)).with_stale_for(Duration::from_secs(600));
/// let entry = entry.with_tags(vec![Tag::new("KO")?])?;
/// assert!(entry.is_fresh(now));
/// assert_eq!(Stored::decode(&entry.encode())?, entry);
/// # Ok::<(), assize_cache::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    value: Bytes,
    stored_at: Timestamp,
    fresh_until: Timestamp,
    stale_until: Timestamp,
    tags: Arc<[Tag]>,
    compute_time: Duration,
}

impl Stored {
    /// A value that was made at `now` and is fresh for so long; not to be served stale, without tags, made in no time.
    #[must_use]
    pub fn new(value: impl Into<Bytes>, now: Timestamp, fresh_for: Duration) -> Self {
        let stored_at = to_micros(now);
        let fresh_until = later(stored_at, fresh_for);
        Self {
            value: value.into(),
            stored_at,
            fresh_until,
            stale_until: fresh_until,
            tags: Arc::default(),
            compute_time: Duration::ZERO,
        }
    }

    /// The same entry, to be kept for so long after it has ceased to be fresh.
    #[must_use]
    pub fn with_stale_for(mut self, stale_for: Duration) -> Self {
        self.stale_until = later(self.fresh_until, stale_for);
        self
    }

    /// The same entry with these tags, in whatever order.
    ///
    /// # Errors
    /// [`ErrorKind::BadTag`] for more than [`MAX_TAGS`] different ones.
    pub fn with_tags(mut self, mut tags: Vec<Tag>) -> Result<Self, Error> {
        tags.sort_unstable();
        tags.dedup();
        if tags.len() > MAX_TAGS {
            return Err(ErrorKind::BadTag
                .error(format!("store an entry with {} tags: at most {MAX_TAGS} are possible", tags.len())));
        }
        self.tags = tags.into();
        Ok(self)
    }

    /// The same entry with the time that it took to compute.
    #[must_use]
    pub fn with_compute_time(mut self, time: Duration) -> Self {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.compute_time = Duration::from_micros(micros);
        self
    }

    /// The same entry, fresh no longer than until `moment`; it may be served stale for as long as before after that.
    #[must_use]
    pub fn fresh_at_most_until(mut self, moment: Timestamp) -> Self {
        let moment = to_micros(moment).max(self.stored_at);
        if moment < self.fresh_until {
            let stale_for = since(self.fresh_until, self.stale_until);
            self.fresh_until = moment;
            self.stale_until = later(moment, stale_for);
        }
        self
    }

    /// What was stored.
    #[must_use]
    pub const fn value(&self) -> &Bytes {
        &self.value
    }

    /// The same entry with another value.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<Bytes>) -> Self {
        self.value = value.into();
        self
    }

    /// When the value was made.
    #[must_use]
    pub const fn stored_at(&self) -> Timestamp {
        self.stored_at
    }

    /// From when on it is no longer fresh; not before [`stored_at`](Self::stored_at).
    #[must_use]
    pub const fn fresh_until(&self) -> Timestamp {
        self.fresh_until
    }

    /// From when on it must not be served at all; not before [`fresh_until`](Self::fresh_until).
    #[must_use]
    pub const fn stale_until(&self) -> Timestamp {
        self.stale_until
    }

    /// Its tags, sorted, each once.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// How long it took to compute, to the microsecond.
    #[must_use]
    pub const fn compute_time(&self) -> Duration {
        self.compute_time
    }

    /// Whether it is fresh at `now`.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }

    /// Whether it must not be served any more at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.stale_until
    }

    /// The whole entry as bytes, with a checksum: what a tier writes that has no fields of its own for the envelope.
    /// Format 1, little-endian: `azc`, the format's version (u8); stored at, fresh until, stale until (i64,
    /// microseconds since 1970), compute time (u64, microseconds); the number of tags (u8), each with its length (u8);
    /// the value; the first 16 bytes of BLAKE3 over all that.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let tags: usize = self.tags.iter().map(|tag| 1 + tag.as_str().len()).sum();
        let mut out = BytesMut::with_capacity(HEAD_BYTES + tags + self.value.len() + CHECKSUM_BYTES);
        out.put_slice(&MAGIC);
        out.put_u8(FORMAT_VERSION);
        for moment in [self.stored_at, self.fresh_until, self.stale_until] {
            out.put_i64_le(moment.as_microsecond());
        }
        out.put_u64_le(u64::try_from(self.compute_time.as_micros()).unwrap_or(u64::MAX));
        out.put_u8(u8::try_from(self.tags.len()).unwrap_or(u8::MAX));
        for tag in self.tags.iter() {
            out.put_u8(u8::try_from(tag.as_str().len()).unwrap_or(u8::MAX));
            out.put_slice(tag.as_str().as_bytes());
        }
        out.put_slice(&self.value);
        let checksum = checksum(&out);
        out.put_slice(&checksum);
        out.freeze()
    }

    /// Reads what [`encode`](Self::encode) wrote. The value shares the memory of `bytes`.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if it is anything else.
    pub fn decode(bytes: &Bytes) -> Result<Self, Error> {
        let wrong = |what: &str| ErrorKind::Corrupt.error(format!("read a stored entry: {what}"));
        let body = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or_else(|| wrong("it is cut short"))?;
        let (kept, sum) = bytes.split_at(body);
        let mut reader = Reader(kept);
        if reader.take::<3>() != Some(MAGIC) {
            return Err(wrong("it is none of ours"));
        }
        match reader.take::<1>() {
            Some([FORMAT_VERSION]) => {}
            Some([other]) => return Err(wrong(&format!("its format has the version {other}"))),
            None => return Err(wrong("it is cut short")),
        }
        if checksum(kept) != sum {
            return Err(wrong("its checksum is wrong"));
        }
        reader.entry(bytes).ok_or_else(|| wrong("its fields are not those of an entry"))
    }
}

/// Shows the value's length alone: what is cached may be anybody's.
impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("bytes", &self.value.len())
            .field("stored_at", &self.stored_at)
            .field("fresh_until", &self.fresh_until)
            .field("stale_until", &self.stale_until)
            .field("tags", &self.tags)
            .field("compute_time", &self.compute_time)
            .finish()
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn slice(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn moment(&mut self) -> Option<Timestamp> {
        Timestamp::from_microsecond(i64::from_le_bytes(self.take()?)).ok()
    }

    /// What follows the version. `None` for anything that no entry has.
    fn entry(mut self, whole: &Bytes) -> Option<Stored> {
        let (stored_at, fresh_until, stale_until) = (self.moment()?, self.moment()?, self.moment()?);
        let compute_time = Duration::from_micros(u64::from_le_bytes(self.take()?));
        let [n_tags] = self.take()?;
        let mut tags = Vec::new();
        for _ in 0..n_tags {
            let [length] = self.take()?;
            let text = std::str::from_utf8(self.slice(usize::from(length))?).ok()?;
            tags.push(Tag::new(text).ok()?);
        }
        let is_ours = stored_at <= fresh_until
            && fresh_until <= stale_until
            && tags.len() <= MAX_TAGS
            && tags.is_sorted_by(|a, b| a < b);
        let value = whole.slice_ref(self.0);
        is_ours.then(|| Stored {
            value,
            stored_at,
            fresh_until,
            stale_until,
            tags: tags.into(),
            compute_time,
        })
    }
}

const _: () = assert!(MAX_TAG_BYTES <= 255 && MAX_TAGS <= 255, "lengths are written as single bytes");

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&blake3::hash(bytes).as_bytes()[..CHECKSUM_BYTES]);
    sum
}

/// Rounds down to the microsecond; within the last second that there is, which jiff does not take in microseconds, to
/// the second.
pub(crate) fn to_micros(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(moment.as_microsecond())
        .or_else(|_| Timestamp::from_second(moment.as_second()))
        .unwrap_or(moment)
}

/// `wait` after `moment`, or the last moment that there is. Rounded to the microsecond.
pub(crate) fn later(moment: Timestamp, wait: Duration) -> Timestamp {
    to_micros(moment.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// From `earlier` to `later`; zero if they are the other way round.
pub(crate) fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> Stored {
        let now: Timestamp = "2024-01-02T03:04:05.123456789Z".parse().unwrap();
        Stored::new("value", now, Duration::from_secs(5))
            .with_stale_for(Duration::from_secs(60))
            .with_compute_time(Duration::from_nanos(1_234_567))
            .with_tags(vec![Tag::new("b").unwrap(), Tag::new("a").unwrap(), Tag::new("b").unwrap()])
            .unwrap()
    }

    #[test]
    fn an_entry_reads_back_to_the_microsecond() {
        let entry = entry();
        assert_eq!(entry.stored_at().to_string(), "2024-01-02T03:04:05.123456Z");
        assert_eq!(entry.compute_time(), Duration::from_micros(1234));
        assert_eq!(entry.tags().iter().map(Tag::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(Stored::decode(&entry.encode()).unwrap(), entry);
        let for_ever = Stored::new("", Timestamp::MAX, Duration::MAX).with_stale_for(Duration::MAX);
        assert_eq!(Stored::decode(&for_ever.encode()).unwrap(), for_ever);
    }

    #[test]
    fn the_format_is_the_same_for_ever() {
        let bytes = entry().encode();
        assert_eq!(bytes.len(), HEAD_BYTES + 4 + 5 + CHECKSUM_BYTES);
        assert_eq!(&bytes[..4], b"azc\x01");
        assert_eq!(&bytes[bytes.len() - 21..bytes.len() - 16], b"value");
    }

    #[test]
    fn moments_are_judged_at_the_edge() {
        let entry = entry();
        let (fresh, stale) = (entry.fresh_until(), entry.stale_until());
        let before = |moment: Timestamp| moment.checked_sub(Duration::from_nanos(1)).unwrap();
        assert!(entry.is_fresh(before(fresh)) && !entry.is_fresh(fresh));
        assert!(!entry.is_expired(before(stale)) && entry.is_expired(stale));
        let cut = entry.clone().fresh_at_most_until(later(entry.stored_at(), Duration::from_secs(1)));
        assert_eq!(since(cut.fresh_until(), cut.stale_until()), Duration::from_secs(60));
        assert_eq!(entry.clone().fresh_at_most_until(Timestamp::MAX), entry);
    }

    #[test]
    fn every_single_wrong_byte_is_found() {
        let good = entry().encode();
        for at in 0..good.len() {
            let mut bad = good.to_vec();
            bad[at] ^= 1;
            assert_eq!(Stored::decode(&bad.into()).unwrap_err().kind(), ErrorKind::Corrupt, "byte {at}");
            assert_eq!(
                Stored::decode(&good.slice(..at)).unwrap_err().kind(),
                ErrorKind::Corrupt,
                "cut at {at}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_an_entry_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = b"azc\x01".to_vec();
            bytes.extend(&body);
            bytes.extend(checksum(&bytes));
            if let Ok(entry) = Stored::decode(&bytes.clone().into()) {
                prop_assert_eq!(&entry.encode()[..], &bytes[..]);
            }
        }
    }
}
