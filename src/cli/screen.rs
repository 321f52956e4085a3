//! The one writer to stdout and stderr.

use std::fmt::Write as _;
use std::io::{self, Write};

use comfy_table::{ContentArrangement, Row, Table as Grid, presets};
use console::{Style, Term};
use jiff::Timestamp;
use serde::Serialize;

use crate::config::Ink;
use crate::text::{Piece, difference, marked};

use super::moment::relative;

/// In which form results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Tables and sentences.
    People,
    /// An object a line.
    Json,
}

/// Where results and messages go.
pub struct Screen {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    form: Form,
    /// `None` where no terminal reads: nothing is cut or wrapped.
    columns: Option<u16>,
    ink_out: Ink,
    ink_err: Ink,
    now: Timestamp,
}

impl Screen {
    /// The process's own stdout and stderr.
    pub(super) fn of_process(form: Form, now: Timestamp) -> Self {
        let ink = |colours: bool| if colours { Ink::Styled } else { Ink::Plain };
        let term = Term::stdout();
        Self {
            columns: term.is_term().then(|| term.size().1),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            form,
            ink_out: ink(console::colors_enabled()),
            ink_err: ink(console::colors_enabled_stderr()),
            now,
        }
    }

    /// The same, but lines wait for [`Self::flush`] or for eight thousand bytes of them.
    pub(super) fn gathering(form: Form, now: Timestamp) -> Self {
        Self { out: Box::new(io::BufWriter::new(io::stdout())), ..Self::of_process(form, now) }
    }

    /// A screen of `columns` that writes elsewhere, in plain text.
    #[cfg(test)]
    pub(super) fn captured(out: Box<dyn Write + Send>, form: Form, columns: Option<u16>, now: Timestamp) -> Self {
        Self { out, err: Box::new(io::sink()), form, columns, ink_out: Ink::Plain, ink_err: Ink::Plain, now }
    }

    /// Whether results are JSON Lines.
    pub(super) fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// Whether messages on stderr may be coloured.
    pub(super) fn ink_err(&self) -> Ink {
        self.ink_err
    }

    /// Columns of the screen, or many where there is none.
    pub(super) fn columns(&self) -> usize {
        self.columns.map_or(140, usize::from)
    }

    /// The moment that relative times are counted from.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// A moment, seen from now: `3 min ago`.
    pub(super) fn when(&self, at: Timestamp) -> String {
        relative(self.now, at)
    }

    /// How long something goes on: `for 15 min`, `until 2026-12-01`.
    pub(super) fn lasts(&self, until: Timestamp) -> String {
        let when = self.when(until);
        when.strip_prefix("in ").map_or_else(|| format!("until {when}"), |span| format!("for {span}"))
    }

    /// A moment that may be missing: `-`.
    pub(super) fn when_known(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "-".to_owned(), |at| self.when(at))
    }

    /// Writes a result: an object with `--json`.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn record(&mut self, value: &impl Serialize) -> io::Result<()> {
        let line = serde_json::to_string(value).map_err(io::Error::other)?;
        writeln!(self.out, "{line}")
    }

    /// Writes a line for people; `text` is our own or escaped by [`shown`].
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Writes text as it is: a man page, completions, help.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn raw(&mut self, text: &[u8]) -> io::Result<()> {
        self.out.write_all(text)?;
        self.out.flush()
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Where results go, for what writes many lines of its own.
    pub(super) fn sink(&mut self) -> &mut (dyn Write + Send) {
        &mut *self.out
    }

    /// Writes a heading for people.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.bold(text);
        writeln!(self.out, "{text}")
    }

    /// Writes a name and what it has, the names in one column.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn field(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "{name:<14}{}", shown(value))
    }

    /// Writes what changed between two versions, if anything: coloured on a terminal, else `[-old-]{+new+}`.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn difference(&mut self, name: &str, old: &str, new: &str) -> io::Result<()> {
        if old == new {
            return Ok(());
        }
        let pieces = difference(old, new);
        let text = match self.ink_out {
            Ink::Plain => shown(&marked(&pieces)),
            Ink::Styled => pieces.iter().map(coloured).collect(),
        };
        writeln!(self.out, "{name:<14}{text}")
    }

    /// Says something on stderr: progress, or that there is nothing. What can't be said there is not said.
    pub(super) fn note(&mut self, text: &str) {
        writeln!(self.err, "{text}").ok();
    }

    /// Writes a table that fits the screen.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn table(&mut self, table: &Table) -> io::Result<()> {
        let lines = table.lines(self.columns);
        for (at, line) in lines.iter().enumerate() {
            let line = if at == 0 { self.bold(line) } else { line.clone() };
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    fn bold(&self, text: &str) -> String {
        match self.ink_out {
            Ink::Styled => Style::new().bold().force_styling(true).apply_to(text).to_string(),
            Ink::Plain => text.to_owned(),
        }
    }
}

fn coloured(piece: &Piece) -> String {
    let style = Style::new().force_styling(true);
    match piece {
        Piece::Same(text) => shown(text),
        Piece::Removed(text) => style.red().strikethrough().apply_to(shown(text)).to_string(),
        Piece::Added(text) => style.green().apply_to(shown(text)).to_string(),
    }
}

/// Rows under a header. Cells are escaped as they come in.
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A cell is cut after so many lines on a narrow screen: `show` gives all of it.
const CELL_LINES_MAX: usize = 2;

impl Table {
    pub(super) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.header.len(), "a cell a column");
        self.rows.push(cells.map(|cell| shown(&cell)).to_vec());
    }

    fn lines(&self, columns: Option<u16>) -> Vec<String> {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_header(self.header.clone());
        match columns {
            Some(columns) => grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns),
            None => grid.set_content_arrangement(ContentArrangement::Disabled),
        };
        for cells in &self.rows {
            let mut row = Row::from(cells.clone());
            row.max_height(CELL_LINES_MAX);
            grid.add_row(row);
        }
        for column in grid.column_iter_mut() {
            column.set_padding((0, 2));
        }
        grid.lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

/// Makes foreign text harmless for a terminal: white space becomes a space, other control characters and those that
/// turn the direction of writing are shown as escapes.
pub(super) fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => safe.push(' '),
            c if c.is_control() || is_bidi_control(c) => {
                // A string takes all that is written to it.
                write!(safe, "\\u{{{:x}}}", u32::from(c)).ok();
            }
            c => safe.push(c),
        }
    }
    safe
}

/// Embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX #9, table 1).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}
