//! Files that look like results and are not read, with the reason.

use super::Head;

/// A format that is known and not read: why, and what to give instead.
pub(super) struct Refusal {
    pub(super) why: &'static str,
    pub(super) instead: &'static str,
}

/// Why a file that no reader claims is refused, if it is known.
pub(super) fn refusal(head: &Head) -> Option<Refusal> {
    let text = head.text();
    let begins = |start: &str| text.trim_start().starts_with(start);
    let refusals = [(
        begins("# callgrind format") || (text.contains("\nevents: ") && text.contains("\nfn=")),
        "it is a profile of callgrind, not a summary of benchmarks",
        "run gungraun with `--save-summary=json` and give its summary.json",
    )];
    refusals.into_iter().find(|(known, _, _)| *known).map(|(_, why, instead)| Refusal { why, instead })
}
