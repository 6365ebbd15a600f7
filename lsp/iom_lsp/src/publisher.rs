use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tower_lsp_server::Client;
use tower_lsp_server::ls_types::{Diagnostic, MessageType, Uri};

/// Sends what the main loop has to say, in the order in which it was said.
pub struct Publisher {
    sender: UnboundedSender<News>,
}

enum News {
    Diagnostics { uri: Uri, diagnostics: Vec<Diagnostic>, version: Option<i32> },
    Log(String),
}

impl Publisher {
    /// Must be called inside the runtime.
    pub fn start(client: Client) -> Publisher {
        let (sender, mut receiver) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(news) = receiver.recv().await {
                match news {
                    News::Diagnostics { uri, diagnostics, version } => {
                        client.publish_diagnostics(uri, diagnostics, version).await;
                    }
                    News::Log(text) => client.log_message(MessageType::ERROR, text).await,
                }
            }
        });
        Publisher { sender }
    }

    pub fn diagnostics(&self, uri: Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) {
        // Nobody listens after the end of the session.
        let _ = self.sender.send(News::Diagnostics { uri, diagnostics, version });
    }

    pub fn log(&self, text: String) {
        let _ = self.sender.send(News::Log(text));
    }
}
