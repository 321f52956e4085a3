//! What a person sees of a search: the candidates, and what the best one brings.

use crate::discover::{Finding, Stopped};
use crate::model::SourceSpec;
use crate::server::wire::{self, Candidate, PREVIEWED, on_topic};

use crate::cli::screen::{Screen, Table, shown};

/// Feeds that were not looked at and are named one by one.
const NAMED_MAX: usize = 8;

/// What was found, with what it is seen against.
pub(super) struct View<'a> {
    pub(super) seen: wire::View<'a>,
    /// The best, as it would be added.
    pub(super) best: Option<&'a SourceSpec>,
    /// The shortest and longest interval of the others.
    pub(super) bounds: (std::time::Duration, std::time::Duration),
}

impl View<'_> {
    /// Writes the candidates and the preview: a table and lines, or an object a candidate.
    pub(super) fn show(&self, screen: &mut Screen) -> anyhow::Result<()> {
        if screen.is_json() {
            return Ok(self.candidates().iter().try_for_each(|value| screen.record(value))?);
        }
        let mut table = Table::new(["", "WHAT", "TITLE", "ENTRIES", "NEWEST", "LANG", "FOUND", "ADDRESS"]);
        for finding in &self.seen.found.findings {
            let known = self.seen.source_of(finding).map(|known| format!(" ({})", known.words)).unwrap_or_default();
            table.row([
                if self.seen.is_best(finding) { "*".to_owned() } else { String::new() },
                finding.what(),
                finding.title().unwrap_or_else(|| "-".to_owned()),
                finding.parsed.entries.len().to_string(),
                screen.when_known(finding.newest),
                finding.lang().unwrap_or_else(|| "-".to_owned()),
                finding.how.words(),
                format!("{}{known}", finding.url),
            ]);
        }
        screen.table(&table)?;
        self.show_rest(screen)?;
        self.preview(screen)
    }

    /// What the table has no room for.
    fn show_rest(&self, screen: &mut Screen) -> anyhow::Result<()> {
        for finding in &self.seen.found.findings {
            for twin in &finding.twins {
                screen.line(&format!("the same as {}: {}", shown(finding.url.as_str()), shown(twin.as_str())))?;
            }
        }
        let unasked = &self.seen.found.unasked;
        if !unasked.is_empty() {
            let named: Vec<String> = unasked.iter().take(NAMED_MAX).map(|url| shown(url.as_str())).collect();
            let more = unasked.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            screen.line(&format!("named as well and not looked at: {}{more}", named.join(" ")))?;
        }
        if let Some(Stopped::LeaveAlone { host, status, .. }) = &self.seen.found.stopped {
            screen.line(&format!("the search ended early: {} answered {status}", shown(host)))?;
        }
        Ok(())
    }

    fn preview(&self, screen: &mut Screen) -> anyhow::Result<()> {
        let Some((best, spec)) = self.seen.found.best().zip(self.best) else { return Ok(()) };
        screen.line("")?;
        screen.heading(&shown(&best.title().unwrap_or_else(|| spec.name.clone())))?;
        screen.field("address", spec.url.as_str())?;
        screen.field("publisher", &spec.publisher)?;
        let stories = self.seen.stories(best, spec);
        for story in stories.iter().take(PREVIEWED) {
            let at = story
                .draft
                .published
                .map_or_else(|| "no date         ".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string());
            let topics =
                if story.topics.is_empty() { String::new() } else { format!("  [{}]", story.topics.join(", ")) };
            screen.line(&format!("  {at}  {}{topics}", shown(&story.draft.title)))?;
        }
        let (on_topic, of) = (on_topic(&stories), stories.len());
        let said: Vec<String> = on_topic.iter().map(|(topic, count)| format!("{topic}: {count} of {of}")).collect();
        if !said.is_empty() {
            screen.field("topics", &said.join(", "))?;
        }
        Ok(())
    }

    /// An object a candidate, the best first.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let candidate = |finding: &Finding| {
            let spec = self.best.filter(|_| self.seen.is_best(finding)).cloned();
            Candidate::new(&self.seen, finding, &spec.unwrap_or_else(|| finding.as_source(self.bounds)))
        };
        self.seen.found.findings.iter().map(candidate).collect()
    }
}
