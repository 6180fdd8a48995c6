//! One vector, as servers write it: a list of numbers, or base64 of four bytes each.

use std::fmt;

use assize_retrieval::MAX_DIMENSIONS;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};

/// A vector as it was sent, or why it cannot be read; of one that is longer than any may be, its beginning.
#[derive(Debug)]
pub(super) struct Vector(pub(super) Result<Vec<f32>, &'static str>);

impl Default for Vector {
    /// What has no vector has none of the dimensions that are wanted.
    fn default() -> Self {
        Self(Ok(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VectorVisitor)
    }
}

struct VectorVisitor;

impl<'de> Visitor<'de> for VectorVisitor {
    type Value = Vector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers, or base64")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vector, A::Error> {
        let mut vector = Vec::new();
        // Servers whose JSON has no word for it write null for what is no number.
        while vector.len() <= MAX_DIMENSIONS
            && let Some(component) = items.next_element::<Option<f32>>()?
        {
            vector.push(component.unwrap_or(f32::NAN));
        }
        if vector.len() > MAX_DIMENSIONS {
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(Vector(Ok(vector)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vector, E> {
        Ok(Vector(floats(text).ok_or("a vector is no base64 of four bytes a component")))
    }

    fn visit_unit<E: Error>(self) -> Result<Vector, E> {
        Ok(Vector::default())
    }
}

const NO_DIGIT: u8 = 0xff;

/// The value of each base64 digit.
static VALUES: [u8; 256] = {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NO_DIGIT; 256];
    let mut value = 0_u8;
    while value < 64 {
        values[digits[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Reads base64 (RFC 4648, padded or not) of 32-bit floats, the lowest byte first, straight into their place; of more than
/// any vector may have, the beginning.
fn floats(text: &str) -> Option<Vec<f32>> {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if digits.len() < text.len() && !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = digits.as_bytes();
    let bytes = digits.len() * 6 / 8;
    if digits.len() % 4 == 1 || !bytes.is_multiple_of(4) {
        return None;
    }
    let most = MAX_DIMENSIONS + 1;
    let mut vector = Vec::with_capacity((bytes / 4).min(most));
    let (mut bits, mut n_bits) = (0_u64, 0_u32);
    for digit in digits {
        let value = VALUES[usize::from(*digit)];
        if value == NO_DIGIT {
            return None;
        }
        bits = bits << 6 | u64::from(value);
        n_bits += 6;
        if n_bits >= 32 && vector.len() < most {
            n_bits -= 32;
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is meant")]
            let word = (bits >> n_bits) as u32;
            vector.push(f32::from_le_bytes(word.to_be_bytes()));
        }
    }
    Some(vector)
}

/// The vector with length 1, or why it cannot have it.
pub(super) fn normalised(mut vector: Vec<f32>, dimensions: Option<usize>) -> Result<Vec<f32>, String> {
    if let Some(wanted) = dimensions.filter(|wanted| *wanted != vector.len()) {
        let (found, more) = (vector.len().min(MAX_DIMENSIONS), vector.len() > MAX_DIMENSIONS);
        let more = if more { "more than " } else { "" };
        return Err(format!("a vector has {more}{found} dimensions, not {wanted}"));
    }
    if !(1..=MAX_DIMENSIONS).contains(&vector.len()) {
        return Err(format!("a vector does not have 1 to {MAX_DIMENSIONS} dimensions"));
    }
    if !vector.iter().all(|component| component.is_finite()) {
        return Err("a vector has a component that is no finite number".to_owned());
    }
    let square = vector.iter().map(|component| f64::from(*component) * f64::from(*component)).sum::<f64>();
    if square == 0.0 {
        return Err("a vector is zero and has no direction".to_owned());
    }
    let length = square.sqrt();
    for component in &mut vector {
        #[expect(clippy::cast_possible_truncation, reason = "it is between -1 and 1")]
        let scaled = (f64::from(*component) / length) as f32;
        *component = scaled;
    }
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Result<Vec<f32>, String> {
        serde_json::from_str::<Vector>(json).map_err(|e| e.to_string())?.0.map_err(str::to_owned)
    }

    #[test]
    fn what_servers_write() {
        // Base64 by Python: base64.b64encode(struct.pack("<2f", 0.5, -2.0)), and the same of three and of one.
        for (json, vector) in [
            ("[0.5, -2, 1e0]", &[0.5, -2.0, 1.0][..]),
            ("[]", &[]),
            ("null", &[]),
            (r#""AAAAPwAAAMA=""#, &[0.5, -2.0]),
            (r#""AAAAPwAAAMA""#, &[0.5, -2.0]),
            (r#""AAAAPwAAAMAAAIA\/""#, &[0.5, -2.0, 1.0]),
            (r#""AAAAPw==""#, &[0.5]),
            (r#""""#, &[]),
        ] {
            assert_eq!(read(json).unwrap(), vector, "{json}");
        }
        assert!(read("[null]").unwrap()[0].is_nan());
    }

    #[test]
    fn what_is_no_vector() {
        for json in [
            "{}",
            "7",
            "[[0.5]]",
            "[\"0.5\"]",
            "[NaN]",
            "[1e39]",
            r#""AAAAPw=""#,
            r#""AAAAPwA""#,
            r#""AAAAPwA=""#,
            r#""AAA""#,
            r#""A""#,
            r#""AAAA Pw=""#,
            r#""====""#,
            r#""AAAA_w==""#,
            r#""éAAAPw""#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn no_more_is_kept_than_any_vector_has() {
        let numbers = format!("[{}0]", "0,".repeat(3 * MAX_DIMENSIONS));
        let base64 = format!("\"{}\"", "AAAAPwAAAMAAAIA/".repeat(MAX_DIMENSIONS));
        for json in [numbers, base64] {
            let vector = read(&json).unwrap();
            assert_eq!(vector.len(), MAX_DIMENSIONS + 1);
            let why = normalised(vector, Some(3)).unwrap_err();
            assert_eq!(why, format!("a vector has more than {MAX_DIMENSIONS} dimensions, not 3"));
        }
    }

    #[test]
    fn checked_and_made_one_long() {
        assert_eq!(normalised(vec![3.0, -4.0], Some(2)), Ok(vec![0.6, -0.8]));
        assert_eq!(normalised(vec![1e-40, 0.0], None), Ok(vec![1.0, 0.0]), "however short it was");
        let long = normalised(vec![f32::MAX, f32::MAX], Some(2)).unwrap();
        assert!(long.iter().all(|component| (component - 0.5_f32.sqrt()).abs() < 1e-6), "{long:?}");
        for (vector, dimensions, why) in [
            (vec![1.0], Some(2), "a vector has 1 dimensions, not 2"),
            (vec![], Some(2), "a vector has 0 dimensions, not 2"),
            (vec![], None, "a vector does not have 1 to 8192 dimensions"),
            (vec![0.0, -0.0], None, "a vector is zero and has no direction"),
            (vec![1.0, f32::NAN], None, "a vector has a component that is no finite number"),
            (vec![f32::NEG_INFINITY], None, "a vector has a component that is no finite number"),
        ] {
            assert_eq!(normalised(vector, dimensions), Err(why.to_owned()));
        }
    }

    /// Base64 by shifting bits one at a time, as the RFC has it.
    fn base64(bytes: &[u8]) -> String {
        let mut bits: Vec<u8> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1)).collect();
        bits.resize(bits.len().div_ceil(6) * 6, 0);
        let value = |six: &[u8]| six.iter().fold(0, |value, bit| value << 1 | bit);
        let digit = |value: u8| VALUES.iter().position(|own| *own == value).unwrap();
        let mut text: String =
            bits.chunks(6).map(|six| char::from(u8::try_from(digit(value(six))).unwrap())).collect();
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        text
    }

    proptest! {
        #[test]
        fn floats_come_back_bit_for_bit(bits in prop::collection::vec(any::<u32>(), 0..40)) {
            let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
            let found: Vec<u32> = floats(&base64(&bytes)).unwrap().into_iter().map(f32::to_bits).collect();
            prop_assert_eq!(found, bits);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}", digits in "[A-Za-z0-9+/=]{0,40}") {
            for text in [text, digits] {
                if let Some(vector) = floats(&text) {
                    prop_assert!(vector.len() <= text.len());
                }
            }
        }
    }
}
