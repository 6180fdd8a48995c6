//! What a model is asked.

use std::{fmt::Write as _, sync::Arc};

use assize_debate::Fence;
use serde_json::{Value, json};

use super::{
    answer::{MOST_CITES, MOST_POINTS, MOST_SUMMARY, MOST_TEXT},
    digest::{Digest, MOST_LINE, lines_of},
    framework::{CellKind, Framework, FrameworkKind, SYNTHESIS},
};

/// A form to be filled in by a model.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Its name.
    pub(super) name: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// Its cells.
    pub(super) cells: &'static [CellKind],
}

impl Form {
    pub(super) const fn of(kind: FrameworkKind) -> Self {
        Self { name: kind.name(), title: kind.title(), cells: kind.cells() }
    }

    pub(super) const SYNTHESIS: Self = Self { name: "synthesis", title: "Synthesis", cells: SYNTHESIS };

    pub(super) const fn naming(&self) -> (&'static str, &'static str) {
        (self.name, self.title)
    }
}

/// What a model is asked, in full.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    pub(super) system: Arc<str>,
    pub(super) user: Arc<str>,
    pub(super) schema: Arc<Value>,
    pub(super) fence: Fence,
    /// The hash of all of it.
    pub(super) hash: String,
}

/// The prompt of a framework: what is known stands first and is the same for all of them, so that a vendor's cache can hold it.
pub(super) fn framework(digest: &Digest, form: &Form) -> Prompt {
    let fence = digest.fence(&[]);
    let mut user = String::new();
    digest.put(&mut user, &fence);
    asked(&mut user, &format!("Fill in this framework: {}.", form.title), form);
    finished(user, form, fence)
}

/// The prompt of the synthesis.
pub(super) fn synthesis(digest: &Digest, frameworks: &[Framework]) -> Prompt {
    let fence = digest.fence(frameworks);
    let mut user = String::new();
    digest.put(&mut user, &fence);
    for framework in frameworks.iter().filter(|framework| framework.points().next().is_some()) {
        user.push_str("\nWhat an analyst wrote in a framework:\n");
        let lines = lines_of(framework);
        fence.put(&mut user, framework.name, lines.iter().map(String::as_str), MOST_LINE + MOST_TEXT);
    }
    asked(&mut user, "Say what all of this comes to, contradictions included.", &Form::SYNTHESIS);
    finished(user, &Form::SYNTHESIS, fence)
}

fn asked(to: &mut String, task: &str, form: &Form) {
    to.push('\n');
    to.push_str(task);
    to.push_str("\nIts cells:\n");
    for cell in form.cells {
        let _ = writeln!(to, "- {}: {}", cell.key, cell.asks);
    }
}

fn finished(user: String, form: &Form, fence: Fence) -> Prompt {
    let cells: Vec<String> = form.cells.iter().map(|cell| format!("\"{}\": [points]", cell.key)).collect();
    let system = format!(
        "You analyse a company for somebody who decides about it. Rest every point on what you are shown, and cite the ids that it rests \
         on, as they stand in the brackets. Say nothing that you cannot cite: what you remember of the company may be out of date. \
         Leave a cell empty rather than guess.\n\
         {}\n\
         Answer with one JSON object and nothing else:\n\
         {{\"summary\": what it comes to, in at most {MOST_SUMMARY} characters, \"cells\": {{{}}}}}\n\
         where a point is {{\"text\": one sentence, at most {MOST_TEXT} characters, \"cites\": [ids]}}, with at most {MOST_POINTS} points in a \
         cell, the weightiest first, and at most {MOST_CITES} ids in a point.",
        Fence::RULE,
        cells.join(", ")
    );
    let schema = schema(form);
    let mut hasher = blake3::Hasher::new_derive_key("assize analysis prompt v1");
    for part in [system.as_str(), user.as_str(), &schema.to_string()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let hash = hasher.finalize().to_hex()[..16].to_owned();
    Prompt { system: system.into(), user: user.into(), schema: Arc::new(schema), fence, hash }
}

/// The schema of an answer.
fn schema(form: &Form) -> Value {
    let point = json!({
        "type": "object",
        "properties": {
            "text": { "type": "string" },
            "cites": { "type": "array", "items": { "type": "string" } },
        },
        "required": ["text", "cites"],
        "additionalProperties": false,
    });
    let keys: Vec<&str> = form.cells.iter().map(|cell| cell.key).collect();
    let cells: serde_json::Map<String, Value> =
        keys.iter().map(|key| ((*key).to_owned(), json!({ "type": "array", "items": point }))).collect();
    json!({
        "type": "object",
        "properties": {
            "summary": { "type": "string" },
            "cells": { "type": "object", "properties": cells, "required": keys, "additionalProperties": false },
        },
        "required": ["summary", "cells"],
        "additionalProperties": false,
    })
}
