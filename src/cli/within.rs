//! The selectors within an article's element, which `inspect` tries and `source add` keeps.

use clap::Args;

use crate::model::PageSelectors;

/// Where an article's parts are, beside `--item`.
#[derive(Debug, Args)]
pub(super) struct Within {
    /// Within the item: the link
    #[arg(long, value_name = "CSS", requires = "item")]
    link: Option<String>,
    /// Within the item: the title
    #[arg(long, value_name = "CSS", requires = "item")]
    title: Option<String>,
    /// Within the item: the date
    #[arg(long, value_name = "CSS", requires = "item")]
    date: Option<String>,
    /// Within the item: a summary
    #[arg(long, value_name = "CSS", requires = "item")]
    summary: Option<String>,
}

impl Within {
    /// The selectors of a page whose articles are at `item`.
    pub(super) fn of(&self, item: &str) -> PageSelectors {
        PageSelectors {
            item: item.to_owned(),
            link: self.link.clone(),
            title: self.title.clone(),
            date: self.date.clone(),
            summary: self.summary.clone(),
        }
    }

    /// Those that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = &String> {
        [&self.link, &self.title, &self.date, &self.summary].into_iter().flatten()
    }
}
