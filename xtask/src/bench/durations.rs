//! How long each target took the last time, by profile: what the time left is told from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder;
use super::outcome::Outcome;
use super::plan::Profile;
use crate::Error;

/// Seconds by profile and target.
type Known = BTreeMap<String, BTreeMap<String, f64>>;

fn file(home: &Path) -> PathBuf {
    folder::runs(home).join("durations.json")
}

fn known(home: &Path) -> Known {
    // What cannot be read is not known.
    fs::read(file(home)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// What the targets took the last time.
pub(super) fn load(home: &Path, profile: Profile) -> BTreeMap<String, Duration> {
    let known = known(home).remove(profile.name()).unwrap_or_default();
    let time = |seconds: f64| Duration::try_from_secs_f64(seconds).ok();
    known.into_iter().filter_map(|(target, seconds)| Some((target, time(seconds)?))).collect()
}

/// Keeps what they took now, of those that ended well.
pub(super) fn save(home: &Path, profile: Profile, outcomes: &[Outcome]) -> Result<(), Error> {
    let mut known = known(home);
    let of_profile = known.entry(profile.name().to_owned()).or_default();
    let ended = outcomes.iter().filter(|outcome| outcome.failure.is_none());
    of_profile.extend(ended.map(|outcome| (outcome.target.clone(), outcome.took.as_secs_f64())));
    let text = serde_json::to_string_pretty(&known).unwrap_or_default();
    folder::write(&file(home), &format!("{text}\n"))
}

#[cfg(test)]
mod tests {
    use assize_perf::Run;

    use super::*;

    #[test]
    fn what_is_kept_is_known_the_next_time() {
        let home = tempfile::tempdir().expect("a folder");
        let outcome = |target: &str, seconds, failure: Option<&str>| Outcome {
            target: target.to_owned(),
            took: Duration::from_secs(seconds),
            run: Run::new(target),
            log: String::new(),
            failure: failure.map(str::to_owned),
        };
        assert!(load(home.path(), Profile::Smoke).is_empty());
        let first = [outcome("heap", 3, None), outcome("debate", 4, Some("it crashed"))];
        save(home.path(), Profile::Smoke, &first).expect("kept");
        save(home.path(), Profile::Smoke, &[outcome("tokens", 5, None)]).expect("kept");
        save(home.path(), Profile::Full, &[outcome("heap", 99, None)]).expect("kept");
        let expected = [("heap", 3), ("tokens", 5)];
        let expected = expected.map(|(target, s)| (target.to_owned(), Duration::from_secs(s)));
        assert_eq!(load(home.path(), Profile::Smoke), BTreeMap::from(expected));
        fs::write(file(home.path()), "{").expect("written");
        assert!(load(home.path(), Profile::Smoke).is_empty());
    }
}
