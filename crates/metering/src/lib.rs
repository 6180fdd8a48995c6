//! Tokens and money, exact: usage, dated prices, the cost of a call.
