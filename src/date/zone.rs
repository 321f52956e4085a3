//! Names of time zones in feeds, as minutes east of Greenwich.

/// RFC 822 section 5.1 and what publishers write besides.
const NAMES: &[(&str, i32)] = &[
    ("adt", -180),
    ("aedt", 660),
    ("aest", 600),
    ("akdt", -480),
    ("akst", -540),
    ("ast", -240),
    ("at", -240),
    ("bst", 60),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    // American clocks without their season: standard time, as RFC 822's names beside them.
    ("ct", -360),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("et", -300),
    ("gmt", 0),
    ("hkt", 480),
    ("hst", -600),
    ("ist", 330),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("mest", 120),
    ("met", 60),
    ("mez", 60),
    ("mesz", 120),
    ("msd", 240),
    ("msk", 180),
    ("mst", -420),
    ("mt", -420),
    ("nzdt", 780),
    ("nzst", 720),
    ("pdt", -420),
    ("pst", -480),
    ("pt", -480),
    ("sgt", 480),
    ("ut", 0),
    ("utc", 0),
    ("west", 60),
    ("wet", 0),
    ("z", 0),
    ("мск", 180),
];

/// The zone that a lower-case word names.
pub(super) fn minutes_of_word(word: &str) -> Option<i32> {
    NAMES.iter().find(|(name, _)| *name == word).map(|&(_, minutes)| minutes)
}
