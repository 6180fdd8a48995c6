//! The words that guards know. All tables are for English.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use super::quantities::is_decimal;

pub(super) type Words = LazyLock<BTreeSet<&'static str>>;
pub(super) type Pairs = LazyLock<BTreeMap<&'static str, &'static str>>;

pub(super) fn words(table: &'static str) -> BTreeSet<&'static str> {
    table.split_ascii_whitespace().collect()
}

pub(super) fn pairs(table: &'static str) -> BTreeMap<&'static str, &'static str> {
    table.split_ascii_whitespace().filter_map(|pair| pair.split_once('=')).collect()
}

/// Short forms that are no ending of a word, or that mean something else than their ending says.
pub(super) const CONTRACTED: &[(&str, &str)] = &[
    ("can't", "can not"),
    ("cannot", "can not"),
    ("cant", "can not"),
    ("won't", "will not"),
    ("wont", "will not"),
    ("shan't", "shall not"),
    ("ain't", "is not"),
    ("dont", "do not"),
    ("doesnt", "does not"),
    ("didnt", "did not"),
    ("isnt", "is not"),
    ("arent", "are not"),
    ("wasnt", "was not"),
    ("shouldnt", "should not"),
    ("couldnt", "could not"),
    ("wouldnt", "would not"),
    ("im", "i am"),
    ("ive", "i have"),
    ("let's", "let us"),
    ("what's", "what is"),
    ("whats", "what is"),
    ("who's", "who is"),
    ("where's", "where is"),
    ("wheres", "where is"),
    ("how's", "how is"),
    ("hows", "how is"),
    ("why's", "why is"),
    ("when's", "when is"),
    ("that's", "that is"),
    ("thats", "that is"),
    ("it's", "it is"),
    ("there's", "there is"),
    ("here's", "here is"),
    ("he's", "he is"),
    ("she's", "she is"),
    ("what're", "what are"),
    ("how'd", "how did"),
    ("where'd", "where did"),
    ("why'd", "why did"),
    ("who'd", "who would"),
    ("i'd", "i would"),
    ("wanna", "want to"),
    ("gonna", "going to"),
    ("gotta", "have got to"),
    ("lemme", "let me"),
    ("gimme", "give me"),
    ("dunno", "do not know"),
    ("pls", "please"),
    ("plz", "please"),
    ("thx", "thanks"),
    ("u", "you"),
    ("ur", "your"),
    ("r", "are"),
    ("w/", "with"),
    ("w/o", "without"),
    ("&", "and"),
    ("vs", "versus"),
];

/// Words that are names or abbreviations when they stand in capitals.
pub(super) static FUNCTION_WORDS: Words = LazyLock::new(|| {
    words(
        "a am an and are as at be but by can do for he how if in is it may me my no not of off on or she so \
    that the they to up us was we what when who why will all",
    )
});

/// Words of other languages that no English sentence has two of.
pub(super) static FOREIGN_WORDS: Words = LazyLock::new(|| {
    words(
        "der das und ist nicht wie wer wo ein eine für ich mit auf welche wann le les des est une dans pour \
    que qui quel quelle comment où pourquoi combien je el los las es una por cómo qué cuál dónde cuándo \
    para del y il che di della come quanto perché sono het een hoe wat waar são",
    )
});

/// What is often written wrongly, and is no other word.
pub(super) static MISSPELT: Pairs = LazyLock::new(|| {
    pairs(
        "teh=the waht=what wht=what hwo=how hw=how whta=what recieve=receive definately=definitely \
    definitly=definitely seperate=separate occured=occurred accomodate=accommodate adress=address \
    goverment=government enviroment=environment calender=calendar begining=beginning beleive=believe \
    bussiness=business buisness=business captial=capital catagory=category cemetary=cemetery \
    collegue=colleague comming=coming commited=committed completly=completely concious=conscious \
    curency=currency diffrence=difference diffrent=different diference=difference dificult=difficult \
    embarass=embarrass existance=existence experiance=experience finaly=finally foriegn=foreign \
    freind=friend happend=happened immediatly=immediately independant=independent intrest=interest \
    knowlege=knowledge libary=library maintainance=maintenance neccessary=necessary necesary=necessary \
    occurence=occurrence pasword=password passowrd=password persistant=persistent popluation=population \
    posible=possible privelege=privilege recomend=recommend tommorow=tomorrow tomorow=tomorrow \
    wich=which",
    )
});

/// What ends in s and is no plural, or means something else without it.
pub(super) static UNCOUNTED: Words = LazyLock::new(|| {
    words(
        "this does was his its hers ours yours theirs thanks news goods customs arms glasses means economics \
    physics mathematics politics athletics statistics ethics genetics futures always perhaps besides \
    less plus minus unless across yes bias gas bus canvas atlas lens chaos series species texas kansas \
    paris james thomas jesus diabetes rabies measles herpes aids united_states netherlands philippines \
    wales athens naples brussels cyprus christmas alas overseas towards afterwards sometimes savings \
    earnings returns options headquarters whereas as is ies",
    )
});

/// One word for several that mean the same in any question we can think of. A pair that differs in some trade (revenue and
/// sales, price and cost, home and house) is not here.
pub(super) static SYNONYMS: Pairs = LazyLock::new(|| {
    pairs(
        "which=what whom=who purchase=buy purchasing=buying big=large bigger=larger biggest=largest \
    begin=start beginning=starting commence=start began=started quick=fast rapid=fast quickly=fast \
    rapidly=fast quicker=faster quickest=fastest repair=fix mend=fix repairing=fixing film=movie \
    physician=doctor automobile=car require=need required=needed permitted=allowed permit=allow \
    assist=help obtain=get acquire=get choose=pick select=pick choosing=picking selecting=picking \
    display=show delete=remove deleting=removing erase=remove utilize=use utilizing=using \
    approximately=about roughly=about around=about regarding=about concerning=about maximum=max \
    minimum=min maximal=max minimal=min britain=uk information=info application=app photograph=photo \
    picture=photo pic=photo kid=child company=firm often=frequently sick=ill smart=clever \
    intelligent=clever hard=difficult simple=easy simplest=easiest occur=happen occurring=happening \
    occurred=happened currently=now presently=now nowadays=now anybody=anyone somebody=someone \
    everybody=everyone nobody=no_one til=until till=until upon=on amongst=among amidst=amid \
    perhaps=maybe also=too bike=bicycle fridge=refrigerator telephone=phone tv=television advert=ad \
    advertisement=ad exam=examination signify=mean summarise=summarize whether=if solicitor=lawyer \
    attorney=lawyer configure=setup obliged=needed obligated=needed locate=find prevent=avoid \
    preventing=avoiding costly=expensive pricey=expensive",
    )
});

/// Months by name, and their numbers.
pub(super) const MONTHS: &[(&str, u8)] = &[
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
];

/// Units, and their short names.
pub(super) static UNITS: Pairs = LazyLock::new(|| {
    pairs(
        "%=% percent=% percentage=percentage dollar=usd dollars=usd usd=usd euro=eur euros=eur eur=eur \
    gbp=gbp sterling=sterling yen=jpy jpy=jpy rupee=inr rupees=inr kilometre=km kilometres=km \
    kilometer=km kilometers=km km=km metre=meter metres=meter meters=meter centimetre=cm centimetres=cm \
    centimeter=cm centimeters=cm millimetre=mm millimetres=mm millimeter=mm millimeters=mm mile=mile \
    miles=mile inch=inch inches=inch kilogram=kg kilograms=kg kilogramme=kg gram=g grams=g milligram=mg \
    milligrams=mg pound=pound pounds=pound lbs=lb ounce=oz ounces=oz millilitre=ml millilitres=ml \
    milliliter=ml milliliters=ml celsius=c_deg °c=c_deg fahrenheit=f_deg °f=f_deg °=degree",
    )
});
/// The same of words that are a unit after a number only.
pub(super) static UNITS_AFTER_NUMBERS: Pairs = LazyLock::new(|| {
    pairs(
        "buck=usd bucks=usd kms=km m=meter mi=mile kilo=kg kilos=kg kgs=kg litre=l litres=l liter=l liters=l \
    hr=hour hrs=hour h=hour min=minute mins=minute sec=second secs=second seconds=second yr=year \
    yrs=year",
    )
});

/// Names of units after they were brought to one form.
static UNIT_NAMES: Words = LazyLock::new(|| {
    words(
        "% percentage usd eur gbp sterling jpy inr cny chf cad aud a$ c$ hk$ dollar euro pound cent penny km \
    meter m cm mm mile inch foot yard kg g mg lb oz ton tonne l ml gallon pint cup tablespoon teaspoon \
    hour minute second day week month year decade century c_deg f_deg kelvin degree km/h mph watt byte",
    )
});

/// Words that have an opposite, each beside it, in the forms that are written out here.
static OPPOSITES: Words = LazyLock::new(|| {
    words(
        "on off buy sell buying selling bought sold buyer seller rise fall rising falling rose fell increase \
    decrease increasing decreasing increased decreased before after max min up down more less most least \
    high low higher lower highest lowest large small larger smaller largest smallest long short longer \
    shorter longest shortest fast slow faster slower fastest slowest old young older younger oldest \
    youngest new good bad better worse best worst hot cold hotter colder enable disable open close \
    opening closing start stop started ended first last early late earlier later import export profit \
    loss gain gross net bid ask call put bull bear bullish bearish asset liability debit credit lend \
    borrow lender borrower supply demand nominal real fixed variable public private legal illegal safe \
    dangerous allow forbid allowed forbidden include exclude including excluding with without add remove \
    accept reject win lose won lost pass fail arrive depart arrival departure enter exit internal \
    external upload download encrypt decrypt encode decode compress decompress push pull read write \
    input output north south east west left right above below over under inside outside indoor outdoor \
    male female man woman mother father advantage disadvantage pro con benefit drawback strength \
    weakness positive negative easy difficult rich poor cheap expensive future past",
    )
});

static NEGATIONS: Words = LazyLock::new(|| {
    words(
        "not no never without none nor neither except only unless hardly barely no_one nothing nowhere \
    exclude excluding avoid lack lacking despite besides solely just even stop instead",
    )
});

static QUANTIFIERS: Words = LazyLock::new(|| {
    words(
        "all every each some any many much most few several a_little little half both either everyone anyone \
    someone everything anything something always sometimes usually frequently rarely least",
    )
});

static MODALS: Words =
    LazyLock::new(|| words("can could should must may might will would shall ought need have cannot"));

static PERSONS: Words = LazyLock::new(|| {
    words(
        "i me my mine myself you your yours yourself he him his himself she her hers herself we us our ours \
    ourselves they them their theirs it its one's",
    )
});

/// Pasts that are participles too, and do not end in -ed.
static PASTS: Words = LazyLock::new(|| {
    words(
        "paid made sold built held sent bought brought caught taught thought told found kept left lost met put cut hit hurt set let \
    shut won beat led fed shot struck hung lent spent bound understood stood heard said meant burnt dealt felt fought sought slid",
    )
});

/// What means something else in the plural.
static TWO_MEANINGS: Words = LazyLock::new(|| {
    words(
        "interest damage security minute custom arm good spirit force mean future return option saving earning right work paper \
    glass wood water air time people sale content letter manner moral quarter ruin scale term troop value premise remain look \
    leave ground green effect expense fundamental commodity compass color brain authority age cover due draw gain head honor hour \
    iron pain part particular pant picture pound power proceed respect short sand service state talk task trunk writing account",
    )
});

/// What one has of another, where "X's fear" and "the fear of X" are not the same.
static TWO_SIDED: Words = LazyLock::new(|| {
    words(
        "criticism fear love hate hatred support picture photo portrait painting drawing image statue story book song movie \
    review analysis opinion view treatment attack invasion defeat murder killing assessment description betrayal \
    rejection acceptance pursuit knowledge memory accusation praise trust distrust need dislike admiration envy punishment \
    investigation examination influence control ownership acquisition takeover purchase sale rescue abandonment loss",
    )
});

static TIME_WORDS: Words = LazyLock::new(|| {
    words(
        "today yesterday tomorrow tonight now weekly daily monthly yearly annually overnight monday friday \
    saturday sunday",
    )
});

static DATE_WORDS: Words = LazyLock::new(|| {
    words(
        "today yesterday tomorrow tonight now monday tuesday wednesday thursday friday saturday sunday q1 q2 \
    q3 q4 h1 h2 quarter this last next previous ago since until spring summer autumn fall winter weekend \
    weekday morning noon evening midnight",
    )
});

static NUMBER_WORDS: Words = LazyLock::new(|| {
    words(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth half quarter \
    double triple twice once thrice single pair dozen",
    )
});

static PREPOSITIONS: Words = LazyLock::new(|| {
    words(
        "in on at by for from to of with without about above across after against along among before behind \
    below beneath beside between beyond during inside into like near off onto out outside over per since \
    through under until via within given",
    )
});

static BOUNDARIES: Words = LazyLock::new(|| {
    words(
        "is do can could should would will must may might shall have had what who whose when where why how \
    that if whether and or but not than then as because while be been being versus compared much many \
    there so list give",
    )
});

pub(super) fn is_wh_word(word: &str) -> bool {
    matches!(word, "what" | "who" | "whose" | "when" | "where" | "why" | "how")
}

pub(super) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(word)
}

/// Whether a phrase of nouns ends before this word.
pub(super) fn is_boundary(word: &str) -> bool {
    BOUNDARIES.contains(word)
}

/// Whether it may be a participle: then whether a form of "be" stands with it counts.
pub(super) fn is_past(word: &str) -> bool {
    (word.len() > 3 && word.ends_with("ed")) || PASTS.contains(word)
}

/// Whether several of it are something else: interests, damages, minutes.
pub(super) fn has_two_meanings(word: &str) -> bool {
    TWO_MEANINGS.contains(word)
}

/// Whether who has it and whom it is about can be mistaken for each other.
pub(super) fn has_two_sides(word: &str) -> bool {
    TWO_SIDED.contains(word)
}

pub(super) fn is_time_word(word: &str) -> bool {
    TIME_WORDS.contains(word)
}

pub(super) fn is_number(word: &str) -> bool {
    !is_date(word) && (word.contains(|c: char| c.is_numeric()) || NUMBER_WORDS.contains(word))
}

pub(super) fn is_unit(word: &str) -> bool {
    UNIT_NAMES.contains(word) || word.starts_with('@')
}

pub(super) fn is_date(word: &str) -> bool {
    word.starts_with("month:")
        || DATE_WORDS.contains(word)
        || (word.contains(['-', '/']) && word.split(['-', '/']).all(is_decimal))
}

pub(super) fn is_negation(word: &str) -> bool {
    NEGATIONS.contains(word)
}

pub(super) fn is_polar(word: &str) -> bool {
    OPPOSITES.contains(word)
}

pub(super) fn is_quantifier(word: &str) -> bool {
    QUANTIFIERS.contains(word)
}

pub(super) fn is_modal(word: &str) -> bool {
    MODALS.contains(word)
}

pub(super) fn is_person(word: &str) -> bool {
    PERSONS.contains(word)
}

/// The word without the prefix that denies it.
pub(super) fn without_negative_prefix(word: &str) -> Option<&str> {
    ["un", "in", "im", "ir", "il", "dis", "non", "mis", "de", "anti"]
        .into_iter()
        .find_map(|prefix| word.strip_prefix(prefix))
}
