//! A site's format: plan and decode, pure.
