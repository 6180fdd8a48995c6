//! Fits against those of NumPy and SciPy, and what cannot be told.

use serde_json::Value;

use super::*;

fn reference() -> Value {
    let path = format!("{}/../../fixtures/perf/growth/reference.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn fits_and_predictions_are_those_of_numpy() {
    let reference = reference();
    assert!(reference["how"]["script"].as_str().unwrap().contains("lstsq"));
    for set in reference["sets"].as_array().unwrap() {
        let truth = set["truth"].as_str().unwrap();
        let points: Vec<(f64, f64)> = set["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| (point[0].as_f64().unwrap(), point[1].as_f64().unwrap()))
            .collect();
        let growths = Growths::of_size(&points).unwrap();
        assert_eq!(growths.best().growth.name(), truth);
        assert_eq!(growths.told().map(Growth::name), Some(truth));
        for expected in set["fits"].as_array().unwrap() {
            let name = expected["growth"].as_str().unwrap();
            let fit = growths.fits().iter().find(|fit| fit.growth.name() == name).unwrap();
            let interval = fit.predict(400.0, 0.95).unwrap();
            for (ours, key) in [
                (fit.aicc, "aicc"),
                (fit.at(400.0), "at_400"),
                (interval.low, "low"),
                (interval.high, "high"),
            ] {
                let theirs = expected[key].as_f64().unwrap();
                assert!(
                    (ours - theirs).abs() < 1e-7 * theirs.abs().max(1.0),
                    "{truth} {name} {key}: {ours} {theirs}"
                );
            }
        }
    }
}

#[test]
fn a_narrow_range_tells_nothing() {
    let points: Vec<(f64, f64)> = (10..20).map(|n| (f64::from(n), 3.0 * f64::from(n))).collect();
    let growths = Growths::of_size(&points).unwrap();
    assert_eq!(growths.told(), None);
    assert!(growths.doubt().is_some_and(|doubt| doubt.contains("1.9 times the smallest")));
}

#[test]
fn few_sizes_tell_nothing() {
    let points = [(1.0, 1.0), (1.0, 1.1), (100.0, 100.0), (100.0, 101.0), (100.0, 99.0), (10.0, 10.2)];
    let growths = Growths::of_size(&points).unwrap();
    assert!(growths.doubt().is_some_and(|doubt| doubt.contains("3 different sizes")));
}

#[test]
fn what_fits_about_as_well_is_named() {
    // Between the two, with some noise.
    let off = [1.1, 0.93, 1.05, 0.95, 1.05, 0.97];
    let points: Vec<(f64, f64)> = [10.0, 20.0, 40.0, 60.0, 80.0, 100.0]
        .iter()
        .zip(off)
        .map(|(n, off)| (*n, libm::pow(*n, 1.15) * off))
        .collect();
    let growths = Growths::of_size(&points).unwrap();
    let doubt = growths.doubt().unwrap();
    assert!(doubt.contains("linear") && doubt.contains("n log n"), "{doubt}");
}

#[test]
fn points_without_noise_take_the_simplest_model() {
    let points: Vec<(f64, f64)> = (0..8).map(|i| (f64::from(1 << i), 7.0)).collect();
    assert_eq!(Growths::of_size(&points).unwrap().best().growth, Growth::Constant);
    let points: Vec<(f64, f64)> =
        (0..8).map(|i| (f64::from(1 << i), f64::from(1 << i) * 2.0 + 1.0)).collect();
    assert_eq!(Growths::of_size(&points).unwrap().told(), Some(Growth::Linear));
}

#[test]
fn what_doubles_every_ten_days_is_exponential() {
    let wobble = [1.01, 0.99, 1.02, 0.98, 1.0];
    let day =
        |(day, wobble): (u32, &f64)| (f64::from(day), 100.0 * libm::exp2(f64::from(day) / 10.0) * wobble);
    let points: Vec<(f64, f64)> = (0..40).zip(wobble.iter().cycle()).map(day).collect();
    let growths = Growths::over_time(&points).unwrap();
    assert_eq!(growths.told(), Some(Growth::Exponential));
    let month = growths.best().predict(50.0, 0.95).unwrap();
    assert!(month.contains(3_200.0) && month.high < 3_500.0, "{month:?}");
    // A cost that falls is a line as well.
    let falling: Vec<(f64, f64)> =
        (0..20).map(|day| (f64::from(day), 100.0 - f64::from(day) + f64::from(day % 3))).collect();
    assert!(Growths::over_time(&falling).unwrap().best().slope < 0.0);
}

#[test]
fn what_is_no_growth_is_none() {
    assert_eq!(Growths::of_size(&[(1.0, 1.0); 4]), None);
    assert_eq!(Growths::of_size(&[(1.0, 1.0); 9]), None);
    let with = |bad: (f64, f64)| [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0), (5.0, 5.0), bad];
    assert_eq!(Growths::of_size(&with((0.0, 1.0))), None);
    assert_eq!(Growths::of_size(&with((6.0, f64::NAN))), None);
    assert_eq!(Growths::over_time(&with((f64::INFINITY, 6.0))), None);
    // Figures below zero leave the models that allow them.
    let growths = Growths::over_time(&with((6.0, -3.0))).unwrap();
    assert!(growths.fits().iter().all(|fit| fit.growth != Growth::Exponential));
    assert!(growths.best().predict(7.0, 1.0).is_none() && growths.best().predict(f64::NAN, 0.9).is_none());
}
