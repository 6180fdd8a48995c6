//! Numbers as a person wrote them.

use assize_llm::{Error, ErrorKind, ModelId};
use serde_json::{Number, Value};

/// The shortest decimal that is this number: 0.1 and not 0.10000000149011612, which is what 0.1 becomes in more bits.
///
/// # Errors
/// [`ErrorKind::BadRequest`] for what is no number, naming the field.
pub(crate) fn decimal(model: &ModelId, name: &str, number: f32) -> Result<Value, Error> {
    let shortest = number.to_string().parse().ok().and_then(Number::from_f64);
    shortest.map(Value::Number).ok_or_else(|| {
        Error::new(ErrorKind::BadRequest, format!("ask {model}: its {name} is {number}, which is no number"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for (number, expected) in
            [(0.1, "0.1"), (0.0, "0.0"), (1.0, "1.0"), (0.7, "0.7"), (2.0, "2.0"), (1e-7, "1e-7")]
        {
            assert_eq!(decimal(&"m".into(), "temperature", number).unwrap().to_string(), expected);
        }
        for number in [f32::NAN, f32::INFINITY] {
            let error = decimal(&"m".into(), "temperature", number).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest);
            assert!(error.to_string().contains("its temperature"), "{error}");
        }
    }
}
