//! Identifiers: what a text names by letters and digits (`CVE-2026-1000`, `DSA-5002-1`, `RHSA-2026:1234`, `KB5001234`), and
//! versions in titles (`v1.2.4`, `Python 3.14.1`). Texts that name others of one kind tell of different things, though all their other
//! words are the same.

use crate::text::{Token, TokenKind, Tokens};

use super::slot::{SEED, mix, upper};

/// Identifiers that are kept of one text.
const CODES_MAX: usize = 32;
/// An identifier has so many digits at least: `COVID-19`, `F-16` and `S-300` are things of which many are told.
const DIGITS_MIN: usize = 4;
/// Letters that an identifier begins with.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=10;
/// What parts a thousand's groups, digits.
const GROUP: usize = 3;

/// The identifiers of a text: of what kind, and which. Ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes(Box<[(u32, u32)]>);

impl Codes {
    /// Takes those of a title and a lead; versions of the title alone, as a text names those before too.
    pub fn of((title, of_title): (&str, &Tokens), (lead, of_lead): (&str, &[&Token])) -> Self {
        let of_title: Vec<&Token> = of_title.iter().collect();
        let (title, lead) = (Words { text: title, list: &of_title }, Words { text: lead, list: of_lead });
        let named = (0..of_title.len()).filter_map(|at| title.code(at).or_else(|| title.version(at)));
        let mut codes: Vec<(u32, u32)> =
            named.chain((0..of_lead.len()).filter_map(|at| lead.code(at))).take(CODES_MAX).collect();
        codes.sort_unstable();
        codes.dedup();
        Self(codes.into())
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether others name things of a kind that these name, and none of the same.
    pub fn are_of_others<'a>(&self, others: impl Iterator<Item = &'a Self>) -> bool {
        let mut is_of_kind = false;
        for code in others.flat_map(|others| &others.0) {
            if self.0.binary_search(code).is_ok() {
                return false;
            }
            is_of_kind = is_of_kind || self.0.iter().any(|own| own.0 == code.0);
        }
        is_of_kind
    }
}

/// The words of a text.
struct Words<'a> {
    text: &'a str,
    list: &'a [&'a Token],
}

impl Words<'_> {
    /// An identifier that begins with a word.
    fn code(&self, at: usize) -> Option<(u32, u32)> {
        let token = self.list.get(at).filter(|token| token.is_capital && token.kind == TokenKind::Word)?;
        let word = self.text(at);
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_kind = LETTERS.contains(&letters.chars().count()) && letters.chars().all(char::is_uppercase);
        let is_bound = || matches!(self.gap(at), "-" | "‑" | "#") && self.is_first_in_word(at);
        if !is_kind || !(letters.len() < word.len() || is_bound()) {
            return None;
        }
        let own = word.get(letters.len()..).filter(|digits| !digits.is_empty());
        let joined = || self.joined(at + 1, &["-", "‑", ":", ".", "_"]);
        let parts: Vec<&str> = own.map_or_else(joined, |digits| vec![digits]);
        let digits: usize = parts.iter().map(|part| part.chars().filter(char::is_ascii_digit).count()).sum();
        let is_year = parts.len() == 1 && parts.iter().all(|part| is_year(part));
        let kind = letters.bytes().fold(mix(SEED, 1), |hash, byte| mix(hash, byte.into()));
        // A word that holds digits is one token, so its hash says all.
        let which = if own.is_some() { token.word } else { hash(&parts) };
        (digits >= DIGITS_MIN && !is_year).then(|| (upper(kind), upper(which)))
    }

    /// A version that begins with a word: after a `v`, or of three numbers.
    fn version(&self, at: usize) -> Option<(u32, u32)> {
        let word = self.text(at);
        let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let before = at.checked_sub(1);
        let is_named = before.is_some_and(|before| self.gap(before) == "-" && !has_digit(self.text(before)));
        let is_begin = self.list.get(at)?.kind == TokenKind::Word && (is_named || self.is_first_in_word(at));
        if !is_begin || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut parts = vec![digits];
        if matches!(self.gap(at), ".") {
            parts.extend(self.joined(at + 1, &[".", "-"]));
        }
        let has_v = digits.len() < word.len();
        let is_version =
            if has_v { parts.len() >= 2 } else { parts.len() >= 3 && !is_grouped(&parts) && !is_date(&parts) };
        let before = before.filter(|before| is_named || self.gap(*before).trim().is_empty());
        let before =
            before.and_then(|before| self.list.get(before)).filter(|before| !before.is_stop && !before.is_number);
        let kind = mix(mix(SEED, 2), before.map_or(0, |before| before.stem));
        is_version.then(|| (upper(kind), upper(hash(&parts))))
    }

    /// The words with a digit that are bound to each other from one on.
    fn joined(&self, from: usize, signs: &[&str]) -> Vec<&str> {
        let mut parts = Vec::new();
        for at in from..self.list.len() {
            let part = self.text(at);
            if !has_digit(part) {
                break;
            }
            parts.push(part);
            if !signs.contains(&self.gap(at)) {
                break;
            }
        }
        parts
    }

    /// Whether nothing is bound to a word from before.
    fn is_first_in_word(&self, at: usize) -> bool {
        at.checked_sub(1).is_none_or(|before| !matches!(self.gap(before), "-" | "." | "/" | ":" | "_" | ","))
    }

    fn text(&self, at: usize) -> &str {
        self.list.get(at).and_then(|word| self.text.get(word.start..word.end)).unwrap_or_default()
    }

    /// What stands behind a word, before the next.
    fn gap(&self, at: usize) -> &str {
        let ends = self.list.get(at).zip(self.list.get(at + 1));
        ends.and_then(|(word, next)| self.text.get(word.end..next.start)).unwrap_or_default()
    }
}

fn hash(parts: &[&str]) -> u64 {
    let mut hash = SEED;
    for part in parts {
        hash = part.bytes().fold(mix(hash, 0), |hash, byte| mix(hash, byte.to_ascii_lowercase().into()));
    }
    hash
}

fn has_digit(part: &str) -> bool {
    part.contains(|c: char| c.is_ascii_digit())
}

fn is_year(part: &str) -> bool {
    part.parse().is_ok_and(|year: u32| (1900..=2100).contains(&year))
}

/// Whether it is one number, with dots between its thousands.
fn is_grouped(parts: &[&str]) -> bool {
    parts.iter().skip(1).all(|part| part.len() == GROUP)
}

/// Whether it is a day, with month and year.
fn is_date(parts: &[&str]) -> bool {
    let [day, month, year] = parts else { return false };
    let is_within = |part: &str, most: u32| part.parse().is_ok_and(|value: u32| (1..=most).contains(&value));
    (is_year(year) || [day, month, year].iter().all(|part| part.len() == 2))
        && is_within(day, 31)
        && is_within(month, 31)
}

#[cfg(test)]
mod tests {
    use super::Codes;
    use crate::text::{Token, Tokens};

    fn codes(title: &str, lead: &str) -> Codes {
        let (of_title, of_lead) = (Tokens::of(title, Some("en")), Tokens::of(lead, Some("en")));
        Codes::of((title, &of_title), (lead, &of_lead.iter().collect::<Vec<&Token>>()))
    }

    fn check(one: &str, other: &str, expected: bool) {
        assert_eq!(codes(one, "").are_of_others([&codes(other, "")].into_iter()), expected, "{one} | {other}");
    }

    #[test]
    fn texts_that_name_others_of_one_kind_are_of_different_things() {
        check("DSA-5001-1 redis - security update", "DSA-5002-1 figma - security update", true);
        check("Flaw in Foo router tracked as CVE-2026-1000", "Flaw in Bar firewall, CVE-2026-2000", true);
        check("RHSA-2026:1234: Important: kernel", "RHSA-2026:1240: Moderate: curl", true);
        check("Update KB5001234 breaks printing", "Update KB5001299 breaks printing", true);
        check("VU#123456: Foo trusts input", "VU#123457: Bar trusts input", true);
        check("v1.2.3", "v1.2.4", true);
        check("Python 3.14.1 released", "Python 3.13.9 is out", true);
        check("tokio-1.2.3", "tokio-1.2.4", true);
        check("Release 1.91.1-rc1", "Release 1.91.1-rc2", true);
    }

    #[test]
    fn texts_that_name_one_of_the_same_or_others_of_other_kinds_may_be_of_one_thing() {
        check("CVE-2026-1000 and CVE-2026-1001 mended", "CVE-2026-1001 is exploited", false);
        check("CVE-2026-1000 mended", "DSA-5001-1: CVE-2026-1000", false);
        check("CVE-2026-1000 mended", "A flaw in Foo is mended", false);
        check("Foo 1.2.3 released", "Bar 1.2.4 released", false);
    }

    #[test]
    fn things_counts_days_and_years_are_no_identifiers() {
        for (one, other) in [
            ("F-16 jets arrive", "F-35 jets arrive"),
            ("COVID-19 again", "COVID-20 again"),
            ("EURO-2024 begins", "EURO-2028 begins"),
            ("COP2026 begins", "COP2027 begins"),
            ("1.000.000 Menschen", "2.000.000 Menschen"),
            ("Wetter am 08.11.2026", "Wetter am 09.11.2026"),
            ("M 4.5 quake", "M 4.6 quake"),
            ("Vote 163-8-12", "Vote 160-9-12"),
            ("A/RES/80/57 adopted", "A/RES/80/58 adopted"),
        ] {
            check(one, other, false);
        }
    }

    #[test]
    fn versions_in_a_text_name_nothing() {
        let (one, other) = (codes("Foo is out", "Foo 1.2.3 follows 1.2.2"), codes("Foo is out", "Foo 1.2.4"));
        assert!(one.is_empty() && other.is_empty());
    }
}
