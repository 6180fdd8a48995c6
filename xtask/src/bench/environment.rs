//! On which machine, with which build: every part that can be learnt from files and commands, and may be unknown.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use assize_perf::Environment;

use super::plan::Profile;
use crate::workspace;

/// What can be known before anything is measured.
pub(crate) fn here(profile: Profile) -> Environment {
    let mut environment = Environment {
        os: read("/etc/os-release")
            .and_then(|text| os_name(&text))
            .or_else(|| Some(std::env::consts::OS.into())),
        kernel: read("/proc/sys/kernel/osrelease").or_else(|| said("uname", &["-sr"])),
        cpu_model: read("/proc/cpuinfo")
            .and_then(|text| cpu_model(&text))
            .or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"])),
        cpu_count: thread::available_parallelism().ok().and_then(|n| u32::try_from(n.get()).ok()),
        memory_bytes: read("/proc/meminfo")
            .and_then(|text| memory_bytes(&text))
            .or_else(|| said("sysctl", &["-n", "hw.memsize"])?.parse().ok()),
        toolchain: said("rustc", &["-V"]),
        revision: revision(),
        profile: Some(profile.cargo_profile().to_owned()),
        ..Environment::default()
    };
    let governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    environment
        .extra
        .insert("frequency governor".to_owned(), governor.unwrap_or_else(|| "not known".to_owned()));
    environment
}

/// The load averages over 1, 5 and 15 minutes.
pub(crate) fn load_average() -> Option<String> {
    let text = read("/proc/loadavg")?;
    let averages: Vec<&str> = text.split_whitespace().take(3).collect();
    (averages.len() == 3).then(|| averages.join(", "))
}

fn os_name(os_release: &str) -> Option<String> {
    let name = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned()).filter(|name| !name.is_empty())
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    };
    cpuinfo.lines().find_map(field)
}

fn memory_bytes(meminfo: &str) -> Option<u64> {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn revision() -> Option<String> {
    let revision = said("git", &["rev-parse", "HEAD"])?;
    let changed = said("git", &["status", "--porcelain"]);
    Some(if changed.is_some() { format!("{revision} with changes that are not committed") } else { revision })
}

fn read(file: &str) -> Option<String> {
    let text = fs::read_to_string(Path::new(file)).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What a command says; nothing if it is not there, fails or says nothing.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(workspace::root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_system_are_understood_or_nothing_is_said() {
        let os = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n";
        assert_eq!(os_name(os).as_deref(), Some("Debian GNU/Linux 13 (trixie)"));
        assert_eq!(os_name("NAME=x"), None);
        let cpu = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2.00GHz\nmodel name\t: Other";
        assert_eq!(cpu_model(cpu).as_deref(), Some("Some CPU @ 2.00GHz"));
        assert_eq!(cpu_model("processor: 0"), None);
        assert_eq!(memory_bytes("MemTotal:        8000 kB\nMemFree: 1 kB"), Some(8_192_000));
        assert_eq!(memory_bytes("MemTotal: many kB"), None);
    }

    #[test]
    fn a_command_that_fails_says_nothing() {
        assert_eq!(said("a-program-that-is-not-there", &[]), None);
        assert_eq!(said("rustc", &["--no-such-option"]), None);
        assert!(said("rustc", &["-V"]).is_some_and(|text| text.starts_with("rustc ")));
    }
}
