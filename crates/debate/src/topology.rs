//! Who hears whom.

use std::collections::BTreeSet;

use assize_ambient::Seed;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, SeatIndex};

/// Who hears whom. Evidence that anybody cites is seen by all, whatever the topology: it is an exhibit, not a whisper.
///
/// Fewer listeners cost fewer tokens; a published comparison lost less than 2 % of accuracy and saved most of the tokens
/// ("Sparse debate", arXiv 2502.04790).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Topology {
    /// Each hears all others.
    #[default]
    Complete,
    /// Each hears its two neighbours; the last seat is the first one's neighbour.
    Ring,
    /// The moderator hears all, the others hear the moderator alone.
    Star {
        /// Who stands in the middle.
        moderator: SeatIndex,
    },
    /// Each hears so many others, drawn once for the debate from its seed: whatever anybody says reaches all in time.
    Sparse {
        /// How many, at least 1 and fewer than there are seats.
        hears: u16,
    },
}

impl Topology {
    /// Whom each seat hears, by seat.
    #[must_use]
    pub fn audience(self, seats: usize, seed: Seed) -> Vec<BTreeSet<SeatIndex>> {
        let n = u16::try_from(seats).unwrap_or(u16::MAX);
        let others = |seat: u16| (0..n).filter(move |other| *other != seat).map(SeatIndex);
        let hears = |seat: u16| -> BTreeSet<SeatIndex> {
            match self {
                Self::Star { moderator } if moderator.0 != seat => [moderator].into(),
                Self::Ring if n > 1 => {
                    [(seat + 1) % n, (seat + n - 1) % n].into_iter().map(SeatIndex).collect()
                }
                _ => others(seat).collect(),
            }
        };
        let Self::Sparse { hears: few } = self else { return (0..n).map(hears).collect() };
        // A cycle through all seats in a drawn order: each hears those who follow it there.
        let mut cycle = (0..n).collect::<Vec<_>>();
        seed.child("topology").rng().shuffle(&mut cycle);
        let mut audience = vec![BTreeSet::new(); seats];
        for (place, seat) in cycle.iter().enumerate() {
            let following = cycle.iter().cycle().skip(place + 1).take(usize::from(few).min(seats - 1));
            audience[usize::from(*seat)] = following.copied().map(SeatIndex).collect();
        }
        audience
    }

    pub(crate) fn check(self, seats: usize) -> Result<(), Error> {
        match self {
            Self::Star { moderator } if moderator.get() >= seats => Err(Error::new(
                ErrorKind::BadSpec,
                format!(
                    "hold the debate: the moderator is seat {}, and the last one is {}",
                    moderator.0,
                    seats - 1
                ),
            )),
            Self::Sparse { hears } if hears == 0 || usize::from(hears) >= seats => Err(Error::new(
                ErrorKind::BadSpec,
                format!(
                    "hold the debate: each of {seats} seats can hear 1 to {} others, not {hears}",
                    seats - 1
                ),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn audience(topology: Topology, seats: usize) -> Vec<Vec<u16>> {
        let audience = topology.audience(seats, Seed::new(3));
        audience.iter().map(|hears| hears.iter().map(|seat| seat.0).collect()).collect()
    }

    #[test]
    fn each_topology_is_what_it_says() {
        assert_eq!(audience(Topology::Complete, 3), [[1, 2], [0, 2], [0, 1]]);
        assert_eq!(audience(Topology::Ring, 4), [[1, 3], [0, 2], [1, 3], [0, 2]]);
        assert_eq!(audience(Topology::Ring, 2), [[1], [0]]);
        assert_eq!(audience(Topology::Ring, 1), [Vec::<u16>::new()]);
        let star = Topology::Star { moderator: SeatIndex(1) };
        assert_eq!(audience(star, 3), [vec![1], vec![0, 2], vec![1]]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (topology, seats, is_good) in [
            (Topology::Complete, 1, true),
            (Topology::Star { moderator: SeatIndex(2) }, 3, true),
            (Topology::Star { moderator: SeatIndex(3) }, 3, false),
            (Topology::Sparse { hears: 0 }, 3, false),
            (Topology::Sparse { hears: 2 }, 3, true),
            (Topology::Sparse { hears: 3 }, 3, false),
        ] {
            assert_eq!(topology.check(seats).is_ok(), is_good, "{topology:?} of {seats}");
        }
    }

    proptest! {
        #[test]
        fn in_a_sparse_one_all_are_reached(seats in 2_usize..40, hears in 1_u16..5, seed: u64) {
            let hears = hears.min(u16::try_from(seats - 1).unwrap());
            let audience = Topology::Sparse { hears }.audience(seats, Seed::new(seed));
            for (seat, heard) in audience.iter().enumerate() {
                prop_assert_eq!(heard.len(), usize::from(hears));
                prop_assert!(heard.iter().all(|other| other.get() != seat));
            }
            let mut reached = BTreeSet::from([SeatIndex(0)]);
            for _ in 0..seats {
                let more: Vec<_> = reached.iter().flat_map(|seat| audience[seat.get()].iter().copied()).collect();
                reached.extend(more);
            }
            prop_assert_eq!(reached.len(), seats);
        }
    }
}
