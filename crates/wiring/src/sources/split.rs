//! Files from a folder, all else from elsewhere.

use std::sync::Arc;

use assize_transport::{Error, FileTransport, Incoming, RawResponse, Request, Transport};
use async_trait::async_trait;

/// Sends requests for files to `files`, others to `others`.
pub(super) fn files_and_others(files: FileTransport, others: Arc<dyn Transport>) -> Arc<dyn Transport> {
    Arc::new(Split { files, others })
}

#[derive(Debug)]
struct Split {
    files: FileTransport,
    others: Arc<dyn Transport>,
}

impl Split {
    fn of(&self, request: &Request) -> &dyn Transport {
        if request.url().scheme() == "file" { &self.files } else { &*self.others }
    }
}

#[async_trait]
impl Transport for Split {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        self.of(&request).send(request).await
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        self.of(&request).open(request).await
    }
}
