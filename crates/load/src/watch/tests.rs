//! A look at a process, and at files in the shape of one.

use std::path::Path;

use super::*;

/// Writes what the kernel would say.
fn process(folder: &Path, resident_kib: u64, ticks: u64, started: u64) {
    fs::create_dir_all(folder.join("net")).unwrap();
    let stat = format!("7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 {ticks} 50 0 0 20 0 1 0 {started} 1000 10\n");
    fs::write(folder.join("stat"), stat).unwrap();
    let status =
        format!("Name:\tx\nVmHWM:\t  99999 kB\nVmRSS:\t  {resident_kib} kB\nRssAnon:\t     512 kB\n");
    fs::write(folder.join("status"), status).unwrap();
    let interfaces = "Inter-|   Receive    |  Transmit\n face |bytes    packets errs\n    lo: 1000 9 0 0 0 0 0 0 2000 9 0 0 0 0 0 0\n  eth0: 30 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0\n";
    fs::write(folder.join("net/dev"), interfaces).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_process_is_looked_at_until_it_ends() {
    let home = tempfile::tempdir().unwrap();
    process(home.path(), 1_000, 100, 555);
    let watch = Watch::within(home.path().to_owned(), 7).unwrap();
    let sample = watch.look().unwrap();
    assert_eq!((sample.resident, sample.anonymous), (1_024_000, 524_288));
    assert_eq!((sample.received, sample.sent), (1_030, 2_040));
    assert_eq!(sample.processor.as_millis(), 150_000 / u128::from(watch.ticks));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut looks = 0;
    let series = watch
        .until(Duration::from_millis(100), stopped, |_| {
            looks += 1;
            process(home.path(), 1_000 + looks, 100 + 10 * looks, if looks < 40 { 555 } else { 556 });
        })
        .await;
    drop(stop);
    assert!(series.ended, "another process has its number");
    assert_eq!((looks, series.samples.len()), (40, 40));
    assert_eq!(series.samples[39].at, Duration::from_millis(3_900));
    let mut run = Run::new("x");
    series.add_to(&mut run, "soak", true);
    let cpu = run.measured("load/soak/process", "cpu").next().unwrap();
    assert!((cpu.value - 1.0).abs() < 1e-9, "ten ticks of a hundredth in a tenth of a second: {}", cpu.value);
    assert_eq!(run.measured("load/soak/process", "resident").next().unwrap().samples.len(), 40);
    // 1 KiB every 100 ms is 36 MB an hour.
    let growth = run.measured("load/soak/process", "memory-growth").next().unwrap();
    assert!(
        (growth.value / 36_864_000.0 - 1.0).abs() < 0.01 && growth.notes[0].starts_with("leak"),
        "{growth:?}"
    );
    assert!(run.findings[0].text.contains("ended after 40 looks"));
}

#[tokio::test(start_paused = true)]
async fn a_long_watch_keeps_half_as_many_looks_and_stops_when_told() {
    let home = tempfile::tempdir().unwrap();
    process(home.path(), 1_000, 100, 555);
    let watch = Watch::within(home.path().to_owned(), 7).unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut looks = 0_usize;
    let series = watch
        .until(Duration::from_secs(1), stopped, |_| {
            looks += 1;
            if looks == MAX_SAMPLES + 2_000 {
                stop.send_replace(true);
            }
        })
        .await;
    assert!(!series.ended);
    assert_eq!(series.samples.len(), MAX_SAMPLES / 2 + 1_000);
    assert!(series.samples.windows(2).all(|pair| pair[1].at - pair[0].at == Duration::from_secs(2)));
}

#[test]
fn a_process_that_is_not_there_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let error = Watch::of(u32::MAX).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotWatched);
    assert!(error.hint().is_some());
    #[cfg(target_os = "linux")]
    assert!(Watch::of(std::process::id()).unwrap().look().unwrap().resident > 100_000);
}
