//! From a file, a folder or the environment to options.

use std::{collections::BTreeMap, ffi::OsString, fs};

use super::*;

const PASSWORD: &str = "c0ffee-never-seen";

fn load(named: Option<&Path>, environment: &[(&str, &str)]) -> Result<CacheOptions, Error> {
    let environment: BTreeMap<&str, OsString> =
        environment.iter().map(|(name, value)| (*name, OsString::from(value))).collect();
    CacheOptions::load_from(named, &|name| environment.get(name).cloned())
}

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn what_is_said_nearest_counts() {
    let home = ("HOME", "/h/ada");
    for (named, environment, folder) in [
        (None, &[home][..], "/h/ada/.cache/assize"),
        (None, &[home, ("XDG_CACHE_HOME", "/var/caches")], "/var/caches/assize"),
        (None, &[home, ("XDG_CACHE_HOME", "relative")], "/h/ada/.cache/assize"),
        (None, &[home, ("XDG_CACHE_HOME", "")], "/h/ada/.cache/assize"),
        (None, &[home, ("ASSIZE_CACHE", "here")], "here"),
        (None, &[home, ("ASSIZE_CACHE", "")], "/h/ada/.cache/assize"),
        (Some("there"), &[home, ("ASSIZE_CACHE", "here")], "there"),
        (Some("there"), &[], "there"),
    ] {
        let options = load(named.map(Path::new), environment).unwrap();
        assert_eq!(options, CacheOptions::in_folder(folder), "{named:?} {environment:?}");
    }
    for nowhere in [&[][..], &[("HOME", "")], &[("HOME", "relative")]] {
        let error = load(None, nowhere).unwrap_err();
        assert!(error.hint().unwrap().contains("ASSIZE_CACHE"), "{error}");
    }
}

#[test]
fn a_file_says_it_all() {
    let (folder, path) = written(&format!(
        "folder = \"replies\"\nmemory_bytes = 1_000_000\ndisk_bytes = 0x1000000\nfresh_for = \"90m\"\n\
         redis = \"redis://ada:{PASSWORD}@cache.example.org:6379/2\"\nredis_name = \"panel\"\nredis_bytes = 5000000\n"
    ));
    let options = load(Some(&path), &[]).unwrap();
    let redis = options.redis.clone().unwrap();
    assert_eq!(options.folder, folder.path().join("replies"), "relative to the file");
    assert_eq!((options.memory_bytes, options.disk_bytes), (1_000_000, 1 << 24));
    assert_eq!(options.fresh_for, Duration::from_secs(90 * 60));
    assert_eq!((redis.address(), &*redis.name, redis.bytes), ("cache.example.org:6379", "panel", 5_000_000));
    assert!(
        redis.url.expose().contains(PASSWORD) && !format!("{options:?}").contains(PASSWORD),
        "{options:?}"
    );

    let (_folder, path) = written("");
    let environment =
        [("ASSIZE_CACHE", path.to_str().unwrap()), ("XDG_CACHE_HOME", "/c"), ("LOCALAPPDATA", "C:\\c")];
    let options = load(None, &environment).unwrap();
    assert!(options.folder.is_absolute() && options.redis.is_none(), "{options:?}");
    assert_eq!((options.memory_bytes, options.disk_bytes), (100_000_000, 10_000_000_000));
}

#[test]
fn an_address_is_shown_without_what_is_secret() {
    for (url, shown) in [
        ("redis://localhost", "localhost"),
        ("redis://:a@b@host:1/0", "host:1"),
        ("redis://user:pass@[::1]:6379?protocol=resp3", "[::1]:6379"),
        ("redis+unix:///run/redis.sock?pass=secret", "a Unix socket"),
        ("unix:///run/redis.sock?pass=secret", "a Unix socket"),
        ("secret", "secret"),
    ] {
        let redis = RedisOptions { url: Secret::new(url), name: "n".to_owned(), bytes: 1 };
        assert_eq!(redis.address(), shown, "{url}");
    }
}

#[test]
fn what_is_wrong_is_named_by_file_line_and_field() {
    for (text, line, why) in [
        ("folder = replies", 1, "not TOML"),
        ("\n\nfolder = \"a\"\nfolder = \"b\"", 4, "not TOML"),
        ("# so it is\nfoldre = \"c0ffee-never-seen\"", 2, "no field \"foldre\""),
        ("[redis]\nurl = \"redis://:c0ffee-never-seen@h\"", 1, "`redis` must be a text"),
        ("folder = 7", 1, "`folder` must be a text"),
        ("folder = \" \"", 1, "`folder` must not be empty"),
        ("folder = \"a\\u0007\"", 1, "`folder` must not hold control characters"),
        ("memory_bytes = \"c0ffee-never-seen\"", 1, "`memory_bytes` must be a whole number of bytes"),
        ("memory_bytes = 999_999", 1, "from 1000000"),
        ("memory_bytes = -1", 1, "from 1000000"),
        ("memory_bytes = 1e9", 1, "`memory_bytes` must be a whole number"),
        ("disk_bytes = 99999999999999999999999", 1, "`disk_bytes` must be a whole number"),
        ("disk_bytes = 4_000_000", 1, "from 4194304"),
        ("fresh_for = 60", 1, "`fresh_for` must be a text"),
        ("fresh_for = \"soon\"", 1, "`fresh_for` must be a time"),
        ("fresh_for = \"-1h\"", 1, "`fresh_for` must be a time"),
        ("fresh_for = \"9000h\"", 1, "`fresh_for` must be a time"),
        ("\nredis_bytes = 5_000_000\n", 2, "`redis_bytes` means nothing without `redis`"),
        ("redis = \"http://:c0ffee-never-seen@host\"", 1, "`redis` must be redis://"),
        ("redis = \"redis://:c0ffee-never-seen@host:port\"", 1, "`redis` must be redis://"),
        ("redis_name = \"Ours\"\nredis = \"redis://:c0ffee-never-seen@h\"", 2, "`redis_name` must have"),
    ] {
        let (_folder, path) = written(text);
        let error = load(Some(&path), &[("HOME", "/h")]).unwrap_err();
        let shown = format!("{error} {error:?} {}", error.hint().unwrap());
        assert!(error.to_string().contains(&format!("cache.toml, line {line}: ")), "{text:?}: {error}");
        assert!(error.to_string().contains(why), "{text:?}: {error}");
        assert!(!shown.contains(PASSWORD), "{text:?}: {shown}");
        assert_eq!(error.kind(), crate::ErrorKind::BadRequest, "{text:?}");
    }
    let (_folder, path) = written(&"#".repeat(100_000));
    assert!(load(Some(&path), &[]).unwrap_err().to_string().contains("holds no options"));
}
