use super::*;

mod hidden;
use hidden::{Hidden, Settled, Shape};

const CASES: [(&str, f64, Shape); 5] = [
    ("smooth 50/s", 50.0, Shape::Bucket { size: 5.0 }),
    ("bucket 50/s, burst 100", 50.0, Shape::Bucket { size: 100.0 }),
    ("600 a minute", 10.0, Shape::Window { seconds: 60.0 }),
    ("window 500 in 10 s", 50.0, Shape::Window { seconds: 10.0 }),
    ("slow 2/s", 2.0, Shape::Bucket { size: 4.0 }),
];

#[tokio::test(start_paused = true)]
async fn table() {
    for pace in [Pace::Seeking] {
        eprintln!("{pace:?}");
        for (name, per_second, shape) in CASES {
            for (halved, says) in [(false, false), (false, true), (true, false), (true, true)] {
                let mut line = format!("{name:24} halved={halved:5} says={says:5}");
                for callers in [1, 8, 64] {
                    let mut hidden = Hidden::steady(per_second, shape);
                    if says { hidden = hidden.saying_when(); }
                    if halved { hidden = hidden.then(per_second / 2.0); }
                    let limiter = Limiter::new(LimiterOptions { pace, ..LimiterOptions::default() });
                    let seconds = if per_second < 5.0 { 12000 } else { 2400 };
                    let [a, b] = hidden::run(&limiter, hidden, callers, seconds).await;
                    line += &format!(" | {callers}: {:.3}/{:.4} {:.3}/{:.4}", a.share(), a.refused_share(), b.share(), b.refused_share());
                }
                eprintln!("{line}");
            }
        }
    }
}
