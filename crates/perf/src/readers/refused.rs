//! Files that look like results and are not read, with the reason.

use super::Head;

/// Why a file that no reader claims is refused, and what to give instead, if it is known.
pub(super) fn refusal(head: &Head) -> Option<(&'static str, &'static str)> {
    let text = head.text();
    let begun = text.trim_start();
    let refusals = [
        (head.has("$schema"), "it is a schema, no results", "give a file that follows it"),
        (
            head.has("status_code"),
            "it is an answer of Conbench that holds no results",
            "ask its API for benchmark results or for a comparison",
        ),
        (
            begun.starts_with("# callgrind format")
                || begun.starts_with("version: 1\ncreator: callgrind")
                || (text.contains("events: Ir") && (text.contains("\nfn=") || text.contains("\ntotals:"))),
            "it is a profile of callgrind, not a summary of benchmarks",
            "run gungraun with `--save-summary=json` and give its summary.json",
        ),
        (
            begun.starts_with("==")
                && ["Memcheck", "DRD", "Helgrind", "Massif", "DHAT"].iter().any(|tool| text.contains(tool)),
            "it is a log of valgrind, not a summary of benchmarks",
            "run gungraun with `--save-summary=json` and give its summary.json",
        ),
        (
            text.contains(" time:   [") || text.contains("\nBenchmarking "),
            "it is what criterion prints, with rounded figures",
            "give the folder target/criterion, or the output of `cargo criterion --message-format=json`",
        ),
        (
            head.is_array() && text.contains("\"BenchmarkTools\""),
            "it is Julia's BenchmarkTools JSON, which is not read",
            "write its medians in the custom JSON of github-action-benchmark: [{\"name\", \"unit\", \"value\"}]",
        ),
        (
            text.contains(" ops/sec ±"),
            "it is what benchmark.js prints, which is not read",
            "write its rates in the custom JSON of github-action-benchmark: [{\"name\", \"unit\", \"value\"}]",
        ),
    ];
    refusals.into_iter().find(|(known, _, _)| *known).map(|(_, why, instead)| (why, instead))
}
