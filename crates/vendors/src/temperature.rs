//! A temperature as a JSON number.

use assize_llm::{Error, ErrorKind, ModelId};
use serde_json::{Number, Value};

/// The number as it was written: 0.7, not the 0.699999988… that it becomes on the way to a longer float.
pub(crate) fn number(model: &ModelId, temperature: f32) -> Result<Value, Error> {
    let wrong = || {
        Error::new(ErrorKind::BadRequest, format!("ask {model}: `temperature` is {temperature}, no number"))
    };
    temperature.to_string().parse::<Number>().map(Value::Number).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_written() {
        for (temperature, text) in
            [(0.0, "0"), (0.7, "0.7"), (1.0, "1"), (1.25, "1.25"), (0.000_001, "0.000001")]
        {
            let number = number(&"m".into(), temperature).unwrap();
            let read: f32 = number.to_string().parse().unwrap();
            assert_eq!(read.to_bits(), temperature.to_bits(), "{number}");
            assert!(number.to_string().len() <= text.len() + 2, "{number}");
        }
        for temperature in [f32::NAN, f32::INFINITY] {
            let error = number(&"m".into(), temperature).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest);
        }
    }
}
