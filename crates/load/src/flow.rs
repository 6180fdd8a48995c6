//! What one start sets off: one of several steps by weight, or all of them in turn.

use assize_ambient::Seed;

use crate::{Error, ErrorKind, Step, Think};

/// Steps, and how a start goes through them.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    steps: Vec<Step>,
    order: Order,
    /// The weights, added up and divided by their sum.
    upto: Vec<f64>,
    seed: Seed,
}

/// How a start goes through the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// It makes one call, of a step chosen by weight.
    Mixed,
    /// It is a session: it takes all steps in turn, and thinks after each.
    InTurn,
}

impl Flow {
    /// A flow.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPlan`] for no step, more than 1,000, two of one name, one named `total`, or a weight that is not
    /// above nothing and finite.
    pub fn new(steps: Vec<Step>, order: Order, seed: Seed) -> Result<Self, Error> {
        let wrong = |what: String| Err(ErrorKind::InvalidPlan.error(format!("plan the flow: {what}")));
        if steps.is_empty() || steps.len() > 1_000 {
            return wrong(format!("it has {} steps; it may have 1 to 1,000", steps.len()));
        }
        for (at, step) in steps.iter().enumerate() {
            let name = step.name.as_str();
            if name.is_empty() || name == "total" || name == "process" {
                return wrong(format!("a step is named {name:?}, which is empty or taken"));
            }
            if steps[..at].iter().any(|other| other.name == name) {
                return wrong(format!("two steps are named {name:?}"));
            }
            if !(step.weight.is_finite() && step.weight > 0.0) {
                return wrong(format!("step {name} weighs {}; a weight is above 0", step.weight));
            }
        }
        let sum: f64 = steps.iter().map(|step| step.weight).sum();
        let mut reached = 0.0;
        let upto = steps.iter().map(|step| {
            reached += step.weight / sum;
            reached
        });
        let upto = upto.collect();
        Ok(Self { steps, order, upto, seed })
    }

    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How a start goes through them.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The same with a user who thinks so long after each step.
    #[must_use]
    pub fn thinking(mut self, time: std::time::Duration) -> Self {
        self.steps.iter_mut().for_each(|step| step.think = Think::fixed(time));
        self
    }

    /// How long a user thinks after a step, on average.
    #[must_use]
    pub fn mean_think(&self) -> std::time::Duration {
        let of = |(at, step): (usize, &Step)| {
            let share = match self.order {
                Order::Mixed => self.upto[at] - if at == 0 { 0.0 } else { self.upto[at - 1] },
                Order::InTurn => 1.0 / crate::number::len(&self.steps),
            };
            step.think.mean().mul_f64(share.max(0.0))
        };
        self.steps.iter().enumerate().map(of).sum()
    }

    /// The steps that the start of this number takes: the same each time.
    pub(crate) fn taken(&self, number: u64) -> std::ops::Range<usize> {
        match self.order {
            Order::InTurn => 0..self.steps.len(),
            Order::Mixed if self.steps.len() == 1 => 0..1,
            Order::Mixed => {
                let drawn = self.of(number, 0).rng().unit();
                let at =
                    self.upto.iter().position(|upto| drawn < *upto).unwrap_or_else(|| self.steps.len() - 1);
                at..at + 1
            }
        }
    }

    /// How long the start of this number thinks after a step.
    pub(crate) fn think(&self, think: Think, number: u64, step: usize) -> std::time::Duration {
        let open = think.most.saturating_sub(think.least);
        if open.is_zero() {
            return think.least;
        }
        let step = u64::try_from(step).unwrap_or(u64::MAX);
        think.least + open.mul_f64(self.of(number, step.saturating_add(1)).rng().unit())
    }

    /// A stream of its own for each draw, cheaply: a label would be hashed for every request.
    fn of(&self, number: u64, draw: u64) -> Seed {
        let mixed = (self.seed.value() ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(draw << 48);
        Seed::new((mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debates() -> Flow {
        let steps = [("configure", 1.0), ("start", 2.0), ("status", 3.0), ("get", 1.0)]
            .map(|(name, weight)| Step::get(name, "/").weighing(weight))
            .to_vec();
        Flow::new(steps, Order::Mixed, Seed::new(1)).unwrap()
    }

    #[test]
    fn steps_come_as_often_as_they_weigh() {
        let flow = debates();
        let mut taken = [0_u32; 4];
        for number in 0..70_000 {
            taken[flow.taken(number).start] += 1;
        }
        for (got, weight) in taken.iter().zip([1, 2, 3, 1]) {
            assert!(got.abs_diff(weight * 10_000) < 450, "{taken:?}");
        }
    }

    #[test]
    fn a_think_time_lies_between_its_ends() {
        let flow = debates();
        let second = std::time::Duration::from_secs(1);
        let times: Vec<_> = (0..2_000)
            .map(|number| flow.think(Think { least: second, most: 3 * second }, number, 2).as_secs_f64())
            .collect();
        assert!(times.iter().all(|time| (1.0..3.0).contains(time)));
        assert!((times.iter().sum::<f64>() / 2_000.0 - 2.0).abs() < 0.06);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let two = |a: &str, b: &str| vec![Step::get(a, "/"), Step::get(b, "/")];
        for steps in [
            vec![],
            two("a", "a"),
            two("a", ""),
            two("a", "total"),
            vec![Step::get("a", "/").weighing(0.0)],
            vec![Step::get("a", "/").weighing(f64::NAN)],
        ] {
            let error = Flow::new(steps, Order::Mixed, Seed::new(0)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidPlan);
        }
    }
}
