//! A bare handler behind a socket, on a thread of its own.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::RwLock,
    time::sleep,
};

/// A handler that says a few bytes at once. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Bare {
    serving: Runtime,
    gate: Arc<RwLock<()>>,
    pub(crate) url: String,
}

impl Bare {
    pub(crate) fn open() -> Result<Self, String> {
        let serving =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(|e| e.to_string())?;
        let listener =
            serving.block_on(TcpListener::bind("127.0.0.1:0")).map_err(|e| format!("listen: {e}"))?;
        let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
        let gate = Arc::new(RwLock::new(()));
        serving.spawn(listen(listener, Arc::clone(&gate)));
        Ok(Self { serving, gate, url })
    }

    /// Answers nobody for a time, after another.
    pub(crate) fn stall(&self, after: Duration, lasts: Duration) {
        let gate = Arc::clone(&self.gate);
        self.serving.spawn(async move {
            sleep(after).await;
            let closed = gate.write().await;
            sleep(lasts).await;
            drop(closed);
        });
    }
}

async fn listen(listener: TcpListener, gate: Arc<RwLock<()>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let gate = Arc::clone(&gate);
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let service = service_fn(move |_: Request<Incoming>| {
                let gate = Arc::clone(&gate);
                async move {
                    drop(gate.read().await);
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"it is so"))))
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
