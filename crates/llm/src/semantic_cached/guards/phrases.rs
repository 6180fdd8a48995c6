//! Several words that mean one.

/// Phrases, and what stands for them. Written as they are after spelling, plural and synonyms were brought to one form.
pub(super) const PHRASES: &[(&str, &str)] = &[
    ("a few", "several"),
    ("a couple of", "several"),
    ("a little", "a_little"),
    ("per cent", "%"),
    ("united state of america", "usa"),
    ("united state", "usa"),
    ("^us", "usa"),
    ("united kingdom", "uk"),
    ("new york city", "nyc"),
    ("european union", "eu"),
    ("united nation", "un_"),
    ("artificial intelligence", "ai"),
    ("chief executive officer", "ceo"),
    ("chief executive", "ceo"),
    ("chief financial officer", "cfo"),
    ("gross domestic product", "gdp"),
    ("exchange traded fund", "etf"),
    ("initial public offering", "ipo"),
    ("price to earnings", "p/e"),
    ("capital city", "capital"),
    ("e mail", "email"),
    ("web site", "website"),
    ("log in", "login"),
    ("set up", "setup"),
    ("cell phone", "mobile"),
    ("mobile phone", "mobile"),
    ("in order to", "to"),
    ("so as to", "to"),
    ("prior to", "before"),
    ("owing to", "due to"),
    ("because of", "due to"),
    ("with regard to", "about"),
    ("in regard to", "about"),
    ("in relation to", "about"),
    ("in comparison to", "compared to"),
    ("in comparison with", "compared to"),
    ("compared with", "compared to"),
    ("right now", "now"),
    ("at the moment", "now"),
    ("at present", "now"),
    ("these day", "now"),
    ("going to", "will"),
    ("is will", "will"),
    ("are will", "will"),
    ("how come", "why"),
    ("for what reason", "why"),
    ("why is it that", "why is"),
    ("at what time", "when"),
    ("what time", "when"),
    ("how much time", "how long"),
    ("what type of", "what kind of"),
    ("what sort of", "what kind of"),
    ("on what date", "what date"),
    ("in what year", "what year"),
    ("no less than", "at least"),
    ("no more than", "at most"),
    ("as well as", "and"),
    ("what exactly", "what"),
    ("how exactly", "how"),
    ("can i tell if", "can i know if"),
    ("do i tell if", "do i know if"),
    ("reason for", "cause of"),
    ("a cold", "a_cold"),
    ("do the term", "do"),
    ("does the term", "does"),
    ("half a", "0.5"),
    ("half an", "0.5"),
];

/// The same words with each phrase as one.
pub(super) fn joined(mut words: Vec<String>) -> Vec<String> {
    for &(phrase, meaning) in PHRASES {
        let mut at = 0;
        while at < words.len() {
            let n = begins(&words[at..], phrase);
            if n > 0 {
                words.splice(at..at + n, meaning.split(' ').map(str::to_owned));
                at += meaning.split(' ').count();
            } else {
                at += 1;
            }
        }
    }
    words
}

/// How many words the phrase has, if these begin with it; otherwise 0.
pub(super) fn begins(words: &[String], phrase: &str) -> usize {
    let mut n = 0;
    for word in phrase.split(' ') {
        if words.get(n).map(String::as_str) != Some(word) {
            return 0;
        }
        n += 1;
    }
    n
}

/// How many words the phrase has, if these end with it; otherwise 0.
pub(super) fn ends(words: &[String], phrase: &str) -> usize {
    let n = phrase.split(' ').count();
    words.len().checked_sub(n).map_or(0, |from| begins(&words[from..], phrase))
}
