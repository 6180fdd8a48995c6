//! Writing a body down as it passes.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt};

use super::{Book, Failure, Line, Stored, response_line};
use crate::{Body, Error, ErrorKind, Incoming, RawResponse, Request};

/// The most pieces of a body that are told apart; the last of them holds the rest. A body can come byte by byte, and the
/// line of its recording must stay one that can be read.
const MOST_PIECES: usize = 1 << 16;

/// The same answer, written into `book` once its body has ended, broken or been dropped.
pub(super) fn tee(incoming: Incoming, asked: Request, book: Arc<Book>) -> Incoming {
    let head = incoming.head().clone();
    incoming.map_body(move |body| {
        let tee =
            Tee { notes: Some(Notes { head, asked, whole: BytesMut::new(), ends: Vec::new() }), book, body };
        stream::unfold(tee, |mut tee| async move {
            let item = tee.next().await?;
            Some((item, tee))
        })
        .boxed()
    })
}

struct Tee {
    /// What came so far, until it is written.
    notes: Option<Notes>,
    book: Arc<Book>,
    body: Body,
}

struct Notes {
    head: RawResponse,
    asked: Request,
    whole: BytesMut,
    ends: Vec<usize>,
}

impl Notes {
    fn entry(self, cut: Option<Failure>) -> (Line, Stored) {
        response_line(&self.asked, &self.head.with_body(self.whole.freeze()), &self.ends, cut)
    }
}

impl Tee {
    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        // Once written down, nothing more is to come.
        let notes = self.notes.as_mut()?;
        let item = self.body.next().await;
        let cut = match &item {
            Some(Ok(piece)) => {
                notes.whole.extend_from_slice(piece);
                if notes.ends.len() == MOST_PIECES {
                    notes.ends.pop();
                }
                notes.ends.push(notes.whole.len());
                return item;
            }
            Some(Err(error)) => Some(Failure::of(&notes.asked, error)),
            None => None,
        };
        let (entry, body) = self.notes.take()?.entry(cut);
        match Arc::clone(&self.book).write_aside(entry, Some(body)).await {
            Ok(()) => item,
            Err(error) => Some(Err(error)),
        }
    }
}

impl Drop for Tee {
    /// Its reader left. The few bytes are written here and now: nobody is there to wait for another thread.
    fn drop(&mut self) {
        let Some(notes) = self.notes.take() else { return };
        let url = notes.asked.url();
        let left = ErrorKind::Unrecorded
            .error(format!("replay the rest of {url}: its reader left here when it was recorded"))
            .sent(true);
        let cut = Failure::of(&notes.asked, &left);
        let (entry, body) = notes.entry(Some(cut));
        if let Err(error) = self.book.write(&entry, Some(&body)) {
            self.book.untold().get_or_insert(error);
        }
    }
}
