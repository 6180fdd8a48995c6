//! `assize world`.

use std::{
    collections::BTreeMap, fs, net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration,
};

use assize_ambient::{Clock, Seed, SystemClock};
use assize_loopback::{
    Exchange, Faults, HostTruth, Latency, Limit, SiteFaults, Together, Truth, Vendor, World, serve,
};
use assize_report::{Cell, Column, Document, Table};
use jiff::{ToSpan, tz::TimeZone};
use serde_json::json;

use crate::{
    arguments::{WorldArguments, WorldFault, WorldLatency},
    exit::{Failure, Outcome},
    screen::Screen,
};

/// How long calls under way may take to finish when the world ends.
const GRACE: Duration = Duration::from_secs(1);

pub(crate) async fn run(arguments: &WorldArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    if !arguments.addr.ip().is_loopback() && !arguments.expose {
        let refused = format!("listen on {}: others could reach it there", arguments.addr);
        return Err(Failure::bad_request(refused).with_hint("give --expose if that is meant"));
    }
    let (vendors, sites) = faults(arguments)?;
    let world = world(arguments, vendors);
    let exchange = exchange(arguments, sites);
    let server =
        serve(arguments.addr, Together::new(world.clone(), exchange.clone())).await.map_err(|e| {
            Failure::outside(e.to_string()).with_hint("--addr 127.0.0.1:0 takes a port that is free")
        })?;
    announce(server.addr(), screen)?;
    tokio::signal::ctrl_c().await.map_err(|e| Failure::outside(format!("wait for Ctrl-C: {e}")))?;
    server.shutdown(GRACE).await;
    let truth = world.truth();
    let hosts = exchange.books();
    let failed = |e| Failure::outside(format!("write the truth: {e}"));
    let mut json = serde_json::to_value(&truth).map_err(failed)?;
    let books: BTreeMap<_, _> = hosts.iter().map(|(host, known)| (host, counts(known))).collect();
    json["hosts"] = json!(books);
    if let Some(file) = &arguments.truth {
        write_truth(&exchange, file)?;
    }
    screen.show(&told(&truth, &hosts), &json)?;
    Ok(Outcome::Done.into())
}

/// What goes wrong with the vendors, and with the sites.
fn faults(arguments: &WorldArguments) -> Result<(Faults, SiteFaults), Failure> {
    let (mut vendors, mut sites) = (Faults::none(), SiteFaults::none());
    let refused = |e: assize_loopback::Error| Failure::bad_request(e.to_string());
    for (fault, rate) in &arguments.faults {
        match fault {
            WorldFault::Vendor(fault) => vendors = vendors.with(*fault, *rate).map_err(refused)?,
            WorldFault::Site(fault) => sites = sites.with(*fault, *rate).map_err(refused)?,
        }
    }
    Ok((vendors, sites))
}

fn world(arguments: &WorldArguments, faults: Faults) -> World {
    let latency = match arguments.latency {
        WorldLatency::None => Latency::NONE,
        WorldLatency::Hosted => Latency::HOSTED,
    };
    let world = World::new(Seed::new(arguments.seed), Arc::new(SystemClock))
        .with_latency(latency)
        .with_faults(faults)
        .with_limit_headers();
    match arguments.limit {
        // A second's worth may come at once.
        Some(limit) => world.with_limit(Limit::per_minute(limit).with_burst(limit.div_ceil(60))),
        None => world,
    }
}

fn exchange(arguments: &WorldArguments, faults: SiteFaults) -> Exchange {
    let exchange = Exchange::new(Seed::new(arguments.seed), Arc::new(SystemClock)).with_faults(faults);
    if arguments.tickers.is_empty() {
        return exchange;
    }
    let tickers: Vec<&str> = arguments.tickers.iter().map(|ticker| ticker.as_str()).collect();
    exchange.with_tickers(&tickers)
}

/// What is true of the market, from a year ago to a month from now.
fn write_truth(exchange: &Exchange, file: &Path) -> Result<(), Failure> {
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    let truth = exchange.truth(today.saturating_sub(1.year()), today.saturating_add(1.month()));
    let name = file.display();
    let text = serde_json::to_string(&truth).map_err(|e| Failure::outside(format!("write {name}: {e}")))?;
    fs::write(file, text + "\n").map_err(|e| Failure::outside(format!("write {name}: {e}")))
}

/// A host's books without each single request.
fn counts(known: &HostTruth) -> serde_json::Value {
    json!({
        "requests": known.requests, "served": known.served, "missing": known.missing,
        "violations": known.violations, "while_blocked": known.while_blocked, "faults": known.faults,
    })
}

/// Says where the vendors are; whoever started the program waits for this line.
fn announce(addr: SocketAddr, screen: &Screen) -> Result<(), Failure> {
    let root = format!("http://{addr}");
    let bases = [
        (Vendor::OpenAi, format!("{root}/v1")),
        (Vendor::Anthropic, root.clone()),
        (Vendor::Gemini, format!("{root}/v1beta")),
    ];
    let by_vendor: serde_json::Map<_, _> =
        bases.iter().map(|(vendor, base)| (vendor.key().to_owned(), json!(base))).collect();
    let text = format!(
        "listening on {root}\n  openai     {root}/v1\n  anthropic  {root}\n  gemini     {root}/v1beta\n  sites      {root}/host/\n\
         Any key is taken, and any model: {root}/v1#loopback-large is one for --model.\n\
         {root}/host/www.sec.gov/files/company_tickers.json tells who is listed. Ctrl-C ends it.\n"
    );
    screen.say(&text, &json!({ "format_version": 1, "listening": root, "base": by_vendor, "sites": format!("{root}/host/") }))
}

/// What the vendors and the sites knew at the end.
fn told(truth: &Truth, hosts: &BTreeMap<String, HostTruth>) -> Document {
    let mut doc = Document::new("What the vendors know");
    let mut table = Table::new(
        std::iter::once(Column::left("vendor"))
            .chain(
                ["seen", "served", "possibly billed", "unbilled", "refused", "free", "in flight at most"]
                    .map(Column::right),
            )
            .chain(["input tokens", "output tokens"].map(Column::right)),
    );
    for (vendor, known) in &truth.vendors {
        let (served, possibly) = (known.total_served(), known.total_possibly_billed());
        let numbers = [
            known.seen,
            served.requests,
            possibly.requests,
            known.unbilled,
            known.refused.values().sum(),
            known.free,
            known.most_in_flight,
            served.tokens.prompt() + possibly.tokens.prompt(),
            served.tokens.reply() + possibly.tokens.reply(),
        ];
        let cells = numbers.map(|n| Cell::from(n.to_string()));
        table.push(std::iter::once(Cell::from(vendor.key())).chain(cells).collect::<Vec<_>>());
    }
    doc.table(table);
    let mut faults = Table::new([Column::left("vendor"), Column::left("fault"), Column::right("times")]);
    let mut any = false;
    for (vendor, known) in &truth.vendors {
        for (fault, times) in &known.faults {
            any = true;
            faults.push([Cell::from(vendor.key()), Cell::from(fault.key()), Cell::from(times.to_string())]);
        }
    }
    if any {
        doc.table(faults);
    }
    let early: u64 = truth.keys.iter().map(|key| key.early_retries).sum();
    doc.paragraph(format!("Requests that came again sooner than their refusal had asked for: {early}."));
    if !hosts.is_empty() {
        doc.heading(1, "What the sites know");
        doc.table(of_hosts(hosts));
    }
    doc
}

fn of_hosts(hosts: &BTreeMap<String, HostTruth>) -> Table {
    let columns = ["requests", "served", "missing", "over the limit", "faults"].map(Column::right);
    let mut table = Table::new(std::iter::once(Column::left("host")).chain(columns));
    for (host, known) in hosts {
        let faults = known.faults.values().sum();
        let numbers = [known.requests, known.served, known.missing, known.violations, faults];
        let cells = numbers.map(|n| Cell::from(n.to_string()));
        table.push(std::iter::once(Cell::from(host.as_str())).chain(cells).collect::<Vec<_>>());
    }
    table
}
