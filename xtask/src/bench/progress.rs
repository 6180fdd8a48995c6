//! What a person sees while it runs: a bar on a terminal, a line for each finished target elsewhere.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use assize_perf::probe::Look;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::summary::duration;

const TEMPLATE: &str = "{elapsed_precise} [{bar:30}] {pos}/{len} {wide_msg}";

/// How far a run has come.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    silent: bool,
    /// Steps of the targets that have ended.
    before: u64,
    /// Those that run: steps done, and all of them.
    present: BTreeMap<String, Present>,
    /// How long what has not ended is expected to take, where that is known.
    expected: BTreeMap<String, Duration>,
    /// How many run beside each other.
    lanes: u32,
}

#[derive(Debug)]
struct Present {
    began: Instant,
    done: u64,
    steps: u64,
    at: String,
    takes: String,
}

impl Progress {
    /// On standard error: a bar if that is a terminal, else a plain line for each finished target.
    #[must_use]
    pub fn shown() -> Self {
        Self::on(ProgressDrawTarget::stderr(), false)
    }

    /// Nowhere.
    #[must_use]
    pub fn silent() -> Self {
        Self::on(ProgressDrawTarget::hidden(), true)
    }

    fn on(target: ProgressDrawTarget, silent: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, silent, before: 0, present: BTreeMap::new(), expected: BTreeMap::new(), lanes: 1 }
    }

    /// Says a line that stays.
    pub(crate) fn say(&self, line: &str) {
        if !self.bar.is_hidden() {
            self.bar.println(line);
        } else if !self.silent {
            tell(line);
        }
    }

    /// How many steps there are in all, as far as is known.
    pub(crate) fn plan(&self, steps: u64) {
        self.bar.set_length(steps);
    }

    /// How long the targets are expected to take, of which so many run beside each other: those that took a known time.
    pub(crate) fn expect(&mut self, expected: BTreeMap<String, Duration>, lanes: u32) {
        self.expected = expected;
        self.lanes = lanes.max(1);
    }

    /// A target begins that was planned with so many steps.
    pub(crate) fn begin(&mut self, target: &str, steps: u64) {
        let present =
            Present { began: Instant::now(), done: 0, steps, at: target.to_owned(), takes: String::new() };
        self.present.insert(target.to_owned(), present);
        self.show(target);
    }

    /// A target has done so many of its steps and is at something.
    pub(crate) fn reach(&mut self, target: &str, done: u64, steps: u64, at: String) {
        let Some(present) = self.present.get_mut(target) else { return };
        let known = self.bar.length().unwrap_or_default();
        self.bar.set_length(known.saturating_sub(present.steps) + steps);
        (present.done, present.steps, present.at) = (done.min(steps), steps, at);
        self.show(target);
    }

    /// What a target takes of the machine at the moment.
    pub(crate) fn watch(&mut self, target: &str, look: Look) {
        let Some(present) = self.present.get_mut(target) else { return };
        let share = look.processor.as_secs_f64() / look.at.as_secs_f64().max(0.001);
        present.takes = format!(
            " ({} MiB, {:.0} % of a core, {} {})",
            look.resident_bytes >> 20,
            share * 100.0,
            look.threads,
            if look.threads == 1 { "thread" } else { "threads" }
        );
        self.show(target);
    }

    /// A target has ended.
    pub(crate) fn end(&mut self, target: &str, what: &str, took: Duration) {
        self.before += self.present.remove(target).map_or(0, |present| present.steps);
        self.expected.remove(target);
        self.bar.set_position(self.before + self.done());
        let left = self.left().map(|left| format!("; about {} left", roughly(left)));
        self.say(&format!("{target}: {what}, {}{}", duration(took), left.unwrap_or_default()));
    }

    fn done(&self) -> u64 {
        self.present.values().map(|present| present.done).sum()
    }

    fn show(&self, target: &str) {
        self.bar.set_position(self.before + self.done());
        let Some(present) = self.present.get(target) else { return };
        let left = self.left().map(|left| format!("about {} left; ", roughly(left)));
        self.bar.set_message(format!("{}{}{}", left.unwrap_or_default(), present.at, present.takes));
    }

    /// How long it will take from here, by what each target took the last time.
    fn left(&self) -> Option<Duration> {
        let of = |(target, expected): (&String, &Duration)| {
            let begun = self.present.get(target).map_or(Duration::ZERO, |present| present.began.elapsed());
            expected.saturating_sub(begun)
        };
        let left: Duration = self.expected.iter().map(of).sum();
        (!left.is_zero()).then(|| left / self.lanes)
    }

    /// Everything has ended: the bar goes.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A time that is not known to the second: `20 s`, `3 min`.
fn roughly(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{} s", seconds.max(1)),
        10..90 => format!("{} s", seconds / 5 * 5),
        _ => format!("{} min", (seconds + 30) / 60),
    }
}

/// Says a line on standard error.
pub(crate) fn tell(line: &str) {
    // Nothing is left to be done if standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What a target says of its progress: `progress: 3/12 text`.
pub(super) fn heard(line: &str) -> Option<(u64, u64, &str)> {
    let rest = line.strip_prefix("progress: ")?;
    let (fraction, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let (done, steps) = fraction.split_once('/')?;
    let (done, steps) = (done.parse().ok()?, steps.parse().ok()?);
    (done <= steps).then(|| (done, steps, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_progress_are_told_from_others() {
        let table = [
            ("progress: 3/12 debate/heap/4", Some((3, 12, "debate/heap/4"))),
            ("progress: 12/12", Some((12, 12, ""))),
            ("progress: 13/12 too far", None),
            ("progress: -1/12 x", None),
            ("progress: half", None),
            ("Progress: 1/2 x", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(heard(line), expected, "{line:?}");
        }
    }

    #[test]
    fn steps_that_become_known_later_lengthen_the_whole() {
        let mut progress = Progress::silent();
        progress.plan(5);
        progress.begin("debate", 4);
        progress.reach("debate", 2, 4, "debate/turn/2".to_owned());
        progress.end("debate", "4 benchmarks", Duration::ZERO);
        progress.begin("heap", 1);
        progress.reach("heap", 3, 12, "debate/heap/4".to_owned());
        assert_eq!((progress.bar.position(), progress.bar.length()), (7, Some(16)));
        progress.end("heap", "12 figures", Duration::ZERO);
        assert_eq!((progress.bar.position(), progress.bar.length()), (16, Some(16)));
    }

    #[test]
    fn what_is_left_is_what_it_took_the_last_time() {
        let mut progress = Progress::silent();
        let seconds = |target: &str, s| (target.to_owned(), Duration::from_secs(s));
        progress.expect(BTreeMap::from([seconds("debate", 40), seconds("heap", 600)]), 2);
        assert_eq!(progress.left(), Some(Duration::from_secs(320)));
        progress.begin("heap", 1);
        progress.end("heap", "1 figure", Duration::ZERO);
        assert_eq!(progress.left().map(roughly).as_deref(), Some("20 s"));
        progress.end("debate", "1 figure", Duration::ZERO);
        assert_eq!(progress.left(), None);
        let table = [(0, "1 s"), (9, "9 s"), (44, "40 s"), (89, "85 s"), (100, "2 min"), (600, "10 min")];
        for (s, expected) in table {
            assert_eq!(roughly(Duration::from_secs(s)), expected);
        }
    }
}
