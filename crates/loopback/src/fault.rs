//! What goes wrong, and how often.

use std::time::Duration;

use assize_ambient::Chance;
use serde::Serialize;

use crate::{Error, ErrorKind};

/// Something that goes wrong with a call of a model. What each bills stands with it; "in full" means the whole prompt and
/// the whole reply, though the client never gets that reply whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// 429 that says how long to wait. Bills nothing.
    RateLimited,
    /// 429 that does not say how long to wait. Bills nothing.
    RateLimitedSilently,
    /// The account's money is used up: OpenAI's `insufficient_quota` and its likes. Bills nothing.
    Quota,
    /// 500. Bills nothing.
    ServerError,
    /// 503. Bills nothing.
    Unavailable,
    /// 529 of Anthropic, 503 of the others. Bills nothing.
    Overloaded,
    /// The body breaks off. A stream bills the prompt and the tokens that were sent; a whole reply bills in full.
    Cut,
    /// The reply takes a long time, but comes. Bills as any reply.
    Slow,
    /// Accepted, and never answered. Bills in full, unless declared [otherwise](crate::World::with_hangs_unbilled).
    Hang,
    /// 200 with JSON that cannot be read; in a stream, one such event. Bills in full.
    Malformed,
    /// 200 with an error inside. In the place of a whole reply it bills nothing; in a stream it comes after some text,
    /// and bills the prompt and the tokens that were sent.
    ErrorInside,
    /// 200 with a page of HTML, as from a proxy in front. Bills nothing.
    WrongType,
    /// A very long body that can be read. Bills as any reply when read to its end; otherwise in full.
    Huge,
    /// The connection closes before any byte of an answer. Bills nothing.
    Drop,
}

impl Fault {
    /// All faults, in their order.
    pub const ALL: [Self; 14] = [
        Self::RateLimited,
        Self::RateLimitedSilently,
        Self::Quota,
        Self::ServerError,
        Self::Unavailable,
        Self::Overloaded,
        Self::Cut,
        Self::Slow,
        Self::Hang,
        Self::Malformed,
        Self::ErrorInside,
        Self::WrongType,
        Self::Huge,
        Self::Drop,
    ];

    /// The name on command lines and in documents.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::RateLimitedSilently => "rate_limited_silently",
            Self::Quota => "quota",
            Self::ServerError => "server_error",
            Self::Unavailable => "unavailable",
            Self::Overloaded => "overloaded",
            Self::Cut => "cut",
            Self::Slow => "slow",
            Self::Hang => "hang",
            Self::Malformed => "malformed",
            Self::ErrorInside => "error_inside",
            Self::WrongType => "wrong_type",
            Self::Huge => "huge",
            Self::Drop => "drop",
        }
    }

    /// The fault of this name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.key() == key)
    }
}

/// How often each fault happens, as a share of the calls that are valid and within the limit, and the sizes of faults.
///
/// ```
/// use assize_loopback::{Fault, Faults};
///
/// let faults = Faults::none().with(Fault::RateLimited, 0.1)?.with(Fault::Cut, 0.05)?;
/// assert!(faults.with(Fault::Hang, 0.9).is_err(), "together they are more than all calls");
/// # Ok::<(), assize_loopback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    rates: [f64; Fault::ALL.len()],
    wait: Duration,
    between_tokens: Duration,
    huge_bytes: u64,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            rates: [0.0; Fault::ALL.len()],
            wait: Duration::from_secs(1),
            between_tokens: Duration::from_secs(1),
            huge_bytes: 64 << 20,
        }
    }

    /// Each fault with the same share of `total`, 0.0 to 1.0.
    ///
    /// # Errors
    /// When `total` is no share.
    pub fn evenly(total: f64) -> Result<Self, Error> {
        #[expect(clippy::cast_precision_loss, reason = "there are a few")]
        let each = total / Fault::ALL.len() as f64;
        if !(0.0..=1.0).contains(&total) {
            return Err(no_share("all faults", total));
        }
        Ok(Self { rates: [each; Fault::ALL.len()], ..Self::none() })
    }

    /// The same with this share of calls, 0.0 to 1.0, hit by this fault.
    ///
    /// # Errors
    /// When it is no share, or when all faults together hit more than all calls.
    pub fn with(mut self, fault: Fault, rate: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(no_share(fault.key(), rate));
        }
        self.rates[fault as usize] = rate;
        let total: f64 = self.rates.iter().sum();
        if total > 1.0 + 1e-9 {
            let message =
                format!("take faults that hit {total} of all calls; together they must hit at most 1");
            return Err(Error::new(ErrorKind::BadOptions, message));
        }
        Ok(self)
    }

    /// The same, where a rate limit asks for about this wait: half as much to half as much again. One second unless told.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The same, where a slow reply takes at least this time for each token. One second unless told.
    #[must_use]
    pub fn with_slowness(mut self, between_tokens: Duration) -> Self {
        self.between_tokens = between_tokens;
        self
    }

    /// The same, where a huge body has about so many bytes. 64 MiB unless told.
    #[must_use]
    pub fn with_huge_bytes(mut self, bytes: u64) -> Self {
        self.huge_bytes = bytes;
        self
    }

    /// The share of calls that this fault hits.
    #[must_use]
    pub fn rate(&self, fault: Fault) -> f64 {
        self.rates[fault as usize]
    }

    pub(crate) fn between_tokens(&self) -> Duration {
        self.between_tokens
    }

    pub(crate) fn huge_bytes(&self) -> u64 {
        self.huge_bytes
    }

    /// Which fault hits a call, if any.
    pub(crate) fn draw(&self, chance: &mut Chance) -> Option<Fault> {
        let draw = chance.unit();
        let mut edge = 0.0;
        Fault::ALL.into_iter().zip(self.rates).find_map(|(fault, rate)| {
            edge += rate;
            (draw < edge).then_some(fault)
        })
    }

    /// The wait that a rate limit asks for.
    pub(crate) fn draw_wait(&self, chance: &mut Chance) -> Duration {
        let seconds = self.wait.as_secs_f64() * (0.5 + chance.unit());
        Duration::try_from_secs_f64(seconds).unwrap_or(self.wait)
    }
}

fn no_share(of: &str, rate: f64) -> Error {
    Error::new(ErrorKind::BadOptions, format!("take {rate} as the rate of {of}; write a share from 0 to 1"))
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;

    #[test]
    fn keys_are_names() {
        for (index, fault) in Fault::ALL.into_iter().enumerate() {
            assert_eq!(Fault::from_key(fault.key()), Some(fault));
            assert_eq!(fault as usize, index, "rates are kept in this order");
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.key());
        }
        assert_eq!(Fault::from_key("flood"), None);
    }

    #[test]
    fn rates_are_shares() {
        for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(Faults::none().with(Fault::Cut, bad).is_err(), "{bad}");
            assert!(Faults::evenly(bad).is_err(), "{bad}");
        }
        let error = Faults::evenly(0.5).unwrap().with(Fault::Cut, 0.9).unwrap_err();
        assert!(error.to_string().contains("at most 1"), "{error}");
        assert!(Faults::evenly(1.0).is_ok());
    }

    #[test]
    fn each_fault_comes_at_its_rate() {
        let faults = Faults::none().with(Fault::Drop, 0.25).unwrap().with(Fault::Quota, 0.5).unwrap();
        let mut chance = Seed::new(3).rng();
        let drawn: Vec<_> = (0..20_000).map(|_| faults.draw(&mut chance)).collect();
        let share = |wanted| drawn.iter().filter(|fault| **fault == wanted).count();
        assert!(share(Some(Fault::Drop)).abs_diff(5_000) < 250);
        assert!(share(Some(Fault::Quota)).abs_diff(10_000) < 300);
        assert!(share(None).abs_diff(5_000) < 250);
    }
}
