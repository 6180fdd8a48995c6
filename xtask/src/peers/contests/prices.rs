//! Pricing a call.

use super::super::side::{Contest, MadeAs, Side, Task};

pub(super) const CONTEST: Contest = Contest {
    name: "prices",
    question: "What does it cost the processor to find a model by its name and to price a call of which a part was cached?",
    operation: "price",
    tasks: &[
        Task::timed("gpt-4o", "gpt-4o of OpenAI"),
        Task::timed("gpt-5-mini", "gpt-5-mini of OpenAI"),
        Task::timed("claude-sonnet-4-5", "claude-sonnet-4-5 of Anthropic"),
        Task::timed("gemini-2.5-pro", "gemini-2.5-pro of Google"),
    ],
    sides: &SIDES,
    inputs: true,
    assumptions: &[
        "3,000 tokens of the prompt at the full price, 9,000 from the vendor's cache, 800 of the reply; each side with the \
         prices that it ships.",
        "The lists are read before the time begins. The answer is the price in US dollars, which has to be the same on \
         every side, but for the last digits of litellm's floats.",
    ],
};

const SIDES: [Side; 4] = [
    Side {
        name: "assize",
        made_as: MadeAs::Ours,
        form: &["prices", "book"],
        turn: "the price of that day is found by vendor and name, each bucket priced exactly in decimals",
        opponent: None,
        bare: None,
        is_rival: true,
    },
    Side {
        name: "genai-prices",
        made_as: MadeAs::Python("genai-prices"),
        form: &[],
        turn: "`calc_price` of a Usage that is made anew, with vendor, name and day, in decimals",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
    Side {
        name: "litellm",
        made_as: MadeAs::Python("litellm"),
        form: &[],
        turn: "`completion_cost` of a response that is there already, with vendor and name, in floats",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
    Side {
        name: "litellm-numbers",
        made_as: MadeAs::Python("litellm"),
        form: &["--numbers"],
        turn: "`cost_per_token` of a usage that is there already, with vendor and name, in floats",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
];
