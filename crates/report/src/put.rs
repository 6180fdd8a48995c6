//! Formatting onto the end of a `String`, which cannot fail.

/// `write!` for a `String`, without the `Result` that can never be an error.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{
        // Writing to a `String` has no way to fail.
        let _ = ::std::fmt::Write::write_fmt($out, ::std::format_args!($($arg)*));
    }};
}

pub(crate) use put;
