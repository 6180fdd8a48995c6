//! An entry as it is on disk: bound to its key by a checksum, compressed where that is worth it.

use bytes::Bytes;

use crate::{Key, Stored};

use super::limits::{LARGEST_ENTRY_BYTES, Limits};

/// Values above so many bytes are compressed, if that makes them smaller by an eighth.
const COMPRESSED_ABOVE: usize = 1024;
const CHECKSUM_BYTES: usize = 16;
/// The codec, the length before compression, the checksum.
const HEAD_BYTES: usize = 1 + 4 + CHECKSUM_BYTES;
const PLAIN: u8 = 0;
/// An LZ4 block. Zstandard, in pure Rust as well, made JSON documents of 3 to 28 kB a fifth smaller still and took three
/// times as long for it, both ways.
const LZ4: u8 = 1;

/// Writes the entry, or says how long it is if that is more than `limits` allow. Codec (u8), length of the envelope (u32,
/// little-endian), the first 16 bytes of BLAKE3 over codec, length, length of the key, key and what follows; the envelope.
pub(super) fn encode(key: &Key, entry: &Stored, limits: Limits) -> Result<Vec<u8>, u64> {
    let raw = entry.encode();
    let raw_bytes = u32::try_from(raw.len()).unwrap_or(u32::MAX);
    if u64::from(raw_bytes) > limits.largest_entry() {
        return Err(raw.len() as u64);
    }
    let compressed = (entry.value().len() > COMPRESSED_ABOVE)
        .then(|| lz4_flex::block::compress(&raw))
        .filter(|compressed| compressed.len() < raw.len() / 8 * 7);
    let (codec, payload) = compressed.as_deref().map_or((PLAIN, &raw[..]), |compressed| (LZ4, compressed));
    let mut out = Vec::with_capacity(HEAD_BYTES + payload.len());
    out.push(codec);
    out.extend(raw_bytes.to_le_bytes());
    out.extend(checksum(key, codec, raw_bytes, payload));
    out.extend(payload);
    Ok(out)
}

/// Reads what [`encode`] wrote for this key. `None` for anything else.
pub(super) fn decode(key: &Key, body: &[u8]) -> Option<Stored> {
    let (&[codec], rest) = body.split_first_chunk::<1>()?;
    let (&raw_bytes, rest) = rest.split_first_chunk::<4>()?;
    let (sum, payload) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
    let raw_bytes = u32::from_le_bytes(raw_bytes);
    if u64::from(raw_bytes) > LARGEST_ENTRY_BYTES || checksum(key, codec, raw_bytes, payload) != *sum {
        return None;
    }
    let raw = match codec {
        PLAIN => Bytes::copy_from_slice(payload),
        LZ4 => lz4_flex::block::decompress(payload, usize::try_from(raw_bytes).ok()?).ok()?.into(),
        _ => return None,
    };
    Stored::decode(&raw).ok()
}

fn checksum(key: &Key, codec: u8, raw_bytes: u32, payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[codec]).update(&raw_bytes.to_le_bytes());
    hasher.update(&(key.as_str().len() as u64).to_le_bytes()).update(key.as_str().as_bytes()).update(payload);
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..CHECKSUM_BYTES]);
    sum
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use assize_ambient::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::Namespace;

    fn key(text: &str) -> Key {
        Namespace::new("body", 1).unwrap().key(text).unwrap()
    }

    fn stored(value: Vec<u8>) -> Stored {
        Stored::new(value, Timestamp::UNIX_EPOCH, Duration::from_secs(60))
    }

    #[test]
    fn what_shrinks_is_compressed() {
        let limits = Limits::new(1 << 30);
        let text = "{\"role\":\"user\",\"content\":\"the margin fell\"}".repeat(100).into_bytes();
        let mut noise = vec![0; 5000];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        for (value, codec) in [
            (Vec::new(), PLAIN),
            (vec![b'a'; 1024], PLAIN),
            (vec![b'a'; 1025], LZ4),
            (text, LZ4),
            (noise, PLAIN),
        ] {
            let entry = stored(value);
            let body = encode(&key("k"), &entry, limits).unwrap();
            assert_eq!(body[0], codec, "{} bytes", entry.value().len());
            assert_eq!(decode(&key("k"), &body), Some(entry));
        }
    }

    #[test]
    fn every_single_wrong_byte_and_every_other_key_is_found() {
        let limits = Limits::new(0);
        for value in [b"value".to_vec(), vec![b'a'; 2000]] {
            let body = encode(&key("k"), &stored(value), limits).unwrap();
            assert_eq!(decode(&key("l"), &body), None);
            for at in 0..body.len() {
                let mut bad = body.clone();
                bad[at] ^= 1;
                assert_eq!(decode(&key("k"), &bad), None, "byte {at}");
                assert_eq!(decode(&key("k"), &body[..at]), None, "cut at {at}");
            }
        }
    }

    #[test]
    fn the_limit_is_kept_when_it_is_written() {
        let (small, large) = (Limits::new(0), Limits::new(1 << 30));
        let entry = stored(vec![b'a'; 300_000]);
        assert!(encode(&key("k"), &entry, small).unwrap_err() > 300_000);
        let body = encode(&key("k"), &entry, large).unwrap();
        assert_eq!(decode(&key("k"), &body), Some(entry), "whatever the limit of who reads");
    }

    proptest! {
        #[test]
        fn any_value_comes_back(value in prop::collection::vec(any::<u8>(), 0..5000), times in 1..4_usize) {
            let entry = stored(value.repeat(times));
            let body = encode(&key("k"), &entry, Limits::new(1 << 30)).unwrap();
            prop_assert_eq!(decode(&key("k"), &body), Some(entry));
        }
    }
}
