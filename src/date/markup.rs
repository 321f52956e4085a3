//! Markup in a date's place: `<time datetime="2021-12-06T10:00:00Z">Monday</time>`.

/// Attributes that hold a date for machines.
const ATTRIBUTES: [&str; 2] = ["datetime", "content"];

/// The values of such attributes in a text, each of which may be a date.
pub(super) fn values(markup: &str) -> impl Iterator<Item = &str> {
    ATTRIBUTES.iter().flat_map(move |name| markup.match_indices(name)).filter_map(move |(at, name)| {
        let is_name = markup.get(..at)?.ends_with(|c: char| c.is_ascii_whitespace());
        let value = markup.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| is_name && matches!(c, '"' | '\''))?;
        value.get(1..)?.split(quote).next()
    })
}
