use super::*;

mod hidden;
mod turns;
use hidden::{Hidden, Shape};

const CASES: [(&str, f64, Shape); 5] = [
    ("smooth 50/s", 50.0, Shape::Bucket { size: 5.0 }),
    ("bucket 50/s, burst 100", 50.0, Shape::Bucket { size: 100.0 }),
    ("600 a minute", 10.0, Shape::Window { seconds: 60.0 }),
    ("window 500 in 10 s", 50.0, Shape::Window { seconds: 10.0 }),
    ("slow 2/s", 2.0, Shape::Bucket { size: 4.0 }),
];

async fn check(pace: Pace, per_second: f64, shape: Shape, callers: u64, seconds: u64) -> String {
    let mut lines = String::new();
    for (halved, says) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut hidden = Hidden::steady(per_second, shape);
        if says {
            hidden = hidden.saying_when();
        }
        if halved {
            hidden = hidden.then(per_second / 2.0);
        }
        let limiter = Limiter::new(LimiterOptions { pace, ..LimiterOptions::default() });
        let [a, b] = hidden::run(&limiter, hidden, callers, seconds).await;
        lines += &format!(
            "{per_second} {shape:?} x{callers} halved={halved:5} says={says:5} {:.3}/{:.4} {:.3}/{:.4}\n",
            a.share(),
            a.refused_share(),
            b.share(),
            b.refused_share()
        );
    }
    lines
}

#[tokio::test(start_paused = true)]
async fn table_0_1() {
    let (_, r, s) = CASES[0];
    eprint!("{}", check(Pace::Seeking, r, s, 1, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_0_8() {
    let (_, r, s) = CASES[0];
    eprint!("{}", check(Pace::Seeking, r, s, 8, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_0_64() {
    let (_, r, s) = CASES[0];
    eprint!("{}", check(Pace::Seeking, r, s, 64, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_1_1() {
    let (_, r, s) = CASES[1];
    eprint!("{}", check(Pace::Seeking, r, s, 1, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_1_8() {
    let (_, r, s) = CASES[1];
    eprint!("{}", check(Pace::Seeking, r, s, 8, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_1_64() {
    let (_, r, s) = CASES[1];
    eprint!("{}", check(Pace::Seeking, r, s, 64, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_2_1() {
    let (_, r, s) = CASES[2];
    eprint!("{}", check(Pace::Seeking, r, s, 1, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_2_8() {
    let (_, r, s) = CASES[2];
    eprint!("{}", check(Pace::Seeking, r, s, 8, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_2_64() {
    let (_, r, s) = CASES[2];
    eprint!("{}", check(Pace::Seeking, r, s, 64, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_3_1() {
    let (_, r, s) = CASES[3];
    eprint!("{}", check(Pace::Seeking, r, s, 1, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_3_8() {
    let (_, r, s) = CASES[3];
    eprint!("{}", check(Pace::Seeking, r, s, 8, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_3_64() {
    let (_, r, s) = CASES[3];
    eprint!("{}", check(Pace::Seeking, r, s, 64, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_4_1() {
    let (_, r, s) = CASES[4];
    eprint!("{}", check(Pace::Seeking, r, s, 1, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_4_8() {
    let (_, r, s) = CASES[4];
    eprint!("{}", check(Pace::Seeking, r, s, 8, if r < 5.0 { 12000 } else { 2400 }).await);
}

#[tokio::test(start_paused = true)]
async fn table_4_64() {
    let (_, r, s) = CASES[4];
    eprint!("{}", check(Pace::Seeking, r, s, 64, if r < 5.0 { 12000 } else { 2400 }).await);
}
