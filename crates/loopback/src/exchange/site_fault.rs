//! What goes wrong with a site, and how often.

use assize_ambient::Chance;
use serde::Serialize;

use super::Site;
use crate::{Error, ErrorKind};

/// Something that goes wrong with a site's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SiteFault {
    /// 429 with `retry-after`.
    Throttled,
    /// 429 without a word of how long.
    ThrottledSilently,
    /// 503 with a page.
    Down,
    /// The page with which the SEC blocks who asked too often, with 429.
    SecBlock,
    /// GDELT's words that ask to slow down, with 200 and as JSON.
    GdeltText,
    /// GDELT's `{}`, with 200, though there is something.
    GdeltEmpty,
    /// A chart of Yahoo without timestamps, though there are days.
    MissingTimestamp,
    /// A chain whose volatilities are null.
    NullIv,
    /// JSON with members and columns that nobody has heard of.
    NewFields,
    /// The answer comes, twenty seconds late.
    Stall,
    /// The body breaks off.
    CutBody,
    /// Another company's answer.
    WrongCompany,
}

impl SiteFault {
    /// All faults, in their order.
    pub const ALL: [Self; 12] = [
        Self::Throttled,
        Self::ThrottledSilently,
        Self::Down,
        Self::SecBlock,
        Self::GdeltText,
        Self::GdeltEmpty,
        Self::MissingTimestamp,
        Self::NullIv,
        Self::NewFields,
        Self::Stall,
        Self::CutBody,
        Self::WrongCompany,
    ];

    /// The name on command lines and in documents; none is that of a vendor's [`Fault`](crate::Fault).
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::ThrottledSilently => "throttled_silently",
            Self::Down => "down",
            Self::SecBlock => "sec_block",
            Self::GdeltText => "gdelt_text",
            Self::GdeltEmpty => "gdelt_empty",
            Self::MissingTimestamp => "missing_timestamp",
            Self::NullIv => "null_iv",
            Self::NewFields => "new_fields",
            Self::Stall => "stall",
            Self::CutBody => "cut_body",
            Self::WrongCompany => "wrong_company",
        }
    }

    /// The fault of this name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.key() == key)
    }

    /// Whether it can happen there.
    #[must_use]
    pub fn concerns(self, site: Site) -> bool {
        match self {
            Self::Throttled | Self::ThrottledSilently | Self::Down | Self::Stall | Self::CutBody => true,
            Self::SecBlock => site == Site::Sec,
            Self::GdeltText | Self::GdeltEmpty => site == Site::Gdelt,
            Self::MissingTimestamp => site == Site::Yahoo,
            Self::NullIv => matches!(site, Site::Cboe | Site::Yahoo),
            Self::NewFields => {
                !matches!(site, Site::Paper | Site::Reddit | Site::YouTube | Site::Treasury | Site::Finra)
            }
            Self::WrongCompany => {
                matches!(site, Site::Sec | Site::Yahoo | Site::Cboe | Site::Wikimedia | Site::StockTwits)
            }
        }
    }
}

/// How often each fault happens, as a share of the requests to sites where it can.
///
/// ```
/// use assize_loopback::{SiteFault, SiteFaults};
///
/// let faults = SiteFaults::none().with(SiteFault::Throttled, 0.1)?.with(SiteFault::WrongCompany, 0.05)?;
/// assert_eq!(faults.rate(SiteFault::Throttled), 0.1);
/// assert!(faults.with(SiteFault::Stall, 0.9).is_err(), "together they are more than all requests");
/// # Ok::<(), assize_loopback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SiteFaults {
    rates: [f64; SiteFault::ALL.len()],
}

impl SiteFaults {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self { rates: [0.0; SiteFault::ALL.len()] }
    }

    /// Each fault with the same share of `total`, 0.0 to 1.0. A site where not all of them can happen has fewer.
    ///
    /// # Errors
    /// When `total` is no share.
    pub fn evenly(total: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&total) {
            return Err(no_share("all faults", total));
        }
        let each = total / super::number::of_count(SiteFault::ALL.len());
        Ok(Self { rates: [each; SiteFault::ALL.len()] })
    }

    /// The same with this share of requests, 0.0 to 1.0, hit by this fault.
    ///
    /// # Errors
    /// When it is no share, or when all faults together hit more than all requests.
    pub fn with(mut self, fault: SiteFault, rate: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(no_share(fault.key(), rate));
        }
        self.rates[fault as usize] = rate;
        let total: f64 = self.rates.iter().sum();
        if total > 1.0 + 1e-9 {
            let message =
                format!("take faults that hit {total} of all requests; together they must hit at most 1");
            return Err(Error::new(ErrorKind::BadOptions, message));
        }
        Ok(self)
    }

    /// The share of requests that this fault hits where it can.
    #[must_use]
    pub fn rate(&self, fault: SiteFault) -> f64 {
        self.rates[fault as usize]
    }

    /// Which fault hits a request to a site, if any.
    pub(super) fn draw(&self, site: Site, chance: &mut Chance) -> Option<SiteFault> {
        let draw = chance.unit();
        let mut edge = 0.0;
        SiteFault::ALL.into_iter().filter(|fault| fault.concerns(site)).find(|fault| {
            edge += self.rate(*fault);
            draw < edge
        })
    }
}

fn no_share(of: &str, rate: f64) -> Error {
    Error::new(ErrorKind::BadOptions, format!("take {rate} as the rate of {of}; write a share from 0 to 1"))
}

#[cfg(test)]
mod tests {
    use assize_ambient::Seed;

    use super::*;
    use crate::Fault;

    #[test]
    fn keys_are_names_of_their_own() {
        for (index, fault) in SiteFault::ALL.into_iter().enumerate() {
            assert_eq!(SiteFault::from_key(fault.key()), Some(fault));
            assert_eq!(fault as usize, index, "rates are kept in this order");
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.key());
            assert_eq!(Fault::from_key(fault.key()), None, "one command line names both");
            assert!(Site::ALL.into_iter().any(|site| fault.concerns(site)));
        }
    }

    #[test]
    fn each_fault_comes_at_its_rate_where_it_can() {
        let faults = SiteFaults::none().with(SiteFault::GdeltText, 0.5).unwrap();
        let faults = faults.with(SiteFault::Stall, 0.25).unwrap();
        let mut chance = Seed::new(3).rng();
        let mut share =
            |site, fault| (0..20_000).filter(|_| faults.draw(site, &mut chance) == Some(fault)).count();
        assert!(share(Site::Gdelt, SiteFault::GdeltText).abs_diff(10_000) < 300);
        assert!(share(Site::Gdelt, SiteFault::Stall).abs_diff(5_000) < 250);
        assert_eq!(share(Site::Cboe, SiteFault::GdeltText), 0);
        assert!(
            SiteFaults::evenly(1.5).is_err() && SiteFaults::none().with(SiteFault::Down, f64::NAN).is_err()
        );
    }
}
