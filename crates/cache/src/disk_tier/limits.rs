//! How the bytes that a tier on disk may take are shared out.

/// SQLite's page. The file is counted in pages.
pub(super) const PAGE_BYTES: u64 = 4096;

/// The least that a tier is made for.
const LEAST_BYTES: u64 = 4 << 20;
/// No entry is larger, whatever the limit.
pub(super) const LARGEST_ENTRY_BYTES: u64 = (64 << 20) + (64 << 10);
const LARGEST_BATCH_BYTES: u64 = 8 << 20;
const MOST_CHECKPOINT_PAGES: u64 = 4096;
const LARGEST_SLACK_BYTES: u64 = 1 << 20;

/// Three quarters are for the file, the rest for the log beside it, which takes a sixteenth until it is worked off, and
/// the largest transaction on top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    bytes: u64,
}

impl Limits {
    pub(super) fn new(bytes: u64) -> Self {
        Self { bytes: bytes.max(LEAST_BYTES) }
    }

    pub(super) const fn bytes(self) -> u64 {
        self.bytes
    }

    /// So many pages of the file may be in use.
    pub(super) const fn pages(self) -> u64 {
        self.bytes / 4 * 3 / PAGE_BYTES
    }

    /// What is let go at once when there are more, in pages: not one entry for each that comes.
    pub(super) fn slack_pages(self) -> u64 {
        (self.pages() / 32).min(LARGEST_SLACK_BYTES / PAGE_BYTES)
    }

    pub(super) fn largest_entry(self) -> u64 {
        (self.bytes / 16).min(LARGEST_ENTRY_BYTES)
    }

    pub(super) fn batch_bytes(self) -> u64 {
        (self.bytes / 32).min(LARGEST_BATCH_BYTES)
    }

    /// When the log has so many pages, it is worked off.
    pub(super) fn checkpoint_pages(self) -> u64 {
        (self.bytes / 16 / PAGE_BYTES).min(MOST_CHECKPOINT_PAGES)
    }

    /// When the log's file is so large, readers are made to wait until it is worked off.
    pub(super) fn log_bytes(self) -> u64 {
        (2 * self.checkpoint_pages() * PAGE_BYTES).min(self.bytes / 8)
    }
}
