//! Waiting for an intended start.

use tokio::time::{Instant, sleep_until};

use crate::Error;

/// How exactly starts are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pace {
    /// By tokio's timer, which a paused runtime controls; it is exact to a millisecond, and never early.
    Tokio,
    /// By a timer of the system that is not rounded to milliseconds, on Linux; elsewhere as [`Pace::Tokio`]. It knows nothing of paused time.
    Precise,
}

/// Waits, again and again.
#[derive(Debug)]
pub(crate) enum Pacer {
    Tokio,
    #[cfg(target_os = "linux")]
    Precise(precise::Timer),
}

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Result<Self, Error> {
        match pace {
            Pace::Tokio => Ok(Self::Tokio),
            #[cfg(target_os = "linux")]
            Pace::Precise => Ok(Self::Precise(precise::Timer::new()?)),
            #[cfg(not(target_os = "linux"))]
            Pace::Precise => Ok(Self::Tokio),
        }
    }

    /// Waits until then. It may be dropped and asked again.
    pub(crate) async fn until(&mut self, at: Instant) {
        match self {
            Self::Tokio => sleep_until(at).await,
            #[cfg(target_os = "linux")]
            Self::Precise(timer) => {
                if timer.until(at).await.is_err() {
                    sleep_until(at).await;
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod precise {
    use std::{io, os::fd::OwnedFd};

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::{io::Interest, io::unix::AsyncFd, time::Instant};

    use crate::{Error, ErrorKind};

    /// A timer of the kernel as a file that becomes readable: unlike the time-out of a poll it is not rounded up to milliseconds.
    #[derive(Debug)]
    pub(crate) struct Timer {
        file: AsyncFd<OwnedFd>,
        armed: Option<Instant>,
    }

    impl Timer {
        pub(super) fn new() -> Result<Self, Error> {
            let failed = |e: io::Error| {
                ErrorKind::Broken.error(format!("open a timer of the system: {e}")).caused_by(e)
            };
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let file = timerfd_create(TimerfdClockId::Monotonic, flags).map_err(|e| failed(e.into()))?;
            #[expect(
                deprecated,
                reason = "its successor is unsafe for who may exchange the descriptor: this one is owned, private and never exchanged"
            )]
            let file = AsyncFd::with_interest(file, Interest::READABLE).map_err(failed)?;
            Ok(Self { file, armed: None })
        }

        pub(super) async fn until(&mut self, at: Instant) -> io::Result<()> {
            loop {
                let left = at.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(());
                }
                if self.armed != Some(at) {
                    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
                    let it_value = Timespec {
                        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                        tv_nsec: left.subsec_nanos().into(),
                    };
                    let once = Itimerspec { it_interval: zero, it_value };
                    timerfd_settime(self.file.get_ref(), TimerfdTimerFlags::empty(), &once)?;
                    self.armed = Some(at);
                }
                let mut ready = self.file.readable().await?;
                let mut times = [0; 8];
                // Whether it went off is seen by the clock; what is read only makes it unreadable again.
                if rustix::io::read(ready.get_inner(), &mut times).is_ok() {
                    self.armed = None;
                }
                ready.clear_ready();
            }
        }
    }
}
