//! What stands in the file of a stored index: its header and its records, as bytes.

use std::collections::BTreeSet;

use crate::{
    EmbedderIdentity, Error, ErrorKind, MAX_DIMENSIONS, MAX_ID_BYTES, MAX_TAG_BYTES, MAX_TAGS, TextHash,
    kernel::stride, rows::Label,
};

pub(super) const MAGIC: &[u8; 8] = b"ASZVECTR";
pub(super) const FORMAT_VERSION: u32 = 1;

/// The longest header: two names and some numbers.
pub(super) const MAX_HEADER: usize = 64 + 2 * MAX_ID_BYTES;

/// The longest record.
pub(super) const MAX_RECORD: usize = 64 + MAX_ID_BYTES + MAX_TAGS * (MAX_TAG_BYTES + 2) + 4 * MAX_DIMENSIONS;

const INSERT: u8 = 1;
const REMOVE: u8 = 2;

/// Whose vectors a file holds, and how many of its records a checkpoint wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) identity: EmbedderIdentity,
    pub(super) base_records: u64,
}

/// What happened to an entry.
#[derive(Debug)]
pub(super) enum Record {
    /// It was put in; the vector is padded.
    Insert { label: Label, unit: Vec<f32> },
    /// It was taken out.
    Remove { id: String },
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_text(&mut bytes, self.identity.id());
        put_text(&mut bytes, self.identity.version());
        bytes.extend_from_slice(&(self.identity.dimensions() as u64).to_le_bytes());
        bytes.push(u8::from(self.identity.is_semantic()));
        bytes.extend_from_slice(&self.base_records.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader(bytes);
        let (id, version) = (reader.text(MAX_ID_BYTES)?, reader.text(MAX_ID_BYTES)?);
        let dimensions = usize::try_from(u64::from_le_bytes(reader.take()?)).unwrap_or(usize::MAX);
        let is_semantic = reader.take::<1>()?;
        let base_records = u64::from_le_bytes(reader.take()?);
        reader.end()?;
        let identity = EmbedderIdentity::new(id, version, dimensions)
            .map_err(|cause| ErrorKind::Corrupt.error("its embedder is impossible").because(cause))?;
        let identity = match is_semantic {
            [0] => identity,
            [1] => identity.semantic(),
            _ => return Err(corrupt("it is neither semantic nor not")),
        };
        Ok(Self { identity, base_records })
    }
}

pub(super) fn encode_insert(label: &Label, unit: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + label.id.len() + unit.len() * 4);
    bytes.push(INSERT);
    put_text(&mut bytes, &label.id);
    match &label.text_hash {
        None => bytes.push(0),
        Some(hash) => {
            bytes.push(1);
            bytes.extend_from_slice(hash.as_bytes());
        }
    }
    bytes.push(u8::try_from(label.tags.len()).unwrap_or(u8::MAX)); // at most MAX_TAGS
    label.tags.iter().for_each(|tag| put_text(&mut bytes, tag));
    unit.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    bytes
}

pub(super) fn encode_remove(id: &str) -> Vec<u8> {
    let mut bytes = vec![REMOVE];
    put_text(&mut bytes, id);
    bytes
}

/// Reads a record with a vector of this many dimensions. Whatever the bytes are, what comes out is within all limits.
pub(super) fn decode(bytes: &[u8], dimensions: usize) -> Result<Record, Error> {
    let mut reader = Reader(bytes);
    let [kind] = reader.take()?;
    let id = reader.text(MAX_ID_BYTES)?;
    if id.is_empty() {
        return Err(corrupt("an id is empty"));
    }
    if kind == REMOVE {
        reader.end()?;
        return Ok(Record::Remove { id });
    }
    if kind != INSERT {
        return Err(corrupt("a record is of no known kind"));
    }
    let text_hash = match reader.take()? {
        [0] => None,
        [1] => Some(TextHash::from_bytes(reader.take()?)),
        _ => return Err(corrupt("a text's hash is neither there nor not")),
    };
    let [count] = reader.take()?;
    if usize::from(count) > MAX_TAGS {
        return Err(corrupt("an entry has too many tags"));
    }
    let mut tags = BTreeSet::new();
    for _ in 0..count {
        let tag = reader.text(MAX_TAG_BYTES)?;
        if tag.is_empty() || !tags.insert(tag) {
            return Err(corrupt("a tag is empty or there twice"));
        }
    }
    let mut unit = Vec::with_capacity(stride(dimensions));
    for _ in 0..dimensions {
        unit.push(f32::from_le_bytes(reader.take()?));
    }
    reader.end()?;
    let square = unit.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
    if !(0.999..=1.001).contains(&square) {
        return Err(corrupt("a vector is not of length 1"));
    }
    unit.resize(stride(dimensions), 0.0);
    Ok(Record::Insert { label: Label { id, tags, text_hash }, unit })
}

pub(super) fn corrupt(what: &str) -> Error {
    ErrorKind::Corrupt.error(what)
}

/// Names are shorter than 64 KiB.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| corrupt("a record is too short"))?;
        self.0 = rest;
        Ok(*head)
    }

    fn text(&mut self, most: usize) -> Result<String, Error> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        if length > most {
            return Err(corrupt("a name is too long"));
        }
        let (head, rest) = self.0.split_at_checked(length).ok_or_else(|| corrupt("a record is too short"))?;
        self.0 = rest;
        let text = std::str::from_utf8(head);
        text.map(str::to_owned).map_err(|cause| corrupt("a name is no UTF-8").because(cause))
    }

    fn end(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(corrupt("a record is too long")) }
    }
}
