//! A panel argues a question to a verdict: a pure state machine over an event log, and its driver.
