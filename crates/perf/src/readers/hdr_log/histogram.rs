//! The encodings of one histogram.
//!
//! After `org.HdrHistogram.AbstractHistogram`: a cookie says the version (V0 to V2) and whether the rest is deflated. The
//! counts are words of 2, 4 or 8 bytes, or from V2 on ZigZag LEB128, in which a negative number is a run of zeros.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// How large a histogram may be once it is unpacked. The largest that HdrHistogram itself makes, with five digits over
/// all of its range, has 54 MiB.
const UNPACKED: u64 = 64 * 1024 * 1024;

/// The values of one interval: from, to (both included) and how many, in rising order.
#[derive(Debug)]
pub(super) struct Histogram {
    pub(super) counts: Vec<(u64, u64, u64)>,
}

impl Histogram {
    /// Decodes the payload of a line.
    pub(super) fn decode(base64: &str) -> Result<Self, String> {
        let packed = bytes_of(base64).ok_or("its histogram is no base64")?;
        let mut bytes = Bytes(&packed);
        let cookie = bytes.u32()?;
        match cookie & !0xf0 {
            0x1c84_9302 | 0x1c84_9304 | 0x1c84_9309 => {
                let length = usize::try_from(bytes.u32()?).unwrap_or(usize::MAX);
                let deflated = bytes.0.get(..length).ok_or("its histogram is cut")?;
                let mut unpacked = Vec::new();
                ZlibDecoder::new(deflated)
                    .take(UNPACKED)
                    .read_to_end(&mut unpacked)
                    .map_err(|e| format!("its histogram could not be unpacked ({e})"))?;
                Self::plain(&unpacked)
            }
            0x0c72_124e | 0x0c72_124f => {
                Err("it holds a histogram of floating-point values, which is not read".to_owned())
            }
            _ => Self::plain(&packed),
        }
    }

    fn plain(bytes: &[u8]) -> Result<Self, String> {
        let mut bytes = Bytes(bytes);
        let cookie = bytes.u32()?;
        let (digits, lowest) = match cookie & !0xf0 {
            0x1c84_9301 | 0x1c84_9303 => {
                let length = usize::try_from(bytes.u32()?).unwrap_or(usize::MAX);
                if bytes.u32()? != 0 {
                    return Err("its histogram is a shifted one, which is not read".to_owned());
                }
                let (digits, lowest) = (bytes.u32()?, bytes.u64()?);
                let (_highest, _ratio) = (bytes.u64()?, bytes.u64()?);
                bytes.0 = bytes.0.get(..length).ok_or("its histogram is cut")?;
                (digits, lowest)
            }
            0x1c84_9308 => {
                let (digits, lowest) = (bytes.u32()?, bytes.u64()?);
                let (_highest, _total) = (bytes.u64()?, bytes.u64()?);
                (digits, lowest)
            }
            _ => return Err(format!("its histogram begins with {cookie:#010x}, which is not known")),
        };
        let ranges = Ranges::new(digits, lowest)?;
        let word = Word::of(cookie)?;
        let mut counts = Vec::new();
        let mut index = 0_u64;
        while !bytes.0.is_empty() {
            let count = bytes.word(word)?;
            match u64::try_from(count) {
                Ok(0) => index += 1,
                Ok(count) => {
                    let (low, high) = ranges.of(index).ok_or("its histogram holds a value beyond 2^63")?;
                    counts.push((low, high, count));
                    index += 1;
                }
                Err(_) if word == Word::Variable => index = index.saturating_add(count.unsigned_abs()),
                Err(_) => return Err("its histogram holds a count below zero".to_owned()),
            }
        }
        Ok(Self { counts })
    }
}

/// How a count is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Fixed(usize),
    Variable,
}

impl Word {
    fn of(cookie: u32) -> Result<Self, String> {
        match (cookie & !0xf0, (cookie & 0xf0) >> 4) {
            (0x1c84_9303, _) => Ok(Self::Variable),
            (_, 2) => Ok(Self::Fixed(2)),
            (_, 4) => Ok(Self::Fixed(4)),
            (_, 8) => Ok(Self::Fixed(8)),
            (_, size) => Err(format!("its histogram has words of {size} bytes, which is not known")),
        }
    }
}

/// Which values an index stands for.
struct Ranges {
    /// The power of two of the values in the first half of a bucket.
    half: u32,
    /// The power of two of the smallest value that is told apart.
    unit: u32,
}

impl Ranges {
    fn new(digits: u32, lowest: u64) -> Result<Self, String> {
        if digits > 5 || lowest == 0 {
            return Err(format!("its histogram has {digits} digits from {lowest} on, which cannot be"));
        }
        // Twice as many steps as the digits need, rounded up to a power of two.
        let steps: u64 = 2 * 10_u64.pow(digits);
        Ok(Self { half: steps.next_power_of_two().ilog2().max(1) - 1, unit: lowest.ilog2() })
    }

    fn of(&self, index: u64) -> Option<(u64, u64)> {
        let half = 1_u64 << self.half;
        let (bucket, step) = match (index >> self.half).checked_sub(1) {
            Some(bucket) => (u32::try_from(bucket).ok()?, (index & (half - 1)) + half),
            None => (0, index),
        };
        let shift = bucket.checked_add(self.unit).filter(|shift| *shift < 63)?;
        let size = 1_u64 << shift;
        let low = step.checked_mul(size)?;
        let high = low.checked_add(size - 1)?;
        (high < 1 << 63).then_some((low, high))
    }
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or("its histogram is cut")?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.take().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, String> {
        self.take().map(u64::from_be_bytes)
    }

    fn word(&mut self, word: Word) -> Result<i64, String> {
        match word {
            Word::Fixed(2) => self.take().map(i16::from_be_bytes).map(i64::from),
            Word::Fixed(4) => self.take().map(i32::from_be_bytes).map(i64::from),
            Word::Fixed(_) => self.take().map(i64::from_be_bytes),
            Word::Variable => self.variable(),
        }
    }

    /// ZigZag LEB128 of at most nine bytes, of which the ninth has all its bits.
    fn variable(&mut self) -> Result<i64, String> {
        let mut value = 0_u64;
        for place in 0..9 {
            let [byte] = self.take::<1>()?;
            if place == 8 {
                value |= u64::from(byte) << 56;
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }
}

/// Base64 with the usual alphabet, its padding wanted or not.
fn bytes_of(base64: &str) -> Option<Vec<u8>> {
    let text = base64.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.chunks(4) {
        let mut bits = 0_u32;
        for &letter in chunk {
            let six = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        let missing = 4 - chunk.len();
        if missing == 3 {
            return None;
        }
        bits <<= 6 * missing;
        bytes.extend(bits.to_be_bytes().get(1..4 - missing)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        let cases: [(&str, Option<&[u8]>); 6] = [
            ("", Some(b"")),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("Zm9vY", None),
            ("Zm9*", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(bytes_of(text).as_deref(), bytes, "{text}");
        }
    }

    #[test]
    fn numbers_of_variable_length_are_decoded() {
        let cases: [(&[u8], i64); 6] = [
            (&[0], 0),
            (&[1], -1),
            (&[2], 1),
            (&[0x80, 0x01], 64),
            (&[0xff; 9], i64::MIN),
            (&[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], i64::MAX),
        ];
        for (bytes, value) in cases {
            assert_eq!(Bytes(bytes).variable().unwrap(), value, "{bytes:?}");
        }
        assert!(Bytes(&[0x80]).variable().is_err());
    }

    /// A V1 histogram with words of two bytes, of three digits: 1, 2047, 2048 and 4096 each so often.
    #[test]
    fn fixed_words_are_counts() {
        let mut plain = Vec::new();
        let counts: Vec<(usize, i16)> = vec![(1, 3), (2_047, 5), (2_048, 7), (3_072, 2)];
        plain.extend(0x1c84_9321_u32.to_be_bytes());
        let mut payload = vec![0_u8; 2 * 3_073];
        for (index, count) in counts {
            payload[2 * index..2 * index + 2].copy_from_slice(&count.to_be_bytes());
        }
        plain.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
        plain.extend(0_u32.to_be_bytes());
        plain.extend(3_u32.to_be_bytes());
        plain.extend(1_u64.to_be_bytes());
        plain.extend(3_600_000_000_u64.to_be_bytes());
        plain.extend(1.0_f64.to_be_bytes());
        plain.extend(payload);
        let read = Histogram::plain(&plain).unwrap();
        assert_eq!(read.counts, [(1, 1, 3), (2_047, 2_047, 5), (2_048, 2_049, 7), (4_096, 4_099, 2)]);
        for end in 0..plain.len() {
            assert!(Histogram::plain(&plain[..end]).is_err());
        }
    }
}
