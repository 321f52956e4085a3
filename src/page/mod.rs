//! Rung 2: HTML pages: a list page to entries by CSS selectors, an article page to what it says.
//!
//! Architecture invariant: scraper and `dom_smoothie` are named here only. html5ever's tree building is quadratic in open
//! elements (50,000 open `<div>` cost it six seconds), so a page is refused above [`DEPTH_MAX`] before it is built.

mod article;
mod depth;
mod list;
mod metadata;
mod selectors;

pub use article::article;
pub use depth::DEPTH_MAX;
pub use list::list;
pub use selectors::{SelectorError, Selectors};

#[cfg(test)]
mod tests;
