//! The shell, over real sockets.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use assize_loopback::{Fault, Faults, Server, Vendor, World, serve};

use crate::client::world;

const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"What follows?"}]"#;

/// A request, after whose answer the connection is kept or closed.
fn request(more: &str, connection: &str) -> String {
    let body = format!("{BODY}{more}}}");
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\nconnection: {connection}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Sends this, and takes everything until the connection is closed.
async fn raw(addr: SocketAddr, sent: String) -> String {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(addr).expect("a connection");
        stream.write_all(sent.as_bytes()).expect("it is sent");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .expect("it was not stopped")
}

async fn listening(world: &World) -> Server {
    serve("127.0.0.1:0".parse().expect("an address"), world.clone()).await.expect("a server")
}

fn faulty(fault: Fault) -> World {
    world(2).with_faults(Faults::none().with(fault, 1.0).expect("a share"))
}

#[tokio::test]
async fn a_connection_is_kept_alive() {
    let world = world(2);
    let server = listening(&world).await;
    let answer = raw(server.addr(), request("", "keep-alive").repeat(2) + &request("", "close")).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 3, "{answer}");
    assert_eq!(answer.matches("content-length: ").count(), 3, "{answer}");
    let streamed = raw(server.addr(), request(r#","stream":true"#, "close")).await;
    assert!(
        streamed.contains("transfer-encoding: chunked") && streamed.contains("data: [DONE]"),
        "{streamed}"
    );
    assert!(streamed.ends_with("0\r\n\r\n"), "{streamed}");
    assert_eq!(world.truth().vendors[&Vendor::OpenAi].total_served().requests, 4);
    server.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_drop_closes_and_a_cut_breaks_off() {
    let dropping = listening(&faulty(Fault::Drop)).await;
    assert_eq!(raw(dropping.addr(), request("", "keep-alive")).await, "");
    let cutting = listening(&faulty(Fault::Cut)).await;
    let streamed = raw(cutting.addr(), request(r#","stream":true"#, "keep-alive")).await;
    assert!(streamed.contains("data: {") && !streamed.ends_with("0\r\n\r\n"), "{streamed}");
    let whole = raw(cutting.addr(), request("", "keep-alive")).await;
    let (head, body) = whole.split_once("\r\n\r\n").expect("a head");
    let length: usize =
        head.split_once("content-length: ").expect("a length").1.lines().next().unwrap().parse().unwrap();
    assert!(!body.is_empty() && body.len() < length, "{whole}");
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_what_hangs() {
    let world = faulty(Fault::Hang);
    let server = listening(&world).await;
    let hung = tokio::spawn(raw(server.addr(), request("", "keep-alive")));
    while world.truth().vendors[&Vendor::OpenAi].in_flight == 0 {
        tokio::task::yield_now().await;
    }
    server.shutdown(Duration::from_millis(1)).await;
    assert_eq!(hung.await.expect("it ended"), "");
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused() {
    let server = listening(&world(1)).await;
    let refused = serve(server.addr(), world(1)).await.expect_err("it is taken");
    assert!(refused.to_string().starts_with("listen on 127.0.0.1:"), "{refused}");
}
