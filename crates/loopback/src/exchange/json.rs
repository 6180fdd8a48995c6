//! JSON whose members stand in the order in which the sites write them.

use std::fmt;

use serde_json::Value;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Json {
    /// A number, a text, null and the like, as it is written.
    Plain(String),
    List(Vec<Json>),
    /// Members of a fixed kind: a site may add one some day.
    Record(Vec<(&'static str, Json)>),
    /// Members named by what they are about.
    Map(Vec<(String, Json)>),
    /// Columns of one length.
    Columns(Vec<(&'static str, Vec<Json>)>),
}

impl Json {
    pub(super) const NULL: Self = Self::Plain(String::new());

    pub(super) fn record<const N: usize>(members: [(&'static str, Self); N]) -> Self {
        Self::Record(members.into())
    }

    /// A number that is written as one of a language without whole numbers: `3` for 3.0.
    pub(super) fn short(value: f64) -> Self {
        Self::Plain(value.to_string())
    }

    /// What is in a file already.
    pub(super) fn literal(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }

    /// The same with members that nobody has heard of.
    pub(super) fn with_news(self) -> Self {
        match self {
            Self::Record(members) => {
                let members = members.into_iter().map(|(name, value)| (name, value.with_news()));
                let news = ("addedLately", Self::record([("since", "2026".into())]));
                Self::Record(std::iter::once(news).chain(members).collect())
            }
            Self::List(values) => Self::List(values.into_iter().map(Self::with_news).collect()),
            Self::Map(members) => {
                Self::Map(members.into_iter().map(|(name, value)| (name, value.with_news())).collect())
            }
            Self::Columns(mut columns) => {
                let length = columns.first().map_or(0, |(_, column)| column.len());
                columns.push(("addedLately", vec!["".into(); length]));
                Self::Columns(columns)
            }
            plain @ Self::Plain(_) => plain,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Plain(Value::from(text).to_string())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Plain(number.to_string())
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        Self::Plain(number.to_string())
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Plain(number.to_string())
    }
}

/// With a fraction in any case: `3.0`.
impl From<f64> for Json {
    fn from(number: f64) -> Self {
        Self::Plain(format!("{number:?}"))
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Plain(value.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::NULL, Into::into)
    }
}

impl From<Vec<Self>> for Json {
    fn from(values: Vec<Self>) -> Self {
        Self::List(values)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) if text.is_empty() => f.write_str("null"),
            Self::Plain(text) => f.write_str(text),
            Self::List(values) => list(f, values),
            Self::Record(members) => object(f, members.iter().map(|(name, value)| (*name, value))),
            Self::Map(members) => object(f, members.iter().map(|(name, value)| (name.as_str(), value))),
            Self::Columns(columns) => {
                f.write_str("{")?;
                for (n, (name, column)) in columns.iter().enumerate() {
                    write!(f, "{}\"{name}\":", if n == 0 { "" } else { "," })?;
                    list(f, column)?;
                }
                f.write_str("}")
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, values: &[Json]) -> fmt::Result {
    f.write_str("[")?;
    for (n, value) in values.iter().enumerate() {
        write!(f, "{}{value}", if n == 0 { "" } else { "," })?;
    }
    f.write_str("]")
}

fn object<'a>(f: &mut fmt::Formatter<'_>, members: impl Iterator<Item = (&'a str, &'a Json)>) -> fmt::Result {
    f.write_str("{")?;
    for (n, (name, value)) in members.enumerate() {
        write!(f, "{}{}:{value}", if n == 0 { "" } else { "," }, Value::from(name))?;
    }
    f.write_str("}")
}
