//! Whole numbers and fractions, one into the other.

/// The nearest whole number; nothing below 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and negative values become 0"
)]
pub(super) fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// As a fraction; exact up to 2^53, which nothing here comes near.
#[expect(clippy::cast_precision_loss, reason = "counts and cents stay far below 2^53")]
pub(super) fn float(value: u64) -> f64 {
    value as f64
}

/// As a fraction; exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn of_count(value: usize) -> f64 {
    value as f64
}

/// What is left of a number in 32 bits, as some sites keep theirs.
#[expect(clippy::cast_possible_truncation, reason = "it is what is wanted")]
pub(super) fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// With so many decimals.
pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// Cents as dollars.
pub(super) fn dollars(cents: u64) -> f64 {
    float(cents) / 100.0
}
