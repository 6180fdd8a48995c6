//! Constructors: options and environment become concrete objects.
