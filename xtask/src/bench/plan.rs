//! How thoroughly is measured: the profiles, and the arguments that each target gets for them.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::catalogue::BenchTarget;
use super::selection::Selection;

/// The target whose work can be spoilt on purpose.
const PLANTED: &str = "planted";

/// How thoroughly is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Profile {
    /// Does every benchmark run? Seconds, built without link-time optimisation; the figures are rough.
    Smoke,
    /// Every figure with a usable interval, in a few minutes.
    #[default]
    Default,
    /// As long as the figures deserve.
    Full,
}

impl Profile {
    /// The name on the command line and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Default => "default",
            Self::Full => "full",
        }
    }

    /// The cargo profile that the targets are built with.
    #[must_use]
    pub const fn cargo_profile(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Default | Self::Full => "bench",
        }
    }

    /// What criterion is told about times and samples. Where nothing is said its own defaults stand: 3 s to warm up,
    /// 100 samples, 100,000 resamples.
    const fn criterion(self) -> &'static [&'static str] {
        match self {
            Self::Smoke => &[
                "--warm-up-time",
                "0.05",
                "--measurement-time",
                "0.1",
                "--sample-size",
                "10",
                "--nresamples",
                "1000",
            ],
            Self::Default => &[
                "--warm-up-time",
                "0.2",
                "--measurement-time",
                "0.8",
                "--sample-size",
                "30",
                "--nresamples",
                "10000",
            ],
            Self::Full => &["--measurement-time", "8"],
        }
    }

    const fn limit(self) -> Duration {
        match self {
            Self::Smoke | Self::Default => Duration::from_mins(15),
            Self::Full => Duration::from_hours(1),
        }
    }
}

/// What is measured, how thoroughly, and for how long at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How thoroughly.
    pub profile: Profile,
    /// Which benchmarks; all of them if there is no selection.
    pub only: Option<Selection>,
    /// How long one target may run before it is killed.
    pub limit: Duration,
    /// What the work is spoilt with on purpose, to try out whether that is found.
    pub plant: Option<Plant>,
    /// Whether what each target takes of the machine is among the figures.
    pub watched: bool,
}

/// A slow-down that is planted on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Plant {
    /// The work waits.
    Sleep,
    /// The work takes more from the heap.
    Allocation,
    /// The time of the work grows with the square of its size.
    Quadratic,
}

impl Plant {
    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Allocation => "allocation",
            Self::Quadratic => "quadratic",
        }
    }
}

impl Plan {
    /// A plan with the profile's own limit: 15 minutes for each target, an hour for [`Profile::Full`].
    #[must_use]
    pub const fn new(profile: Profile, only: Option<Selection>) -> Self {
        Self { profile, only, limit: profile.limit(), plant: None, watched: true }
    }

    /// The arguments with which a criterion target measures. Without `--bench` criterion would only try each
    /// benchmark once.
    #[must_use]
    pub fn criterion_arguments(&self) -> Vec<OsString> {
        let fixed = ["--bench", "--noplot", "--quiet", "--color", "never"];
        let fixed = fixed.iter().chain(self.profile.criterion()).map(OsString::from);
        fixed.chain(self.filter()).collect()
    }

    /// The arguments with which a criterion target lists its benchmarks.
    #[must_use]
    pub fn list_arguments(&self) -> Vec<OsString> {
        let fixed = ["--bench", "--list", "--format", "terse"].iter().map(OsString::from);
        fixed.chain(self.filter()).collect()
    }

    /// The arguments with which one of the project's own targets measures and writes its run to `out`.
    #[must_use]
    pub fn own_arguments(&self, target: &BenchTarget, out: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            ["--bench", "--profile", self.profile.name(), "--out"].iter().map(OsString::from).collect();
        arguments.push(out.into());
        if let Some(only) = &self.only {
            arguments.extend(["--only".into(), only.as_str().into()]);
        }
        if let Some(part) = target.part.asked() {
            arguments.extend(["--part".into(), part.into()]);
        }
        if let Some(plant) = self.plant.filter(|_| target.name == PLANTED) {
            arguments.extend(["--plant".into(), plant.name().into()]);
        }
        arguments
    }

    fn filter(&self) -> Option<OsString> {
        self.only.as_ref().map(|only| only.regex().into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::{Harness, Part};
    use super::*;

    fn target(name: &str, part: Part) -> BenchTarget {
        let source = format!("benches/{name}.rs");
        BenchTarget { name: name.to_owned(), harness: Harness::Own, source, part }
    }

    fn words(arguments: &[OsString]) -> String {
        arguments.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_profile_has_its_arguments() {
        let table = [
            (
                Profile::Smoke,
                "smoke",
                "--bench --noplot --quiet --color never --warm-up-time 0.05 --measurement-time 0.1 \
                 --sample-size 10 --nresamples 1000",
                "--bench --profile smoke --out raw/heap.json",
                900,
            ),
            (
                Profile::Default,
                "bench",
                "--bench --noplot --quiet --color never --warm-up-time 0.2 --measurement-time 0.8 \
                 --sample-size 30 --nresamples 10000",
                "--bench --profile default --out raw/heap.json",
                900,
            ),
            (
                Profile::Full,
                "bench",
                "--bench --noplot --quiet --color never --measurement-time 8",
                "--bench --profile full --out raw/heap.json",
                3_600,
            ),
        ];
        for (profile, cargo_profile, criterion, own, seconds) in table {
            let plan = Plan::new(profile, None);
            assert_eq!(profile.cargo_profile(), cargo_profile);
            assert_eq!(words(&plan.criterion_arguments()), criterion);
            assert_eq!(
                words(&plan.own_arguments(&target("heap", Part::Exact), Path::new("raw/heap.json"))),
                own
            );
            assert_eq!(words(&plan.list_arguments()), "--bench --list --format terse");
            assert_eq!(plan.limit.as_secs(), seconds);
        }
    }

    #[test]
    fn a_selection_reaches_both_kinds_of_targets() {
        let only = "debate/turn/*".parse().expect("a selection");
        let plan = Plan::new(Profile::Full, Some(only));
        assert!(words(&plan.criterion_arguments()).ends_with("--measurement-time 8 ^debate/turn/.*$"));
        assert!(words(&plan.list_arguments()).ends_with("terse ^debate/turn/.*$"));
        assert!(
            words(&plan.own_arguments(&target("debate", Part::Timed), Path::new("x")))
                .ends_with("--out x --only debate/turn/*")
        );
    }

    #[test]
    fn parts_and_plants_reach_the_targets_that_have_them() {
        let plan = Plan { plant: Some(Plant::Sleep), ..Plan::new(Profile::Smoke, None) };
        let said = |name, part| words(&plan.own_arguments(&target(name, part), Path::new("x")));
        assert!(said("fetch", Part::OnlyExact).ends_with("--out x --part exact"));
        assert!(said("fetch", Part::OnlyTimed).ends_with("--out x --part timed"));
        assert!(said("planted", Part::Timed).ends_with("--out x --plant sleep"));
    }
}
