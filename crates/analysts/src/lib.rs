//! Debaters that need no model: rules over evidence.
