//! Polite access to files and sites: the request vocabulary and its transports.
