//! `assize world`.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use assize_ambient::{Seed, SystemClock};
use assize_loopback::{Faults, Latency, Limit, Truth, Vendor, World, serve};
use assize_report::{Cell, Column, Document, Table};
use serde_json::json;

use crate::{
    arguments::{WorldArguments, WorldLatency},
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
    let world = world(arguments)?;
    let server = serve(arguments.addr, world.clone()).await.map_err(|e| {
        Failure::outside(e.to_string()).with_hint("--addr 127.0.0.1:0 takes a port that is free")
    })?;
    announce(server.addr(), screen)?;
    tokio::signal::ctrl_c().await.map_err(|e| Failure::outside(format!("wait for Ctrl-C: {e}")))?;
    server.shutdown(GRACE).await;
    let truth = world.truth();
    let json = serde_json::to_value(&truth).map_err(|e| Failure::outside(format!("write the truth: {e}")))?;
    screen.show(&told(&truth), &json)?;
    Ok(Outcome::Done.into())
}

fn world(arguments: &WorldArguments) -> Result<World, Failure> {
    let mut faults = Faults::none();
    for (fault, rate) in &arguments.faults {
        faults = faults.with(*fault, *rate).map_err(|e| Failure::bad_request(e.to_string()))?;
    }
    let latency = match arguments.latency {
        WorldLatency::None => Latency::NONE,
        WorldLatency::Hosted => Latency::HOSTED,
    };
    let world = World::new(Seed::new(arguments.seed), Arc::new(SystemClock))
        .with_latency(latency)
        .with_faults(faults)
        .with_limit_headers();
    Ok(match arguments.limit {
        // A second's worth may come at once.
        Some(limit) => world.with_limit(Limit::per_minute(limit).with_burst(limit.div_ceil(60))),
        None => world,
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
        "listening on {root}\n  openai     {root}/v1\n  anthropic  {root}\n  gemini     {root}/v1beta\n\
         Any key is taken, and any model: {root}/v1#loopback-large is one for --model. Ctrl-C ends it.\n"
    );
    screen.say(&text, &json!({ "format_version": 1, "listening": root, "base": by_vendor }))
}

/// What the vendors knew at the end.
fn told(truth: &Truth) -> Document {
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
    doc
}
