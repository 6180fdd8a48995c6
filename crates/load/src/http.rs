//! A service behind a socket, over HTTP/1.1 with connections kept alive.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
};

use crate::{Call, Error, ErrorKind, Fault, Outcome, Target};

/// An answer of more bytes than this is wrong.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// A service behind a socket. A connection serves one request at a time; one that is free is used again, and if none is, another
/// is opened. Bytes are counted on the wire.
#[derive(Debug)]
pub struct HttpTarget {
    address: SocketAddr,
    host: HeaderValue,
    base: String,
    free: Mutex<Vec<Connection>>,
    opened: AtomicU64,
}

#[derive(Debug)]
struct Connection {
    send: SendRequest<Full<Bytes>>,
    wire: Arc<Wire>,
}

/// Bytes of one connection.
#[derive(Debug, Default)]
struct Wire {
    sent: AtomicU64,
    received: AtomicU64,
}

impl HttpTarget {
    /// The service at a base address, such as `http://127.0.0.1:8080`; a path in it comes before those of steps. Its name is
    /// looked up once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidAddress`] for anything but `http://host[:port][/path]`; [`ErrorKind::Unreachable`] if the name is not
    /// found.
    pub async fn new(url: &str) -> Result<Self, Error> {
        let invalid = |why: String| {
            ErrorKind::InvalidAddress
                .error(format!("drive {url:?}: {why}"))
                .hinted("give an address such as http://127.0.0.1:8080")
        };
        let uri: Uri = url.parse().map_err(|e: http::uri::InvalidUri| invalid(e.to_string()))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(invalid("TLS is not spoken; drive the service before its proxy".to_owned()));
            }
            _ => return Err(invalid("it does not begin with http://".to_owned())),
        }
        if uri.query().is_some() {
            return Err(invalid("it has a query; queries belong to steps".to_owned()));
        }
        let authority = uri.authority().ok_or_else(|| invalid("it names no host".to_owned()))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(80);
        let unreachable =
            |e: io::Error| ErrorKind::Unreachable.error(format!("find {host}: {e}")).caused_by(e);
        let address = lookup_host((host, port))
            .await
            .map_err(unreachable)?
            .next()
            .ok_or_else(|| ErrorKind::Unreachable.error(format!("find {host}: it has no address")))?;
        let named = if authority.port().is_some() {
            format!("{}:{port}", authority.host())
        } else {
            authority.host().to_owned()
        };
        Ok(Self {
            address,
            host: named.parse().map_err(|_| invalid("its host is no header".to_owned()))?,
            base: uri.path().trim_end_matches('/').to_owned(),
            free: Mutex::default(),
            opened: AtomicU64::new(0),
        })
    }

    /// How many connections were opened.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    fn request(&self, call: Call<'_>) -> Option<Request<Full<Bytes>>> {
        let step = call.step;
        let filled = |text: &str| {
            if text.contains("{n}") { text.replace("{n}", &call.number.to_string()) } else { text.to_owned() }
        };
        let mut path = self.base.clone();
        path.push_str(&filled(&step.path));
        let mut request =
            Request::builder().method(step.method.as_str()).uri(path).header(header::HOST, self.host.clone());
        for (name, value) in &step.headers {
            request = request.header(name, value);
        }
        let body = step.body.as_deref().map(filled).unwrap_or_default();
        request.body(Full::new(Bytes::from(body))).ok()
    }

    fn take(&self) -> Option<Connection> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        // The one that was used last: those that are not needed grow old together.
        while let Some(connection) = free.pop() {
            if connection.send.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    async fn open(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let wire = Arc::new(Wire::default());
        let counted = Counted { stream, wire: Arc::clone(&wire) };
        let (mut send, connection) =
            http1::handshake(TokioIo::new(counted)).await.map_err(io::Error::other)?;
        // It ends with the sender, or with the peer; what it fails with the sender is told.
        tokio::spawn(connection);
        send.ready().await.map_err(io::Error::other)?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Connection { send, wire })
    }

    /// The outcome, and whether the connection can be used again.
    async fn ask(
        connection: &mut Connection,
        request: Request<Full<Bytes>>,
        call: Call<'_>,
    ) -> Result<Option<Fault>, hyper::Error> {
        let response = connection.send.send_request(request).await?;
        let status = response.status();
        let mut body = response.into_body();
        let (mut held, mut length) = (Vec::new(), 0_usize);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            length += data.len();
            if length > MAX_ANSWER {
                return Ok(Some(Fault::Content));
            }
            if call.step.expect_text.is_some() {
                held.extend_from_slice(&data);
            }
        }
        let is_right = call.step.expect.map_or_else(|| status.is_success(), |expected| status == expected);
        if !is_right {
            return Ok(Some(Fault::Status(status.as_u16())));
        }
        let holds = |text: &String| held.windows(text.len().max(1)).any(|part| part == text.as_bytes());
        let has_text = call.step.expect_text.as_ref().is_none_or(|text| text.is_empty() || holds(text));
        Ok((!has_text).then_some(Fault::Content))
    }
}

#[async_trait]
impl Target for HttpTarget {
    async fn call(&self, call: Call<'_>) -> Outcome {
        let Some(request) = self.request(call) else { return Outcome::wrong(Fault::Request) };
        let (mut connection, mut is_used) = match self.take() {
            Some(connection) => (connection, true),
            None => match self.open().await {
                Ok(connection) => (connection, false),
                Err(_) => return Outcome::wrong(Fault::Connect),
            },
        };
        loop {
            let before = connection.wire.read();
            let asked = Self::ask(&mut connection, request.clone(), call).await;
            let after = connection.wire.read();
            let (sent, received) = (after.0 - before.0, after.1 - before.1);
            match asked {
                Ok(fault) => {
                    if fault != Some(Fault::Content) && connection.send.ready().await.is_ok() {
                        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                    }
                    return Outcome { fault, sent, received };
                }
                // A connection that the service had closed meanwhile: nothing came, so that it is asked once more on a new one.
                Err(_) if is_used && received == 0 => match self.open().await {
                    Ok(opened) => (connection, is_used) = (opened, false),
                    Err(_) => return Outcome { fault: Some(Fault::Connect), sent, received },
                },
                Err(_) => return Outcome { fault: Some(Fault::Broken), sent, received },
            }
        }
    }
}

impl Wire {
    fn read(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }
}

/// A stream whose bytes are counted.
#[derive(Debug)]
struct Counted {
    stream: TcpStream,
    wire: Arc<Wire>,
}

fn add(counter: &AtomicU64, bytes: usize) {
    counter.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        add(&self.wire.received, buffer.filled().len() - before);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(bytes)) = written {
            add(&self.wire.sent, bytes);
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        if let Poll::Ready(Ok(bytes)) = written {
            add(&self.wire.sent, bytes);
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
