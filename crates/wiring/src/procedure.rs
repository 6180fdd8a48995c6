//! How a debate is held, as far as a user says so.

use assize_debate::{JudgeSeat, Order, Rule, Selector, Spec, StopRule, TieBreak, Topology, Window};

use crate::Error;

/// How a debate is held. What is not said here is as the panel's file says, and otherwise as usual.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Procedure {
    /// The most rounds.
    pub rounds: Option<u32>,
    /// The rule of decision.
    pub rule: Option<Rule>,
    /// What decides a tie.
    pub tie_break: Option<TieBreak>,
    /// Who speaks when.
    pub order: Option<Order>,
    /// Who hears whom.
    pub topology: Option<Topology>,
    /// When it ends early.
    pub stops: Option<Vec<StopRule>>,
    /// Whether it is debated at all.
    pub selector: Option<Selector>,
    /// How much of the earlier rounds is shown.
    pub window: Option<Window>,
    /// What judges: `rule`, or a model by its name. A judge of the panel's file keeps its own name and its instructions.
    pub judge: Option<String>,
    /// Whether it judges every round, not only the last one.
    pub judge_each_round: bool,
}

impl Procedure {
    /// The same debate, held like this.
    pub(crate) fn laid_over(&self, mut spec: Spec) -> Result<Spec, Error> {
        spec.rounds = self.rounds.unwrap_or(spec.rounds);
        spec.rule = self.rule.unwrap_or(spec.rule);
        spec.tie_break = self.tie_break.unwrap_or(spec.tie_break);
        spec.order = self.order.unwrap_or(spec.order);
        spec.topology = self.topology.unwrap_or(spec.topology);
        if let Some(stops) = &self.stops {
            spec.stops.clone_from(stops);
        }
        spec.selector = self.selector.unwrap_or(spec.selector);
        spec.window = self.window.or(spec.window);
        if let Some(name) = &self.judge {
            match &mut spec.judge {
                Some(seat) => seat.judge.clone_from(name),
                None => spec.judge = Some(JudgeSeat::new(name.clone(), name.clone())),
            }
        }
        if self.judge_each_round {
            let Some(judge) = &mut spec.judge else {
                return Err(Error::bad_request("hold the debate: nobody is there to judge each round")
                    .with_hint("name a judge: `--judge openai:gpt-4o`, or [judge] in the panel's file"));
            };
            judge.each_round = true;
        }
        Ok(spec)
    }
}
