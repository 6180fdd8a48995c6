//! What a person sees while it runs: a bar on a terminal, a line for each finished target elsewhere.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::summary::duration;

const TEMPLATE: &str = "{elapsed_precise} [{bar:30}] {pos}/{len} {wide_msg}";

/// How far a run has come.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    silent: bool,
    /// Steps of the targets before the present one, and of the present one.
    before: u64,
    present: u64,
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
        Self { bar, silent, before: 0, present: 0 }
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

    /// A target begins that was planned with so many steps.
    pub(crate) fn begin(&mut self, target: &str, steps: u64) {
        self.present = steps;
        self.bar.set_position(self.before);
        self.bar.set_message(target.to_owned());
    }

    /// The present target has done so many of its steps and is at something.
    pub(crate) fn reach(&mut self, done: u64, steps: u64, at: String) {
        let known = self.bar.length().unwrap_or_default();
        self.bar.set_length(known.saturating_sub(self.present) + steps);
        self.present = steps;
        self.bar.set_position(self.before + done.min(steps));
        self.bar.set_message(at);
    }

    /// The present target has ended.
    pub(crate) fn end(&mut self, target: &str, what: &str, took: Duration) {
        self.before += self.present;
        self.present = 0;
        self.bar.set_position(self.before);
        self.say(&format!("{target}: {what}, {}", duration(took)));
    }

    /// Everything has ended: the bar goes.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
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
        progress.reach(2, 4, "debate/turn/2".to_owned());
        progress.end("debate", "4 benchmarks", Duration::ZERO);
        progress.begin("heap", 1);
        progress.reach(3, 12, "debate/heap/4".to_owned());
        assert_eq!((progress.bar.position(), progress.bar.length()), (7, Some(16)));
        progress.end("heap", "12 figures", Duration::ZERO);
        assert_eq!((progress.bar.position(), progress.bar.length()), (16, Some(16)));
    }
}
