//! What the environment says.

/// Whether colours may be used on a terminal: the environment variable `NO_COLOR` is absent or empty (no-color.org), and
/// `TERM` is not `dumb`.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub fn colour_is_welcome() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !refused && !dumb
}

/// What a variable of the environment holds, where it is there.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// A secret that a variable of the environment holds, where it is there and not empty.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
pub(crate) fn secret(variable: &str) -> Option<assize_transport::Secret> {
    let value = std::env::var(variable).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| assize_transport::Secret::new(value))
}
