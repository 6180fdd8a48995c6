//! What a semantic cache serves, and what it does not.
