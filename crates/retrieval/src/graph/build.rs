//! Taking rows into a graph.

use super::{Graph, TOP_LEVEL, walk::Walk};
use crate::{
    kernel::dot,
    rows::{Near, Precision, Rows},
};

/// From this cosine on two vectors differ by their rounding only.
const SAME_PLACE: f32 = 0.999_999;

/// One in this many of a row's neighbours may be in its own place.
const TWINS: usize = 4;

impl Graph {
    /// Links the next row of the table, which must have one; a dead one is left out.
    pub(crate) fn link_next(&mut self, rows: &Rows) {
        let next = u32::try_from(self.slots()).ok().and_then(|slot| rows.label(slot));
        let level = next.map_or(0, |label| self.level_of(&label.id));
        let is_live = next.is_some();
        let Some(slot) = self.add_row(level) else { return };
        if is_live {
            self.link(rows, slot);
        } else {
            self.set_free(slot);
        }
    }

    /// Links a row that was put into a slot from [`take_free`](Self::take_free).
    pub(crate) fn link_again(&mut self, rows: &Rows, slot: u32) {
        if let Some(label) = rows.label(slot) {
            self.set_level(slot, self.level_of(&label.id));
            self.link(rows, slot);
        }
    }

    /// The level that a row with this id reaches: each is reached by one in `neighbours` (rounded down to a power of two)
    /// of those that reach the one below.
    pub(super) fn level_of(&self, id: &str) -> usize {
        let digest = blake3::hash(id.as_bytes());
        let mut head = [0; 8];
        head.copy_from_slice(&digest.as_bytes()[..8]);
        let zeros = u64::from_le_bytes(head).leading_zeros();
        (zeros / self.shape.neighbours.ilog2()).min(u32::from(TOP_LEVEL)) as usize
    }

    /// Links a row that has room but is not linked, or no longer. How many rows it was compared with to find its place.
    pub(super) fn link(&mut self, rows: &Rows, slot: u32) -> usize {
        let own_level = self.level(slot);
        let aim = rows.aim(slot);
        let mut walk = Walk::new(self, rows, aim);
        let Some(start) = walk.descend(own_level) else {
            self.entry = Some(slot);
            return 0;
        };
        let entry_level = self.entry.map_or(0, |entry| self.level(entry));
        let (mut starts, mut compared) = (vec![start], walk.compared);
        let mut is_alone = true;
        for level in (0..=own_level.min(entry_level)).rev() {
            // Through dead rows a walk may lead, but nobody is linked to one anew.
            let may_be_linked = |met| met != slot && rows.is_live(met);
            let (breadth, count) = (self.shape.build_breadth, self.shape.neighbours);
            let mut walk = Walk::new(self, rows, aim);
            let mut near = walk.run(&starts, breadth, level, may_be_linked);
            let mut precision = rows.precision_for(aim, &near, count - 1, usize::MAX);
            if precision == Precision::Full {
                walk = walk.by(precision);
                near = walk.run(&starts, breadth, level, may_be_linked);
            } else if rows.precision_for(aim, &near, 0, count - 1) == Precision::Full {
                let slots = near.iter().map(|near| near.slot()).collect::<Vec<_>>();
                (near, precision) = rows.by_nearness(slot, &slots, Precision::Full);
            }
            compared += walk.compared;
            let links = choose(rows, slot, &near, count, precision);
            self.set_links(slot, level, &links);
            for to in links {
                self.link_back(rows, to, slot, level, precision);
            }
            is_alone = near.is_empty();
            if !is_alone {
                starts = near;
            }
        }
        // When it met only dead rows, nobody else would lead to it.
        if own_level > entry_level || is_alone {
            self.entry = Some(slot);
        }
        compared
    }

    /// Adds a link from `of` to `to`; where there are too many, keeps the best spread of them.
    fn link_back(&mut self, rows: &Rows, of: u32, to: u32, level: usize, precision: Precision) {
        let mut links = self.links(of, level).to_vec();
        if links.contains(&to) {
            return;
        }
        links.push(to);
        let most = self.most_links(level);
        if links.len() > most {
            let (near, precision) = rows.by_nearness(of, &links, precision);
            links = choose(rows, of, &near, most, precision);
        }
        self.set_links(of, level, &links);
    }
}

/// Chooses neighbours of a row in all directions: a candidate that is nearer to one already chosen than to the row itself
/// can be reached through that one (algorithm 4 of the paper). Of those in the row's own place only some are chosen, or
/// many equal vectors would be linked to nobody else. `near` is sorted.
fn choose(rows: &Rows, of: u32, near: &[Near], most: usize, precision: Precision) -> Vec<u32> {
    let mut chosen = Vec::with_capacity(most);
    choose_more(rows, of, &mut chosen, near, most, precision);
    chosen
}

/// The same where some are chosen already, none of them among `near`.
pub(super) fn choose_more(
    rows: &Rows,
    of: u32,
    chosen: &mut Vec<u32>,
    near: &[Near],
    most: usize,
    precision: Precision,
) {
    let (mut twins, mut products) = (0, Vec::new());
    for candidate in near {
        if chosen.len() == most {
            break;
        }
        if are_twins(rows, of, *candidate) {
            if twins < most.div_ceil(TWINS) {
                chosen.push(candidate.slot());
                twins += 1;
            }
            continue;
        }
        let aim = rows.aim(candidate.slot());
        // The last chosen are the likeliest to be near; a few at a time, so that most candidates cost a few products.
        let is_covered = chosen.rchunks(4).any(|some| {
            rows.products_by(precision, aim, some, &mut products);
            products.iter().any(|product| Near::new(*product, 0).farness() < candidate.farness())
        });
        if !is_covered {
            chosen.push(candidate.slot());
        }
    }
}

/// Whether two rows are in the same place. Codes can tell that they are not.
fn are_twins(rows: &Rows, of: u32, near: Near) -> bool {
    let codes = rows.codes();
    near.product() + codes.doubt(codes.probe(of), near.slot()) >= SAME_PLACE
        && dot(rows.padded(of), rows.padded(near.slot())) >= SAME_PLACE
}
