//! Several processes, or several tiers in one, with the same folder.

use std::io::{BufRead, BufReader};

use super::*;

#[tokio::test]
async fn processes_write_and_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let mut children: Vec<_> = (0..2).map(|run| crash::child(folder.path(), run)).collect();
    let outputs: Vec<_> = children.iter_mut().map(|child| child.stdout.take().unwrap()).collect();
    let tier = DiskTier::open(folder.path(), 64 << 20, clock.clone()).await.unwrap();
    let readers: Vec<_> = outputs
        .into_iter()
        .map(|output| {
            std::thread::spawn(move || {
                BufReader::new(output)
                    .lines()
                    .map_while(Result::ok)
                    .filter(|line| line.starts_with("put "))
                    .count()
            })
        })
        .collect();
    for n in 0..300 {
        tier.put(&key(&format!("own/{n}")), entry(noise(n, 2000), &*clock)).await.unwrap();
        tier.get(&key("shared")).await.unwrap();
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "it met no error");
    }
    let acknowledged: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    // The first line follows the test's own name where the harness prints it.
    assert!((3990..=4000).contains(&acknowledged), "{acknowledged} puts were acknowledged");
    let stats = tier.stats().await.unwrap();
    assert_eq!((stats.entries, stats.corrupt), (2 * 2000 + 300 + 1, 0), "{stats:?}");
    for n in 0..300 {
        let found = tier.get(&key(&format!("own/{n}"))).await.unwrap().unwrap();
        assert_eq!(found.value(), &noise(n, 2000));
    }
}

#[tokio::test]
async fn a_file_is_replaced_while_others_write_and_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let mut children: Vec<_> = (0..2).map(|run| crash::child(folder.path(), run)).collect();
    let outputs: Vec<_> = children.iter_mut().map(|child| child.stdout.take().unwrap()).collect();
    let readers: Vec<_> = outputs
        .into_iter()
        .map(|output| std::thread::spawn(move || std::io::copy(&mut { output }, &mut std::io::sink())))
        .collect();
    let lasting = DiskTier::open(folder.path(), 64 << 20, clock.clone()).await.unwrap();
    let mut removed = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        // Opens and closes connections beside those of the other tier, all the while.
        let passing = DiskTier::open(folder.path(), 64 << 20, clock.clone()).await.unwrap();
        passing.put(&key("own"), entry("own", &*clock)).await.unwrap();
        assert_eq!(lasting.get(&key("own")).await.unwrap().unwrap().value(), "own");
        removed += lasting.remove(&Selector::All).await.unwrap();
        assert_eq!(passing.get(&key("own")).await.unwrap(), None);
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "it met no error");
    }
    for reader in readers {
        reader.join().unwrap().unwrap();
    }
    let damage: String = lasting.queue.with_connection(|connection| {
        connection.query_one("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
    });
    assert_eq!((damage.as_str(), lasting.stats().await.unwrap().corrupt), ("ok", 0));
    assert!(removed > 100, "{removed} entries were removed");
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("damaged")), "{names:?}");
}

#[tokio::test]
async fn each_notices_what_the_other_did() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let one = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    let other = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    for round in 0..5 {
        let value = round.to_string();
        one.put(&key("a"), entry(value.clone(), &*clock)).await.unwrap();
        assert_eq!(other.get(&key("a")).await.unwrap().unwrap().value(), value.as_bytes());
        // A new file in the place of the one that the other has open.
        assert_eq!(one.remove(&Selector::All).await.unwrap(), 1);
        assert_eq!(other.get(&key("a")).await.unwrap(), None, "round {round}");
        other.put(&key("b"), entry(value.clone(), &*clock)).await.unwrap();
        assert_eq!(one.get(&key("b")).await.unwrap().unwrap().value(), value.as_bytes());
        assert_eq!(other.remove(&Selector::All).await.unwrap(), 1);
    }
    drop(other);
    // Closing what was replaced must not delete the log of what replaced it.
    one.put(&key("c"), entry("c", &*clock)).await.unwrap();
    let third = DiskTier::open(folder.path(), 1 << 24, clock.clone()).await.unwrap();
    assert_eq!(third.get(&key("c")).await.unwrap().unwrap().value(), "c");
}

#[tokio::test]
async fn who_deletes_the_folder_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let place = folder.path().join("cache");
    let tier = DiskTier::open(&place, 1 << 24, clock.clone()).await.unwrap();
    tier.put(&key("a"), entry("a", &*clock)).await.unwrap();
    std::fs::remove_dir_all(&place).unwrap();
    assert_eq!(tier.get(&key("a")).await.unwrap(), None);
    tier.put(&key("a"), entry("again", &*clock)).await.unwrap();
    assert_eq!(tier.get(&key("a")).await.unwrap().unwrap().value(), "again");
}
