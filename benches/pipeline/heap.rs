//! What is held of the heap: the system's allocator with a count that is switched on where memory is measured.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
};

/// Where the count is off, which it is where time is measured, it costs the reading of a flag.
struct Weighing;

#[global_allocator]
static WEIGHING: Weighing = Weighing;

static IS_ON: AtomicBool = AtomicBool::new(false);
static HELD: AtomicI64 = AtomicI64::new(0);
static MOST: AtomicI64 = AtomicI64::new(0);

/// Counts from now on, from nothing: what is there already counts below it when it is given back.
pub(crate) fn weigh() {
    HELD.store(0, Relaxed);
    MOST.store(0, Relaxed);
    IS_ON.store(true, Relaxed);
}

/// Counts no longer.
pub(crate) fn stop() {
    IS_ON.store(false, Relaxed);
}

/// How many bytes more are held than when the count began.
pub(crate) fn held() -> i64 {
    HELD.load(Relaxed)
}

/// The most that were held at any time since.
pub(crate) fn most() -> i64 {
    MOST.load(Relaxed)
}

fn count(bytes: usize, sign: i64) {
    if IS_ON.load(Relaxed) {
        let change = sign * i64::try_from(bytes).unwrap_or(i64::MAX);
        let held = HELD.fetch_add(change, Relaxed) + change;
        MOST.fetch_max(held, Relaxed);
    }
}

#[expect(unsafe_code, reason = "an allocator is one; every call goes to the system's as it came")]
// SAFETY: nothing is added to the system's allocator but a count, which allocates nothing.
unsafe impl GlobalAlloc for Weighing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, 1);
        count(layout.size(), -1);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}
