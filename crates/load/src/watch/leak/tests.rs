//! The leak test: how often it is wrong, and what it finds.

use assize_ambient::Seed;

use super::*;

/// Half an hour of looks, one a second, around 200 MB: growth an hour, noise, and how like its neighbour each look is.
fn memory(seed: u64, hourly: f64, noise: f64, likeness: f64) -> Vec<(f64, f64)> {
    let mut chance = Seed::new(seed).rng();
    let mut off = 0.0;
    let mut at = 0.0;
    (0..1_800)
        .map(|_| {
            off = likeness * off + (1.0 - likeness * likeness).sqrt() * chance.normal();
            at += 1.0;
            (at, (2e8 + hourly * at / HOUR + noise * off).round())
        })
        .collect()
}

fn verdicts(hourly: f64, noise: f64, likeness: f64) -> [usize; 3] {
    let mut counts = [0; 3];
    for seed in 0..60 {
        let place = match leak(&memory(seed, hourly, noise, likeness)).verdict {
            LeakVerdict::Leak => 0,
            LeakVerdict::NoLeak => 1,
            LeakVerdict::Inconclusive => 2,
        };
        counts[place] += 1;
    }
    counts
}

#[test]
fn growth_is_found_and_its_absence_too() {
    // 100 MB an hour, a hundred times what two looks differ by in that time.
    assert_eq!(verdicts(1e8, 1e6, 0.9), [60, 0, 0]);
    assert_eq!(verdicts(0.0, 1e6, 0.9), [0, 60, 0]);
    // So much noise that half an hour says nothing: not a leak, and not its absence either.
    let [leaks, _, unknown] = verdicts(0.0, 1e8, 0.99);
    assert!(leaks <= 2 && unknown >= 40, "{leaks} {unknown}");
}

#[test]
fn what_wanders_without_going_anywhere_is_seldom_called_a_leak() {
    // Looks that stay like their neighbours for minutes: Kendall's own variance would call a third of these a trend.
    let [leaks, ..] = verdicts(0.0, 2e7, 0.99);
    assert!(leaks <= 3, "{leaks} of 60");
}

#[test]
fn memory_that_is_level_or_short_is_called_so() {
    let level: Vec<_> = (0..100_u32).map(|s| (f64::from(s), 5e7)).collect();
    let found = leak(&level);
    assert_eq!((found.verdict, found.slope, found.p), (LeakVerdict::NoLeak, Some(0.0), Some(1.0)));
    for few in [&level[..0], &level[..1], &level[..23]] {
        let found = leak(few);
        assert_eq!((found.verdict, found.slope), (LeakVerdict::Inconclusive, None), "{}", few.len());
    }
    let mut run = Run::new("x");
    leak(&level[..3]).add_to(&mut run, "load/x/process");
    assert!(run.findings[0].text.contains("inconclusive"));
}

#[test]
fn a_warm_up_at_the_beginning_is_left_out() {
    // It fills for five minutes and is level from then on.
    let fills: Vec<_> = (0..1_800_u32).map(|s| (f64::from(s), 1e8 + 1e6 * f64::from(s.min(300)))).collect();
    assert_eq!(leak(&fills).verdict, LeakVerdict::NoLeak);
}

#[test]
fn theil_sen_and_kendall_by_hand() {
    // Sen's slope of 1, 3, 2, 5 at 0, 1, 2, 3: slopes 2, 0.5, 4/3, −1, 1, 3, of which the median is 7/6.
    let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 2.0), (3.0, 5.0)];
    let slope = Sorted::new(&slopes(&points)).unwrap().median();
    assert!((slope - 7.0 / 6.0).abs() < 1e-12);
    // Five pairs rise, one falls; the variance without ties is 4 · 3 · 13 / 18.
    let (score, variance) = trend(&points, slope);
    assert!((score - 4.0).abs() < 1e-12);
    assert!(variance >= 156.0 / 18.0 - 1e-9);
    let tied = ranks(&[5.0, 1.0, 5.0, 0.0]);
    assert_eq!(tied.iter().map(ToString::to_string).collect::<Vec<_>>(), ["3.5", "2", "3.5", "1"]);
}
