//! Reading a file of options. No message shows a value: one of them may be a password.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use assize_cache::DEFAULT_SHARED_BYTES;
use assize_transport::Secret;
use toml::de::DeValue;

use super::{CacheOptions, RedisOptions};
use crate::{Error, text_file};

const FIELDS: &str = "folder, memory_bytes, disk_bytes, fresh_for, redis, redis_name and redis_bytes";
/// Less memory or server than this holds nothing worth while.
const LEAST_BYTES: u64 = 1_000_000;
/// Less disk is not possible.
const LEAST_DISK_BYTES: u64 = 4 << 20;
/// Nobody means a larger number.
const MOST_BYTES: u64 = 1 << 50;
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A file with so many bytes is none of options.
const MAX_FILE_BYTES: usize = 64 << 10;

/// The options in this file. Where it names no folder, it is the `usual` one.
pub(super) fn read(path: &Path, usual: &dyn Fn() -> Result<PathBuf, Error>) -> Result<CacheOptions, Error> {
    let text = text_file::read("cache file", path)?;
    let base = path.parent().unwrap_or(Path::new(""));
    parse(&path.display().to_string(), base, &text, usual)
}

fn parse(
    path: &str,
    base: &Path,
    text: &str,
    usual: &dyn Fn() -> Result<PathBuf, Error>,
) -> Result<CacheOptions, Error> {
    let wrong = |line: usize, why: &str| {
        Error::bad_request(format!("read the cache file {path}, line {line}: {why}")).with_hint(format!(
            "the fields are {FIELDS}, such as disk_bytes = 10_000_000_000; all can be left out"
        ))
    };
    if text.len() > MAX_FILE_BYTES {
        return Err(wrong(1, &format!("it has more than {MAX_FILE_BYTES} bytes, and holds no options")));
    }
    // The parser's own messages show the text around the error, and with it a password.
    let document = toml::de::DeTable::parse(text).map_err(|e| {
        let line = e.span().map_or(1, |span| line_of(text, span.start));
        wrong(line, "it is not TOML")
    })?;
    let mut options = CacheOptions::in_folder("");
    let (mut folder, mut url, mut name, mut bytes) = (None, None, None, None);
    let mut first_of_redis = None;
    for (field, value) in document.into_inner() {
        let line = line_of(text, field.span().start);
        let field = field.into_inner();
        let value = value.into_inner();
        let read = match &*field {
            "folder" => as_text(&value).map(|text| folder = Some(base.join(text))),
            "memory_bytes" => as_bytes(&value, LEAST_BYTES).map(|n| options.memory_bytes = n),
            "disk_bytes" => as_bytes(&value, LEAST_DISK_BYTES).map(|n| options.disk_bytes = n),
            "fresh_for" => as_time(&value).map(|time| options.fresh_for = time),
            "redis" => as_text(&value).map(|text| url = Some((line, Secret::new(text)))),
            "redis_name" => as_text(&value).map(|text| name = Some(text.to_owned())),
            "redis_bytes" => as_bytes(&value, LEAST_BYTES).map(|n| bytes = Some(n)),
            other => return Err(wrong(line, &format!("there is no field {other:?}"))),
        };
        read.map_err(|why| wrong(line, &format!("`{field}` {why}")))?;
        if field.starts_with("redis_") {
            first_of_redis.get_or_insert((line, field));
        }
    }
    match (url, first_of_redis) {
        (Some((line, url)), _) => {
            let redis = RedisOptions {
                url,
                name: name.unwrap_or_else(|| "assize".to_owned()),
                bytes: bytes.unwrap_or(DEFAULT_SHARED_BYTES),
            };
            check(&redis).map_err(|why| wrong(line, &why))?;
            options.redis = Some(redis);
        }
        (None, Some((line, field))) => {
            return Err(wrong(
                line,
                &format!("`{field}` means nothing without `redis`, the server's address"),
            ));
        }
        (None, None) => {}
    }
    options.folder = folder.map_or_else(usual, Ok)?;
    Ok(options)
}

/// Whether an address and a name can be a server's; its words show neither.
fn check(redis: &RedisOptions) -> Result<(), String> {
    let clock = std::sync::Arc::new(assize_ambient::SystemClock);
    match assize_cache::RedisTier::new(redis.url.expose(), &redis.name, clock) {
        Ok(_) => Ok(()),
        Err(_) if assize_cache::Namespace::new(&redis.name, 0).is_err() => {
            Err("`redis_name` must have 1 to 64 characters of a-z, 0-9, _, - and .".to_owned())
        }
        Err(_) => {
            Err("`redis` must be redis://[user][:password@]host[:port][/database] or redis+unix:///path"
                .to_owned())
        }
    }
}

fn as_text<'a>(value: &'a DeValue<'_>) -> Result<&'a str, String> {
    match value {
        DeValue::String(text) if text.trim().is_empty() => Err("must not be empty".to_owned()),
        DeValue::String(text) if text.chars().any(char::is_control) => {
            Err("must not hold control characters".to_owned())
        }
        DeValue::String(text) => Ok(text),
        _ => Err("must be a text in quotation marks".to_owned()),
    }
}

fn as_bytes(value: &DeValue<'_>, least: u64) -> Result<u64, String> {
    let wanted = || format!("must be a whole number of bytes from {least} to {MOST_BYTES}");
    let DeValue::Integer(number) = value else { return Err(wanted()) };
    let bytes = u64::from_str_radix(number.as_str(), number.radix()).map_err(|_| wanted())?;
    if (least..=MOST_BYTES).contains(&bytes) { Ok(bytes) } else { Err(wanted()) }
}

fn as_time(value: &DeValue<'_>) -> Result<Duration, String> {
    let wanted = || "must be a time from 1s to 8784h, such as \"24h\" or \"30m\"".to_owned();
    let time: jiff::SignedDuration = as_text(value)?.parse().map_err(|_| wanted())?;
    let time = Duration::try_from(time).map_err(|_| wanted())?;
    if (Duration::from_secs(1)..=LONGEST).contains(&time) { Ok(time) } else { Err(wanted()) }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
