//! An HTTP transport.
