//! News that nobody wrote: sentences of finance in an order drawn from a number.

use std::fmt::Write as _;

const SENTENCES: [&str; 30] = [
    "{} reported quarterly revenue of ${n}.2 billion, up {n}% from a year earlier, and beat the average estimate of analysts.",
    "Shares of {} rose {n}% in early trading before giving up most of the gain by the close.",
    "The company did not raise its full-year outlook, citing weak demand in Europe and rising costs.",
    "Analysts at two brokers cut their price targets after the call, though both kept their ratings.",
    "\"We are very pleased with the progress of our new platform,\" the chief executive said on Tuesday.",
    "A lawsuit filed in Delaware alleges that {} misled investors about the safety of its product.",
    "Margins were not as strong as hoped, but cash flow improved for the third quarter in a row.",
    "The regulator opened an investigation into the accounting of {}, according to people familiar with the matter.",
    "The board authorised the repurchase of up to ${n} million of common stock.",
    "Inventories fell by {n} days, which management called an encouraging sign.",
    "Competition remains fierce, and some customers may delay their orders until next year.",
    "The deal, which is subject to approval by shareholders, is expected to close in the first half.",
    "{} will cut about {n}00 jobs, or roughly {n}% of its workforce, as part of a restructuring.",
    "Debt could be downgraded if the company fails to refinance its loans before they mature.",
    "Traders were hardly surprised: options had priced in a move of {n}%.",
    "The finance chief resigned for personal reasons and will be succeeded by her deputy.",
    "Sales in Asia declined sharply, although the region contributes only a small part of profit.",
    "It was the worst day for the stock since March.",
    "Free cash flow was ${n} million, compared with a loss in the same period of last year.",
    "The dividend stays unchanged at {n} cents a share.",
    "Guidance for the year now ranges from ${n}.10 to ${n}.60 a share, excluding one-time items.",
    "Executives of {} declined to comment on the report.",
    "Why did nobody ask about the recall? That question came up again and again!",
    "The supplier warned that shortages might persist, and that prices would probably increase further.",
    "Investors cheered the announcement; bonds of {} rallied as well.",
    "Economists expect the central bank to hold rates steady at its next meeting.",
    "The settlement requires {} to pay a penalty without admitting any wrongdoing.",
    "Growth in subscriptions accelerated, driven by strong demand for its most expensive plan.",
    "The plant in Ohio remains closed after the fire, and insurance covers part of the damage only.",
    "Short interest in the shares fell to its lowest level in {n} months.",
];
const COMPANIES: [&str; 8] =
    ["Acme Corp.", "Umbra Inc.", "$ACME", "Northwind Ltd.", "Acme", "Globex", "Initech", "Acme (NYSE: ACME)"];

/// Parts of the other sentences: who, does, what, and why.
const PARTS: [[&str; 16]; 4] = [
    [
        "a supplier of brake parts",
        "the maker of insulin pumps",
        "one of its rivals",
        "the union",
        "a fund in Boston",
        "the operator of ports",
        "an activist investor",
        "the lender",
        "the pension scheme",
        "its largest customer",
        "a court in Texas",
        "the ministry of trade",
        "the chip designer",
        "a start-up from Lyon",
        "the airline",
        "the grocer",
    ],
    [
        "agreed to buy",
        "walked away from",
        "is said to be weighing",
        "denied any interest in",
        "doubled its stake in",
        "wrote down",
        "plans to spin off",
        "was ordered to sell",
        "raised its bid for",
        "pledged to keep",
        "lost a tender for",
        "opened talks about",
        "defended",
        "will shut",
        "insured",
        "sued over",
    ],
    [
        "a mine in Chile",
        "the software unit",
        "two warehouses near the airport",
        "a patent on coatings",
        "its fleet of trucks",
        "the brand",
        "a portfolio of car loans",
        "licences for spectrum",
        "the refinery",
        "an office tower",
        "the research site",
        "a pipeline of orders",
        "the payments business",
        "a minority holding",
        "wind farms off the coast",
        "the streaming service",
    ],
    [
        "after months of delay",
        "to pay down debt",
        "despite objections",
        "as freight rates fell",
        "because of the drought",
        "for an undisclosed sum",
        "ahead of the election",
        "under pressure from creditors",
        "with support of the founder",
        "on the advice of its bankers",
        "before the tax year ends",
        "while demand holds up",
        "against the odds",
        "in the wake of the outage",
        "without a vote",
        "at a steep discount",
    ],
];

/// An article of so many words or a few more, a third of its sentences from a list and the others put together. The same
/// number gives the same article.
#[must_use]
pub fn article(number: u64, words: usize) -> String {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut draw = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from((state >> 11) % n as u64).unwrap_or(0)
    };
    let (mut text, mut count) = (String::new(), 0);
    while count < words {
        let start = text.len();
        // The string takes whatever is written.
        let _ = if draw(3) == 0 {
            let sentence = SENTENCES[draw(SENTENCES.len())].replace("{}", COMPANIES[draw(COMPANIES.len())]);
            write!(text, "{} ", sentence.replace("{n}", &(draw(89) + 2).to_string()))
        } else {
            let [who, does, what, why] = PARTS.map(|part| part[draw(part.len())]);
            write!(text, "On day {}, {who} {does} {what} {why}. ", draw(365))
        };
        count += text[start..].split_whitespace().count();
    }
    text
}
