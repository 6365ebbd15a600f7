//! The language server: the only crate that knows the protocol.
//!
//! [`server`] takes what the client sends and passes it on, in order, to [`main_loop`], one thread that owns the workspace.
//! What [`convert`] turns into the protocol's words goes back through [`publisher`].

mod convert;
mod documents;
mod main_loop;
mod publisher;
mod server;

use std::io;
use std::path::{Path, PathBuf};

use tower_lsp_server::{LspService, Server};

/// The files of a workspace as they are on disk.
#[derive(Debug, Default)]
pub struct LoadedWorkspace {
    pub root: PathBuf,
    /// Paths relative to the root with forward slashes, and texts, sorted by path.
    pub files: Vec<(String, String)>,
    /// The text of `iom.toml`, if there is one.
    pub manifest: Option<String>,
    /// The dependencies, whose files are among those above.
    pub packages: iom_ide::Packages,
}

/// Finds and reads the workspace around a folder or file; the command line has the one that is used.
pub type LoadWorkspace = Box<dyn Fn(&Path) -> Option<LoadedWorkspace> + Send>;

/// Serves on standard input and output until the client ends it.
///
/// # Errors
/// Where the operating system gives no threads.
pub fn serve(load: LoadWorkspace) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut load = Some(load);
    runtime.block_on(async {
        let (service, socket) = LspService::new(|client| {
            let publisher = publisher::Publisher::start(client);
            server::IomServer::new(main_loop::start(load.take(), publisher))
        });
        Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).serve(service).await;
    });
    // Reading standard input may still block a thread that nobody waits for.
    runtime.shutdown_background();
    Ok(())
}
