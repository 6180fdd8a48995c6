//! What can go wrong: a request that is none.

/// Why a request could not be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field that every request of this kind has is missing, or is of another type.
    #[error("count the request: `{field}` has to be {expected}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
}
