//! Which benchmarks are measured: a name with stars, as targets are written.

use std::collections::BTreeSet;
use std::str::FromStr;

use assize_perf::{Run, Target};

use super::derived;

/// Names of benchmarks, in which `*` stands for any text: `debate/turn/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(String);

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty, which fits no benchmark; write `*` for all of them".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl Selection {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a regular expression, which is how criterion selects. What is derived from other benchmarks selects
    /// these: `debate/round/CASE` the times per turn of that case.
    #[must_use]
    pub fn regex(&self) -> String {
        let mut regex = format!("^{}$", expression(&self.0));
        for case in rests(&self.0, derived::ROUNDS) {
            // The stars of a selection take the stars of another as they take any text.
            if !self.fits(&format!("{}{case}/*", derived::TURNS)) {
                let turns = format!("|^{}{}/[0-9]+$", expression(derived::TURNS), expression(case));
                regex.push_str(&turns);
            }
        }
        regex
    }

    /// Whether it fits a name. The stars are those of targets, so this asks a target.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let target = Target {
            requirement: String::new(),
            measurement: self.0.clone(),
            metric: String::new(),
            floor: None,
            goal: None,
            importance: 1,
            note: None,
            line: 0,
        };
        target.applies_to(name, "")
    }

    /// The targets that a run of the selected benchmarks can be held to: those that speak of a figure of the run, and
    /// those whose one benchmark was selected, so that it should be there. What was left out on purpose is not missing.
    #[must_use]
    pub fn targets(&self, targets: Vec<Target>, run: &Run) -> Vec<Target> {
        let speaks = |target: &Target| run.measurements.iter().any(|m| target.applies_to(&m.id, &m.metric));
        let should = |target: &Target| !target.measurement.contains('*') && self.fits(&target.measurement);
        targets.into_iter().filter(|target| speaks(target) || should(target)).collect()
    }
}

/// A pattern as a regular expression.
fn expression(pattern: &str) -> String {
    let mut regex = String::new();
    for c in pattern.chars() {
        match c {
            '*' => regex.push_str(".*"),
            c if r"\.+?()|[]{}^$#&-~".contains(c) => regex.extend(['\\', c]),
            c => regex.push(c),
        }
    }
    regex
}

/// The patterns of what may follow `prefix` in a text that `pattern` fits: each place in the pattern that can be
/// reached by reading the prefix.
fn rests<'a>(pattern: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([pattern]);
    for c in prefix.chars() {
        let mut next = BTreeSet::new();
        for at in reached {
            // A star takes the character and stays, or takes nothing more and gives way to what is behind it.
            let behind = at.trim_start_matches('*');
            if behind.len() < at.len() {
                next.insert(&at[at.len() - behind.len() - 1..]);
            }
            next.extend(behind.strip_prefix(c));
        }
        reached = next;
    }
    reached.retain(|rest| !rest.is_empty());
    reached
}

#[cfg(test)]
mod tests {
    use assize_perf::{Better, Kind, Measurement, Unit, targets};

    use super::*;

    fn selection(text: &str) -> Selection {
        text.parse().expect("a selection")
    }

    #[test]
    fn stars_become_a_regular_expression() {
        let table = [
            ("debate/turn/*", "^debate/turn/.*$"),
            ("*", "^.*$"),
            ("a.b+c", r"^a\.b\+c$"),
            ("x[1](2){3}|^$", r"^x\[1\]\(2\)\{3\}\|\^\$$"),
            ("4-debaters", r"^4\-debaters$"),
            ("debate/*", "^debate/.*$"),
            ("debate/turn/a/2", "^debate/turn/a/2$"),
        ];
        for (text, regex) in table {
            assert_eq!(selection(text).regex(), regex);
        }
        assert!(" ".parse::<Selection>().is_err());
    }

    #[test]
    fn what_is_derived_selects_what_it_comes_from() {
        let table = [
            ("debate/round/*", "^debate/round/.*$|^debate/turn/.*/[0-9]+$"),
            (
                "debate/round/instant-model",
                r"^debate/round/instant\-model$|^debate/turn/instant\-model/[0-9]+$",
            ),
            ("debate/r*/a", "^debate/r.*/a$|^debate/turn/.*/a/[0-9]+$|^debate/turn/a/[0-9]+$"),
            ("*round/a*b", "^.*round/a.*b$|^debate/turn/.*round/a.*b/[0-9]+$|^debate/turn/a.*b/[0-9]+$"),
            ("*/a", "^.*/a$|^debate/turn/.*/a/[0-9]+$|^debate/turn/a/[0-9]+$"),
            ("debate/round", "^debate/round$"),
            ("debate/round/", "^debate/round/$"),
            ("debate/rounds/*", "^debate/rounds/.*$"),
            ("**", "^.*.*$"),
        ];
        for (text, regex) in table {
            assert_eq!(selection(text).regex(), regex, "{text}");
        }
    }

    #[test]
    fn what_was_left_out_on_purpose_is_not_missing() {
        let text = "[[target]]\nrequirement = 'A'\nmeasurement = 'debate/turn/*'\nfloor = '1 ms'\n\
                    [[target]]\nrequirement = 'B'\nmeasurement = 'debate/turn/8'\nfloor = '1 ms'\n\
                    [[target]]\nrequirement = 'C'\nmeasurement = 'debate/whole/*'\nfloor = '1 ms'\n\
                    [[target]]\nrequirement = 'D'\nmeasurement = 'metering/cost'\nfloor = '1 ms'";
        let all = targets::parse(text, "targets.toml").expect("targets");
        let mut run = Run::new("selected");
        run.measurements.push(Measurement::new(
            "debate/turn/4",
            "time",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Timed,
            1.0,
        ));
        let kept = selection("debate/*").targets(all, &run);
        let kept: Vec<&str> = kept.iter().map(|target| target.requirement.as_str()).collect();
        assert_eq!(kept, ["A", "B"]);
    }
}
