//! Series of benchmark results with and without a step, whose truth is known.

use assize_ambient::Seed;

/// What surrounds the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// Normal, standard deviation 3 %.
    Clean,
    /// Normal, 1 %; one point in twenty is 1.2 to 1.6 times too large.
    Spikes,
    /// An AR(1) with φ = 0.5, standard deviation 3 %: each point depends on the one before.
    Ar1,
}

/// Series of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Its name, the end of the id of its figures.
    pub name: &'static str,
    /// What surrounds the level.
    pub noise: Noise,
    /// How many points.
    pub points: usize,
    /// Where the level rises by 5 %; `None` for never.
    pub step: Option<usize>,
}

const fn case(name: &'static str, noise: Noise, points: usize, step: Option<usize>) -> Case {
    Case { name, noise, points, step }
}

/// The kinds of series that detectors are held to.
pub const CASES: [Case; 11] = [
    case("clean/100", Noise::Clean, 100, None),
    case("spikes/100", Noise::Spikes, 100, None),
    case("ar1/100", Noise::Ar1, 100, None),
    case("clean/300", Noise::Clean, 300, None),
    case("spikes/300", Noise::Spikes, 300, None),
    case("ar1/300", Noise::Ar1, 300, None),
    case("mid-clean/100", Noise::Clean, 100, Some(50)),
    case("mid-spikes/100", Noise::Spikes, 100, Some(50)),
    case("late-clean/100", Noise::Clean, 100, Some(95)),
    case("late-spikes/100", Noise::Spikes, 100, Some(95)),
    case("mid-clean/300", Noise::Clean, 300, Some(150)),
];

/// Long series of all kinds, to be timed.
pub const LONG: [Case; 5] = [
    case("clean/1000", Noise::Clean, 1_000, None),
    case("spikes/1000", Noise::Spikes, 1_000, None),
    case("ar1/1000", Noise::Ar1, 1_000, None),
    case("mid-clean/1000", Noise::Clean, 1_000, Some(500)),
    case("mid-spikes/1000", Noise::Spikes, 1_000, Some(500)),
];

impl Case {
    /// The series of a number: the same for the same seed.
    #[must_use]
    pub fn series(&self, seed: Seed, number: usize) -> Vec<f64> {
        let mut chance = seed.child(self.name).child(&number.to_string()).rng();
        let mut past = chance.normal();
        let point = |at: usize| {
            let noise = match self.noise {
                Noise::Clean => 1.0 + 0.03 * chance.normal(),
                Noise::Spikes => {
                    let calm = 1.0 + 0.01 * chance.normal();
                    if chance.happens(0.05) { calm * (1.2 + 0.4 * chance.unit()) } else { calm }
                }
                Noise::Ar1 => {
                    past = 0.5 * past + 0.75_f64.sqrt() * chance.normal();
                    1.0 + 0.03 * past
                }
            };
            let level = if self.step.is_some_and(|step| at >= step) { 105.0 } else { 100.0 };
            level * noise
        };
        (0..self.points).map(point).collect()
    }

    /// Whether changes at these places are right: one within two points of the step; or, where there is none, none.
    pub fn is_right(&self, places: impl IntoIterator<Item = usize>) -> bool {
        let mut places = places.into_iter();
        match self.step {
            Some(step) => places.any(|place| place.abs_diff(step) <= 2),
            None => places.next().is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_what_they_say() {
        for case in CASES {
            let series = case.series(Seed::new(1), 0);
            assert_eq!(
                (series.len(), &series),
                (case.points, &case.series(Seed::new(1), 0)),
                "{}",
                case.name
            );
            assert_ne!(series, case.series(Seed::new(1), 1));
            let mut sorted = series.clone();
            sorted.sort_by(f64::total_cmp);
            assert!((95.0..106.0).contains(&sorted[case.points / 2]), "{}", case.name);
        }
        let spiky = LONG[1].series(Seed::new(1), 0);
        let spikes = spiky.iter().filter(|point| **point > 115.0).count();
        assert!((25..80).contains(&spikes), "{spikes}");
    }

    #[test]
    fn a_step_is_found_near_it_only() {
        let [none, step] = [CASES[0], CASES[6]];
        assert!(none.is_right([]) && !none.is_right([3]));
        assert!(step.is_right([10, 52]) && !step.is_right([53]) && !step.is_right([]));
    }
}
