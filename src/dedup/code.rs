//! Identifiers: what a text names by letters and digits (`CVE-2026-1000`, `DSA-5002-1`, `RHSA-2026:1234`, `KB5001234`), and
//! versions in titles (`v1.2.4`, `Python 3.14.1`). Texts that name others of one kind tell of different things, though all their other
//! words are the same.

use xxhash_rust::xxh3::xxh3_64;

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

/// What an advisory's number is followed by at most, where a space stands before it: `DSA 5001-1` is one, no count from 5,000 to 6,000.
const REVISION: usize = 2;

/// What amounts begin with: they are no identifiers, however many digits follow.
const CURRENCIES: [&str; 36] = [
    "AED", "AUD", "BDT", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS",
    "INR", "JPY", "KES", "KRW", "MXN", "MYR", "NGN", "NOK", "NZD", "PKR", "PLN", "RM", "RMB", "RUB", "SEK", "SGD",
    "THB", "UAH", "USD", "ZAR",
];

/// The identifiers of a text, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes(Box<[Code]>);

/// An identifier: of what kind, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Code {
    kind: u32,
    which: u32,
    of: Of,
}

/// What an identifier is and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    /// A version in the title.
    Version,
    /// In the title.
    Title,
    /// In the lead alone.
    Lead,
}

impl Codes {
    /// Takes those of a title and a lead; versions of the title alone, as a text names those before too.
    pub fn of((title, of_title): (&str, &Tokens), (lead, of_lead): (&str, &[&Token])) -> Self {
        let of_title: Vec<&Token> = of_title.iter().collect();
        let (title, lead) = (Words { text: title, list: &of_title }, Words { text: lead, list: of_lead });
        let mut codes: Vec<Code> = Vec::new();
        let mut product = 0;
        for at in 0..of_title.len() {
            if let Some((kind, which)) = title.code(at) {
                codes.push(Code { kind, which, of: Of::Title });
            } else if let Some((named, which)) = title.version(at, product != 0) {
                // A version behind another is of the same product.
                product = named.unwrap_or(product);
                codes.push(Code { kind: upper(mix(mix(SEED, 2), product)), which, of: Of::Version });
            }
        }
        let of_lead = (0..of_lead.len()).filter_map(|at| lead.code(at));
        codes.extend(of_lead.map(|(kind, which)| Code { kind, which, of: Of::Lead }));
        codes.truncate(CODES_MAX);
        codes.sort_unstable();
        codes.dedup_by_key(|code| (code.kind, code.which));
        Self(codes.into())
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both name the same thing.
    pub fn share(&self, other: &Self) -> bool {
        let is_same = |own: &Code| other.0.iter().any(|code| (code.kind, code.which) == (own.kind, own.which));
        self.0.iter().any(is_same)
    }

    /// Whether others name things of a kind that these name, and none of the same. Of two publishers' texts on one thing each may pick
    /// another of many, so both say it in their titles, or each names one alone; and versions say nothing: one names the version that has
    /// a fault, and another the one that mends it.
    pub fn are_of_others(&self, other: &Self, are_publishers: bool) -> bool {
        let tells = |own: &Code| {
            let are_of_title = |codes: &Self| codes.kind(own.kind).any(|code| code.of == Of::Title);
            let is_alone = |codes: &Self| codes.kind(own.kind).count() == 1;
            let is_told = || (are_of_title(self) && are_of_title(other)) || (is_alone(self) && is_alone(other));
            other.kind(own.kind).next().is_some() && (are_publishers || (own.of != Of::Version && is_told()))
        };
        self.0.iter().any(tells) && !self.share(other)
    }

    fn kind(&self, kind: u32) -> impl Iterator<Item = &Code> {
        self.0.iter().filter(move |code| code.kind == kind)
    }
}

/// The words of a text.
struct Words<'a> {
    text: &'a str,
    list: &'a [&'a Token],
}

impl Words<'_> {
    /// An identifier that begins with a word: its kind, and which it is.
    fn code(&self, at: usize) -> Option<(u32, u32)> {
        let token = self.list.get(at).filter(|token| token.is_capital && token.kind == TokenKind::Word)?;
        let word = self.text(at);
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if !is_letters(letters) || CURRENCIES.contains(&letters) {
            return None;
        }
        let own = word.get(letters.len()..).filter(|digits| !digits.is_empty());
        // `SUSE-SU-2025:4321-1`.
        let second =
            (own.is_none() && is_dash(self.gap(at))).then(|| self.text(at + 1)).filter(|word| is_letters(word));
        let last = at + usize::from(second.is_some());
        let is_bound = matches!(self.gap(last), "-" | "‑" | "#");
        let parts: Vec<&str> = if let Some(own) = own {
            // `APSB25-106`, but not a summit and its year.
            let rest = if is_dash(self.gap(at)) { self.joined(at + 1, &["-", "‑"]) } else { Vec::new() };
            let rest = rest.into_iter().filter(|part| !is_year(part));
            std::iter::once(own).chain(rest).collect()
        } else if is_bound && self.is_first_in_word(at) {
            self.joined(last + 1, &["-", "‑", ":", ".", "_"])
        } else if second.is_none() && self.gap(at) == " " {
            // No level of an index either: `KOSPI 4100.25`.
            Some(self.joined(at + 1, &["-", "‑", ":"])).filter(|parts| is_numbered(parts)).unwrap_or_default()
        } else {
            Vec::new()
        };
        let digits: usize = parts.iter().map(|part| part.chars().filter(char::is_ascii_digit).count()).sum();
        // A fiscal year or a season is as little: `FY2025-26`.
        let is_year_alone = match parts.as_slice() {
            [year] => is_year(year),
            [year, next] => is_year(year) && next.len() == 2,
            _ => false,
        };
        let letters = letters.bytes().chain(second.unwrap_or_default().bytes());
        let kind = letters.fold(mix(SEED, 1), |hash, byte| mix(hash, byte.into()));
        // What stands behind the number that says which it is tells how often it was told: `DSA-5001-2`.
        let end =
            parts.iter().position(|part| part.len() >= DIGITS_MIN && !is_year(part)).map_or(parts.len(), |at| at + 1);
        let which = hash(parts.get(..end).unwrap_or_default());
        (token.is_capital && digits >= DIGITS_MIN && !is_year_alone).then(|| (upper(kind), upper(which)))
    }

    /// A version that begins with a word, after a `v`, or of three numbers: of which product, if a word before says so, and which.
    /// `is_further` says that another of a product stands before.
    fn version(&self, at: usize, is_further: bool) -> Option<(Option<u64>, u32)> {
        let word = self.text(at);
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = word.get(..word.len() - digits.len()).unwrap_or_default().to_ascii_lowercase();
        let before = at.checked_sub(1);
        let is_named = before.is_some_and(|before| self.gap(before) == "-" && !has_digit(self.text(before)));
        let is_begin = self.list.get(at)?.kind == TokenKind::Word && (is_named || self.is_first_in_word(at));
        if !is_begin || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut parts = vec![digits];
        if matches!(self.gap(at), ".") {
            parts.extend(self.joined(at + 1, &[".", "-", "+"]));
        }
        let has_v = letters == "v";
        let before = before.filter(|before| is_named || self.gap(*before).trim().is_empty());
        let before =
            before.and_then(|before| self.list.get(before)).filter(|before| !before.is_stop && !before.is_number);
        let before = before.filter(|_| has_v || letters.is_empty());
        // A whole title is a version, and so is what stands behind a name: `Home Assistant 2026.11.2`.
        let has_name = is_further || !letters.is_empty() || before.is_some_and(|before| before.kind == TokenKind::Word);
        let may_be_date = !has_name && self.list.len() > parts.len();
        let is_date = || is_date(&parts) || (may_be_date && is_short_date(&parts));
        let is_version = if has_v { parts.len() >= 2 } else { parts.len() >= 3 && !is_grouped(&parts) && !is_date() };
        if !is_version {
            return None;
        }
        let before = before.map(|before| before.stem);
        // `go1.22.3` is `Go 1.22.3`.
        let own = (!has_v && !letters.is_empty()).then(|| xxh3_64(letters.as_bytes()));
        // `v1.34.0` is `v1.34`.
        let numbers = parts.iter().take_while(|part| part.bytes().all(|byte| byte.is_ascii_digit())).count();
        let (numbers, rest) = parts.split_at(numbers);
        let nulls = numbers.iter().rev().take_while(|part| part.bytes().all(|byte| byte == b'0')).count();
        let numbers = numbers.get(..numbers.len() - nulls).unwrap_or_default();
        Some((own.or(before), upper(hash(&[numbers, rest].concat()))))
    }

    /// The words with a digit that are bound to each other from one on; letters alone only where digits follow, as in `1.34.0-rc.1`.
    fn joined(&self, from: usize, signs: &[&str]) -> Vec<&str> {
        let mut parts = Vec::new();
        for at in from..self.list.len() {
            let part = self.text(at);
            let is_between = || !parts.is_empty() && self.gap(at) == "." && has_digit(self.text(at + 1));
            if !has_digit(part) && !is_between() {
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

/// Whether an identifier may begin with it.
fn is_letters(word: &str) -> bool {
    LETTERS.contains(&word.chars().count()) && word.chars().all(char::is_uppercase)
}

fn is_dash(gap: &str) -> bool {
    matches!(gap, "-" | "‑")
}

/// Whether it is a number with that of a revision, or a year with a number: what stands behind a space may be a count.
fn is_numbered(parts: &[&str]) -> bool {
    let [one, two, ..] = parts else { return false };
    let is_number = |part: &str| part.len() >= DIGITS_MIN && !is_year(part);
    (is_number(one) && two.len() <= REVISION) || (is_year(one) && is_number(two))
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

/// Whether it may be one as well, where no name stands before: with the year first, or with a year of two digits.
fn is_short_date(parts: &[&str]) -> bool {
    let [one, two, three] = parts else { return false };
    let is_within = |part: &str, most: u32| part.parse().is_ok_and(|value: u32| (1..=most).contains(&value));
    let is_of_month = |month: &str, day: &str| is_within(month, 12) && is_within(day, 31);
    if is_year(one) {
        return is_of_month(two, three);
    }
    let is_year = three.parse().is_ok_and(|year: u32| (20..=49).contains(&year));
    is_year && (is_of_month(one, two) || is_of_month(two, one))
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
        assert_eq!(codes(one, "").are_of_others(&codes(other, ""), true), expected, "{one} | {other}");
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
        check("v1.34.0-rc.1", "v1.34.0-rc.2", true);
        check("v1.34.0-rc.1", "v1.34.0", true);
        check("v1.34.2+k3s1", "v1.34.2+k3s2", true);
        check("go1.22.3", "go1.22.4", true);
        check("[DSA 5001-1] redis security update", "[DSA 5002-1] curl security update", true);
        check("SUSE-SU-2025:4321-1: kernel", "SUSE-SU-2025:4322-1: curl", true);
        check("FG-IR-25-934", "FG-IR-25-935", true);
        check("APSB25-106: Reader", "APSB25-107: Photoshop", true);
        check("MS17-010 is out", "MS17-011 is out", true);
        check("Home Assistant 2026.11.1 is out", "Home Assistant 2026.11.2 is out", true);
        check("2026.11.1", "2026.11.2", true);
        check("Python 3.9.26 is out", "Python 3.9.27 is out", true);
        check("Libfoo v8.11.26", "Libfoo v8.11.27", true);
        check("8.11.26", "8.11.27", true);
    }

    #[test]
    fn texts_that_name_one_of_the_same_or_others_of_other_kinds_may_be_of_one_thing() {
        check("CVE-2026-1000 and CVE-2026-1001 mended", "CVE-2026-1001 is exploited", false);
        check("CVE-2026-1000 mended", "DSA-5001-1: CVE-2026-1000", false);
        check("CVE-2026-1000 mended", "A flaw in Foo is mended", false);
        check("Foo 1.2.3 released", "Bar 1.2.4 released", false);
        check("Kubernetes v1.34.0 released", "Kubernetes v1.34 is out", false);
        check("DSA-5001-1 redis", "DSA-5001 redis", false);
        check("DSA-5001-1 redis", "DSA-5001-2 redis", false);
        check("Python 3.14.1 and 3.13.9", "Python 3.13.9 and 3.14.1", false);
        check("go1.22.3 is out", "Go 1.22.3 released", false);
        check("Python 3.11.26 and 3.12.25", "Python 3.12.25 and 3.11.26", false);
    }

    #[test]
    fn two_publishers_name_others_where_both_titles_do_or_each_names_one_and_no_version_says_so() {
        let check = |one: (&str, &str), other: (&str, &str), expected: bool| {
            let found = codes(one.0, one.1).are_of_others(&codes(other.0, other.1), false);
            assert_eq!(found, expected, "{one:?} | {other:?}");
        };
        check(("CVE-2026-1000 is exploited", ""), ("CVE-2026-2000 is exploited", ""), true);
        check(("A flaw in Foo", "It is CVE-2026-1000."), ("A flaw in Bar", "It is CVE-2026-2000."), true);
        let patches = "Vendor mends 90 flaws";
        let (some, others) =
            ("Among them are CVE-2026-1000 and CVE-2026-1001.", "Among them are KB5001234 and CVE-2026-2000.");
        check((patches, some), (patches, others), false);
        check(("WordPress 6.8.2 has a flaw", ""), ("WordPress 6.8.3 mends a flaw", ""), false);
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
            ("NBA 2025-26 begins", "NBA 2026-27 begins"),
            ("NATO 1500-2500 troops", "NATO 1200-2500 troops"),
            ("COP30-2026 begins", "COP31-2027 begins"),
            ("KOSPI 4100.25 at noon", "KOSPI 4200.75 at noon"),
            ("BTC 98500.12 again", "BTC 97500.12 again"),
            ("Profit up in FY2025-26", "Profit up in FY2026-27"),
            ("EURO-2025-26 begins", "EURO-2026-27 begins"),
            ("Fine of RM5000 for a driver", "Fine of RM6000 for a driver"),
            ("Fine of USD5000 for a driver", "Fine of USD6000 for a driver"),
            ("Fine of INR 5000-10 for a driver", "Fine of INR 6000-10 for a driver"),
            ("Weather for 2026.11.28", "Weather for 2026.11.29"),
            ("2026.11.28 the weather", "2026.11.29 the weather"),
            ("Weather of 8.11.26", "Weather of 9.11.26"),
            ("Weather of 11.28.26", "Weather of 11.29.26"),
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
