//! A graph as bytes, and back from bytes that anybody may have written.

use super::{Graph, GraphShape, TOP_LEVEL};

const MAGIC: &[u8; 8] = b"ASZGRAPH";
const FORMAT_VERSION: u32 = 1;
const NO_ENTRY: u32 = u32::MAX;
const HASH: usize = 32;

impl Graph {
    /// The graph as bytes, over the table whose rows have this digest.
    pub(crate) fn to_bytes(&self, digest: &[u8; HASH]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.ground.len() * 4);
        bytes.extend_from_slice(MAGIC);
        for number in [FORMAT_VERSION, small(self.shape.neighbours), small(self.shape.build_breadth)] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(digest);
        for number in [small(self.slots()), self.entry.unwrap_or(NO_ENTRY)] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for slot in 0..small(self.slots()) {
            let level = self.level(slot);
            bytes.push(byte(level));
            for level in 0..=level {
                let links = self.links(slot, level);
                bytes.push(byte(links.len()));
                links.iter().for_each(|link| bytes.extend_from_slice(&link.to_le_bytes()));
            }
        }
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        bytes
    }

    /// More bytes than any graph of this shape over so many rows has.
    pub(crate) fn most_bytes(shape: GraphShape, rows: usize) -> u64 {
        let of_row = 2 + 8 * shape.neighbours + usize::from(TOP_LEVEL) * (1 + 4 * shape.neighbours);
        (256 + rows.saturating_mul(of_row)) as u64
    }

    /// The graph in `bytes`, if it has this shape and belongs to a table of `rows` rows with this digest. Otherwise why
    /// not.
    pub(crate) fn from_bytes(
        bytes: &[u8],
        shape: GraphShape,
        digest: &[u8; HASH],
        rows: usize,
    ) -> Result<Self, &'static str> {
        let (body, hash) = bytes.split_last_chunk::<HASH>().ok_or("it is too short")?;
        let mut reader = Reader(body);
        if reader.take::<8>()? != *MAGIC {
            return Err("it is no graph");
        }
        if reader.number()? != FORMAT_VERSION {
            return Err("it has another format");
        }
        if blake3::hash(body) != *hash {
            return Err("its checksum is wrong");
        }
        if [reader.number()?, reader.number()?] != [small(shape.neighbours), small(shape.build_breadth)] {
            return Err("it has another shape");
        }
        if reader.take::<HASH>()? != *digest {
            return Err("it belongs to other entries");
        }
        let (slots, entry) = (reader.number()?, reader.number()?);
        if slots as usize > rows {
            return Err("it has more rows than there are entries");
        }
        let mut graph = Self { shape, ..Self::default() };
        let mut links = Vec::new();
        for _ in 0..slots {
            let level = reader.take::<1>()?[0];
            if level > TOP_LEVEL {
                return Err("a row is too high");
            }
            let slot = graph.add_row(level.into()).ok_or("it has too many rows")?;
            for level in 0..=usize::from(level) {
                let count = usize::from(reader.take::<1>()?[0]);
                if count > graph.most_links(level) {
                    return Err("a row has too many links");
                }
                links.clear();
                for _ in 0..count {
                    links.push(reader.number()?);
                }
                graph.set_links(slot, level, &links);
            }
        }
        if !reader.0.is_empty() {
            return Err("it is too long");
        }
        graph.entry = (entry != NO_ENTRY).then_some(entry);
        graph.check()?;
        Ok(graph)
    }

    /// A checksum proves that nothing was damaged, not that whoever wrote it meant well: no link may lead to where there
    /// is no row.
    fn check(&self) -> Result<(), &'static str> {
        let slots = small(self.slots());
        let top = (0..slots).map(|slot| self.level(slot)).max();
        let entry = self.entry.map(|entry| if entry < slots { Some(self.level(entry)) } else { None });
        if entry != top.map(Some) {
            return Err("its entry is not on its highest level");
        }
        let leads_nowhere = |slot: u32, level: usize| {
            self.links(slot, level).iter().any(|&to| to >= slots || to == slot || self.level(to) < level)
        };
        if (0..slots).any(|slot| (0..=self.level(slot)).any(|level| leads_nowhere(slot, level))) {
            return Err("a link leads nowhere");
        }
        Ok(())
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("it is too short")?;
        self.0 = rest;
        Ok(*head)
    }

    fn number(&mut self) -> Result<u32, &'static str> {
        Ok(u32::from_le_bytes(self.take()?))
    }
}

/// Slots and shapes are small enough by construction.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Levels and numbers of links are small enough by construction.
fn byte(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
