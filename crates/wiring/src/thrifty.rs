//! A debater who has a cheaper way of taking a turn.

use std::sync::Arc;

use assize_debate::{Debater, Speech, Turn};

/// Speaks through one debater, and through a cheaper one where money is short.
#[derive(Debug)]
pub(crate) struct Thrifty {
    pub(crate) usual: Arc<dyn Debater>,
    pub(crate) cheaper: Arc<dyn Debater>,
}

impl Debater for Thrifty {
    fn speak(&self, turn: Turn) -> Speech {
        self.usual.speak(turn)
    }

    fn speak_cheaper(&self, turn: Turn) -> Option<Speech> {
        Some(self.cheaper.speak(turn))
    }
}
