//! Estimates of one family of models.

use assize_metering::{Exactness, TokenCounter};
use serde::Deserialize;
use serde_json::Value;

use super::request::Request;
use crate::encoding::o200k;
use crate::error::Error;
use crate::prompt_count::PromptCount;

/// Estimates the tokens of a family of models whose tokenizer is private: those of `o200k_base` times a factor, and for whole
/// prompts what each request has beside its texts. The rows of `families.toml` say how they were fitted, and how far they are
/// off.
#[derive(Debug, Clone)]
pub struct FamilyCounter {
    pub(super) row: Row,
    /// The name as a counter.
    name: String,
}

/// A row of `families.toml`, which explains the fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) models: Vec<String>,
    pub(super) factor_per_mille: u32,
    pub(super) request: i32,
    pub(super) message: i32,
    pub(super) system: i32,
    pub(super) tools: i32,
    pub(super) tool_per_mille: u32,
    pub(super) call: i32,
    pub(super) error_per_mille: u32,
    pub(super) tools_error_per_mille: u32,
    pub(super) fitted: u32,
    pub(super) held_out: u32,
    pub(super) remark: String,
}

impl FamilyCounter {
    pub(super) fn new(row: Row) -> Self {
        let factor = row.factor_per_mille;
        let name = format!("{}: o200k_base × {}.{:03}", row.name, factor / 1000, factor % 1000);
        Self { row, name }
    }

    /// The family's name, `unknown` for that of models that belong to none.
    #[must_use]
    pub fn family(&self) -> &str {
        &self.row.name
    }

    /// How many recorded prompts the estimates were fitted to, and on how many others their error was measured.
    #[must_use]
    pub fn evidence(&self) -> (u32, u32) {
        (self.row.fitted, self.row.held_out)
    }

    /// What the error was on which recordings, in words.
    #[must_use]
    pub fn remark(&self) -> &str {
        &self.row.remark
    }

    /// Estimates a whole prompt; see [`ModelCounter::prompt`](super::ModelCounter::prompt).
    ///
    /// # Errors
    ///
    /// [`Error::Field`] if the body is no request.
    pub fn prompt(&self, body: &Value) -> Result<PromptCount, Error> {
        let request = Request::read(body)?;
        let row = &self.row;
        let texts: u64 = request.texts.iter().map(|text| o200k().count(text)).sum();
        let declared: u64 = request.tools.iter().map(|tool| o200k().count(tool)).sum();
        let around = i64::from(row.request)
            .saturating_add(times(row.message, request.messages))
            .saturating_add(times(row.call, request.calls))
            .saturating_add(if request.has_system { i64::from(row.system) } else { 0 });
        let messages = scaled(texts, row.factor_per_mille).saturating_add_signed(around);
        let tools = if request.tools.is_empty() {
            0
        } else {
            scaled(declared, row.tool_per_mille).saturating_add_signed(row.tools.into())
        };
        let per_mille = if request.tools.is_empty() && request.calls == 0 {
            row.error_per_mille
        } else {
            row.tools_error_per_mille
        };
        Ok(PromptCount {
            tokens: messages.saturating_add(tools),
            exactness: Exactness::Estimated { per_mille },
            messages,
            tools,
            response_format: 0,
            uncounted: request.uncounted,
        })
    }
}

impl TokenCounter for FamilyCounter {
    fn name(&self) -> &str {
        &self.name
    }

    fn exactness(&self) -> Exactness {
        Exactness::Estimated { per_mille: self.row.error_per_mille }
    }

    fn count(&self, text: &str) -> u64 {
        scaled(o200k().count(text), self.row.factor_per_mille).max(u64::from(!text.is_empty()))
    }
}

/// So many thousandths of the tokens, to the nearest.
fn scaled(tokens: u64, per_mille: u32) -> u64 {
    tokens.saturating_mul(per_mille.into()).saturating_add(500) / 1000
}

fn times(tokens: i32, count: usize) -> i64 {
    i64::from(tokens).saturating_mul(i64::try_from(count).unwrap_or(i64::MAX))
}
