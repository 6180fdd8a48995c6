//! Services in process, in virtual time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use assize_transport::conformance::{self, Cases};
use assize_transport::{Bounds, Error, ErrorKind, Request, ServiceTransport, Transport};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::StreamBody;
use tokio::time::{Instant, sleep};

use crate::server::clock;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answer = http::Response<StreamBody<Pin<Box<dyn stream::Stream<Item = Result<Frame, BoxError>> + Send>>>>;
type Frame = http_body::Frame<Bytes>;
/// After so many seconds, this.
type Piece = (u64, Result<&'static str, String>);

/// Answers by path, with pieces that come after so many seconds each.
#[derive(Clone, Default)]
struct Vendor {
    is_full: bool,
    is_broken: bool,
}

impl tower_service::Service<http::Request<Bytes>> for Vendor {
    type Response = Answer;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self { is_full: true, .. } => Poll::Pending,
            Self { is_broken: true, .. } => Poll::Ready(Err("it is shut down".into())),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        Box::pin(async move {
            let key = request.headers().get("authorization").cloned();
            let key = key.as_ref().and_then(|key| key.to_str().ok()).unwrap_or_default();
            let (wait, pieces): (u64, Vec<Piece>) = match request.uri().path() {
                "/one" => (1, vec![(0, Ok("the first body"))]),
                "/two" => (0, vec![(3, Ok("in ")), (3, Ok("thre")), (3, Ok("e pieces"))]),
                "/silent" => (1_000_000, Vec::new()),
                "/stalled" => (0, vec![(1, Ok("abc")), (1_000_000, Ok("def"))]),
                "/trickle" => (0, vec![(61, Ok("drop")); 1000]),
                "/reset" => return Err(format!("connection reset while sending {key}").into()),
                "/cut" => (0, vec![(1, Ok("abc")), (1, Err(format!("connection reset, said {key}")))]),
                _ => (0, vec![(0, Ok("no such path"))]),
            };
            sleep(Duration::from_secs(wait)).await;
            let body = stream::unfold(VecDeque::from(pieces), |mut pieces| async move {
                let (wait, piece) = pieces.pop_front()?;
                sleep(Duration::from_secs(wait)).await;
                let piece = piece.map(|text| Frame::data(text.into())).map_err(BoxError::from);
                Some((piece, pieces))
            });
            // What comes behind the data is passed over.
            let trailers = stream::iter([Ok(Frame::trailers(http::HeaderMap::new()))]);
            Ok(http::Response::new(StreamBody::new(body.chain(trailers).boxed())))
        })
    }
}

fn get(path: &str) -> Request {
    Request::get(format!("https://vendor.example/{path}").parse().expect("an address"))
}

fn bounds() -> Bounds {
    Bounds {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_secs(20),
        idle: Duration::from_secs(70),
        total: Some(Duration::from_secs(300)),
        most_bytes: 1000,
    }
}

fn transport() -> ServiceTransport<Vendor> {
    ServiceTransport::new(Vendor::default(), clock()).within(bounds())
}

#[tokio::test(start_paused = true)]
async fn it_conforms() {
    let known = vec![(get("one"), "the first body".into()), (get("two"), "in three pieces".into())];
    let unknown = Request::get("file:one".parse().unwrap());
    let cases = Cases { known, unknown, refusal: ErrorKind::BadRequest };
    conformance::check(&transport(), &cases).await;
}

/// Each bound ends what it bounds, to the second.
#[tokio::test(start_paused = true)]
async fn bounds_in_virtual_time() {
    for (path, bounds, after, part) in [
        ("silent", bounds(), 20, "no answer within 20s (the bound `first_byte`)"),
        ("stalled", bounds(), 71, "nothing more came for 70s (the bound `idle`); 3 bytes had come"),
        ("trickle", bounds(), 300, "it had not ended after 300s (the bound `total`); 16 bytes had come"),
        ("silent", Bounds { total: Some(Duration::from_secs(9)), ..bounds() }, 9, "(the bound `total`)"),
        ("silent", Bounds { first_byte: Duration::MAX, ..bounds() }, 300, "(the bound `total`)"),
        ("stalled", Bounds { total: None, ..bounds() }, 71, "(the bound `idle`)"),
    ] {
        let start = Instant::now();
        let error = transport().within(bounds).send(get(path)).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        assert!(error.may_have_been_sent() && error.to_string().contains(part), "{error}");
        assert_eq!(start.elapsed().as_secs(), after, "{path}");
    }
    let unbounded = Bounds { total: None, most_bytes: usize::MAX, ..bounds() };
    let whole = transport().within(unbounded).send(get("trickle")).await.unwrap();
    assert_eq!(whole.body().len(), 4000);
    let error =
        transport().within(Bounds { total: None, ..bounds() }).send(get("trickle")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

/// A reader that is slow itself is not cut off by the bound between pieces, but by the total.
#[tokio::test(start_paused = true)]
async fn a_slow_reader() {
    let mut body = transport().open(get("two")).await.unwrap().into_body();
    for piece in ["in ", "thre"] {
        assert_eq!(body.try_next().await.unwrap().unwrap(), piece.as_bytes());
        sleep(Duration::from_secs(100)).await;
    }
    sleep(Duration::from_secs(100)).await;
    let error = body.try_next().await.unwrap_err();
    assert!(error.to_string().contains("`total`"), "{error}");
    assert!(body.try_next().await.unwrap().is_none(), "it ends after an error");
}

#[tokio::test(start_paused = true)]
async fn what_breaks() {
    let (full, shut) =
        (Vendor { is_full: true, ..Vendor::default() }, Vendor { is_broken: true, ..Vendor::default() });
    for (vendor, path, kind, was_sent, part) in [
        (Vendor::default(), "reset", ErrorKind::Broken, true, "connection reset while sending [secret]"),
        (
            Vendor::default(),
            "cut",
            ErrorKind::Broken,
            true,
            "read https://vendor.example/cut: connection reset, said [secret]",
        ),
        (full, "one", ErrorKind::TimedOut, false, "not within 5s (the bound `connect`)"),
        (shut, "one", ErrorKind::Unreachable, false, "it is shut down"),
    ] {
        let transport = ServiceTransport::new(vendor, clock()).within(bounds());
        let request = get(path).with_secret_header("authorization", "Bearer sk-hidden").unwrap();
        let error: Error = transport.send(request).await.expect_err(path);
        assert_eq!((error.kind(), error.may_have_been_sent()), (kind, was_sent), "{error}");
        assert!(error.to_string().contains(part), "{error}");
        assert!(!format!("{error:?}").contains("sk-hidden"), "{error:?}");
    }
}

/// A length that is declared is believed: nothing of such a body is waited for.
#[tokio::test(start_paused = true)]
async fn a_declared_length_is_believed() {
    #[derive(Clone)]
    struct Long;

    impl tower_service::Service<http::Request<Bytes>> for Long {
        type Response = http::Response<http_body_util::Full<Bytes>>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
            let length = request.uri().path().trim_start_matches('/').to_owned();
            let answer = http::Response::builder().header("content-length", length).body(Default::default());
            std::future::ready(Ok(answer.expect("an answer")))
        }
    }

    let transport = ServiceTransport::new(Long, clock()).within(bounds());
    for (length, is_too_long) in
        [("1000", false), ("1001", true), ("18446744073709551615", true), ("many", false)]
    {
        let opened = transport.open(get(length)).await;
        assert_eq!(opened.is_err_and(|error| error.kind() == ErrorKind::TooLarge), is_too_long, "{length}");
    }
}
