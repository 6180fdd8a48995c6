//! The price book: which model cost what, when.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use assize_ambient::Timestamp;
use jiff::civil::Date;
use rustc_hash::FxBuildHasher;

use crate::error::{Error, Result};
use crate::model_price::{ModelPrice, in_words, midnight};
use crate::nearest::{MAX_COMPARED, nearest};
use crate::price_file;

static EMBEDDED: LazyLock<PriceBook> = LazyLock::new(|| {
    PriceBook::from_toml("price_book.toml", include_str!("../price_book.toml"))
        .expect("the embedded prices are valid; a test reads them")
});

/// Prices of models, dated.
///
/// [`embedded`](Self::embedded) is the list that comes with this crate. A list of your own, in the same format (its file
/// explains it), is laid over it with [`overlaid`](Self::overlaid):
///
/// ```
/// use assize_ambient::Timestamp;
/// use assize_metering::{Mode, PriceBook, TokenUsage};
///
/// let own = PriceBook::from_toml(
///     "prices.toml",
///     r#"
///     format_version = 1
///
///     [[price]]
///     vendor = "acme"
///     id = "acme-large"
///     input = "0.40" # USD per million tokens
///     output = "1.20"
///     source = "our contract of 2026"
///     "#,
/// )?;
/// let book = PriceBook::embedded().overlaid(&own);
/// let at: Timestamp = "2026-11-20T00:00:00Z".parse()?;
/// let cost = book.find("acme-large", at)?.cost(&TokenUsage::of(1_000, 100), Mode::Standard)?;
/// assert_eq!(cost.total().to_string(), "0.00052");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PriceBook {
    /// Sorted by vendor, id and period; the periods of one model do not overlap.
    rows: Vec<Row>,
    /// Looked up only, never listed: the hash's order shows nowhere. Names come from the operator's files, so that a
    /// quick hash will do.
    names: HashMap<Box<str>, Named, FxBuildHasher>,
}

/// A price and the seconds since 1970 of its period: the first, and the first that no longer belongs to it.
#[derive(Debug, Clone)]
struct Row {
    from: i64,
    until: i64,
    price: Arc<ModelPrice>,
}

/// The models of one name: each a range of rows.
#[derive(Debug, Clone, Default)]
struct Named {
    /// The one model that the name means by itself, if it is one.
    sole: Option<Range<usize>>,
    others: Box<Meanings>,
}

#[derive(Debug, Clone, Default)]
struct Meanings {
    by_id: Vec<Range<usize>>,
    by_alias: Vec<Range<usize>>,
}

impl Named {
    fn add(&mut self, rows: &Range<usize>, is_id: bool) {
        let Meanings { by_id, by_alias } = &mut *self.others;
        let meant = if is_id { &mut *by_id } else { &mut *by_alias };
        if !meant.contains(rows) {
            meant.push(rows.clone());
        }
        let foremost = if by_id.is_empty() { by_alias } else { by_id };
        self.sole = if let [one] = foremost.as_slice() { Some(one.clone()) } else { None };
    }
}

impl PriceBook {
    /// The list that comes with this crate, read once.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads a price file. `name` is the file's name, for messages.
    ///
    /// The text is limited to 4 MiB and 20,000 prices.
    ///
    /// # Errors
    /// [`InvalidPriceBook`](crate::ErrorKind::InvalidPriceBook), with file, line and field: what is no TOML, an unknown or
    /// missing key, a rate that is negative, above 1 USD a token or finer than a picodollar a token, a rate written as
    /// a number instead of a string, tiers out of order, a period that ends before it begins, and periods of one model
    /// that overlap.
    pub fn from_toml(name: &str, text: &str) -> Result<Self> {
        Ok(Self::of(price_file::read(name, text)?.into_iter().map(Arc::new).collect()))
    }

    /// This book with another laid over it: for every time for which `upper` prices a model of the same vendor and id,
    /// its price replaces the one here, and this book's remains for other times.
    ///
    /// Where the two disagree about an alias, `upper` decides; an id always comes before an alias.
    #[must_use]
    pub fn overlaid(&self, upper: &Self) -> Self {
        let mut rows: Vec<_> = upper.rows.iter().map(|row| Arc::clone(&row.price)).collect();
        for Row { price: row, .. } in &self.rows {
            let mut left = vec![Arc::clone(row)];
            let above = upper.candidates(&row.id, Some(&row.vendor));
            let above = above.as_slice().iter().copied().flatten().map(|above| &*above.price);
            for above in above.filter(|above| same_model(above, row)) {
                left = left.iter().flat_map(|row| outside(row, above)).collect();
            }
            for row in &mut left {
                let taken = |alias: &String| upper.means_another(row, alias);
                if row.aliases.iter().any(taken) {
                    let aliases = row.aliases.iter().filter(|alias| !taken(alias)).cloned().collect();
                    *row = Arc::new(ModelPrice { aliases, ..ModelPrice::clone(row) });
                }
            }
            rows.append(&mut left);
        }
        Self::of(rows)
    }

    /// The price of a model at a time. `name` is an id or an alias, or one of them behind its vendor, as `vendor/id` or
    /// `vendor:id`. A date means its beginning in UTC, which is also when prices change.
    ///
    /// ```
    /// use assize_metering::{ErrorKind, PriceBook};
    /// use jiff::civil::date;
    ///
    /// let book = PriceBook::embedded();
    /// let before = book.find("mistral-large-4", date(2026, 10, 28))?;
    /// let after = book.find("mistral:mistral-large-4", date(2026, 10, 29))?;
    /// assert_ne!(before.tier_at(0).stated(), after.tier_at(0).stated());
    /// # Ok::<(), assize_metering::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownModel`](crate::ErrorKind::UnknownModel) with up to three known names that are close;
    /// [`AmbiguousModel`](crate::ErrorKind::AmbiguousModel) where several vendors have a model of that name;
    /// [`NotPricedThen`](crate::ErrorKind::NotPricedThen) with the periods that are known.
    pub fn find(&self, name: &str, at: impl Into<PricedAt>) -> Result<&ModelPrice> {
        let PricedAt(second) = at.into();
        let rows = match self.names.get(name) {
            Some(Named { sole: Some(sole), .. }) => &self.rows[sole.clone()],
            _ => self.model(name)?,
        };
        match rows.iter().find(|row| row.from <= second && second < row.until) {
            Some(row) => Ok(&row.price),
            None => {
                let periods = rows.iter().map(|row| format!("the time {}", row.price.period())).collect();
                Err(Error::not_priced_then(name, in_words(second), periods))
            }
        }
    }

    /// The prices of models whose id, alias or vendor contains `filter` in whatever case, sorted by vendor, id and
    /// period. The empty filter lists all.
    pub fn models(&self, filter: &str) -> impl Iterator<Item = &ModelPrice> {
        let filter = filter.to_lowercase();
        self.rows.iter().map(|row| &*row.price).filter(move |row| {
            let mut names = row.aliases.iter().chain([&row.id, &row.vendor]);
            names.any(|name| name.to_lowercase().contains(&filter))
                || row.full_name().to_lowercase().contains(&filter)
        })
    }

    /// How many prices there are; a model with two periods counts twice.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no price at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn of(mut prices: Vec<Arc<ModelPrice>>) -> Self {
        prices.sort_by(|a, b| (&a.vendor, &a.id, a.valid_from).cmp(&(&b.vendor, &b.id, b.valid_from)));
        let mut names: HashMap<Box<str>, Named, FxBuildHasher> = HashMap::default();
        let mut start = 0;
        for model in prices.chunk_by(|a, b| same_model(a, b)) {
            let rows = start..start + model.len();
            start = rows.end;
            names.entry(model[0].id.as_str().into()).or_default().add(&rows, true);
            for alias in model.iter().flat_map(|price| &price.aliases) {
                names.entry(alias.as_str().into()).or_default().add(&rows, false);
            }
        }
        let with_period = |price: Arc<ModelPrice>| {
            let (from, until) = price.seconds();
            Row { from, until, price }
        };
        Self { rows: prices.into_iter().map(with_period).collect(), names }
    }

    /// The rows of the one model of this name.
    fn model(&self, name: &str) -> Result<&[Row]> {
        let mut meant = self.candidates(name, None);
        if meant.is_empty()
            && let Some(at) = name.find(['/', ':'])
        {
            meant = self.candidates(&name[at + 1..], Some(&name[..at]));
        }
        match meant.as_slice() {
            [one] => Ok(one),
            [] => Err(self.unknown(name)),
            _ => Err(Error::ambiguous_model(name, meant.full_names().collect())),
        }
    }

    /// The models of this name, of one vendor or of any; those of which it is the id come before those of which it is an
    /// alias.
    fn candidates(&self, name: &str, vendor: Option<&str>) -> Candidates<'_> {
        let Some(named) = self.names.get(name) else { return Candidates::default() };
        let of_vendor = |ranges: &[Range<usize>]| {
            let mut found = Candidates::default();
            for rows in ranges.iter().filter_map(|range| self.rows.get(range.clone())) {
                if vendor.is_none_or(|vendor| rows.iter().any(|row| row.price.vendor == vendor)) {
                    found.push(rows);
                }
            }
            found
        };
        let by_id = of_vendor(&named.others.by_id);
        if by_id.is_empty() { of_vendor(&named.others.by_alias) } else { by_id }
    }

    /// Whether this book gives an alias of that row's vendor to another model.
    fn means_another(&self, row: &ModelPrice, alias: &str) -> bool {
        let meant = self.candidates(alias, Some(&row.vendor));
        meant.as_slice().iter().any(|rows| rows.iter().any(|other| !same_model(&other.price, row)))
    }

    #[cold]
    fn unknown(&self, name: &str) -> Error {
        if name.len() > MAX_COMPARED {
            return Error::unknown_model(name, Vec::new());
        }
        // Wrapped in the name of a reseller, a region or a fine-tuning: what a part of it names may be what is meant.
        for part in parts(name) {
            let known = self.candidates(part, None);
            if !known.is_empty() {
                return Error::unknown_model(name, known.full_names().take(3).collect());
            }
        }
        let qualified = name.contains(['/', ':']);
        let full: Vec<String> =
            self.rows.iter().filter(|_| qualified).map(|row| row.price.full_name()).collect();
        let plain = self.rows.iter().flat_map(|row| row.price.aliases.iter().chain([&row.price.id]));
        let known = || plain.clone().chain(&full).map(String::as_str);
        let mut found = nearest(name, known());
        if found.is_empty()
            && let Some(part) = name.split(['/', ':']).max_by_key(|part| part.len()).filter(|_| qualified)
        {
            found = nearest(part, known());
        }
        Error::unknown_model(name, found)
    }
}

/// The parts of a name from separator to separator, the longest first. A dot only begins a part: versions have dots.
fn parts(name: &str) -> Vec<&str> {
    const MAX_SEPARATORS: usize = 12;
    let after = name.match_indices(['/', ':', '@', '.']).map(|(at, _)| at + 1).take(MAX_SEPARATORS);
    let before = name.match_indices(['/', ':', '@']).map(|(at, _)| at).take(MAX_SEPARATORS);
    let ends: Vec<usize> = before.chain([name.len()]).collect();
    let mut parts: Vec<&str> = std::iter::once(0)
        .chain(after)
        .flat_map(|start| ends.iter().filter_map(move |end| name.get(start..*end)))
        .filter(|part| !part.is_empty() && part.len() < name.len())
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts
}

/// The models that a name can mean: mostly one, so that finding it allocates nothing.
#[derive(Default)]
struct Candidates<'a> {
    first: [&'a [Row]; 1],
    n_models: usize,
    several: Vec<&'a [Row]>,
}

impl<'a> Candidates<'a> {
    fn push(&mut self, rows: &'a [Row]) {
        match self.n_models {
            0 => self.first = [rows],
            1 => self.several = vec![self.first[0], rows],
            _ => self.several.push(rows),
        }
        self.n_models += 1;
    }

    fn is_empty(&self) -> bool {
        self.n_models == 0
    }

    fn as_slice(&self) -> &[&'a [Row]] {
        match self.n_models {
            0 => &[],
            1 => &self.first,
            _ => &self.several,
        }
    }

    fn full_names(&self) -> impl Iterator<Item = String> {
        self.as_slice().iter().filter_map(|rows| rows.first()).map(|row| row.price.full_name())
    }
}

/// When a call was made: a [`Timestamp`], or a [`Date`], which means its beginning in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PricedAt(i64);

impl PricedAt {
    /// Seconds since 1970.
    pub(crate) const fn second(self) -> i64 {
        self.0
    }
}

impl From<Timestamp> for PricedAt {
    fn from(time: Timestamp) -> Self {
        // Towards the past, also before 1970.
        let second = time.as_second();
        Self(if time.subsec_nanosecond() < 0 { second - 1 } else { second })
    }
}

impl From<Date> for PricedAt {
    fn from(day: Date) -> Self {
        Self(midnight(day))
    }
}

fn same_model(a: &ModelPrice, b: &ModelPrice) -> bool {
    a.id == b.id && a.vendor == b.vendor
}

/// The parts of a price's period that lie outside another's.
fn outside(row: &Arc<ModelPrice>, other: &ModelPrice) -> Vec<Arc<ModelPrice>> {
    let ends_before = row.valid_until.zip(other.valid_from).is_some_and(|(until, from)| until <= from);
    let begins_after = row.valid_from.zip(other.valid_until).is_some_and(|(from, until)| until <= from);
    if ends_before || begins_after {
        return vec![Arc::clone(row)];
    }
    let mut parts = Vec::new();
    if let Some(from) = other.valid_from
        && row.valid_from.is_none_or(|begin| begin < from)
    {
        parts.push(Arc::new(ModelPrice { valid_until: Some(from), ..ModelPrice::clone(row) }));
    }
    if let Some(until) = other.valid_until
        && row.valid_until.is_none_or(|end| until < end)
    {
        parts.push(Arc::new(ModelPrice { valid_from: Some(until), ..ModelPrice::clone(row) }));
    }
    parts
}
