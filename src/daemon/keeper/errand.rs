//! A job that is left for the commit of another: what follows from a change is done with it, and costs no commit of its own.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::{Job, ended};
use crate::port::StoreError;

/// A job that may be taken by whoever comes first: the writer, or who left it.
type Takeable = Arc<Mutex<Option<Job>>>;

/// What was left for the next commit that tells somebody something.
#[derive(Clone, Default)]
pub(super) struct Errand(Arc<Mutex<Option<Takeable>>>);

impl Errand {
    /// Leaves a job; what was left before and is not done is forgotten.
    pub(super) fn leave<T>(&self, job: Job, answered: oneshot::Receiver<Result<T, StoreError>>) -> Left<T> {
        let job = Arc::new(Mutex::new(Some(job)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&job));
        Left { job, answered }
    }

    /// The job, to be done now.
    pub(super) fn take(&self) -> Option<Job> {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        taken(&left)
    }
}

fn taken(job: &Mutex<Option<Job>>) -> Option<Job> {
    job.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A job that was left. Dropped before it was begun, it is not done.
pub(in crate::daemon) struct Left<T> {
    job: Takeable,
    answered: oneshot::Receiver<Result<T, StoreError>>,
}

impl<T> Left<T> {
    /// What came of it, once it is done. Cancel-safe; not to be asked again after that.
    ///
    /// # Errors
    /// As [`super::Keeper::write`].
    pub(in crate::daemon) async fn done(&mut self) -> Result<T, StoreError> {
        (&mut self.answered).await.unwrap_or_else(|_| Err(ended()))
    }

    /// Takes it back. Where it was begun, gives what came of it.
    ///
    /// # Errors
    /// As [`super::Keeper::write`].
    pub(in crate::daemon) async fn take_back(mut self) -> Result<Option<T>, StoreError> {
        match taken(&self.job) {
            Some(_undone) => Ok(None),
            None => self.done().await.map(Some),
        }
    }
}

impl<T> Drop for Left<T> {
    fn drop(&mut self) {
        drop(taken(&self.job));
    }
}
