//! The thin shell: a service, listened to over TCP.

use std::{net::SocketAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower_service::Service;

use crate::{BODY_CAP, Body, Error, ErrorKind};

/// A listener that hands what comes to a service, by HTTP/1.1 with connections kept alive. What the service fails with
/// closes the connection without an answer, and a body that breaks off closes it in its middle.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_loopback::{World, serve};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = serve("127.0.0.1:0".parse()?, World::new(Seed::new(7), Arc::new(SystemClock))).await?;
/// assert_ne!(server.addr().port(), 0);
/// server.shutdown(Duration::from_secs(1)).await;
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    listening: JoinSet<JoinSet<()>>,
}

impl Server {
    /// The address that is listened on; its port is the real one also where 0 was asked for.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Takes no more connections, lets those finish that answer a request, and closes what is left after this time.
    pub async fn shutdown(mut self, grace: Duration) {
        self.stop.send_replace(true);
        let Some(Ok(mut connections)) = self.listening.join_next().await else { return };
        let finished = async { while connections.join_next().await.is_some() {} };
        if timeout(grace, finished).await.is_err() {
            connections.shutdown().await;
        }
    }
}

/// Listens on an address. Dropping the server closes everything.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve<S>(addr: SocketAddr, service: S) -> Result<Server, Error>
where
    S: Service<Request<Bytes>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    let failed = |e: std::io::Error| {
        Error::new(ErrorKind::Address, format!("listen on {addr}: {e}; choose another port"))
    };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = watch::channel(false);
    let mut listening = JoinSet::new();
    listening.spawn(listen(listener, service, stopped));
    Ok(Server { addr, stop, listening })
}

/// Takes connections until it is to stop, and gives back those that are still open.
async fn listen<S>(listener: TcpListener, service: S, mut stop: watch::Receiver<bool>) -> JoinSet<()>
where
    S: Service<Request<Bytes>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    let mut connections = JoinSet::new();
    let for_each = stop.clone();
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => return connections,
            Some(_) = connections.join_next() => {}
            taken = listener.accept() => match taken {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, service.clone(), for_each.clone()));
                }
                // Out of file descriptors, or the client went away: neither is for ever.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

async fn connection<S>(stream: TcpStream, service: S, mut stop: watch::Receiver<bool>)
where
    S: Service<Request<Bytes>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    // A token at a time is sent: each in its own packet, at once.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut service = service.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = collect(body).await.map_err(|_| Error::dropped())?;
            // An error of any kind closes the connection.
            service.call(Request::from_parts(parts, body)).await.map_err(|_| Error::dropped())
        }
    });
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer);
    let mut connection = std::pin::pin!(connection);
    // How a connection ends, by a client that went or a fault that is played, is no news.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Comes back when it is time to stop; a server that is gone stops as well.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Reads a body, up to one byte more than the vendors may take: they see that it is too long.
async fn collect(mut body: Incoming) -> Result<Bytes, hyper::Error> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            let room = (BODY_CAP + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&data[..data.len().min(room)]);
            if room == 0 {
                break;
            }
        }
    }
    Ok(bytes.freeze())
}
