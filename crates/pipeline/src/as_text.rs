//! Values that are written as the text that they show.

use std::fmt;

use serde::Serializer;

pub(crate) fn as_text<T: fmt::Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}
