//! The chat vocabulary and its models: scripted, simulated; vendors live elsewhere.
