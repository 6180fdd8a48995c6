//! Where a run was measured.

use std::collections::BTreeMap;

/// The machine and the build that a run was measured on. Every part may be unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// Operating system and its version.
    pub os: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// The processor's model name.
    pub cpu_model: Option<String>,
    /// Processors that the program may use.
    pub cpu_count: Option<u32>,
    /// Main memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Compiler or interpreter, with its version.
    pub toolchain: Option<String>,
    /// The revision of what was measured.
    pub revision: Option<String>,
    /// The build profile (`release`, `smoke`).
    pub profile: Option<String>,
    /// Anything else worth knowing, by name.
    pub extra: BTreeMap<String, String>,
}

impl Environment {
    /// What is known, as pairs of a label and a text, in a fixed order.
    #[must_use]
    pub fn known(&self) -> Vec<(String, String)> {
        let gib = |bytes: u64| {
            crate::Unit::Bytes.show(crate::statistics::real(usize::try_from(bytes).unwrap_or(usize::MAX)))
        };
        let named = [
            ("operating system", self.os.clone()),
            ("kernel", self.kernel.clone()),
            ("processor", self.cpu_model.clone()),
            ("processors", self.cpu_count.map(|n| n.to_string())),
            ("memory", self.memory_bytes.map(gib)),
            ("toolchain", self.toolchain.clone()),
            ("revision", self.revision.clone()),
            ("profile", self.profile.clone()),
        ];
        let named = named.into_iter().filter_map(|(label, text)| Some((label.to_owned(), text?)));
        named.chain(self.extra.iter().map(|(label, text)| (label.clone(), text.clone()))).collect()
    }

    /// Takes over what is unknown here; answers with what is known in both and differs: field, ours, theirs.
    pub(super) fn complete_from(&mut self, other: Self) -> Vec<(String, String, String)> {
        let mut differing = Vec::new();
        let mut text =
            |field: &str, ours: &mut Option<String>, theirs: Option<String>| match (ours.as_ref(), theirs) {
                (None, theirs) => *ours = theirs,
                (Some(ours), Some(theirs)) if *ours != theirs => {
                    differing.push((field.to_owned(), ours.clone(), theirs));
                }
                (Some(_), _) => {}
            };
        text("operating system", &mut self.os, other.os);
        text("kernel", &mut self.kernel, other.kernel);
        text("processor", &mut self.cpu_model, other.cpu_model);
        text("toolchain", &mut self.toolchain, other.toolchain);
        text("revision", &mut self.revision, other.revision);
        text("profile", &mut self.profile, other.profile);
        for (field, theirs) in other.extra {
            let mut ours = self.extra.get(&field).cloned();
            text(&field, &mut ours, Some(theirs));
            self.extra.extend(ours.map(|ours| (field, ours)));
        }
        let mut number = |field: &str, ours: &mut Option<u64>, theirs: Option<u64>| match (*ours, theirs) {
            (None, theirs) => *ours = theirs,
            (Some(ours), Some(theirs)) if ours != theirs => {
                differing.push((field.to_owned(), ours.to_string(), theirs.to_string()));
            }
            (Some(_), _) => {}
        };
        let mut processors = self.cpu_count.map(u64::from);
        number("processors", &mut processors, other.cpu_count.map(u64::from));
        self.cpu_count = self.cpu_count.or(other.cpu_count);
        number("memory", &mut self.memory_bytes, other.memory_bytes);
        differing
    }
}
