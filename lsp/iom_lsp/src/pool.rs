//! Threads that answer requests, the urgent ones first. One of them takes no others, so that long work never keeps all busy.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::host::Message;
use crate::request::{Request, Urgency};
use crate::snapshot::Snapshot;

pub struct Pool {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is work, or the end has come.
    changed: Condvar,
    /// Nobody works any more.
    idle: Condvar,
}

#[derive(Default)]
struct Queue {
    urgent: VecDeque<Job>,
    usual: VecDeque<Job>,
    running: usize,
    is_closed: bool,
}

struct Job {
    request: Box<dyn Request>,
    snapshot: Snapshot,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// Requests that an edit ended go back to the host.
    pub fn start(host: &Sender<Message>) -> io::Result<Pool> {
        let shared = Arc::new(Shared::default());
        let cores = thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        for number in 0..=cores {
            let (shared, host) = (shared.clone(), host.clone());
            let is_for_urgent_ones = number == 0;
            let work = move || work(&shared, is_for_urgent_ones, &host);
            thread::Builder::new().name(format!("iom request {number}")).stack_size(STACK).spawn(work)?;
        }
        Ok(Pool { shared })
    }

    pub fn submit(&self, request: Box<dyn Request>, snapshot: Snapshot) {
        let urgency = request.urgency();
        let mut queue = self.shared.queue();
        let job = Job { request, snapshot };
        match urgency {
            Urgency::Urgent => queue.urgent.push_back(job),
            Urgency::Usual => queue.usual.push_back(job),
        }
        drop(queue);
        self.shared.changed.notify_all();
    }

    /// Takes back what nobody has begun with. Before a change of the workspace nothing else needs to be waited for than what
    /// is being worked on, which that change ends.
    pub fn take_waiting(&self) -> Vec<Box<dyn Request>> {
        let mut queue = self.shared.queue();
        let (urgent, usual) = (std::mem::take(&mut queue.urgent), std::mem::take(&mut queue.usual));
        drop(queue);
        urgent.into_iter().chain(usual).map(|job| job.request).collect()
    }

    /// Waits until nobody works, at most so long.
    pub fn wait_until_idle(&self, most: Duration) {
        let end = Instant::now() + most;
        let mut queue = self.shared.queue();
        while queue.running > 0 || !queue.urgent.is_empty() || !queue.usual.is_empty() {
            let Some(left) = end.checked_duration_since(Instant::now()) else { return };
            let waited = self.shared.idle.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue().is_closed = true;
        self.shared.changed.notify_all();
    }
}

/// Deep programs need deep recursion; what is not used costs nothing.
pub const STACK: usize = 256 << 20;

fn work(shared: &Shared, is_for_urgent_ones: bool, host: &Sender<Message>) {
    while let Some(Job { request, snapshot }) = next(shared, is_for_urgent_ones) {
        if let Some(again) = request.answer(snapshot) {
            // The host may have ended; then nobody waits for an answer.
            let _ = host.send(Message::Ask(again));
        }
        let mut queue = shared.queue();
        queue.running -= 1;
        drop(queue);
        shared.idle.notify_all();
    }
}

fn next(shared: &Shared, is_for_urgent_ones: bool) -> Option<Job> {
    let mut queue = shared.queue();
    loop {
        if queue.is_closed {
            return None;
        }
        let urgent = queue.urgent.pop_front();
        let job = urgent.or_else(|| if is_for_urgent_ones { None } else { queue.usual.pop_front() });
        if job.is_some() {
            queue.running += 1;
            return job;
        }
        queue = shared.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}
