//! British spellings and plurals, brought to one form.

use std::sync::LazyLock;

use super::vocabulary::{Pairs, UNCOUNTED, pairs};

/// Words in British spelling, and in American.
static BRITISH: Pairs = LazyLock::new(|| {
    pairs(
        "grey=gray programme=program programmes=programs cheque=check cheques=checks tyre=tire tyres=tires \
    aluminium=aluminum defence=defense offence=offense licence=license practise=practice mum=mom \
    kerb=curb plough=plow sceptical=skeptical enrol=enroll fulfil=fulfill jewellery=jewelry \
    pyjamas=pajamas whilst=while learnt=learned storey=story maths=math",
    )
});
/// Parts of words, the same. Not every -our: hour, four and their like are left alone.
static BRITISH_STEMS: Pairs = LazyLock::new(|| {
    pairs(
        "colour=color favour=favor behaviour=behavior neighbour=neighbor labour=labor honour=honor \
    flavour=flavor harbour=harbor humour=humor rumour=rumor tumour=tumor vapour=vapor centre=center \
    litre=liter metre=meter theatre=theater fibre=fiber catalogue=catalog dialogue=dialog \
    analogue=analog travell=travel cancell=cancel modell=model labell=label fuell=fuel mould=mold \
    anaemi=anemi paediatr=pediatr oestrogen=estrogen haemo=hemo",
    )
});
/// Plurals that are formed in their own way.
static IRREGULAR: Pairs = LazyLock::new(|| {
    pairs(
        "children=child people=person men=man women=woman feet=foot teeth=tooth mice=mouse geese=goose \
    has=have goes=go lives=live leaves=leave knives=knife wives=wife shelves=shelf wolves=wolf \
    criteria=criterion movies=movie",
    )
});

/// The American spelling of a British word, by its ending.
pub(super) fn american(word: &str) -> String {
    if let Some(american) = BRITISH.get(word) {
        return (*american).to_owned();
    }
    let mut spelt = word.to_owned();
    if let Some((british, american)) = BRITISH_STEMS.iter().find(|(british, _)| word.contains(**british)) {
        spelt = word.replacen(british, american, 1);
    }
    for (british, american) in [
        ("isation", "ization"),
        ("isations", "izations"),
        ("yse", "yze"),
        ("ysed", "yzed"),
        ("ysing", "yzing"),
    ] {
        if let Some(stem) = spelt.strip_suffix(british)
            && stem.len() > 3
        {
            return format!("{stem}{american}");
        }
    }
    for (british, american) in [("ise", "ize"), ("ised", "ized"), ("ises", "izes"), ("ising", "izing")] {
        if let Some(stem) = spelt.strip_suffix(british)
            && [
                "al", "ar", "or", "an", "im", "on", "in", "er", "ct", "bl", "gn", "og", "on", "um", "id",
                "tr", "at", "ic",
            ]
            .iter()
            .any(|end| stem.ends_with(end))
            && stem.len() > 4
            && ![
                "exerc", "prom", "comprom", "surpr", "superv", "telev", "disgu", "enterpr", "expert",
                "determ", "otherw",
            ]
            .contains(&stem)
        {
            return format!("{stem}{american}");
        }
    }
    spelt
}

/// The singular of a plural, and the plain form of a third person.
pub(super) fn singular(word: &str) -> String {
    if let Some(single) = IRREGULAR.get(word) {
        return (*single).to_owned();
    }
    if word.chars().count() < 4
        || UNCOUNTED.contains(word)
        || word.starts_with('^')
        || word.contains(['@', '/', '&'])
    {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies")
        && stem.len() > 1
    {
        return if stem.len() > 2 { format!("{stem}y") } else { format!("{stem}ie") };
    }
    for ending in ["sses", "ches", "shes", "xes", "zzes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i', '\'']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}
