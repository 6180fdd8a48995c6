//! How good or bad a thing is, which decides its colour and its sign.

/// How good or bad a thing is. Never shown by colour alone: `Good`, `Warn` and `Bad` carry a sign as well.
///
/// ```
/// use assize_report::Tone;
///
/// assert_eq!(Tone::Bad.sign(), "✗");
/// assert_eq!(Tone::default().name(), "plain");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Worth looking at.
    Warn,
    /// Wrong, missed or lost.
    Bad,
}

impl Tone {
    /// The name in the JSON form: `plain`, `good`, `note`, `warn` or `bad`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The sign put before a toned text where colour may be missing; empty for `Plain` and `Note`.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Plain | Self::Note => "",
            Self::Good => "✓",
            Self::Warn => "!",
            Self::Bad => "✗",
        }
    }

    /// The sign and a space, unless the text opens with the sign already.
    pub(crate) fn prefix(self, text: &str) -> &'static str {
        let prefix = match self {
            Self::Plain | Self::Note => "",
            Self::Good => "✓ ",
            Self::Warn => "! ",
            Self::Bad => "✗ ",
        };
        if text.starts_with(self.sign()) { "" } else { prefix }
    }

    /// The word a callout of this tone opens with.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "Good",
            Self::Note => "Note",
            Self::Warn => "Warning",
            Self::Bad => "Problem",
        }
    }
}
