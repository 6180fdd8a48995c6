//! What must come out of the comparison if the benchmark is sound.

use std::sync::Arc;

use assize_ambient::Seed;
use assize_benches::{
    arms::{Arm, Decided},
    panels::price_of,
    worlds::{Behaviour, World},
};

use crate::{
    paused_runtime,
    voting::{PRICED_AS, share},
};

/// So many questions of each seed are asked again.
pub(super) const QUESTIONS: u64 = 100;
/// A control that lies outside of this interval stops the benchmark: its figures would mean nothing.
const LEVEL: f64 = 0.9999;

/// With the same evidence and the other truth, an arm must decide the same: else it has seen the truth.
pub(super) fn check_ignorance(arm: Arm, one: &Decided, other: &Decided) -> Result<(), String> {
    if (one.right + other.right - 1.0).abs() > 1e-9 || one.time != other.time || one.cost != other.cost {
        return Err(format!(
            "pass the control: {} decides otherwise when only the hidden truth is turned",
            arm.name()
        ));
    }
    Ok(())
}

/// Where the right share is known in closed form it must come out: one debater alone, and a debate in which all say all
/// that they know without noise.
pub(super) fn check_closed_forms(world: World, seeds: u64, single: &[f64]) -> Result<(), String> {
    let World::IndependentSignals { d_prime } = world else { return Ok(()) };
    // Log-odds are normal with mean 2d′² and variance 4d′² plus the noise: right with Φ(mean / deviation).
    let noise = Behaviour::DECLARED.noise;
    let deviation = (4.0 * d_prime * d_prime + noise * noise).sqrt();
    check_share("one debater alone", single, normal_share(2.0 * d_prime * d_prime / deviation))?;

    let (price, runtime) = (Arc::new(price_of(PRICED_AS)), paused_runtime()?);
    let open = Behaviour { noise: 0.0, sharing: 1.0, conformity: 0.0 };
    let mut right = Vec::new();
    for seed in 1..=seeds {
        for number in 0..QUESTIONS {
            let seed = Seed::new(seed).child("open").child(&number.to_string());
            let decided = runtime.block_on(Arm::Debate.decide(&world.question(seed), seed, &price, open))?;
            right.push(decided.right);
        }
    }
    // The sum of four signals: mean 8d′², variance 16d′².
    check_share("a debate that hides nothing", &right, normal_share(2.0 * d_prime))
}

/// Φ(z).
fn normal_share(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

fn check_share(who: &str, right: &[f64], expected: f64) -> Result<(), String> {
    let found = share(right, LEVEL).ok_or("find questions for the control")?;
    if found.contains(expected) {
        return Ok(());
    }
    Err(format!(
        "pass the control: {who} must be right in {expected:.4} of questions, not {:.4} to {:.4}",
        found.low, found.high
    ))
}
