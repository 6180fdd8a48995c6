//! The put-call ratio.

use super::chain::{Chain, Contract, Right, as_f64};

/// A ratio above this is flagged.
pub const HIGH_PUT_CALL: f64 = 1.2;

/// A ratio below this is flagged.
pub const LOW_PUT_CALL: f64 = 0.4;

/// Puts by calls. What is usual differs from one underlying to the next: hold it against its own past with
/// [`z_score`](super::z_score) where there is one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PutCall {
    /// Puts traded, by calls traded; none if no call was.
    pub by_volume: Option<f64>,
    /// Puts open, by calls open; none if no call is.
    pub by_open_interest: Option<f64>,
    /// Puts traded.
    pub put_volume: u64,
    /// Calls traded.
    pub call_volume: u64,
    /// Puts open.
    pub put_open_interest: u64,
    /// Calls open.
    pub call_open_interest: u64,
}

/// Whether a ratio is far out in absolute terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutCallFlag {
    /// Above [`HIGH_PUT_CALL`]: many puts.
    High,
    /// Below [`LOW_PUT_CALL`]: many calls.
    Low,
}

impl PutCallFlag {
    /// The flag of a ratio, if it deserves one.
    #[must_use]
    pub fn of(ratio: Option<f64>) -> Option<Self> {
        match ratio? {
            ratio if ratio > HIGH_PUT_CALL => Some(Self::High),
            ratio if ratio < LOW_PUT_CALL => Some(Self::Low),
            _ => None,
        }
    }
}

/// The ratio over all contracts that have not expired.
#[must_use]
pub fn put_call(chain: &Chain) -> PutCall {
    let sum = |right: Right, of: fn(&Contract) -> Option<u64>| {
        let contracts = chain.live().filter(|contract| contract.symbol.right == right);
        contracts.filter_map(of).fold(0_u64, u64::saturating_add)
    };
    let ratio = |puts: u64, calls: u64| (calls > 0).then(|| as_f64(puts) / as_f64(calls));
    let (put_volume, call_volume) =
        (sum(Right::Put, |contract| contract.volume), sum(Right::Call, |contract| contract.volume));
    let (put_open_interest, call_open_interest) = (
        sum(Right::Put, |contract| contract.open_interest),
        sum(Right::Call, |contract| contract.open_interest),
    );
    PutCall {
        by_volume: ratio(put_volume, call_volume),
        by_open_interest: ratio(put_open_interest, call_open_interest),
        put_volume,
        call_volume,
        put_open_interest,
        call_open_interest,
    }
}
