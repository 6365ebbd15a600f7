//! The language server: the only crate that knows the protocol.
//!
//! [`server`] takes what the client sends and passes it on, in order, to [`host`], one thread that owns the workspace and its
//! open documents and applies edits there. A request gets a [`snapshot`] and is answered by one of the [`pool`]'s threads: one
//! function in [`handlers`] for each kind of request. An edit stops what is being answered ([`request`] says what happens
//! then). [`publish`] finds out what diagnostics changed, for clients that do not ask for them; everything that goes to the
//! client unasked leaves through [`outbox`]. What the rules say of state finds [`judge`] out, on a thread that nobody waits for.
//!
//! To add a request: a function in [`handlers`], a method in [`server`], an entry in [`capabilities`].

mod capabilities;
mod convert;
mod documents;
mod handlers;
mod host;
mod judge;
mod live;
mod outbox;
mod pool;
mod problems;
mod publish;
mod request;
mod server;
mod snapshot;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::{LspService, Server};

/// How a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// The client said so before it left.
    InOrder,
    /// It was gone all of a sudden.
    Abruptly,
}

/// Serves on standard input and output until the client ends it.
///
/// # Errors
/// Where the operating system gives no threads.
pub fn serve() -> io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(async { serve_on(tokio::io::stdin(), tokio::io::stdout()).await });
    // Reading standard input may still block a thread that nobody waits for.
    runtime.shutdown_background();
    ended
}

/// Serves on any pair of streams until the client ends it.
///
/// # Errors
/// Where the operating system gives no threads.
pub async fn serve_on(input: impl AsyncRead + Unpin, output: impl AsyncWrite) -> io::Result<Ended> {
    /// Requests wait for our own threads, not for one another; what an edit or a cancellation ends has to be read.
    const MOST_AT_ONCE: usize = 4096;
    let is_ended = Arc::new(AtomicBool::new(false));
    let ends = is_ended.clone();
    let mut started = Ok(());
    let (service, socket) = LspService::build(|client| {
        let outbox = outbox::Outbox::start(client);
        let (host, result) = host::start(outbox.clone());
        started = result;
        server::IomServer::new(host, outbox, ends)
    })
    .custom_method("workspace/textDocumentContent", server::IomServer::text_document_content)
    .finish();
    started?;
    Server::new(input, output, socket).concurrency_level(MOST_AT_ONCE).serve(service).await;
    Ok(if is_ended.load(Ordering::Acquire) { Ended::InOrder } else { Ended::Abruptly })
}
