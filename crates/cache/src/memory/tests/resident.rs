//! What a full tier takes of the machine: the process's resident memory, with whatever the allocator can't reuse. Each
//! case is measured in a process of its own.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::*;

const TEST: &str = "memory::tests::resident::what_the_child_does";
const LIMIT: u64 = 48_000_000;
/// The budget is filled so many times over.
const ROUNDS: u64 = 3;

/// The resident memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().trim().parse::<u64>().unwrap() * 1024
}

/// How large the n-th value is: as the case is called, or of several sizes.
fn bytes(case: &str, n: u64) -> usize {
    match case {
        "mixed" => [64, 700, 4096, 20_000, 100_000, 150_000, 1 << 20][usize::try_from(hash(n) % 7).unwrap()],
        bytes => bytes.parse().unwrap(),
    }
}

/// Splitmix64: the same numbers each time, in no order.
fn hash(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[test]
#[ignore = "started by the test that measures it"]
fn what_the_child_does() {
    let mut case = String::new();
    std::io::stdin().read_to_string(&mut case).unwrap();
    if case.is_empty() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let before = resident();
        let tier = tier(LIMIT);
        let space = Namespace::new("resident", 1).unwrap();
        let (mut put, mut n) = (0, 0);
        while put < ROUNDS * LIMIT {
            let key = space.key(&format!("{:016x}", hash(n))).unwrap();
            let entry = entry(bytes(&case, n));
            put += shard::size(&key, &entry);
            tier.put(&key, entry).await.unwrap();
            // Some are asked for, and stay while others go.
            let asked = space.key(&format!("{:016x}", hash(hash(n) % (n + 1)))).unwrap();
            tier.get(&asked).await.unwrap();
            n += 1;
        }
        let stats = tier.stats().await.unwrap();
        let grown = resident() - before;
        writeln!(std::io::stdout(), "grown {grown} {} {}", stats.entries, stats.bytes).unwrap();
    });
}

/// By how many bytes a process grows that fills a tier so, and how many entries are left then.
fn growth(case: &str) -> (u64, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--ignored", "--nocapture", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(case.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let line = output.lines().find_map(|line| Some(line.split_once("grown ")?.1)).unwrap();
    (line.split(' ').next().unwrap().parse().unwrap(), line.to_owned())
}

#[test]
fn the_process_grows_by_little_more_than_the_budget() {
    for case in ["64", "4096", "1048576", "mixed"] {
        let (grown, line) = growth(case);
        let share = grown * 100 / LIMIT;
        assert!((50..=120).contains(&share), "{case}: {share} % of the limit is resident ({line})");
    }
}
