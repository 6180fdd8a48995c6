//! Texts that are hard to split: generated, the same for the same seed.

/// A small generator (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % n as u64).expect("below a usize")
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn character(&mut self, blocks: &[(u32, u32)]) -> char {
        let (first, last) = blocks[self.below(blocks.len())];
        let span = usize::try_from(last - first + 1).expect("a block");
        let code = first + u32::try_from(self.below(span)).expect("inside the block");
        char::from_u32(code).unwrap_or('\u{FFFD}')
    }
}

const BLANKS: &[&str] = &[
    " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\n  \n", "\u{a0}", "\u{3000}",
    "\u{2028}", "\u{85}", "\u{200b}", "        ", "\t\t\n",
];
const WORDS: &[&str] = &[
    "the",
    "Panel",
    "HTTPServer",
    "camelCase",
    "ALLCAPS",
    "can't",
    "I'LL",
    "we'Ve",
    "it'S",
    "x'D",
    "'re",
    "'m'",
    "rock'n'roll",
    "''",
    "'t",
    "café",
    "naïve",
    "Straße",
    "ŽLUŤ",
    "ДЕБАТЫ",
    "спор",
    "λόγος",
    "ǅungla",
    "ﬁne",
    "ſ",
    "İ",
    "don’t",
    "日本語",
    "討論する",
    "あA",
    "Aあb",
    "あAAAAb",
    "한국어",
    "ภาษาไทย",
    "العربية",
    "हिन्दी",
    "עִבְרִית",
];
const MARKS: &[&str] = &[
    ".", ",", "!!!", "...", "—", "://", "//", "/\n/", "=>", "({[", "]})", "\"", "\\n", "#", "```", "***",
    "。", "、", "？", "「」", "$", "€", "%", "_", "-", "--", "|", "<", ">", "&amp;", "@", "~", "^", "`",
    ";\n", "*/", "\u{0}", "\u{7f}", "\u{FEFF}", "¿", "»",
];
const LOOKALIKES: &[&str] = &[
    "<|endoftext|>",
    "<|endofprompt|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|start|>",
    "<|return|>",
    "<|channel|>",
    "<|",
    "|>",
    "<|endoftext",
    "[INST]",
    "<s>",
];
const SNIPPETS: &[&str] = &[
    "fn main() {\n    let x = vec![1, 2, 3];\n}\n",
    "{\"key\":\"value\",\"n\":[1,2.5e-3,null]}",
    "def f(a, *b):\n\treturn a\n",
    "<p class=\"x\">a&nbsp;b</p>\r\n",
    "SELECT * FROM t WHERE id='42';",
    "https://example.org/a?b=c&d=%20#e",
    "1,234,567.89",
    "٣٤٥",
    "½²Ⅷ",
    "0xDEADBEEF",
    "2026-11-21T12:00:00Z",
    "$1,000.00/yr",
];
const EMOJI: &[&str] = &["👍", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👋🏽", "❤️", "1️⃣", "🇩🇪", "🤷🏻‍♀️", "\u{200d}", "\u{fe0f}"];
const ANY: &[(u32, u32)] = &[
    (0x20, 0x7e),
    (0x20, 0x7e),
    (0x80, 0x24f),
    (0x250, 0x3ff),
    (0x400, 0x52f),
    (0x590, 0x6ff),
    (0x900, 0xdff),
    (0xe00, 0xeff),
    (0x10a0, 0x10ff),
    (0x1e00, 0x1fff),
    (0x2000, 0x206f),
    (0x20a0, 0x2bff),
    (0x3000, 0x30ff),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7a3),
    (0xfb00, 0xffef),
    (0x10000, 0x107ff),
    (0x1d400, 0x1d7ff),
    (0x1f300, 0x1faff),
    (0xe0000, 0xe01ef),
];
const COMBINING: &[(u32, u32)] = &[(0x300, 0x36f), (0x5b0, 0x5bd), (0x93c, 0x94d), (0x3099, 0x309a)];

/// A text of some parts, each of another kind.
pub(crate) fn text(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.below(4) {
        part(dice, &mut text);
    }
    text
}

fn part(dice: &mut Dice, text: &mut String) {
    match dice.below(13) {
        0..=2 => {
            for _ in 0..1 + dice.below(4) {
                text.push_str(dice.pick(WORDS));
                text.push_str(dice.pick(&[" ", " ", " ", "", "\n", "'"]));
            }
        }
        3 => (0..1 + dice.below(5)).for_each(|_| text.push_str(dice.pick(BLANKS))),
        4 => (0..1 + dice.below(4)).for_each(|_| text.push_str(dice.pick(MARKS))),
        5 => text.push_str(dice.pick(LOOKALIKES)),
        6 => text.push_str(dice.pick(SNIPPETS)),
        7 => (0..1 + dice.below(4)).for_each(|_| text.push_str(dice.pick(EMOJI))),
        8 => (0..1 + dice.below(12)).for_each(|_| text.push(dice.character(ANY))),
        9 => {
            for _ in 0..1 + dice.below(4) {
                text.push(dice.character(&[(0x41, 0x7a), (0x5d0, 0x5ea), (0x905, 0x939), (0x304b, 0x3053)]));
                text.push(dice.character(COMBINING));
            }
        }
        10 => (0..1 + dice.below(14)).for_each(|_| text.push(dice.character(&[(0x30, 0x39)]))),
        11 => text.push_str(
            &dice
                .pick(&["a", "A", "ab", "=", " ", "é", "あ", "7", "aB", "-", "'", "\n"])
                .repeat(1 + dice.below(30)),
        ),
        _ => (0..1 + dice.below(24)).for_each(|_| text.push(dice.character(&[(0x61, 0x7a)]))),
    }
}
