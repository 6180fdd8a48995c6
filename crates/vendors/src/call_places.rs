//! Which tool call a piece of a stream belongs to.

use std::collections::BTreeMap;

/// Where the tool calls of a reply stand, in the order in which they first came.
///
/// Servers number the pieces in ways of their own: from zero, from one, all with zero but with an id each, not at all, with
/// the id in every piece or in the first alone.
#[derive(Debug, Default)]
pub(crate) struct CallPlaces {
    by_index: BTreeMap<u64, usize>,
    ids: Vec<String>,
}

impl CallPlaces {
    /// The place of the call that a piece with this index and id belongs to; `begins` says that the piece names its tool.
    pub(crate) fn place(&mut self, index: Option<u64>, id: &str, begins: bool) -> usize {
        let known = match index {
            Some(index) => self.by_index.get(&index).copied(),
            None if id.is_empty() => self.ids.len().checked_sub(1).filter(|_| !begins),
            None => self.ids.iter().position(|own| own == id),
        };
        // Two calls under one index are told apart by their ids.
        let is_other = |place: &usize| {
            begins && !id.is_empty() && self.ids.get(*place).is_some_and(|own| !own.is_empty() && own != id)
        };
        let place = match known.filter(|place| !is_other(place)) {
            Some(place) => place,
            None => {
                self.ids.push(String::new());
                self.ids.len() - 1
            }
        };
        if let Some(own) = self.ids.get_mut(place).filter(|own| own.is_empty()) {
            id.clone_into(own);
        }
        if let Some(index) = index {
            self.by_index.insert(index, place);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_find_their_call() {
        type Piece = (Option<u64>, &'static str, bool);
        let cases: [(&str, &[Piece], &[usize]); 8] = [
            (
                "numbered",
                &[(Some(0), "a", true), (Some(0), "", false), (Some(1), "b", true), (Some(0), "", false)],
                &[0, 0, 1, 0],
            ),
            (
                "numbered from one",
                &[(Some(1), "a", true), (Some(2), "b", true), (Some(1), "", false)],
                &[0, 1, 0],
            ),
            (
                "one number for all",
                &[(Some(0), "a", true), (Some(0), "b", true), (Some(0), "", false)],
                &[0, 1, 1],
            ),
            ("the id in every piece", &[(Some(0), "a", true), (Some(0), "a", true)], &[0, 0]),
            ("another id in every piece", &[(Some(0), "a", true), (Some(0), "x", false)], &[0, 0]),
            (
                "no numbers",
                &[(None, "a", true), (None, "", false), (None, "b", true), (None, "a", false)],
                &[0, 0, 1, 0],
            ),
            ("neither numbers nor ids", &[(None, "", true), (None, "", false), (None, "", true)], &[0, 0, 1]),
            (
                "the id comes late",
                &[(Some(7), "", true), (Some(7), "a", true), (Some(7), "", false)],
                &[0, 0, 0],
            ),
        ];
        for (what, pieces, expected) in cases {
            let mut places = CallPlaces::default();
            let found: Vec<usize> =
                pieces.iter().map(|(index, id, begins)| places.place(*index, id, *begins)).collect();
            assert_eq!(found, expected, "{what}");
        }
    }
}
