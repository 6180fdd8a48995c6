//! All comparisons.

mod cache;
mod change_points;
mod debate;
mod prices;
mod tokens;

use super::side::Contest;

/// All comparisons, in the order in which they are measured.
pub(super) const CONTESTS: [Contest; 5] =
    [cache::CONTEST, change_points::CONTEST, debate::CONTEST, prices::CONTEST, tokens::CONTEST];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::side::MadeAs;
    use super::*;
    use crate::workspace;

    #[test]
    fn every_side_has_its_files_and_its_opponents() {
        for contest in &CONTESTS {
            let folder = workspace::root().join("benches/peers").join(contest.name);
            let named = |name: &str| contest.sides.iter().find(|side| side.name == name).expect(name);
            let python = format!("{}.py", contest.name);
            let tasks: BTreeSet<&str> = contest.tasks.iter().map(|task| task.name).collect();
            assert_eq!(tasks.len(), contest.tasks.len(), "{}", contest.name);
            assert!(tasks.iter().all(|task| !task.contains([',', ' '])), "{}", contest.name);
            for side in contest.sides {
                let (inside, files): (_, &[&str]) = match side.made_as {
                    MadeAs::Ours => ("", &["assize.rs"]),
                    MadeAs::Cargo(inside) => (inside, &["Cargo.toml", "Cargo.lock"]),
                    MadeAs::Python(inside) => (inside, &[&python]),
                };
                for file in files {
                    assert!(folder.join(inside).join(file).is_file(), "{file} of {}", side.name);
                }
                let opponent = side.opponent.map(named);
                assert!(opponent.is_none_or(|other| other.made_as == MadeAs::Ours), "{}", side.name);
                assert!(side.bare.map(named).is_none_or(|other| !other.is_rival), "{}", side.name);
            }
        }
    }
}
