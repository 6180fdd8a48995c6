//! The death of a process that writes, at any moment.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

const KILLS: u64 = 20;
const TEST: &str = "disk_tier::tests::crash::what_the_child_does";
const LIMIT: u64 = 64 << 20;

/// Runs this program again, to write into `folder`. `run` says for which time.
pub(super) fn child(folder: &Path, run: u64) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--ignored", "--nocapture", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{run} {}", folder.display()).unwrap();
    child
}

/// What is acknowledged comes on a line of its own: `put 3/17`.
fn acknowledged(line: &str) -> Option<&str> {
    line.strip_prefix("put ").filter(|text| text.contains('/'))
}

fn value(text: &str) -> Vec<u8> {
    let n: u64 = text.bytes().fold(0, |n, byte| n * 31 + u64::from(byte));
    let length = usize::try_from(n % 6000).unwrap();
    // Half of them compress.
    if n.is_multiple_of(2) { noise(n, length) } else { text.repeat(length / text.len()).into_bytes() }
}

fn tagged(text: &str, clock: &dyn Clock) -> Stored {
    entry(value(text), clock).with_tags(vec![Tag::new("all").unwrap(), Tag::new(text).unwrap()]).unwrap()
}

#[test]
#[ignore = "started by the tests that kill it"]
fn what_the_child_does() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let Some((run, folder)) = line.trim_end().split_once(' ') else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let clock = clock();
        let tier = Arc::new(DiskTier::open(folder, LIMIT, clock.clone()).await.unwrap());
        let writers: Vec<_> = (0..16_u64)
            .map(|writer| {
                let (tier, clock, run) = (Arc::clone(&tier), Arc::clone(&clock), run.to_owned());
                tokio::spawn(async move {
                    for n in (writer..2000).step_by(16) {
                        let text = format!("{run}/{n}");
                        tier.put(&key(&text), tagged(&text, &*clock)).await.unwrap();
                        writeln!(std::io::stdout(), "put {text}").unwrap();
                        if n % 7 == 0 {
                            // What another process may have put or removed as well, with a value that is always the same.
                            tier.put(&key("shared"), tagged("shared", &*clock)).await.unwrap();
                            let found = tier.get(&key(&text)).await.unwrap();
                            assert!(found.is_none_or(|found| found == tagged(&text, &*clock)));
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_a_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let mut all = Vec::new();
    for run in 0..KILLS {
        let mut child = child(folder.path(), run);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // Killed after more and more of its work, and in its first moments as well.
        let mut seen: Vec<_> = lines
            .by_ref()
            .filter_map(|line| acknowledged(&line).map(str::to_owned))
            .take(usize::try_from(run * 17).unwrap())
            .collect();
        child.kill().unwrap();
        child.wait().unwrap();
        seen.extend(lines.filter_map(|line| acknowledged(&line).map(str::to_owned)));
        all.extend(seen);

        let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
        for text in &all {
            let found = tier.get(&key(text)).await.unwrap();
            assert_eq!(found, Some(tagged(text, &*clock)), "{text} after kill {run}");
        }
        let stats = tier.stats().await.unwrap();
        assert!(stats.entries >= all.len() as u64 && stats.corrupt == 0, "{stats:?}");
        let counted = tier.queue.with_connection(|connection| {
            let damage: String =
                connection.query_one("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(damage, "ok", "after kill {run}");
            connection.query_one("SELECT count(*) FROM entries", [], |row| row.get::<_, i64>(0)).unwrap()
        });
        assert_eq!(stats.entries, counted.cast_unsigned(), "the count is right after kill {run}");
    }
    assert!(all.len() > 1000, "{} puts were acknowledged", all.len());
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("damaged")), "{names:?}");
    let tier = DiskTier::open(folder.path(), LIMIT, clock.clone()).await.unwrap();
    let n = tier.stats().await.unwrap().entries;
    assert_eq!(
        tier.remove(&Selector::Tag(Tag::new("all").unwrap())).await.unwrap(),
        n,
        "tags were written with the entries"
    );
}
