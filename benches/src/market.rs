//! A market in memory: price tables of seeded walks, served with a seeded wait.

use std::time::Duration;

use assize_ambient::{Seed, Timestamp};
use assize_transport::{Error, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;
use jiff::civil::{Date, Weekday, date};
use tokio::time::sleep;

/// Answers every request of a `TICKER.csv` with a walk of that ticker, after a log-normal wait.
#[derive(Debug, Clone, Copy)]
pub struct MarketTransport {
    /// Where walks and waits start.
    pub seed: Seed,
    /// The median wait.
    pub median_wait: Duration,
    /// Standard deviation of the logarithm of the wait.
    pub sigma: f64,
}

/// The last session of every table.
pub const LAST_SESSION: Date = date(2020, 12, 31);
const FIRST_SESSION: Date = date(2019, 7, 1);

#[async_trait]
impl Transport for MarketTransport {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        let name = request.url().as_str().to_owned();
        let mut chance = self.seed.child(&format!("wait/{name}")).rng();
        sleep(self.median_wait.mul_f64(chance.log_normal(0.0, self.sigma))).await;
        Ok(RawResponse::new(&request, 200, Headers::default(), self.table(&name), Timestamp::UNIX_EPOCH))
    }
}

impl MarketTransport {
    fn table(&self, name: &str) -> String {
        let mut chance = self.seed.child(&format!("walk/{name}")).rng();
        let mut table = "Date,Open,High,Low,Close,Volume\n".to_owned();
        let (mut day, mut log) = (FIRST_SESSION, 4.0);
        while day <= LAST_SESSION {
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                log += 0.0004 + 0.015 * chance.normal();
                let close = libm::exp(log);
                let row =
                    format!("{day},{close:.4},{:.4},{:.4},{close:.4},100000\n", close * 1.01, close * 0.99);
                table.push_str(&row);
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        table
    }
}
