//! How long a vendor takes.

use std::time::Duration;

use assize_ambient::Chance;

/// How long a vendor takes. It waits on tokio's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// The median time to the first token. The time is log-normal.
    pub first_token_median: Duration,
    /// Standard deviation of the logarithm of the time to the first token: 0.0 is no jitter, 0.5 is lively.
    pub first_token_sigma: f64,
    /// Speed of the reply after the first token, in tokens a second.
    pub tokens_per_second: f64,
    /// By how much the speed of a call differs from that, as the standard deviation of its logarithm.
    pub speed_sigma: f64,
    /// The share of calls that are stragglers, 0.0 to 1.0: the heavy tail.
    pub straggler_rate: f64,
    /// By how much a straggler's time to the first token is longer.
    pub straggler_factor: f64,
}

impl Latency {
    /// No waiting at all.
    pub const NONE: Self = Self {
        first_token_median: Duration::ZERO,
        first_token_sigma: 0.0,
        tokens_per_second: f64::INFINITY,
        speed_sigma: 0.0,
        straggler_rate: 0.0,
        straggler_factor: 1.0,
    };

    /// A declared profile of a hosted model: median 600 ms to the first token with a lively jitter, about 80 tokens a
    /// second, one call in fifty five times slower to start. A model of a vendor, not a measurement of one.
    pub const HOSTED: Self = Self {
        first_token_median: Duration::from_millis(600),
        first_token_sigma: 0.45,
        tokens_per_second: 80.0,
        speed_sigma: 0.2,
        straggler_rate: 0.02,
        straggler_factor: 5.0,
    };

    /// What a call gets of it.
    pub(crate) fn draw(&self, chance: &mut Chance) -> Pace {
        let jitter = chance.log_normal(0.0, self.first_token_sigma);
        let straggles = chance.happens(self.straggler_rate);
        let factor = if straggles { self.straggler_factor } else { 1.0 };
        let speed = self.tokens_per_second * chance.log_normal(0.0, self.speed_sigma);
        let first_token = self.first_token_median.as_secs_f64() * jitter * factor;
        Pace {
            first_token: Duration::try_from_secs_f64(first_token).unwrap_or(Duration::MAX),
            seconds_per_token: if speed > 0.0 { 1.0 / speed } else { 0.0 },
        }
    }
}

/// The pace of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The time to the first token.
    pub(crate) first_token: Duration,
    seconds_per_token: f64,
}

impl Pace {
    /// The time that so many tokens take after the first.
    pub(crate) fn tokens(&self, n: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
        let seconds = n as f64 * self.seconds_per_token;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
    }

    /// The same pace, with at least this time between two tokens.
    pub(crate) fn slowed(self, between_tokens: Duration) -> Self {
        Self { seconds_per_token: self.seconds_per_token.max(between_tokens.as_secs_f64()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;

    #[test]
    fn no_latency_is_no_waiting() {
        let pace = Latency::NONE.draw(&mut Seed::new(1).rng());
        assert_eq!((pace.first_token, pace.tokens(1_000)), (Duration::ZERO, Duration::ZERO));
        assert_eq!(pace.slowed(Duration::from_millis(250)).tokens(4), Duration::from_secs(1));
    }

    #[test]
    fn hosted_latency_has_its_median_and_its_tail() {
        let mut chance = Seed::new(1).rng();
        let mut first: Vec<Duration> =
            (0..10_001).map(|_| Latency::HOSTED.draw(&mut chance).first_token).collect();
        first.sort_unstable();
        let median = first[5_000].as_secs_f64();
        assert!((median - 0.6).abs() < 0.03, "{median}");
        let tail = first[9_900].as_secs_f64();
        assert!(tail > 2.0 && tail < 8.0, "{tail}");
    }
}
