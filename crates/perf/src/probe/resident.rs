//! How much of the process was resident at most, as Linux tells it. Elsewhere there is no such figure.

use std::fs;

/// Begins a new peak. Where that is not allowed [`peak`] answers for the life of the process.
pub(super) fn forget_peak() {
    // A kernel without it (or none that is Linux) leaves the older peak: higher than the truth, never lower.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The highest resident size since the peak was forgotten, in bytes.
pub(super) fn peak() -> Option<u64> {
    of_status(&fs::read_to_string("/proc/self/status").ok()?)
}

/// `VmHWM:     5324 kB`, where kB are 1,024 bytes (proc(5)).
fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_found() {
        let table = [
            ("Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    5324 kB\nVmRSS:\t 1 kB\n", Some(5_451_776)),
            ("Name:\tx\n", None),
            ("VmHWM:\t many kB\n", None),
            ("VmHWM:\t 7 MB\n", None),
        ];
        for (status, expected) in table {
            assert_eq!(of_status(status), expected, "{status:?}");
        }
    }
}
