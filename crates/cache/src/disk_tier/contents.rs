//! What is on disk, by namespace.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assize_ambient::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::DiskTier;
use super::body;
use super::place::DAMAGED;
use crate::{Error, ErrorKind, Key, Namespace};

/// What a tier on disk holds of one version of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceContents {
    /// The namespace, in this version.
    pub namespace: Namespace,
    /// How many entries there are, expired ones included.
    pub entries: u64,
    /// How many of them have expired and only take space.
    pub expired: u64,
    /// How many bytes their values take as they are stored, their keys and envelopes included; not the file's indexes.
    pub bytes: u64,
    /// When the value was made that was written first among them. `None` if it is damaged.
    pub oldest: Option<Timestamp>,
    /// When the value was made that was written last. `None` if it is damaged.
    pub newest: Option<Timestamp>,
}

impl DiskTier {
    /// What is there, by namespace and version. It reads every key, at some microseconds each, and no value but two for
    /// each namespace. Entries whose keys are damaged are left out.
    ///
    /// # Errors
    /// As [`Tier::stats`](crate::Tier::stats).
    pub async fn namespaces(&self) -> Result<Vec<NamespaceContents>, Error> {
        let now = self.clock.now().as_microsecond();
        self.readers.read(move |connection| contents(connection, now)).await
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// The damaged file that was set aside last and is still there, by this process or another.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the folder can't be read.
    pub async fn set_aside(&self) -> Result<Option<PathBuf>, Error> {
        let folder = self.place.folder().to_owned();
        let shown = folder.display().to_string();
        let failed = move || ErrorKind::Io.error(format!("look for damaged files in `{shown}`"));
        let found = tokio::task::spawn_blocking(move || damaged(&folder)).await;
        match found {
            Ok(found) => found.map_err(|cause| failed().because(cause)),
            Err(cause) => Err(failed().because(cause)),
        }
    }
}

fn damaged(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    let mut last = None;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // The log beside it goes with it. Names end with the time, and are ordered by it.
        if name.starts_with(DAMAGED) && !name.ends_with("-wal") {
            last = last.max(Some(entry.path()));
        }
    }
    Ok(last)
}

/// What is known of a namespace while its keys are read.
#[derive(Debug, Clone, Copy)]
struct Tally {
    entries: u64,
    expired: u64,
    bytes: u64,
    first: i64,
    last: i64,
}

fn contents(connection: &Connection, now: i64) -> rusqlite::Result<Vec<NamespaceContents>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut tallies: BTreeMap<(String, u32), Tally> = BTreeMap::new();
    // The length of a value is known without reading it.
    let mut all = snapshot.prepare_cached(
        "SELECT entries.id, key, stale_until, coalesce(length(body), 0) FROM entries LEFT JOIN bodies ON bodies.id = entries.id",
    )?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (id, key) = (row.get(0)?, row.get_ref(1)?.as_blob()?);
        let Some((name, version)) = split(key) else { continue };
        let (stale_until, body): (i64, i64) = (row.get(2)?, row.get(3)?);
        let none = Tally { entries: 0, expired: 0, bytes: 0, first: id, last: id };
        let tally = tallies.entry((name.to_owned(), version)).or_insert(none);
        tally.entries += 1;
        tally.expired += u64::from(stale_until <= now);
        tally.bytes += key.len() as u64 + u64::try_from(body).unwrap_or(0);
        tally.first = tally.first.min(id);
        tally.last = tally.last.max(id);
    }
    let mut contents = Vec::with_capacity(tallies.len());
    for ((name, version), tally) in tallies {
        let Ok(namespace) = Namespace::new(&name, version) else { continue };
        // Every write takes a number above all others.
        let (oldest, newest) = (made_at(&snapshot, tally.first)?, made_at(&snapshot, tally.last)?);
        let Tally { entries, expired, bytes, .. } = tally;
        contents.push(NamespaceContents { namespace, entries, expired, bytes, oldest, newest });
    }
    Ok(contents)
}

/// The namespace and the version that a key begins with.
fn split(key: &[u8]) -> Option<(&str, u32)> {
    let mut parts = std::str::from_utf8(key).ok()?.splitn(3, ':');
    let (name, version) = (parts.next()?, parts.next()?);
    parts.next()?;
    Some((name, version.parse().ok()?))
}

fn made_at(connection: &Connection, id: i64) -> rusqlite::Result<Option<Timestamp>> {
    let mut entry = connection.prepare_cached(
        "SELECT key, body FROM entries JOIN bodies ON bodies.id = entries.id WHERE entries.id = ?1",
    )?;
    let made_at = entry
        .query_one([id], |row| {
            let key = std::str::from_utf8(row.get_ref(0)?.as_blob()?).ok().and_then(whole_key);
            let body = row.get_ref(1)?.as_blob()?;
            Ok(key.and_then(|key| body::decode(&key, body)).map(|entry| entry.stored_at()))
        })
        .optional()?;
    Ok(made_at.flatten())
}

fn whole_key(text: &str) -> Option<Key> {
    let (name, version) = split(text.as_bytes())?;
    let rest = text.splitn(3, ':').nth(2)?;
    Namespace::new(name, version).ok()?.key(rest).ok().filter(|key| key.as_str() == text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use assize_ambient::Clock;

    use super::*;
    use crate::conformance::ManualClock;
    use crate::{Stored, Tier};

    #[tokio::test]
    async fn what_is_there_is_told_by_namespace_and_version() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2024-01-02T00:00:00Z".parse().unwrap()));
        let tier = DiskTier::open(folder.path(), 16 << 20, clock.clone()).await.unwrap();
        assert_eq!(tier.namespaces().await.unwrap(), []);
        let begin = clock.now();
        let (old, new) = (Namespace::new("replies", 9).unwrap(), Namespace::new("replies", 10).unwrap());
        let other = Namespace::new("a", 0).unwrap();
        for n in 0..5_u32 {
            // Compressed and plain ones.
            let value = vec![b'x'; 900 * n as usize];
            let stored = |seconds| Stored::new(value.clone(), clock.now(), Duration::from_secs(seconds));
            tier.put(&old.key(&format!("k{n}:with:colons")).unwrap(), stored(5)).await.unwrap();
            tier.put(&new.key(&format!("k{n}")).unwrap(), stored(500)).await.unwrap();
            clock.advance(Duration::from_secs(2));
        }
        tier.put(&other.key("k").unwrap(), Stored::new("v", clock.now(), Duration::from_secs(9)))
            .await
            .unwrap();
        // Written again, it is no longer the first.
        let again = Stored::new("v", clock.now(), Duration::from_secs(500));
        tier.put(&new.key("k0").unwrap(), again).await.unwrap();
        // What expires after the last write still takes space; what had expired before made way for it.
        clock.advance(Duration::from_secs(2));

        let all = tier.namespaces().await.unwrap();
        let names: Vec<_> = all.iter().map(|one| (one.namespace.name(), one.namespace.version())).collect();
        assert_eq!(names, [("a", 0), ("replies", 9), ("replies", 10)], "versions are numbers");
        let seconds = |moment: Option<Timestamp>| moment.unwrap().as_second() - begin.as_second();
        let (a, nine, ten) = (&all[0], &all[1], &all[2]);
        assert_eq!((a.entries, a.expired, seconds(a.oldest), seconds(a.newest)), (1, 0, 10, 10));
        assert_eq!((ten.entries, ten.expired, seconds(ten.oldest), seconds(ten.newest)), (5, 0, 2, 10));
        assert_eq!((nine.entries, nine.expired, seconds(nine.oldest), seconds(nine.newest)), (2, 1, 6, 8));
        assert!(a.bytes > 5 && ten.bytes > a.bytes, "{all:?}");
        let stats = tier.stats().await.unwrap();
        assert_eq!(all.iter().map(|one| one.entries).sum::<u64>(), stats.entries);
        assert!(all.iter().map(|one| one.bytes).sum::<u64>() < stats.bytes);
        assert_eq!((tier.folder(), tier.set_aside().await.unwrap()), (folder.path(), None));
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        assert_eq!(split(b"n:7:a:b"), Some(("n", 7)));
        assert_eq!(whole_key("n:7:a:b").unwrap().as_str(), "n:7:a:b");
        for bad in [&b"n:7"[..], b"n", b"", b"n::a", b"n:-1:a", b"n:x:a", b"\xff:1:a"] {
            assert_eq!(split(bad), None, "{bad:?}");
        }
        assert_eq!(whole_key("n:07:a"), None, "no key of ours is spelt so");
    }
}
