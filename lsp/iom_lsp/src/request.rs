//! A request on its way to an answer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use iom_ide::{CancellationToken, Cancelled};
use tokio::sync::oneshot;
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::outbox::Outbox;
use crate::snapshot::Snapshot;

/// Who is served first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Urgency {
    /// Somebody is typing, and waits: completion, hover, highlights.
    Urgent,
    /// What takes as long as it takes: references, diagnostics of the workspace.
    Usual,
}

/// Work on one snapshot.
pub trait Request: Send {
    fn urgency(&self) -> Urgency;

    /// When it came, as the host counts changes; the first time it is told.
    fn asked(&mut self, now: u64) -> u64;

    /// Does the work. It comes back where an edit ended it and it is to be done again on what there is then.
    fn answer(self: Box<Self>, snapshot: Snapshot) -> Option<Box<dyn Request>>;

    /// What to do with it where the workspace has changed before it began.
    fn after_change(self: Box<Self>) -> Option<Box<dyn Request>>;
}

/// What a request of the client is answered with.
pub type Handler<P, R> = fn(&Snapshot, P) -> Result<R>;

/// A request of the client.
///
/// An edit ends it; then it is asked again on the server, since somebody waits for the answer. Where the edit was in the
/// document that it is about, [`Snapshot::file`] says "content modified" then, and the client asks again by itself.
pub struct Asked<P, R> {
    urgency: Urgency,
    parameters: P,
    handler: Handler<P, R>,
    reply: oneshot::Sender<Result<R>>,
    stop: Stop,
    outbox: Outbox,
    asked: Option<u64>,
}

/// Stops the work on a request when the client gave up on it.
#[derive(Clone, Default)]
pub struct Stop {
    running: Arc<Mutex<Option<CancellationToken>>>,
}

impl Stop {
    fn set(&self, token: Option<CancellationToken>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn now(&self) {
        if let Some(token) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() {
            token.cancel();
        }
    }
}

/// Where the answer comes. Dropping it is giving up.
pub struct Answer<R> {
    receiver: oneshot::Receiver<Result<R>>,
    stop: Stop,
}

impl<R> Answer<R> {
    pub async fn get(mut self) -> Result<R> {
        // The server is ending, or the answer could not be found by mistake, which has been logged.
        (&mut self.receiver).await.unwrap_or_else(|_| Err(Error::internal_error()))
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        self.stop.now();
    }
}

impl<P, R> Asked<P, R> {
    pub fn new(
        urgency: Urgency,
        parameters: P,
        handler: Handler<P, R>,
        outbox: Outbox,
    ) -> (Asked<P, R>, Answer<R>) {
        let (reply, receiver) = oneshot::channel();
        let stop = Stop::default();
        let answer = Answer { receiver, stop: stop.clone() };
        (Asked { urgency, parameters, handler, reply, stop, outbox, asked: None }, answer)
    }
}

impl<P: Clone + Send + 'static, R: Send + 'static> Request for Asked<P, R> {
    fn urgency(&self) -> Urgency {
        self.urgency
    }

    fn asked(&mut self, now: u64) -> u64 {
        *self.asked.get_or_insert(now)
    }

    fn answer(self: Box<Self>, snapshot: Snapshot) -> Option<Box<dyn Request>> {
        self.stop.set(Some(snapshot.analysis.cancellation_token()));
        // Whoever gave up before could not stop it.
        if self.reply.is_closed() {
            return None;
        }
        let parameters = self.parameters.clone();
        let found = attempt(snapshot, |snapshot| (self.handler)(snapshot, parameters));
        self.stop.set(None);
        match found {
            Attempt::Done(answer) => {
                // A client that gave up is no failure.
                let _ = self.reply.send(answer);
                None
            }
            Attempt::Ended => self.after_change(),
            Attempt::Failed(why) => {
                self.outbox.log(internal_error(&why));
                let _ = self.reply.send(Err(Error::internal_error()));
                None
            }
        }
    }

    fn after_change(self: Box<Self>) -> Option<Box<dyn Request>> {
        (!self.reply.is_closed()).then_some(self)
    }
}

/// How work on a snapshot ended.
pub enum Attempt<T> {
    Done(T),
    /// By a change of the workspace, or since the client gave up.
    Ended,
    /// By a mistake of ours: with its message.
    Failed(String),
}

/// Works on a snapshot; it is gone afterwards, however that ends.
pub fn attempt<T>(snapshot: Snapshot, work: impl FnOnce(&Snapshot) -> T) -> Attempt<T> {
    match catch_unwind(AssertUnwindSafe(move || work(&snapshot))) {
        Ok(done) => Attempt::Done(done),
        Err(thrown) if thrown.is::<Cancelled>() => Attempt::Ended,
        Err(thrown) => Attempt::Failed(message_of(thrown.as_ref())),
    }
}

/// What a panic said.
pub fn message_of(thrown: &(dyn Any + Send)) -> String {
    let text = thrown.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| thrown.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
}

pub fn internal_error(why: &str) -> String {
    format!("iom: internal error (IOM0999), please report what you did: {why}")
}
