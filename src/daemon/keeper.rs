//! The store's keeper: an async handle on a synchronous store.
//!
//! Three threads own a connection each: the writer runs what is queued in groups, several jobs in one durable commit, so
//! that a thousand small writes cost a handful of disk flushes; meanwhile one reader answers the loops, another one guests
//! ([`Keeper::for_guests`]), so that no loop waits behind what strangers ask. An answer is given only after its commit, so
//! whoever was answered sees what it wrote through the readers too. Simulated worlds have no thread: there the job runs on
//! the caller, and a seed repeats exactly (under tokio's paused clock a thread of its own lets virtual time run away).
//!
//! What follows from a change may be done in the same commit: a loop that waits leaves a job ([`Keeper::leave`]), which the next change that tells
//! somebody something takes along.
//!
//! It owns no policy on failures: a caller sees its own job's error and decides.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};

use crate::port::{Durable, Store, StoreError, StoreTrouble};

use super::{Mischief, Prank};
use errand::Errand;
pub(super) use errand::Left;

mod errand;

/// Jobs that wait for a thread at most; a caller beyond that waits for its place.
const QUEUE_JOBS_MAX: usize = 256;
/// Jobs in one commit at most, so that the first of them isn't kept waiting.
const GROUP_JOBS_MAX: usize = 50;
/// Work in one commit at most, for the same reason; a disk flush takes about 0.5 ms, so more gains nothing.
const GROUP_WORK_MAX: Duration = Duration::from_millis(20);

/// An async handle on the store, cheap to clone. Its threads end when the last one is dropped or one is closed.
#[derive(Clone)]
pub struct Keeper(Kind);

#[derive(Clone)]
enum Kind {
    Threads {
        writer: mpsc::Sender<Message>,
        readers: Readers,
        lane: Lane,
        trouble: watch::Receiver<Option<StoreTrouble>>,
        errand: Errand,
    },
    InPlace(Arc<Mutex<Box<dyn Store>>>, Mischief, Errand),
}

/// The threads that read.
#[derive(Clone)]
struct Readers {
    loops: mpsc::Sender<Message>,
    guests: mpsc::Sender<Message>,
}

/// For whom a handle reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Loops,
    Guests,
}

/// What a job wants of its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// That it outlives a kill.
    Kept,
    /// That it outlives a power cut.
    Safe,
    /// The same, and that what was left is done in it ([`Keeper::leave`]).
    Told,
}

impl Wants {
    fn durable(self) -> Durable {
        match self {
            Self::Kept => Durable::Kill,
            Self::Safe | Self::Told => Durable::PowerCut,
        }
    }
}

/// What is queued for a thread.
enum Message {
    Run(Job, Wants),
    /// Run by itself, outside any group (writer only).
    Alone(Job),
    /// Finish what is queued, close the store, then answer.
    Close(oneshot::Sender<()>),
}

/// Work for a store, or the word that it can't be done now; gives what is told to the caller once the outcome of the
/// commit is known (`Err`: it failed, for this reason).
type Job = Box<dyn FnOnce(Result<&mut dyn Store, StoreError>) -> Reply + Send>;
type Reply = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;

impl Keeper {
    /// Starts the threads. All stores are of the same database: what `writer` committed, `readers` see, of which the first is for
    /// the loops and the second for guests.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn threads(writer: Box<dyn Store>, [loops, guests]: [Box<dyn Store>; 2]) -> Result<Self, StoreError> {
        let (met, trouble) = watch::channel(None);
        let errand = Errand::default();
        let writer = start_writing(writer, Trouble(met.clone()), &errand)?;
        let loops = start_reading("store-reader", loops, Trouble(met.clone()))?;
        let guests = start_reading("store-guests", guests, Trouble(met))?;
        Ok(Self(Kind::Threads { writer, readers: Readers { loops, guests }, lane: Lane::Loops, trouble, errand }))
    }

    /// The same for a command, which no guest asks: `reader` is for the loops.
    ///
    /// # Errors
    /// As [`Self::threads`].
    pub fn without_guests(writer: Box<dyn Store>, reader: Box<dyn Store>) -> Result<Self, StoreError> {
        let (met, trouble) = watch::channel(None);
        let errand = Errand::default();
        let writer = start_writing(writer, Trouble(met.clone()), &errand)?;
        let loops = start_reading("store-reader", reader, Trouble(met))?;
        let guests = loops.clone();
        Ok(Self(Kind::Threads { writer, readers: Readers { loops, guests }, lane: Lane::Loops, trouble, errand }))
    }

    /// The same keeper, for those who ask over HTTP: what it reads is read by a thread of its own, and keeps no loop waiting.
    #[must_use]
    pub fn for_guests(&self) -> Self {
        let mut guests = self.clone();
        if let Kind::Threads { lane, .. } = &mut guests.0 {
            *lane = Lane::Guests;
        }
        guests
    }

    /// Runs every job on the caller, with no thread and no await point: for simulated worlds and one-shot commands.
    pub fn in_place(store: Box<dyn Store>) -> Self {
        Self::in_place_amid(store, Mischief::default())
    }

    /// The same of a store that is slow, refuses, or says that it does, as somebody pleases.
    pub fn in_place_amid(store: Box<dyn Store>, mischief: Mischief) -> Self {
        Self(Kind::InPlace(Arc::new(Mutex::new(store)), mischief, Errand::default()))
    }

    /// Asks the store something. Jobs that only read go here: they never wait for a writer's commit.
    ///
    /// Dropping the future before the job is begun undoes it.
    ///
    /// # Errors
    /// The job's own, or [`StoreError::Refused`] when the keeper has ended.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.0 {
            Kind::Threads { readers, lane, .. } => {
                let thread = match lane {
                    Lane::Loops => &readers.loops,
                    Lane::Guests => &readers.guests,
                };
                queue(thread, |job| Message::Run(job, Wants::Kept), Unheard::Left, job).await
            }
            Kind::InPlace(store, mischief, _) => {
                bend(mischief, Prank::ReadRefused).await?;
                run_in_place(store, job)
            }
        }
    }

    /// Changes the store; the answer comes after a durable commit. Each verb of the job is whole or absent by itself:
    /// what must stand or fall together is one verb.
    ///
    /// Dropping the future before the job is queued undoes it; later the job runs all the same.
    ///
    /// # Errors
    /// The job's own, that of its group's commit (then nothing of the job is written), or [`StoreError::Refused`]
    /// when the keeper has ended.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.change(|job| Message::Run(job, Wants::Safe), job).await
    }

    /// The same for what may make deliveries due: what was left ([`Self::leave`]) is done in the same commit.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn tell<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.change(|job| Message::Run(job, Wants::Told), job).await;
        if let Kind::InPlace(store, mischief, errand) = &self.0
            && let Some(left) = errand.take()
            && let Ok(mut store) = store.lock()
        {
            if mischief.strikes(Prank::WriteRefused) {
                left(Err(refusal()))(Ok(()));
            } else {
                let lost = mischief.strikes(Prank::AnswerLost).then(refusal);
                left(Ok(store.as_mut()))(lost.as_ref().map_or(Ok(()), Err));
            }
        }
        done
    }

    /// Leaves a job that is done once, within the commit of the next [`Self::tell`]. What was left before and is not done is forgotten.
    pub(super) fn leave<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Left<T> {
        let (job, answered) = asked(Unheard::Left, job);
        match &self.0 {
            Kind::Threads { errand, .. } | Kind::InPlace(_, _, errand) => errand.leave(job, answered),
        }
    }

    /// Notes down what a later look would find again: like [`Self::write`], but with no wait for the disk. A power cut
    /// may take it back, though never while it keeps a later change.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn note<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.change(|job| Message::Run(job, Wants::Kept), job).await
    }

    /// Claims something: like [`Self::write`], but in no group and with no wait for the disk. A claim that a power cut
    /// takes back is as if it had never been made: the work is claimed anew.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn lease<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.change(Message::Alone, job).await
    }

    async fn change<T: Send + 'static>(
        &self,
        kind: fn(Job) -> Message,
        job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.0 {
            Kind::Threads { writer, .. } => queue(writer, kind, Unheard::Done, job).await,
            Kind::InPlace(store, mischief, _) => {
                bend(mischief, Prank::WriteRefused).await?;
                let done = run_in_place(store, job)?;
                if mischief.strikes(Prank::AnswerLost) { Err(refusal()) } else { Ok(done) }
            }
        }
    }

    /// What keeps the store from writing, or from all work, now.
    pub fn trouble(&self) -> Option<StoreTrouble> {
        match &self.0 {
            Kind::Threads { trouble, .. } => trouble.borrow().clone(),
            Kind::InPlace(..) => None,
        }
    }

    /// Waits until the store has met damage in its file. Cancel-safe.
    pub async fn damaged(&self) -> StoreError {
        if let Kind::Threads { trouble, .. } = &self.0 {
            let mut trouble = trouble.clone();
            let met = trouble.wait_for(|met| matches!(met, Some(StoreTrouble::Damaged { .. }))).await;
            if let Ok(Some(StoreTrouble::Damaged { path, why })) = met.as_deref() {
                return StoreError::Damaged { path: path.clone(), why: why.clone() };
            }
        }
        // A keeper without threads tells each caller; one whose threads have ended tells nobody.
        std::future::pending().await
    }

    /// Finishes what is queued, closes the stores and ends the threads, whatever clones of the handle are left;
    /// their later calls are refused. A keeper in place has nothing to end.
    pub async fn close(self) {
        match self.0 {
            Kind::Threads { writer, readers, .. } => {
                // The writer first: a reader that is open last keeps SQLite from checkpointing under a live writer.
                end(&writer).await;
                end(&readers.loops).await;
                end(&readers.guests).await;
            }
            Kind::InPlace(..) => {}
        }
    }
}

/// What a call gets when its thread is gone: it was closed, or a job panicked in it.
fn ended() -> StoreError {
    StoreError::Refused { verb: "keeper", why: "the store's thread has ended".to_owned() }
}

/// The error of a commit, for each of the jobs that were in it.
fn share(error: &StoreError) -> StoreError {
    let why = error.to_string();
    if error.is_retryable() {
        StoreError::Busy { verb: "commit_group", why }
    } else {
        StoreError::Refused { verb: "commit_group", why }
    }
}

/// How long a store takes that takes its time.
const SLOW: Duration = Duration::from_millis(700);

/// Bends a job before it is run.
async fn bend(mischief: &Mischief, refused: Prank) -> Result<(), StoreError> {
    if mischief.strikes(Prank::StoreSlow) {
        tokio::time::sleep(SLOW).await;
    }
    if mischief.strikes(refused) { Err(refusal()) } else { Ok(()) }
}

fn refusal() -> StoreError {
    StoreError::Busy { verb: "keeper", why: "refused by the simulation".to_owned() }
}

fn run_in_place<T>(
    store: &Mutex<Box<dyn Store>>,
    job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // A poisoned lock means that a job panicked half way: as with threads, that ends the keeper.
    let Ok(mut store) = store.lock() else { return Err(ended()) };
    job(store.as_mut())
}

/// What becomes of a job whose caller went away before it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unheard {
    /// It is done all the same.
    Done,
    /// It is left undone.
    Left,
}

async fn queue<T: Send + 'static>(
    thread: &mpsc::Sender<Message>,
    kind: fn(Job) -> Message,
    unheard: Unheard,
    job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (job, answered) = asked(unheard, job);
    if thread.send(kind(job)).await.is_err() {
        return Err(ended());
    }
    answered.await.unwrap_or_else(|_| Err(ended()))
}

/// A job as a thread takes it, and where its answer comes.
fn asked<T: Send + 'static>(
    unheard: Unheard,
    job: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, StoreError>>) {
    let (answer, answered) = oneshot::channel();
    let job: Job = Box::new(move |store| {
        if unheard == Unheard::Left && answer.is_closed() {
            return Box::new(|_nobody_waits| ());
        }
        let outcome = store.and_then(job);
        Box::new(move |committed| {
            let told = match (outcome, committed) {
                (Ok(value), Ok(())) => Ok(value),
                (Ok(_), Err(why)) => Err(share(why)),
                (Err(own), Ok(()) | Err(_)) => Err(own),
            };
            // Who asked may have gone away; the work is done all the same.
            answer.send(told).ok();
        })
    });
    (job, answered)
}

async fn end(thread: &mpsc::Sender<Message>) {
    let (done, is_done) = oneshot::channel();
    if thread.send(Message::Close(done)).await.is_ok() {
        // An error means that the thread ended another way: it is done too.
        is_done.await.ok();
    }
}

fn start_writing(
    store: Box<dyn Store>,
    trouble: Trouble,
    errand: &Errand,
) -> Result<mpsc::Sender<Message>, StoreError> {
    let errand = errand.clone();
    start("store-writer", move |queue| keep_writing(store, queue, &trouble, &errand))
}

fn start_reading(
    name: &'static str,
    store: Box<dyn Store>,
    trouble: Trouble,
) -> Result<mpsc::Sender<Message>, StoreError> {
    start(name, move |queue| keep_reading(store, queue, &trouble))
}

fn start(
    name: &'static str,
    keep: impl FnOnce(mpsc::Receiver<Message>) + Send + 'static,
) -> Result<mpsc::Sender<Message>, StoreError> {
    let (sender, queue) = mpsc::channel(QUEUE_JOBS_MAX);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || keep(queue))
        .map_err(|why| StoreError::Refused { verb: "keeper", why: format!("start the thread {name}: {why}") })?;
    Ok(sender)
}

/// A reader's thread: job after job, each answered at once.
fn keep_reading(mut store: Box<dyn Store>, mut queue: mpsc::Receiver<Message>, trouble: &Trouble) {
    let mut closing = Closing::default();
    while let Some(message) = queue.blocking_recv() {
        match message {
            Message::Run(job, _) | Message::Alone(job) => {
                let reply = job(Ok(store.as_mut()));
                trouble.read(store.trouble());
                reply(Ok(()));
            }
            Message::Close(done) => closing.begin(&mut queue, done),
        }
    }
    drop(store);
    closing.tell();
}

/// The writer's thread: group after group.
fn keep_writing(mut store: Box<dyn Store>, mut queue: mpsc::Receiver<Message>, trouble: &Trouble, errand: &Errand) {
    let mut closing = Closing::default();
    let mut next = None;
    while let Some(message) = next.take().or_else(|| queue.blocking_recv()) {
        match message {
            Message::Run(first, wants) => {
                next = write_group(store.as_mut(), (first, wants), (&mut queue, errand), &mut closing);
            }
            Message::Alone(job) => job(Ok(store.as_mut()))(Ok(())),
            Message::Close(done) => closing.begin(&mut queue, done),
        }
        trouble.wrote(store.trouble());
    }
    drop(store);
    closing.tell();
}

/// Runs `first` and what is queued behind it in one commit, then answers them all. It never waits for more: under
/// light load a job is alone in its group, under heavy load the queue fills while the disk flushes. Gives back the
/// message that ended the group, as it belongs in none or in another: jobs keep their order.
#[expect(clippy::disallowed_methods, reason = "bounds the work of one commit in real time; decides nothing stored")]
fn write_group(
    store: &mut dyn Store,
    (first, wants): (Job, Wants),
    (queue, errand): (&mut mpsc::Receiver<Message>, &Errand),
    closing: &mut Closing,
) -> Option<Message> {
    let began = Instant::now();
    let until = wants.durable();
    let mut tells = wants == Wants::Told;
    if let Err(why) = store.group(until) {
        // The job never ran: its reply holds this error already, so the outcome given here isn't looked at.
        first(Err(why))(Ok(()));
        return None;
    }
    let mut replies = vec![first(Ok(&mut *store))];
    let mut next = None;
    while replies.len() < GROUP_JOBS_MAX && began.elapsed() < GROUP_WORK_MAX {
        match queue.try_recv() {
            Ok(Message::Run(job, wants)) if wants.durable() == until => {
                tells |= wants == Wants::Told;
                replies.push(job(Ok(&mut *store)));
            }
            Ok(Message::Close(done)) => closing.begin(queue, done),
            Ok(message @ (Message::Run(..) | Message::Alone(_))) => {
                next = Some(message);
                break;
            }
            Err(mpsc::error::TryRecvError::Empty | mpsc::error::TryRecvError::Disconnected) => break,
        }
    }
    let left = if tells { errand.take() } else { None };
    let left = left.map(|job| job(Ok(&mut *store)));
    let committed = store.commit_group();
    // What was left is waited for by who sends what was told.
    for reply in left.into_iter().chain(replies) {
        reply(committed.as_ref().map(|&()| ()));
    }
    next
}

/// Where what the store met is shown, and told once.
struct Trouble(watch::Sender<Option<StoreTrouble>>);

impl Trouble {
    /// What the writer met last, or that it writes again.
    fn wrote(&self, met: Option<StoreTrouble>) {
        self.0.send_if_modified(|shown| {
            // Damage does not pass.
            if *shown == met || matches!(shown, Some(StoreTrouble::Damaged { .. })) {
                return false;
            }
            if let Some(met) = &met {
                let words = met.words();
                tracing::error!(trouble = met.label(), "the store takes no writes: {words}");
            } else {
                tracing::info!("the store takes writes again: polls and deliveries go on");
            }
            *shown = met;
            true
        });
    }

    /// What the reader met: damage concerns all, the rest is told to whoever asked.
    fn read(&self, met: Option<StoreTrouble>) {
        if matches!(met, Some(StoreTrouble::Damaged { .. })) {
            self.wrote(met);
        }
    }
}

/// Those who wait for a thread's end.
#[derive(Default)]
struct Closing(Vec<oneshot::Sender<()>>);

impl Closing {
    /// Lets no more into the queue; what is in it is still done.
    fn begin(&mut self, queue: &mut mpsc::Receiver<Message>, done: oneshot::Sender<()>) {
        queue.close();
        self.0.push(done);
    }

    fn tell(self) {
        for done in self.0 {
            // Who closed may have gone away.
            done.send(()).ok();
        }
    }
}

#[cfg(test)]
mod tests;
