//! Problems of a configuration file: gathered with their places, shown as a compiler shows them.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::settings::QueryProblem;

/// Whether colours may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Plain text: files, pipes, `NO_COLOR`.
    Plain,
    /// ANSI colours: a terminal.
    Styled,
}

/// One problem, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    title: String,
    place: Option<Range<usize>>,
    label: String,
    help: String,
    also: Option<(Range<usize>, String)>,
}

impl Problem {
    /// Names what is wrong, as a fragment.
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), place: None, label: String::new(), help: String::new(), also: None }
    }

    /// Says where (bytes of the file), and what was found or expected there.
    pub(super) fn at(mut self, place: Range<usize>, label: impl Into<String>) -> Self {
        self.place = Some(place);
        self.label = label.into();
        self
    }

    /// Says what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Points at another place that has to do with it.
    pub(super) fn also(mut self, place: Range<usize>, label: impl Into<String>) -> Self {
        self.also = Some((place, label.into()));
        self
    }
}

/// What is found while a file is read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    problems: Vec<Problem>,
    secrets: Vec<Range<usize>>,
    pub(super) notices: Vec<String>,
    /// Subscriptions that are declared rightly as far as is known, but whose secrets are not read.
    pub(super) unread: usize,
}

impl Findings {
    pub(super) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Remembers that the bytes at `place` are never shown.
    pub(super) fn hide(&mut self, place: Range<usize>) {
        self.secrets.push(place);
    }

    /// Remembers the same of text that is no TOML: the rest of each line after `secret =` or `token =`.
    pub(super) fn hide_by_key(&mut self, text: &str) {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let keys = ["secret", "token", "password", "passwd", "pasword"]
                .into_iter()
                .flat_map(|key| line.match_indices(key));
            let values = keys.filter_map(|(at, key)| {
                let rest = line.get(at + key.len()..)?;
                let value = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix('=')?;
                Some(start + line.len() - value.len()..start + line.len())
            });
            self.secrets.extend(values);
            start += line.len();
        }
    }

    /// How many problems were found so far.
    pub(super) fn count(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Closes the reading of `text`, a file called `file`.
    pub(super) fn into_problems(mut self, file: &str, text: &str) -> Problems {
        self.problems.sort_by_key(|problem| problem.place.as_ref().map_or(0, |place| place.start));
        Problems { file: file.to_owned(), text: mask(text, &self.secrets), list: self.problems }
    }
}

/// A problem in parts. Empty text stands for nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'a> {
    /// What is wrong, as a fragment.
    pub what: &'a str,
    /// What was found or expected at its place.
    pub found: &'a str,
    /// What to do.
    pub help: &'a str,
    /// Its line, from 1.
    pub line: Option<usize>,
    /// Its column in characters, from 1.
    pub column: Option<usize>,
}

/// All problems of one configuration file, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: String,
    text: String,
    list: Vec<Problem>,
}

impl Problems {
    /// Makes mistakes of a query given by itself (on the command line) into problems of the text `query`.
    pub fn of_query(query: &str, mistakes: &[QueryProblem]) -> Self {
        let list = mistakes.iter().map(|mistake| {
            Problem::new(if mistake.is_doubt { "the query is hardly meant so" } else { "the query can't be read" })
                .at(mistake.span.clone(), mistake.message.as_str())
                .help(mistake.help.as_str())
        });
        Self { file: "the query".to_owned(), text: query.to_owned(), list: list.collect() }
    }

    /// How many there are; at least one.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The file's name, as given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Shows all of them: file, line, column, caret, what was found and what to do. Ends with a line feed.
    pub fn render(&self, ink: Ink, columns: usize) -> String {
        let renderer = match ink {
            Ink::Plain => Renderer::plain(),
            Ink::Styled => Renderer::styled(),
        }
        .term_width(columns);
        let mut shown = String::new();
        for problem in &self.list {
            shown.push_str(&renderer.render(&self.report(problem)));
            shown.push_str("\n\n");
        }
        let count = match self.list.len() {
            1 => "1 problem".to_owned(),
            many => format!("{many} problems"),
        };
        shown + &count + " in " + &self.file + "\n"
    }

    /// Each of them for a program, in order.
    pub fn told(&self) -> impl Iterator<Item = Told<'_>> {
        self.list.iter().map(|problem| {
            let (line, column) = problem.place.as_ref().map_or((None, None), |place| {
                let before = self.text.get(..self.on_borders(place).start).unwrap_or_default();
                let line_start = before.rfind('\n').map_or(0, |at| at + 1);
                let column = before.get(line_start..).unwrap_or_default().chars().count();
                (Some(1 + before.matches('\n').count()), Some(1 + column))
            });
            Told { what: &problem.title, found: &problem.label, help: &problem.help, line, column }
        })
    }

    fn report<'a>(&'a self, problem: &'a Problem) -> Vec<Group<'a>> {
        let title = Level::ERROR.primary_title(problem.title.as_str());
        let mut main = match &problem.place {
            Some(place) => title.element(self.snippet(place, &problem.label)),
            None if problem.label.is_empty() => Group::with_title(title),
            None => title.element(Level::NOTE.message(problem.label.as_str())),
        };
        if !problem.help.is_empty() {
            main = main.element(Level::HELP.message(problem.help.as_str()));
        }
        let also = problem
            .also
            .as_ref()
            .map(|(place, label)| Level::NOTE.secondary_title(label.as_str()).element(self.snippet(place, "")));
        std::iter::once(main).chain(also).collect()
    }

    /// Cuts out the lines of `place`: the renderer walks all the text it is given, for each problem anew.
    fn snippet<'a>(&'a self, place: &Range<usize>, label: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let place = self.on_borders(place);
        let before = self.text.get(..place.start).unwrap_or_default();
        let after = self.text.get(place.end..).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = after.find('\n').map_or(self.text.len(), |at| place.end + at);
        let lines = self.text.get(start..end).unwrap_or_default();
        let annotation = AnnotationKind::Primary.span(place.start - start..place.end - start);
        let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
        Snippet::source(lines)
            .line_start(1 + before.matches('\n').count())
            .path(self.file.as_str())
            .annotation(annotation)
    }

    /// A place as the file has it: within the text and on borders of characters; never empty where a byte is left.
    fn on_borders(&self, place: &Range<usize>) -> Range<usize> {
        let len = self.text.len();
        let start = self.text.floor_char_boundary(place.start.min(len));
        let end = self.text.ceil_char_boundary(place.end.clamp(start, len));
        start..end
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(Ink::Plain, COLUMNS_PLAIN).trim_end())
    }
}

impl std::error::Error for Problems {}

/// Columns of a rendering that goes to no terminal.
const COLUMNS_PLAIN: usize = 140;

/// Puts asterisks in the place of secrets, byte for byte, so that places stay right; line feeds stay too. Whatever
/// looks like a signing secret goes as well, wherever it stands.
fn mask(text: &str, secrets: &[Range<usize>]) -> String {
    const MARK: &str = "whsec_";
    let marked = text.match_indices(MARK).map(|(at, _)| {
        let rest = text.get(at..).unwrap_or_default();
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_+/=-".contains(c))).unwrap_or(rest.len());
        at..at + len
    });
    let hidden: Vec<Range<usize>> = secrets.iter().cloned().chain(marked).collect();
    let mut bytes = text.as_bytes().to_vec();
    for byte in hidden.into_iter().flatten() {
        if let Some(byte) = bytes.get_mut(byte).filter(|b| !matches!(**b, b'\n' | b'\r')) {
            *byte = b'*';
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
