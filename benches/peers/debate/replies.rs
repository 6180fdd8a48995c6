//! What is said by turns: the same on every side.

/// Rounds of a debate.
pub(crate) const ROUNDS: u32 = 3;

pub(crate) const REPLIES: [&str; 2] = [
    r#"{"stance":"yes","probabilities":{"yes":0.7,"no":0.3},"reasons":[{"text":"so it is","cites":[]}]}"#,
    r#"{"stance":"no","probabilities":{"yes":0.3,"no":0.7},"reasons":[{"text":"so it is","cites":[]}]}"#,
];
