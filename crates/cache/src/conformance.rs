//! What every [`Tier`] must do; each implementation runs it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use assize_ambient::{Clock, Timestamp};

use crate::{Key, Namespace, Selector, Stored, Tag, Tier};

/// A clock that stands still until it is moved. Unlike [`VirtualClock`](assize_ambient::VirtualClock) it needs no paused
/// runtime, so that tiers with sockets and files can be tested with it.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `moment`.
    #[must_use]
    pub const fn new(moment: Timestamp) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the whole suite on an empty tier that takes at least 1 MiB and judges expiry by `clock`. Where the tier hands
/// the expiry to a server with a clock of its own, start `clock` at about its time. The tier is empty again afterwards.
///
/// # Panics
/// When the tier breaks the trait's contract: the message says how.
pub async fn run(tier: &dyn Tier, clock: &ManualClock) {
    gives_back_what_was_put(tier, clock).await;
    expires_by_the_clock_given(tier, clock).await;
    removes_exactly_what_is_meant(tier, clock).await;
    takes_prefixes_literally(tier, clock).await;
    forgets_the_tags_of_what_was_replaced(tier, clock).await;
    survives_dropped_futures(tier, clock).await;
    counts(tier, clock).await;
}

const HOUR: Duration = Duration::from_secs(3600);

fn key(text: &str) -> Key {
    Namespace::new("conformance", 1).expect("a good namespace").key(text).expect("a good key")
}

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("a good tag")
}

fn entry(value: &str, tags: &[&str], clock: &ManualClock) -> Stored {
    let tags = tags.iter().map(|text| tag(text)).collect();
    Stored::new(value.to_owned(), clock.now(), HOUR).with_tags(tags).expect("few tags")
}

async fn value(tier: &dyn Tier, key: &Key) -> Option<String> {
    let entry = tier.get(key).await.expect("get answers")?;
    Some(String::from_utf8(entry.value().to_vec()).expect("these values are UTF-8"))
}

async fn clear(tier: &dyn Tier) {
    tier.remove(&Selector::All).await.expect("everything can be removed");
}

async fn gives_back_what_was_put(tier: &dyn Tier, clock: &ManualClock) {
    assert_eq!(tier.get(&key("absent")).await.expect("get answers"), None, "what was never put is not there");
    let full = entry("one", &["b", "a"], clock)
        .with_stale_for(HOUR)
        .with_compute_time(Duration::from_micros(1_500_001));
    tier.put(&key("k"), full.clone()).await.expect("put");
    assert_eq!(tier.get(&key("k")).await.expect("get"), Some(full), "the whole envelope comes back");
    let second = entry("two", &[], clock);
    tier.put(&key("k"), second.clone()).await.expect("put again");
    assert_eq!(tier.get(&key("k")).await.expect("get"), Some(second), "the second put replaces the first");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for value in [Vec::new(), bytes] {
        let stored = Stored::new(value, clock.now(), HOUR);
        tier.put(&key("bytes"), stored.clone()).await.expect("put");
        assert_eq!(tier.get(&key("bytes")).await.expect("get"), Some(stored), "any bytes come back");
    }
    let (odd, long) = ("a:é*?[%_]\\'\" ", "x".repeat(crate::MAX_TEXT_BYTES));
    for text in [odd, &long] {
        tier.put(&key(text), entry(text, &[], clock)).await.expect("put");
        assert_eq!(value(tier, &key(text)).await.as_deref(), Some(text), "any key works");
    }
    clear(tier).await;
    assert_eq!(value(tier, &key(odd)).await, None, "all is gone");
}

async fn expires_by_the_clock_given(tier: &dyn Tier, clock: &ManualClock) {
    let tick = Duration::from_micros(1);
    let lasting = entry("lasting", &[], clock).with_stale_for(HOUR);
    tier.put(&key("lasting"), lasting).await.expect("put");
    tier.put(&key("short"), entry("short", &[], clock)).await.expect("put");
    clock.advance(HOUR - tick);
    assert_eq!(value(tier, &key("short")).await.as_deref(), Some("short"), "it is there to the last");
    clock.advance(tick);
    assert_eq!(value(tier, &key("short")).await, None, "an expired entry is not there");
    assert_eq!(value(tier, &key("lasting")).await.as_deref(), Some("lasting"), "a stale entry is there");
    clock.advance(HOUR);
    assert_eq!(value(tier, &key("lasting")).await, None, "until it expires as well");
    let old = entry("old", &[], clock);
    tier.put(&key("k"), entry("young", &[], clock).with_stale_for(HOUR)).await.expect("put");
    clock.advance(HOUR);
    tier.put(&key("k"), old).await.expect("an expired entry can be put");
    assert_eq!(value(tier, &key("k")).await, None, "an expired entry takes the other's place");
    clear(tier).await;
}

async fn removes_exactly_what_is_meant(tier: &dyn Tier, clock: &ManualClock) {
    let other = Namespace::new("conformance2", 1).expect("a good namespace").key("a/1").expect("a good key");
    let space = Namespace::new("conformance", 1).expect("a good namespace");
    let all =
        [(key("a/1"), &["x"][..]), (key("a/2"), &["x", "y"]), (key("b/1"), &["y"]), (other.clone(), &["x"])];
    let cases = [
        (Selector::Key(key("a/1")), [false, true, true, true]),
        (Selector::Key(key("a/")), [true; 4]),
        (Selector::Tag(tag("x")), [false, false, true, false]),
        (Selector::Tag(tag("y")), [true, false, false, true]),
        (Selector::Tag(tag("X")), [true; 4]),
        (Selector::Tag(tag("absent")), [true; 4]),
        (Selector::Prefix(space.prefix("a/").expect("a prefix")), [false, false, true, true]),
        (Selector::Prefix(space.prefix("A/").expect("a prefix")), [true; 4]),
        (Selector::Prefix(space.prefix("").expect("a prefix")), [false, false, false, true]),
        (Selector::Prefix(space.every_version()), [false, false, false, true]),
        (Selector::All, [false; 4]),
    ];
    for (selector, left) in cases {
        for (key, tags) in &all {
            tier.put(key, entry("v", tags, clock)).await.expect("put");
        }
        let removed = tier.remove(&selector).await.expect("remove answers");
        let gone = left.iter().filter(|stays| !**stays).count();
        assert_eq!(removed, gone as u64, "how many {selector:?} removed");
        for ((key, _), stays) in all.iter().zip(left) {
            assert_eq!(value(tier, key).await.is_some(), stays, "{key:?} after {selector:?}");
        }
        assert_eq!(
            tier.remove(&selector).await.expect("remove answers"),
            0,
            "{selector:?} for the second time"
        );
    }
    clear(tier).await;
}

async fn takes_prefixes_literally(tier: &dyn Tier, clock: &ManualClock) {
    let space = Namespace::new("conformance", 1).expect("a good namespace");
    for wild in ["*", "?", "[a-z]", "%", "_", "\\"] {
        tier.put(&key("abc"), entry("v", &[], clock)).await.expect("put");
        tier.put(&key(&format!("{wild}bc")), entry("v", &[], clock)).await.expect("put");
        let selector = Selector::Prefix(space.prefix(wild).expect("a prefix"));
        assert_eq!(tier.remove(&selector).await.expect("remove answers"), 1, "{wild} stands for itself");
        assert_eq!(value(tier, &key("abc")).await.as_deref(), Some("v"), "{wild} is no wildcard");
    }
    clear(tier).await;
}

async fn forgets_the_tags_of_what_was_replaced(tier: &dyn Tier, clock: &ManualClock) {
    tier.put(&key("k"), entry("old", &["old"], clock)).await.expect("put");
    tier.put(&key("k"), entry("new", &["new"], clock)).await.expect("put");
    assert_eq!(tier.remove(&Selector::Tag(tag("old"))).await.expect("remove answers"), 0);
    assert_eq!(value(tier, &key("k")).await.as_deref(), Some("new"), "a tag of the past means nothing");
    tier.remove(&Selector::Key(key("k"))).await.expect("remove answers");
    tier.put(&key("k"), entry("plain", &[], clock)).await.expect("put");
    tier.remove(&Selector::Tag(tag("new"))).await.expect("remove answers");
    assert_eq!(value(tier, &key("k")).await.as_deref(), Some("plain"), "nor after a removal");
    clear(tier).await;
}

async fn survives_dropped_futures(tier: &dyn Tier, clock: &ManualClock) {
    tier.put(&key("k"), entry("old", &[], clock)).await.expect("put");
    let dropped = key("k");
    for _ in 0..20 {
        let put = tier.put(&dropped, entry("new", &[], clock));
        tokio::select! { biased; _ = put => {}, () = std::future::ready(()) => {} }
        let get = tier.get(&dropped);
        tokio::select! { biased; _ = get => {}, () = std::future::ready(()) => {} }
    }
    let found = value(tier, &key("k")).await;
    assert!(
        found.as_deref().is_none_or(|text| text == "old" || text == "new"),
        "{found:?} is half of something"
    );
    let last = entry("last", &[], clock);
    tier.put(&key("other"), last.clone()).await.expect("put works after dropped futures");
    assert_eq!(tier.get(&key("other")).await.expect("get works after dropped futures"), Some(last));
    clear(tier).await;
}

async fn counts(tier: &dyn Tier, clock: &ManualClock) {
    let empty = tier.stats().await.expect("stats answer");
    assert_eq!(empty.entries, 0, "nothing is left");
    for n in 0..10 {
        tier.put(&key(&n.to_string()), entry(&"v".repeat(1000), &[], clock)).await.expect("put");
    }
    let full = tier.stats().await.expect("stats answer");
    assert_eq!(full.entries, 10);
    assert!(full.bytes >= empty.bytes + 10_000, "bytes count the values: {full:?}");
    clear(tier).await;
    assert_eq!(tier.stats().await.expect("stats answer").entries, 0, "after a removal of all");
}
