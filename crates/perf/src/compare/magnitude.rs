//! How large a change is, in multiples of what matters.

use crate::insights::Severity;

/// How large a change is: by how many times the threshold it is, in the steps of rustc-perf (1.5, 3, 6, 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Magnitude {
    /// Less than 1.5 times the threshold.
    VerySmall,
    /// From 1.5 times on.
    Small,
    /// From 3 times on.
    Medium,
    /// From 6 times on.
    Large,
    /// From 12 times on.
    VeryLarge,
}

impl Magnitude {
    /// Of a change that is so many times the threshold.
    #[must_use]
    pub fn of(multiple: f64) -> Self {
        let steps = [(12.0, Self::VeryLarge), (6.0, Self::Large), (3.0, Self::Medium), (1.5, Self::Small)];
        steps
            .into_iter()
            .find(|(from, _)| multiple >= *from)
            .map_or(Self::VerySmall, |(_, magnitude)| magnitude)
    }

    /// The name in tables and stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerySmall => "very small",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::VeryLarge => "very large",
        }
    }

    /// How bad it is, where the change is for the worse.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::VerySmall | Self::Small => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::Large => Severity::High,
            Self::VeryLarge => Severity::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_begin_where_they_say() {
        let of = [0.2, 1.5, 2.99, 3.0, 6.0, 11.9, 12.0, f64::INFINITY].map(Magnitude::of);
        use Magnitude::{Large, Medium, Small, VeryLarge, VerySmall};
        assert_eq!(of, [VerySmall, Small, Small, Medium, Large, Large, VeryLarge, VeryLarge]);
    }
}
