//! What everybody is told who is asked for something: a debater of its [`Turn`](crate::Turn), a judge of its
//! [`Docket`](crate::Docket).

/// Gives a type with the fields `debate`, `spec`, `round` and `view` its accessors; `round` and `evidence` say what they
/// are to whoever is asked.
macro_rules! told {
    ($told:ty, round: $round:literal, evidence: $evidence:literal) => {
        impl $told {
            /// The debate's name.
            #[must_use]
            pub fn debate(&self) -> &$crate::DebateId {
                &self.debate
            }

            #[doc = $round]
            #[must_use]
            pub const fn round(&self) -> u32 {
                self.round
            }

            /// What is argued.
            #[must_use]
            pub fn question(&self) -> &str {
                &self.spec.question
            }

            /// The answers that can be given.
            #[must_use]
            pub fn options(&self) -> &[String] {
                &self.spec.options
            }

            #[doc = $evidence]
            pub fn evidence(&self) -> impl ExactSizeIterator<Item = &$crate::Evidence> {
                self.view.evidence.iter().map(|&index| &self.spec.evidence[index as usize])
            }
        }
    };
}

pub(crate) use told;
