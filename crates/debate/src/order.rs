//! Who speaks when.

use serde::{Deserialize, Serialize};

use crate::SeatIndex;

/// Who speaks when, within a round.
///
/// Whatever the order, the first round is blind unless the debate says otherwise
/// ([`Spec::blind_first`](crate::Spec::blind_first)): all speak at once and have heard nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Order {
    /// All at once: each hears what was said before the round.
    #[default]
    Simultaneous,
    /// One after another by seat: each hears what was said before it, in this round too.
    Sequential,
    /// The same, where the one who begins moves on by one seat each round, so that no seat always has the last word.
    RoundRobin,
}

impl Order {
    /// Whether a round takes its turns one after another.
    #[must_use]
    pub const fn is_one_by_one(self) -> bool {
        !matches!(self, Self::Simultaneous)
    }

    /// The seats in the order in which they speak in this round, of so many.
    pub fn sequence(self, round: u32, seats: usize) -> impl Iterator<Item = SeatIndex> {
        let n = u16::try_from(seats).unwrap_or(u16::MAX);
        let first = match self {
            Self::Simultaneous | Self::Sequential => 0,
            Self::RoundRobin => u16::try_from(round % u32::from(n.max(1))).unwrap_or(0),
        };
        (first..n).chain(0..first).map(SeatIndex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_speaker_moves_on_in_a_round_robin_alone() {
        let of = |order: Order, round| order.sequence(round, 3).map(|seat| seat.0).collect::<Vec<_>>();
        for round in 0..5 {
            assert_eq!(of(Order::Simultaneous, round), [0, 1, 2]);
            assert_eq!(of(Order::Sequential, round), [0, 1, 2]);
        }
        assert_eq!([0, 1, 2, 3].map(|round| of(Order::RoundRobin, round)[0]), [0, 1, 2, 0]);
        assert_eq!(of(Order::RoundRobin, 2), [2, 0, 1]);
        assert_eq!(Order::RoundRobin.sequence(7, 0).count(), 0);
    }
}
