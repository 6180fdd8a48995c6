//! A bare handler behind a socket.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::RwLock, task::JoinSet};

/// What is asked of it, and what it remembers.
#[derive(Debug, Default)]
pub(crate) struct Bare {
    pub(crate) calls: AtomicU64,
    pub(crate) connections: AtomicU64,
    /// Held for writing, it stands still for everybody.
    pub(crate) gate: RwLock<()>,
}

impl Bare {
    /// Answers nobody for so long.
    pub(crate) async fn stall(self: Arc<Self>, after: Duration, lasts: Duration) {
        tokio::time::sleep(after).await;
        let closed = self.gate.write().await;
        tokio::time::sleep(lasts).await;
        drop(closed);
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let open = self.gate.read().await;
        drop(open);
        self.calls.fetch_add(1, Ordering::Relaxed);
        let path = request.uri().path().to_owned();
        let sent = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let (status, body) = match path.as_str() {
            "/missing" => (StatusCode::NOT_FOUND, Bytes::from_static(b"no")),
            "/echo" => (StatusCode::OK, sent),
            "/slow" => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                (StatusCode::OK, Bytes::new())
            }
            _ => (StatusCode::OK, Bytes::from_static(b"it is so")),
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        if path == "/close" {
            response.headers_mut().insert("connection", http::HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

/// Listens on a port of its own until the set is dropped.
pub(crate) async fn listen(bare: Arc<Bare>) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine");
    let address = listener.local_addr().expect("it has an address");
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            bare.connections.fetch_add(1, Ordering::Relaxed);
            let bare = Arc::clone(&bare);
            connections.spawn(async move {
                let _ = stream.set_nodelay(true);
                let service = service_fn(move |request| Arc::clone(&bare).answer(request));
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
            while connections.try_join_next().is_some() {}
        }
    });
    (address, serving)
}
