//! What decisions do to money: limits that a proposal must keep, execution on paper, and how it went.
