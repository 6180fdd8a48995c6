//! Files that are not as they were written.

use std::fs;
use std::path::Path;

use super::*;

const ENTRIES: u64 = 40;
const PAGE: usize = 4096;

fn tags() -> Vec<Tag> {
    ["x", "y"].map(|text| Tag::new(text).unwrap()).to_vec()
}

fn expected(n: u64, clock: &dyn Clock) -> Stored {
    let length = usize::try_from(n * 301 % 9000).unwrap();
    entry(noise(n, length), clock).with_tags(tags()).unwrap()
}

/// A file with entries of all sizes, whose log is worked off.
async fn whole_file(clock: &Arc<ManualClock>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let tier = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    for n in 0..ENTRIES {
        tier.put(&key(&n.to_string()), expected(n, &**clock)).await.unwrap();
    }
    tier.queue.with_connection(|connection| {
        connection.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    });
    fs::read(folder.path().join("entries-1.sqlite")).unwrap()
}

/// What is there must be right, what is wrong is reported at most once, and the tier works as if nothing had been.
/// Gives how many entries were lost.
async fn survive(folder: &Path, clock: &Arc<ManualClock>, what: &str) -> u64 {
    let tier = DiskTier::open(folder, 1 << 24, clock.clone()).await.unwrap();
    let mut lost = 0;
    for n in 0..ENTRIES {
        match tier.get(&key(&n.to_string())).await {
            Ok(Some(found)) => assert_eq!(found, expected(n, &**clock), "{what}: a wrong value"),
            Ok(None) => lost += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {error}");
                assert_eq!(tier.get(&key(&n.to_string())).await.unwrap(), None, "{what}: reported twice");
                lost += 1;
            }
        }
    }
    // Damage that is found only now takes with it what was put before.
    let rounds = 3;
    for round in 0..rounds {
        for n in 0..ENTRIES {
            tier.put(&key(&n.to_string()), expected(n, &**clock)).await.expect(what);
        }
        let mut missing = 0;
        for n in 0..ENTRIES {
            match tier.get(&key(&n.to_string())).await.expect(what) {
                Some(found) => assert_eq!(found, expected(n, &**clock), "{what}: {n} was put again"),
                None => missing += 1,
            }
        }
        if missing == 0 {
            break;
        }
        assert!(round + 1 < rounds, "{what}: {missing} entries do not stay");
    }
    tier.remove(&Selector::Tag(tags()[0].clone())).await.expect(what);
    for n in 0..ENTRIES {
        assert_eq!(tier.get(&key(&n.to_string())).await.expect(what), None, "{what}: {n} was removed by tag");
    }
    tier.stats().await.expect(what);
    lost
}

fn is_set_aside(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|file| file.unwrap().file_name().to_string_lossy().contains("damaged"))
}

#[tokio::test]
async fn a_wrong_byte_in_any_page_is_survived() {
    let clock = clock();
    let good = whole_file(&clock).await;
    let n_pages = good.len() / PAGE;
    assert!(n_pages > 40, "{n_pages} pages");
    let (mut lost, mut aside, mut cases) = (0, 0, 0);
    for page in 0..n_pages {
        // The head of the page, where SQLite's own fields are, then its cells, which grow from its end.
        let spread =
            usize::try_from(u64::from_le_bytes(noise(page as u64, 8).try_into().unwrap()) % 4000).unwrap();
        for at in [page % 12, 100 + spread % 100, spread, PAGE - 1 - spread % 60] {
            let folder = tempfile::tempdir().unwrap();
            let mut bad = good.clone();
            bad[page * PAGE + at] ^= 1 << (spread % 8);
            fs::write(folder.path().join("entries-1.sqlite"), bad).unwrap();
            lost += survive(folder.path(), &clock, &format!("byte {at} of page {page}")).await;
            aside += u64::from(is_set_aside(folder.path()));
            cases += 1;
        }
    }
    assert!(
        lost > 20 && aside > 10 && aside < cases / 2,
        "{cases} cases: {lost} entries lost, {aside} files set aside"
    );
}

#[tokio::test]
async fn a_wrong_byte_in_the_head_of_the_file_is_survived() {
    let clock = clock();
    let good = whole_file(&clock).await;
    for at in 0..100 {
        let folder = tempfile::tempdir().unwrap();
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        fs::write(folder.path().join("entries-1.sqlite"), bad).unwrap();
        survive(folder.path(), &clock, &format!("byte {at}")).await;
    }
}

#[tokio::test]
async fn a_file_that_is_cut_short_is_survived() {
    let clock = clock();
    let good = whole_file(&clock).await;
    for length in
        [0, 1, 50, 100, 4095, 4096, 5000, 2 * PAGE, good.len() / 2, good.len() - PAGE, good.len() - 1]
    {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("entries-1.sqlite"), &good[..length]).unwrap();
        let lost = survive(folder.path(), &clock, &format!("cut to {length}")).await;
        assert!(lost > 0, "cut to {length}");
    }
}

#[tokio::test]
async fn a_wrong_byte_in_the_log_is_survived() {
    let clock = clock();
    let origin = tempfile::tempdir().unwrap();
    let tier = DiskTier::open(origin.path(), 1 << 24, clock.clone()).await.unwrap();
    for n in 0..ENTRIES {
        tier.put(&key(&n.to_string()), expected(n, &*clock)).await.unwrap();
    }
    let [file, log] = ["entries-1.sqlite", "entries-1.sqlite-wal"]
        .map(|name| (name, fs::read(origin.path().join(name)).unwrap()));
    assert!(log.1.len() > 100 * PAGE, "{} bytes are not worked off", log.1.len());
    let mut lost = Vec::new();
    for at in (0..40).chain((40..log.1.len()).step_by(log.1.len() / 40)) {
        let folder = tempfile::tempdir().unwrap();
        let mut bad = log.1.clone();
        bad[at] ^= 0x10;
        fs::write(folder.path().join(file.0), &file.1).unwrap();
        fs::write(folder.path().join(log.0), bad).unwrap();
        lost.push(survive(folder.path(), &clock, &format!("byte {at} of the log")).await);
    }
    assert!(lost.is_sorted_by(|a, b| a >= b), "what is lost was written after the wrong byte: {lost:?}");
    assert!(lost[0] > 10 && lost.last() == Some(&0), "{lost:?}");
}

#[tokio::test]
async fn what_is_no_cache_at_all_is_set_aside_under_the_time() {
    let clock = clock();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("entries-1.sqlite");
    for (n, time) in ["20240506T070809Z", "20240506T070909Z"].into_iter().enumerate() {
        fs::write(&file, "what a user put here by mistake, longer than the head of a file").unwrap();
        let tier = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
        let aside = folder.path().join(format!("entries-1.sqlite.damaged-{time}"));
        assert!(fs::read_to_string(aside).unwrap().starts_with("what a user"), "{n}");
        assert_eq!(tier.stats().await.unwrap().corrupt, 1);
        drop(tier);
        // The last to close deletes the log.
        while folder.path().join("entries-1.sqlite-wal").exists() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(60));
    }
    let kept = fs::read_dir(folder.path())
        .unwrap()
        .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("damaged"));
    assert_eq!(kept.count(), 1, "only the latest is kept");
}

#[tokio::test]
async fn damage_under_way_is_met_by_every_tier_that_has_the_file_open() {
    let clock = clock();
    let folder = tempfile::tempdir().unwrap();
    let one = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    let other = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    for n in 0..ENTRIES {
        one.put(&key(&n.to_string()), expected(n, &*clock)).await.unwrap();
    }
    one.queue.with_connection(|connection| {
        connection.query_one("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    });
    let file = folder.path().join("entries-1.sqlite");
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(2 * PAGE as u64).unwrap();
    for n in 0..ENTRIES {
        for tier in [&one, &other] {
            let found = tier.get(&key(&n.to_string())).await.unwrap_or_default();
            assert!(found.is_none_or(|found| found == expected(n, &*clock)));
        }
    }
    for n in 0..ENTRIES {
        let (tier, reader) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
        tier.put(&key(&n.to_string()), expected(n, &*clock)).await.unwrap();
        assert_eq!(reader.get(&key(&n.to_string())).await.unwrap(), Some(expected(n, &*clock)), "{n}");
    }
    let corrupt = one.stats().await.unwrap().corrupt + other.stats().await.unwrap().corrupt;
    assert!(corrupt > 0 && is_set_aside(folder.path()));
}
