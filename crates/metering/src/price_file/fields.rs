//! The values of a price file's fields, of the right kind and size or refused with the place.

use std::ops::Range;

use jiff::civil::Date;
use toml::de::DeTable;

use super::{MAX_NAME, PriceFile, Value};
use crate::error::{Error, Result};
use crate::model_price::Status;

impl PriceFile<'_> {
    pub(super) fn model_name(&self, value: &Value<'_>, field: &str) -> Result<String> {
        let name = self.text(value, field, MAX_NAME)?;
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(self.error(value.span(), Some(field), "a name is not empty and has no blanks"));
        }
        Ok(name.to_owned())
    }

    pub(super) fn vendor(&self, value: &Value<'_>, field: &str) -> Result<String> {
        let name = self.model_name(value, field)?;
        if name.contains(['/', ':']) || name != name.to_lowercase() {
            let problem = "a vendor is written in lower case, without `/` and `:`";
            return Err(self.error(value.span(), Some(field), problem));
        }
        Ok(name)
    }

    pub(super) fn status(&self, value: &Value<'_>, field: &str) -> Result<Status> {
        let key = self.text(value, field, MAX_NAME)?;
        Status::ALL.into_iter().find(|status| status.key() == key).ok_or_else(|| {
            let known = Status::ALL.map(Status::key).join(", ");
            self.error(value.span(), Some(field), format!("it must be one of {known}"))
        })
    }

    pub(super) fn table<'v, 'i>(&self, value: &'v Value<'i>, field: &str) -> Result<&'v DeTable<'i>> {
        value.get_ref().as_table().ok_or_else(|| self.expected(value, field, "a table"))
    }

    pub(super) fn array<'v, 'i>(
        &self,
        value: &'v Value<'i>,
        field: &str,
        most: usize,
    ) -> Result<&'v [Value<'i>]> {
        let items: &[Value<'i>] =
            value.get_ref().as_array().ok_or_else(|| self.expected(value, field, "an array"))?;
        if items.len() > most {
            return Err(self.error(value.span(), Some(field), format!("it has more than {most} items")));
        }
        Ok(items)
    }

    pub(super) fn text<'v>(&self, value: &'v Value<'_>, field: &str, longest: usize) -> Result<&'v str> {
        let text = value.get_ref().as_str().ok_or_else(|| self.expected(value, field, "a string"))?;
        if text.len() > longest {
            return Err(self.error(value.span(), Some(field), format!("it is longer than {longest} bytes")));
        }
        Ok(text)
    }

    pub(super) fn truth(&self, value: &Value<'_>, field: &str) -> Result<bool> {
        value.get_ref().as_bool().ok_or_else(|| self.expected(value, field, "true or false"))
    }

    pub(super) fn count(&self, value: &Value<'_>, field: &str) -> Result<u64> {
        value
            .get_ref()
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .ok_or_else(|| self.expected(value, field, "a whole number, not negative"))
    }

    pub(super) fn day(&self, value: &Value<'_>, field: &str) -> Result<Date> {
        value
            .get_ref()
            .as_datetime()
            .filter(|moment| moment.time.is_none())
            .and_then(|moment| moment.date)
            .and_then(|date| {
                let (year, month, day) = (date.year, date.month, date.day);
                Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
            })
            .ok_or_else(|| self.expected(value, field, "a date such as 2026-10-29, without quotation marks"))
    }

    pub(super) fn expected(&self, value: &Value<'_>, field: &str, what: &str) -> Error {
        self.error(value.span(), Some(field), format!("it must be {what}"))
    }

    pub(super) fn unknown(&self, span: Range<usize>, field: &str, known: &str) -> Error {
        self.error(span, Some(field), format!("the key is unknown; known are {known}"))
    }

    pub(super) fn error(&self, span: Range<usize>, field: Option<&str>, problem: impl Into<String>) -> Error {
        Error::invalid_price_book(self.name, self.line(span.start), field, problem)
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }
}
