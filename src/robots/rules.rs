//! The file: groups of user agents, their rules, and the sitemaps it names.

use super::pattern::{Pattern, normalized};

/// As much of the file is read (RFC 9309 section 2.5 asks for at least so much); rules beyond it don't hold.
pub const BYTES_MAX: usize = 500 * 1024;

/// Whether a path may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// It may not.
    Forbidden {
        /// The line that says so, from 1.
        line: usize,
    },
}

/// What one crawler may ask a host for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    rules: Vec<Rule>,
    sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: Pattern,
    line: usize,
}

/// Whom a group is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Ours,
    Everyones,
    Others,
}

impl Rules {
    /// Reads `robots.txt` for the crawler whose product token is `product`: the rules of all groups that name it, or, when
    /// none does, of all groups for `*`.
    pub fn parse(bytes: &[u8], product: &str) -> Self {
        let read = bytes.get(..BYTES_MAX).unwrap_or(bytes);
        let text = String::from_utf8_lossy(read.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(read));
        let (mut ours, mut everyones, mut sitemaps) = (None, Vec::new(), Vec::new());
        let mut groups: Vec<Group> = Vec::new();
        let mut heads = false;
        for (line, words) in (1..).zip(lines(&text)) {
            let Some((key, value)) = field(words) else { continue };
            match key.to_ascii_lowercase().as_str() {
                "user-agent" | "useragent" | "user agent" => {
                    if !heads {
                        groups.clear();
                    }
                    heads = true;
                    let group = group(value, product);
                    if group == Group::Ours {
                        ours.get_or_insert_with(Vec::new);
                    }
                    groups.push(group);
                }
                key @ ("allow" | "disallow") => {
                    heads = false;
                    // An empty path forbids nothing (and allows nothing in particular).
                    if value.is_empty() {
                        continue;
                    }
                    let rule = Rule { allows: key == "allow", pattern: Pattern::parse(value), line };
                    if groups.contains(&Group::Ours) {
                        ours.get_or_insert_with(Vec::new).push(rule);
                    } else if groups.contains(&Group::Everyones) {
                        everyones.push(rule);
                    }
                }
                "sitemap" => sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        Self { rules: ours.unwrap_or(everyones), sitemaps }
    }

    /// Judges a path with its query, as it stands in the address: the longest rule that matches decides, at the same
    /// length one that allows (RFC 9309 section 2.2.2).
    pub fn judge(&self, path: &str) -> Verdict {
        if path == "/robots.txt" {
            return Verdict::Allowed;
        }
        let path = normalized(path);
        let matching = self.rules.iter().filter(|rule| rule.pattern.matches(&path));
        match matching.max_by_key(|rule| (rule.pattern.octets, rule.allows)) {
            Some(Rule { allows: false, line, .. }) => Verdict::Forbidden { line: *line },
            Some(_) | None => Verdict::Allowed,
        }
    }

    /// The sitemaps that the file names, as written.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }
}

/// Lines that end in CR, LF or both.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// The key and value of a line, without its comment.
fn field(line: &str) -> Option<(&str, &str)> {
    let words = line.split_once('#').map_or(line, |(words, _)| words);
    words.split_once(':').map(|(key, value)| (key.trim(), value.trim()))
}

/// Whom a user-agent line is for: product tokens are letters, `_` and `-`; a version after it doesn't count.
fn group(value: &str, product: &str) -> Group {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || c == '_' || c == '-')).unwrap_or(value.len());
    match value.get(..end) {
        Some(token) if !token.is_empty() && token.eq_ignore_ascii_case(product) => Group::Ours,
        _ if value.starts_with('*') => Group::Everyones,
        _ => Group::Others,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn may(file: &str, path: &str) -> bool {
        Rules::parse(file.as_bytes(), "tidings").judge(path) == Verdict::Allowed
    }

    #[test]
    fn the_group_that_names_us_holds_and_else_the_one_for_all() {
        let file = "User-agent: *\nDisallow: /\n\nUser-Agent: TIDINGS/2.0\nUser-agent: other\nDisallow: /private # ours\n\
            \nUser-agent: tidingsbot\nDisallow: /news";
        assert!(may(file, "/news") && !may(file, "/private/1"));
        assert!(!may("user-agent: other\nuser-agent: *\ndisallow: /\n", "/news"));
        // Groups that name us are one, and one without rules allows all.
        let twice = "User-agent: tidings\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: tidings\nDisallow: /b";
        assert!(!may(twice, "/a") && !may(twice, "/b") && may(twice, "/c"));
        assert!(may("User-agent: tidings\nDisallow:\nUser-agent: *\nDisallow: /", "/news"));
    }

    #[test]
    fn the_longest_rule_decides_and_among_equals_one_that_allows() {
        let file = "User-agent: *\nAllow: /news/open\nDisallow: /news\nDisallow: /x\nAllow: /x\n";
        assert!(may(file, "/news/open/1") && !may(file, "/news/1") && may(file, "/x/1"));
        assert_eq!(Rules::parse(file.as_bytes(), "tidings").judge("/news/1"), Verdict::Forbidden { line: 3 });
        assert!(may("User-agent: *\nDisallow: /", "/robots.txt"));
    }

    #[test]
    fn a_star_stands_for_anything_and_a_dollar_for_the_end() {
        let file = "User-agent: *\nDisallow: /*.pdf$\nDisallow: /a*b*c\nDisallow: /*?print\nDisallow: /end$";
        for path in ["/x/y.pdf", "/a/b/c/d", "/a1b2c", "/news?print=1", "/end"] {
            assert!(!may(file, path), "{path}");
        }
        for path in ["/x.pdf?2", "/a/c/b", "/ab", "/news?p=print", "/end/", "/ending"] {
            assert!(may(file, path), "{path}");
        }
        let stars = format!("User-agent: *\nDisallow: /{}x$", "*a".repeat(2_000));
        assert!(may(&stars, &format!("/{}", "a".repeat(50_000))));
    }

    #[test]
    fn an_octet_is_the_same_however_it_is_written() {
        let file = "User-agent: *\nDisallow: /новости\nDisallow: /%7Euser/\nDisallow: /a%2Fb";
        assert!(!may(file, "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1") && !may(file, "/~user/1"));
        assert!(!may(file, "/a%2fb") && may(file, "/a/b"));
    }

    #[test]
    fn what_is_no_robots_file_forbids_nothing_and_sitemaps_are_kept() {
        for junk in ["", "<html><body>Disallow: /</body></html>", "Disallow: /", "User-agent *\nDisallow /"] {
            assert!(may(junk, "/news"), "{junk}");
        }
        let file = b"\xEF\xBB\xBFUser-agent: *\rDisallow: /a\r\nSitemap: https://news.example/sitemap.xml # all\n";
        let rules = Rules::parse(file, "tidings");
        assert_eq!(rules.judge("/a"), Verdict::Forbidden { line: 2 });
        assert_eq!(rules.sitemaps(), ["https://news.example/sitemap.xml"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_any_path_is_judged(bytes in proptest::collection::vec(any::<u8>(), 0..400), path in ".{0,60}") {
            let rules = Rules::parse(&bytes, "tidings");
            prop_assert_eq!(rules.judge(&path), rules.judge(&path));
        }

        #[test]
        fn a_path_that_is_forbidden_by_its_own_spelling_is_forbidden(path in "(/[a-z0-9%а-я?=.-]{0,12}){1,4}") {
            let file = format!("User-agent: *\nDisallow: {path}");
            prop_assert!(path.trim() == "/robots.txt" || !may(&file, path.trim()), "{file}");
        }
    }
}
