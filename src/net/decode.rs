//! A body as it comes on the wire to what it says: gzip and brotli, one coding, within bounds.
//!
//! reqwest would decode too, but doesn't say how many bytes went in, so that a bomb could not be told from a long feed.

use std::io::{self, Write as _};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::write::GzDecoder;
use http::header::{CONTENT_ENCODING, HeaderMap};

use super::Bounds;

/// What is asked for.
pub(super) const ACCEPT_ENCODING: &str = "gzip, br";
/// Codings that compress, those that are read first.
const CODINGS: [&str; 10] = ["gzip", "x-gzip", "br", "deflate", "compress", "x-compress", "zstd", "dcb", "dcz", "exi"];
/// The first bytes of gzip (RFC 1952 section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// What the brotli decoder writes at once.
const BUFFER_BYTES: usize = 32 * 1024;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Not, or with gzip: its first bytes tell. Some servers say gzip and send plain text, some the other way round.
    Told,
    /// With brotli, which has no first bytes of its own.
    Brotli,
}

/// Why a body can't be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cut {
    /// Larger than the request allows.
    TooLarge,
    /// It becomes more than a document's worth of what was sent.
    Bomb {
        /// Bytes on the wire so far.
        wire: usize,
    },
    /// Broken off or no such coding; in the decoder's words.
    Damaged(String),
}

impl Coding {
    /// Reads how a body is compressed. Words that name no compression (`utf-8`, `none`) are passed over, as browsers do.
    ///
    /// # Errors
    /// What is wrong, in words: a coding that was not asked for, or one upon another. Two codings turn 32 MB into 30 bytes.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let values = headers.get_all(CONTENT_ENCODING).into_iter();
        let text: Vec<String> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()).collect();
        let mut named = text
            .iter()
            .flat_map(|value| value.split(','))
            .filter_map(|word| CODINGS.into_iter().find(|coding| *coding == word.trim()));
        let (first, second) = (named.next(), named.next());
        if let (Some(first), Some(second)) = (first, second) {
            return Err(format!("is compressed twice ({first}, then {second}), which no feed needs and bombs do"));
        }
        match first {
            None | Some("gzip" | "x-gzip") => Ok(Self::Told),
            Some("br") => Ok(Self::Brotli),
            Some(other) => {
                Err(format!("is compressed with {other}, which was not asked for (asked: {ACCEPT_ENCODING})"))
            }
        }
    }
}

/// A body that comes in.
pub(super) struct Body {
    decoder: Decoder,
    plain: Plain,
}

enum Decoder {
    /// Its first byte, if that has come: it takes two to tell.
    Start(Option<u8>),
    Plain,
    Gzip(Box<GzDecoder<Vec<u8>>>),
    /// A member of gzip has ended; another may follow, or padding.
    Between,
    Brotli(Box<Brotli>),
    /// The compressed document has ended. What follows is padding.
    Ended,
}

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

struct Brotli {
    state: State,
    buffer: Vec<u8>,
    written: usize,
}

/// What the body says, within its bounds.
struct Plain {
    bytes: Vec<u8>,
    /// Bytes on the wire so far.
    wire: usize,
    max: usize,
    bounds: Bounds,
}

impl Body {
    /// A body of which `max` bytes are taken, and `expected` are likely.
    pub(super) fn new(coding: Coding, max: usize, expected: usize, bounds: &Bounds) -> Self {
        let decoder = match coding {
            Coding::Told => Decoder::Start(None),
            Coding::Brotli => Decoder::Brotli(Box::new(Brotli::new())),
        };
        let plain = Plain { bytes: Vec::with_capacity(expected.min(max)), wire: 0, max, bounds: *bounds };
        Self { decoder, plain }
    }

    /// Bytes on the wire so far.
    pub(super) fn wire(&self) -> usize {
        self.plain.wire
    }

    /// Takes in what came on the wire, some kilobytes at a time: of gzip the bounds are looked at after each.
    ///
    /// # Errors
    /// When the body is too large or broken. What came until then stays.
    pub(super) fn push(&mut self, wire: &[u8]) -> Result<(), Cut> {
        self.plain.wire = self.plain.wire.saturating_add(wire.len());
        let mut rest = wire;
        while !rest.is_empty() {
            let taken = self.step(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Takes in some of `input`, which is not empty, and says how much.
    fn step(&mut self, input: &[u8]) -> Result<usize, Cut> {
        match &mut self.decoder {
            Decoder::Plain => self.plain.take(input).map(|()| input.len()),
            Decoder::Ended => Ok(input.len()),
            Decoder::Start(None) if input.len() == 1 => {
                self.decoder = Decoder::Start(input.first().copied());
                Ok(1)
            }
            Decoder::Start(held) => {
                let held = held.take();
                let is_gzip = held.iter().chain(input).take(GZIP_MAGIC.len()).eq(&GZIP_MAGIC);
                self.decoder = if is_gzip { gzip() } else { Decoder::Plain };
                held.map_or(Ok(0), |byte| self.step(&[byte]).map(|_| 0))
            }
            Decoder::Between => {
                self.decoder = if input.first() == GZIP_MAGIC.first() { gzip() } else { Decoder::Ended };
                Ok(0)
            }
            Decoder::Gzip(decoder) => {
                let taken = decoder.write(input).map_err(|error| damaged(&error))?;
                self.plain.unpack(decoder)?;
                if taken == 0 {
                    finish(decoder, &mut self.plain)?;
                    self.decoder = Decoder::Between;
                }
                Ok(taken)
            }
            Decoder::Brotli(decoder) => {
                let (taken, is_end) = decoder.step(input, &mut self.plain)?;
                if is_end {
                    self.decoder = Decoder::Ended;
                }
                Ok(taken)
            }
        }
    }

    /// Ends the body: nothing more comes.
    ///
    /// # Errors
    /// [`Cut::Damaged`] where a compressed document has not ended.
    pub(super) fn end(&mut self) -> Result<(), Cut> {
        match &mut self.decoder {
            Decoder::Gzip(decoder) => finish(decoder, &mut self.plain),
            Decoder::Start(Some(byte)) => self.plain.take(&[*byte]),
            // Nothing at all is an empty document, whatever it was to be compressed with.
            Decoder::Brotli(_) if self.plain.wire > 0 => Err(Cut::Damaged("unexpected end of brotli".to_owned())),
            Decoder::Brotli(_) | Decoder::Start(None) | Decoder::Plain | Decoder::Between | Decoder::Ended => Ok(()),
        }
    }

    /// What has come so far.
    pub(super) fn into_plain(self) -> Vec<u8> {
        self.plain.bytes
    }
}

fn gzip() -> Decoder {
    Decoder::Gzip(Box::new(GzDecoder::new(Vec::new())))
}

/// Ends a member of gzip: the rest of its text, and its checksum.
fn finish(decoder: &mut GzDecoder<Vec<u8>>, plain: &mut Plain) -> Result<(), Cut> {
    let ended = decoder.try_finish().map_err(|error| damaged(&error));
    plain.unpack(decoder)?;
    ended
}

fn damaged(error: &io::Error) -> Cut {
    Cut::Damaged(error.to_string())
}

impl Brotli {
    fn new() -> Self {
        let alloc = StandardAlloc::default;
        // Strict: RFC 7932 alone. Its large-window variant lets thirty bytes ask for a buffer of a gigabyte.
        Self { state: State::new_strict(alloc(), alloc(), alloc()), buffer: vec![0; BUFFER_BYTES], written: 0 }
    }

    /// Takes in some of `input`; says how much, and whether the document has ended.
    fn step(&mut self, input: &[u8], plain: &mut Plain) -> Result<(usize, bool), Cut> {
        let (mut left, mut taken) = (input.len(), 0);
        loop {
            let (mut room, mut given) = (self.buffer.len(), 0);
            let flow = BrotliDecompressStream(
                &mut left,
                &mut taken,
                input,
                &mut room,
                &mut given,
                &mut self.buffer,
                &mut self.written,
                &mut self.state,
            );
            plain.grow(self.buffer.get(..given).unwrap_or_default())?;
            match flow {
                BrotliResult::NeedsMoreOutput if given > 0 => {}
                BrotliResult::NeedsMoreInput if left == 0 => return Ok((input.len(), false)),
                BrotliResult::ResultSuccess => return Ok((taken, true)),
                BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput | BrotliResult::ResultFailure => {
                    return Err(Cut::Damaged("invalid brotli".to_owned()));
                }
            }
        }
    }
}

impl Plain {
    /// Takes bytes that came as they are, up to the limit.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        let room = self.max.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if bytes.len() > room { Err(Cut::TooLarge) } else { Ok(()) }
    }

    /// Takes bytes that a decoder made of what came.
    fn grow(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        let size = self.bytes.len().saturating_add(bytes.len());
        if size > self.bounds.expansion_from && size > self.wire.saturating_mul(self.bounds.expansion) {
            return Err(Cut::Bomb { wire: self.wire });
        }
        self.take(bytes)
    }

    /// Takes what a decoder of gzip has written.
    fn unpack(&mut self, decoder: &mut GzDecoder<Vec<u8>>) -> Result<(), Cut> {
        let grown = self.grow(decoder.get_ref());
        decoder.get_mut().clear();
        grown
    }
}

#[cfg(test)]
mod tests;
