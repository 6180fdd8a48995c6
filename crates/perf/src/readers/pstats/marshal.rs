//! The part of Python's marshal format (`Python/marshal.c`, versions 0 to 5) that profiles are written in: dicts, tuples,
//! texts and numbers, with references.

use std::rc::Rc;

/// How deep values are nested.
const DEPTH: usize = 32;

#[derive(Debug, Clone)]
pub(super) enum Value {
    None,
    Integer(i64),
    Float(f64),
    Text(Rc<str>),
    Tuple(Rc<[Value]>),
    Dict(Rc<[(Value, Value)]>),
}

impl Value {
    pub(super) fn tuple(&self) -> Option<&[Self]> {
        if let Self::Tuple(tuple) = self { Some(tuple) } else { None }
    }

    pub(super) fn dict(&self) -> Option<&[(Self, Self)]> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) const fn integer(&self) -> Option<i64> {
        if let Self::Integer(integer) = self { Some(*integer) } else { None }
    }

    /// A number that is finite and not below zero.
    pub(super) fn seconds(&self) -> Option<f64> {
        let seconds = match self {
            Self::Float(float) => *float,
            // A time of 0 is written as a whole number by other profilers.
            Self::Integer(integer) => f64::from(i32::try_from(*integer).ok()?),
            _ => return None,
        };
        (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
    }
}

/// Decodes the entries of a dict that is the whole file.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What may be referred to; nothing where it is not whole yet.
    known: Vec<Option<Value>>,
    /// The texts that may be referred to, in Python 2.
    interned: Vec<Value>,
}

impl<'a> Decoder<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, known: Vec::new(), interned: Vec::new() }
    }

    /// How many bytes were decoded.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// Whether the file begins with a dict.
    pub(super) fn begins_dict(&mut self) -> bool {
        let Ok([kind]) = self.take::<1>() else { return false };
        if kind & FLAG != 0 {
            self.known.push(None);
        }
        kind & !FLAG == b'{'
    }

    /// The next key with its value; nothing at the end of the dict.
    pub(super) fn entry(&mut self) -> Result<Option<(Value, Value)>, String> {
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            return Ok(None);
        }
        Ok(Some((self.value(0)?, self.value(0)?)))
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEPTH {
            return Err(format!("values are nested more than {DEPTH} deep"));
        }
        let begin = self.at;
        let [kind] = self.take::<1>()?;
        let (kind, is_known) = (kind & !FLAG, kind & FLAG != 0);
        let place = self.known.len();
        if is_known {
            self.known.push(None);
        }
        let value = match kind {
            b'N' => Value::None,
            b'T' => Value::Integer(1),
            b'F' => Value::Integer(0),
            b'i' => Value::Integer(i64::from(i32::from_le_bytes(self.take()?))),
            b'I' => Value::Integer(i64::from_le_bytes(self.take()?)),
            b'l' => self.long()?,
            b'g' => Value::Float(f64::from_le_bytes(self.take()?)),
            b'f' => {
                let length = self.short()?;
                let text = self.text(length)?;
                Value::Float(text.parse().map_err(|_| format!("{text:?} is no number"))?)
            }
            b'z' | b'Z' => {
                let length = self.short()?;
                Value::Text(self.text(length)?)
            }
            b's' | b'u' | b'a' | b'A' => {
                let length = self.length()?;
                Value::Text(self.text(length)?)
            }
            b't' => {
                let length = self.length()?;
                let text = Value::Text(self.text(length)?);
                self.interned.push(text.clone());
                text
            }
            b'R' => {
                let number = self.length()?;
                self.interned.get(number).cloned().ok_or("a reference to a text that is not there")?
            }
            b'r' => {
                let number = self.length()?;
                self.known.get(number).cloned().flatten().ok_or("a reference to what is not there")?
            }
            b'(' => {
                let length = self.length()?;
                self.tuple(length, depth)?
            }
            b')' => {
                let length = self.short()?;
                self.tuple(length, depth)?
            }
            b'{' => self.dict(depth)?,
            other => {
                self.at = begin;
                return Err(format!("{:?} begins no value of a profile", char::from(other)));
            }
        };
        if is_known && let Some(known) = self.known.get_mut(place) {
            *known = Some(value.clone());
        }
        Ok(value)
    }

    fn tuple(&mut self, length: usize, depth: usize) -> Result<Value, String> {
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(self.value(depth + 1)?);
        }
        Ok(Value::Tuple(values.into()))
    }

    fn dict(&mut self, depth: usize) -> Result<Value, String> {
        let mut entries = Vec::new();
        while self.bytes.get(self.at) != Some(&b'0') {
            entries.push((self.value(depth + 1)?, self.value(depth + 1)?));
        }
        self.at += 1;
        Ok(Value::Dict(entries.into()))
    }

    /// Digits of 15 bits, the sign in their number.
    fn long(&mut self) -> Result<Value, String> {
        let digits = i32::from_le_bytes(self.take()?);
        let mut value = 0_i64;
        for place in 0..digits.unsigned_abs() {
            let digit = i64::from(u16::from_le_bytes(self.take()?));
            let shift = 15 * place;
            if shift > 45 || digit >= 1 << 15 {
                return Err("a number is too large".to_owned());
            }
            value |= digit << shift;
        }
        Ok(Value::Integer(if digits < 0 { -value } else { value }))
    }

    fn length(&mut self) -> Result<usize, String> {
        usize::try_from(i32::from_le_bytes(self.take()?)).map_err(|_| "a length is below zero".to_owned())
    }

    fn short(&mut self) -> Result<usize, String> {
        self.take::<1>().map(|[length]| usize::from(length))
    }

    fn text(&mut self, length: usize) -> Result<Rc<str>, String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let text = rest.get(..length).ok_or_else(cut)?;
        self.at += length;
        Ok(String::from_utf8_lossy(text).into())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (taken, _) = rest.split_first_chunk::<N>().ok_or_else(cut)?;
        self.at += N;
        Ok(*taken)
    }
}

/// Set in the kind of a value that may be referred to.
const FLAG: u8 = 0x80;

fn cut() -> String {
    "the file is cut".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Value, String> {
        Decoder::new(bytes).value(0)
    }

    #[test]
    fn numbers_and_texts_of_every_kind_are_decoded() {
        let integers: [(&[u8], i64); 4] = [
            (b"i\xff\xff\xff\xff", -1),
            (b"I\x01\0\0\0\x01\0\0\0", 4_294_967_297),
            (b"l\x02\0\0\0\x01\0\x01\0", 32_769),
            (b"l\xff\xff\xff\xff\x05\0", -5),
        ];
        for (bytes, value) in integers {
            assert_eq!(decoded(bytes).unwrap().integer(), Some(value), "{bytes:?}");
        }
        assert_eq!(decoded(b"f\x041e-3").unwrap().seconds(), Some(0.001));
        for bytes in [&b"s\x02\0\0\0ab"[..], b"z\x02ab", b"Z\x02ab", b"u\x02\0\0\0ab", b"\xdaabc"] {
            let text = decoded(bytes);
            assert_eq!(text.is_ok_and(|text| text.text() == Some("ab")), bytes[0] != 0xda, "{bytes:?}");
        }
    }

    #[test]
    fn references_are_followed_and_never_into_what_is_not_whole() {
        // ('a', 'a'), the second a reference, in Python 3 and in Python 2.
        for bytes in
            [&b"\xa9\x02\xdaa"[..], b"\xa9\x02\xda\x01ar\x01\0\0\0", b"(\x02\0\0\0t\x01\0\0\0aR\0\0\0\0"]
        {
            let Ok(value) = decoded(bytes) else {
                assert_eq!(bytes.len(), 4);
                continue;
            };
            let texts: Vec<_> = value.tuple().unwrap().iter().map(Value::text).collect();
            assert_eq!(texts, [Some("a"), Some("a")]);
        }
        assert!(decoded(b"\xa9\x01r\0\0\0\0").is_err(), "a tuple that holds itself");
        assert!(decoded(&[b')', 1].repeat(1_000)).is_err(), "too deep");
        assert!(decoded(b"(\xff\xff\xff\x7f").is_err(), "a length that is not there");
    }
}
