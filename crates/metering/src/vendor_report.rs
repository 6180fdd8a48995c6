//! What a vendor said of a call's usage.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::billing::Billing;
use crate::usd::Usd;

/// What a vendor said of a call's usage, kept beside the normalised counts so that they can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VendorReport {
    /// How the call was served, as far as it was said.
    pub billing: Billing,
    /// What the vendor says that it charged (`OpenRouter` does).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Usd>,
    /// The usage object, untouched.
    pub raw: Value,
}
