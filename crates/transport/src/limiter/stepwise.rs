//! A rate that goes down and up by steps.

/// More errors than this in a window, in percent, and the rate goes down.
const TOO_MANY: u64 = 10;
/// Fewer errors than this in a window, in percent, and the rate goes up.
const FEW: u64 = 1;
const DOWN: f64 = 0.8;
const UP: f64 = 1.1;

/// What a window had so far. Moments are seconds.
#[derive(Debug, Clone)]
pub(super) struct Stepwise {
    window: f64,
    began: f64,
    ended: u64,
    errors: u64,
    /// Whether the rate, and not a lack of demand, held anybody back in this window.
    held_back: bool,
}

impl Stepwise {
    pub(super) fn new(window: f64) -> Self {
        Self { window, began: 0.0, ended: 0, errors: 0, held_back: false }
    }

    pub(super) fn granted(&mut self, held_back: bool) {
        self.held_back |= held_back;
    }

    /// Notes how a call ended. The factor by which to change the rate, at the end of a window.
    pub(super) fn ended(&mut self, now: f64, error: bool) -> f64 {
        self.ended += 1;
        self.errors += u64::from(error);
        if now - self.began < self.window {
            return 1.0;
        }
        let factor = if self.errors * 100 > self.ended * TOO_MANY {
            DOWN
        } else if self.errors * 100 < self.ended * FEW && self.held_back {
            UP
        } else {
            1.0
        };
        *self = Self { began: now, ..Self::new(self.window) };
        factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_at_the_end_of_a_window() {
        for (errors, held_back, factor) in [
            (0, true, UP),
            (0, false, 1.0),
            (1, true, 1.0),
            (10, true, 1.0),
            (11, true, DOWN),
            (100, false, DOWN),
        ] {
            let mut steps = Stepwise::new(10.0);
            steps.granted(held_back);
            for n in 0..99 {
                assert!((steps.ended(1.0, n < errors) - 1.0).abs() < 1e-12);
            }
            let got = steps.ended(10.0, errors > 99);
            assert!((got - factor).abs() < 1e-12, "{errors} errors: {got}");
        }
    }
}
