//! What another process did in a tier that several share.

use crate::Selector;

/// What another process did in a tier that several share, as [`Tiered::heed`](crate::Tiered::heed) takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It removed or replaced this.
    Removed(Selector),
    /// It may have done anything: nobody listened for a while.
    MayHaveMissed,
}
