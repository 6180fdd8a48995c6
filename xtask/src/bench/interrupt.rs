//! Ctrl-C and a polite kill: what was measured until then is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long is waited for the signal that a child had already.
const SOON: Duration = Duration::from_millis(200);

/// Whether somebody wants the run to end.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    set: Arc<AtomicBool>,
    hears: bool,
}

impl Interrupt {
    /// One that is set by Ctrl-C, and on Unix by SIGTERM. From then on neither ends this program by itself.
    #[must_use]
    pub fn heard() -> Self {
        let interrupt = Self { hears: true, ..Self::default() };
        let set = Arc::clone(&interrupt.set);
        thread::spawn(move || {
            // Without a runtime a signal ends the program, as it does any other.
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else {
                return;
            };
            runtime.block_on(signal());
            set.store(true, Ordering::Relaxed);
        });
        interrupt
    }

    /// Sets it.
    pub fn set(&self) {
        self.set.store(true, Ordering::Relaxed);
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.set.load(Ordering::Relaxed)
    }

    /// The same, with some patience: of two programs that are sent a signal at once, one is always the first.
    pub(crate) fn is_set_soon(&self) -> bool {
        if self.hears && !self.is_set() {
            thread::sleep(SOON);
        }
        self.is_set()
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
