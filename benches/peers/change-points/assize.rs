//! Finding change points: the series, our detector and our form of asv's.

use std::hint::black_box;

use assize_ambient::Seed;
use assize_perf::change_points::{Detector, potts_steps};
use serde_json::{Value, json};

use crate::inputs;
use crate::timing::{Failure, Work};

/// Points of a series.
const POINTS: u32 = 1_000;
/// Series of a kind.
const SERIES: u64 = 4;

/// Series of each kind, about a level of 100.
pub(crate) fn inputs() -> Value {
    let seed = Seed::new(1_601).child("change points");
    let series = |kind: &str| -> Vec<Vec<f64>> {
        (0..SERIES)
            .map(|number| {
                let mut chance = seed.child(kind).child(&number.to_string()).rng();
                let mut past = 0.0;
                (0..POINTS)
                    .map(|at| {
                        let noise = chance.log_normal(0.0, 0.03).ln();
                        past = noise + if kind == "dependent" { 0.5 * past } else { 0.0 };
                        let level =
                            if kind == "steps" { 1.05_f64.powi((at / 250).cast_signed()) } else { 1.0 };
                        let spike = if kind == "spikes" && chance.below(20) == 0 { 1.4 } else { 1.0 };
                        100.0 * level * spike * past.exp()
                    })
                    .collect()
            })
            .collect()
    };
    let kinds = ["steady", "steps", "spikes", "dependent"];
    kinds.into_iter().map(|kind| (kind.to_owned(), json!(series(kind)))).collect()
}

/// The work of the form.
pub(crate) fn work(form: &str, task: &str) -> Result<Work, Failure> {
    let count: fn(&[f64]) -> usize = match form {
        "detector" => |series| Detector::default().changes(series).len(),
        "potts" => |series| potts_steps(series).len(),
        other => return Err(format!("a form is detector or potts, not {other:?}").into()),
    };
    let series: Vec<Vec<f64>> = serde_json::from_value(inputs::read()?[task].take())?;
    let found: usize = series.iter().map(|one| count(one)).sum();
    let mut next = 0;
    let work = Work::new(move |n| {
        for _ in 0..n {
            black_box(count(black_box(&series[next])));
            next = (next + 1) % series.len();
        }
        Ok(u64::from(n))
    });
    Ok(work.answering(found))
}
