//! What a number is a number of, where a sign or a word beside it says so: percent, or money of a kind.

/// A unit by which numbers are told apart, however it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Percent,
    /// By its sign.
    Money(char),
}

const SIGNS: [char; 8] = ['%', '$', '€', '£', '¥', '₽', '₴', '₹'];

/// Beginnings of words, folded.
const NAMES: [(&str, Unit); 15] = [
    ("percent", Unit::Percent),
    ("prozent", Unit::Percent),
    ("porcent", Unit::Percent),
    ("процент", Unit::Percent),
    ("відсот", Unit::Percent),
    ("dollar", Unit::Money('$')),
    ("dolar", Unit::Money('$')),
    ("долл", Unit::Money('$')),
    ("долар", Unit::Money('$')),
    ("euro", Unit::Money('€')),
    ("евро", Unit::Money('€')),
    ("євро", Unit::Money('€')),
    ("yen", Unit::Money('¥')),
    ("рубл", Unit::Money('₽')),
    ("грив", Unit::Money('₴')),
];
/// Whole words that begin like a unit and are another, or none.
const OTHERS: [&str; 3] = ["percentage", "european", "europeans"];
/// `Per cent`, `pour cent`, `por ciento`.
const PER: [&str; 3] = ["per", "pour", "por"];
const CENT: [&str; 3] = ["cent", "cento", "ciento"];

impl Unit {
    fn of_sign(sign: char) -> Self {
        if sign == '%' { Self::Percent } else { Self::Money(sign) }
    }

    /// The unit whose sign stands directly before a number: at the end of what parts it from the word before.
    pub(super) fn before(gap: &str) -> Option<(Self, usize)> {
        let sign = gap.chars().next_back().filter(|sign| *sign != '%' && SIGNS.contains(sign))?;
        Some((Self::of_sign(sign), sign.len_utf8()))
    }

    /// The unit whose sign stands behind a number, with the bytes up to behind it.
    pub(super) fn behind(gap: &str) -> Option<(Self, usize)> {
        let rest = gap.trim_start();
        let sign = rest.chars().next().filter(|sign| SIGNS.contains(sign))?;
        Some((Self::of_sign(sign), gap.len() - rest.len() + sign.len_utf8()))
    }

    /// The unit that folded words behind a number name.
    pub(super) fn named(word: &str, next: &str) -> Option<Self> {
        if PER.contains(&word) && CENT.contains(&next) {
            return Some(Self::Percent);
        }
        let is_named = |(beginning, _): &&(&str, Self)| word.starts_with(beginning) && !OTHERS.contains(&word);
        NAMES.iter().find(is_named).map(|(_, unit)| *unit)
    }

    /// A number for it that no stem has but by chance.
    pub(super) fn code(self) -> u64 {
        match self {
            Self::Percent => 1,
            Self::Money(sign) => u64::from(u32::from(sign)),
        }
    }
}
