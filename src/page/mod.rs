//! Rung 2: HTML pages: a list page to entries, an article page to what it says.
//!
//! Architecture invariant: scraper is named here only. html5ever's tree building is quadratic in open elements (50,000
//! open `<div>` cost it six seconds), so a page is refused above [`DEPTH_MAX`] before selectors are asked; articles are
//! read from `markup`, a tree of our own that is linear in whatever comes.

mod article;
mod body;
mod byline;
mod consent;
mod dateline;
mod depth;
mod gate;
mod json_ld;
mod list;
mod listing;
mod markup;
mod metadata;
mod others;
mod refresh;
mod selectors;
mod sitemap;
mod subject;
mod told;
mod wall;

pub use article::article;
pub use depth::DEPTH_MAX;
pub use gate::{Gate, gate};
pub use list::list;
pub use listing::{Listing, listing, stands_alike};
pub use refresh::refresh;
pub use selectors::{SelectorError, Selectors};
pub use sitemap::{Child, Sitemap, sitemap};

#[cfg(test)]
mod tests;
