//! The selectors of a list page, compiled.

use scraper::Selector;

use crate::model::PageSelectors;

/// A selector that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the selector {name} = {text:?} is not CSS: {why}")]
pub struct SelectorError {
    /// Which one: `item`, `link`, `title`, `date`, `summary`.
    pub name: &'static str,
    /// As given.
    pub text: String,
    /// The parser's own words.
    pub why: String,
}

/// The selectors of a list page, ready for use.
#[derive(Debug, Clone)]
pub struct Selectors {
    pub(super) item: Selector,
    pub(super) link: Option<Selector>,
    pub(super) title: Option<Selector>,
    pub(super) date: Option<Selector>,
    pub(super) summary: Option<Selector>,
}

impl Selectors {
    /// Compiles them.
    ///
    /// # Errors
    /// For the first that is not CSS.
    pub fn compile(selectors: &PageSelectors) -> Result<Self, SelectorError> {
        let optional = |name, text: &Option<String>| text.as_deref().map(|text| compile(name, text)).transpose();
        Ok(Self {
            item: compile("item", &selectors.item)?,
            link: optional("link", &selectors.link)?,
            title: optional("title", &selectors.title)?,
            date: optional("date", &selectors.date)?,
            summary: optional("summary", &selectors.summary)?,
        })
    }
}

fn compile(name: &'static str, text: &str) -> Result<Selector, SelectorError> {
    Selector::parse(text).map_err(|why| {
        // The library's own words for what it has no words for ask to be told to its makers.
        let why = Some(why.to_string()).filter(|why| !why.contains("report this"));
        let why = why.unwrap_or_else(|| "it is no CSS selector: look at what stands between its parts".to_owned());
        SelectorError { name, text: text.to_owned(), why }
    })
}
