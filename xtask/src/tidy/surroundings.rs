//! What a program takes from its surroundings comes in through one door each: time and chance through `ambient`,
//! the environment through `wiring` and the programs. An `#[expect]` opens no other door.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::paths::{Mention, mentions};
use super::policy::Policy;
use super::tree::{Tree, crate_of};

pub(super) const NAME: &str = "surroundings";

/// The crates of `crates/` that measure real time.
const MEASURING: [&str; 2] = ["perf", "load"];

const SYSTEM_TIME: [[&str; 2]; 2] = [["Timestamp", "now"], ["Zoned", "now"]];

const SYSTEM_CHANCE: [&str; 6] =
    ["thread_rng", "getrandom", "RandomState", "OsRng", "from_entropy", "from_os_rng"];

const ENVIRONMENT: [&str; 5] = ["var", "var_os", "vars", "vars_os", "*"];

pub(super) fn check(tree: &Tree, _: &Policy, findings: &mut Findings) {
    for (path, tokens) in tree.code() {
        let place = Place::of(path);
        let mut said = BTreeSet::new();
        for mention in mentions(&tokens) {
            if let Some(what_to_do) = place.complaint(&mention)
                && said.insert((mention.line, what_to_do))
            {
                findings.violation(
                    NAME,
                    path,
                    mention.line,
                    format!("`{}`: {what_to_do}", mention.written()),
                );
            }
        }
    }
}

/// Which doors are open to a file.
#[derive(Debug, Clone, Copy)]
struct Place {
    may_read_time: bool,
    may_read_environment: bool,
    may_measure: bool,
}

impl Place {
    fn of(path: &str) -> Self {
        let home = crate_of(path);
        // The sides of a comparison with peers are programs of their own, told by a variable where their inputs are.
        let programs = ["benches/peers/", "bins/", "xtask/"];
        let is_program = programs.iter().any(|folder| path.starts_with(folder));
        Self {
            may_read_time: home.is_some_and(|(name, _)| name == "ambient"),
            may_read_environment: is_program || home.is_some_and(|(name, _)| name == "wiring"),
            may_measure: home
                .is_none_or(|(name, inside)| MEASURING.contains(&name) || !inside.starts_with("src/")),
        }
    }

    fn complaint(self, mention: &Mention<'_>) -> Option<&'static str> {
        if !self.may_read_time {
            if is_system_time(mention) || SYSTEM_TIME.iter().any(|pair| mention.holds(pair)) {
                return Some("only `ambient` reads the system's time; take an `ambient::Clock`");
            }
            let by_chance = |word| SYSTEM_CHANCE.contains(word);
            if mention.path.iter().any(by_chance) || mention.holds(&["rand", "rng"]) {
                return Some("only `ambient` reads the system's randomness; take an `ambient::Seed`");
            }
        }
        if !self.may_read_environment && ENVIRONMENT.iter().any(|name| mention.holds(&["env", name])) {
            return Some(
                "only `wiring` and the programs read the environment; take the value as an argument",
            );
        }
        if !self.may_measure
            && (mention.holds(&["std", "time", "Instant"]) || mention.holds(&["std", "time", "*"]))
        {
            return Some("a library waits and measures in `tokio::time`, which a test can pause");
        }
        None
    }
}

/// Is this the type of the system's time, or a value of it? Any value of it reads the clock when it is asked how long
/// it is past: `UNIX_EPOCH.elapsed()`. (The epoch of another type, `Timestamp::UNIX_EPOCH`, is a constant.)
fn is_system_time(mention: &Mention<'_>) -> bool {
    mention.path.contains(&"SystemTime")
        || mention.path == ["UNIX_EPOCH"]
        || mention.holds(&["time", "UNIX_EPOCH"])
}
