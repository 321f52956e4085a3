//! Names of the days of the week, as titles write them, and beside dates.

use crate::text::fold;

/// Folded, by day from Monday. Names that are other words as well, or names of people and places, are left out: `pazar`, `marti`.
const WEEKDAYS: [&[&str]; 7] = [
    &[
        "monday",
        "montag",
        "lundi",
        "lunes",
        "lunedi",
        "maandag",
        "poniedzialek",
        "pondeli",
        "pondelok",
        "pazartesi",
        "mandag",
        "luni",
        "hetfo",
        "maanantai",
        "ponedjeljak",
        "senin",
        "понедельник",
        "понедельника",
        "понеділок",
        "понеділка",
        "الاثنين",
        "الإثنين",
    ],
    &[
        "tuesday",
        "dienstag",
        "mardi",
        "martes",
        "martedi",
        "dinsdag",
        "wtorek",
        "utery",
        "utorok",
        "tirsdag",
        "tisdag",
        "kedd",
        "tiistai",
        "utorak",
        "selasa",
        "вторник",
        "вторника",
        "вівторок",
        "вівторка",
        "الثلاثاء",
    ],
    &[
        "wednesday",
        "mittwoch",
        "mercredi",
        "miercoles",
        "mercoledi",
        "woensdag",
        "sroda",
        "srode",
        "streda",
        "stredu",
        "carsamba",
        "onsdag",
        "miercuri",
        "szerda",
        "keskiviikko",
        "srijeda",
        "rabu",
        "среда",
        "среду",
        "середа",
        "середу",
        "الأربعاء",
        "الاربعاء",
    ],
    &[
        "thursday",
        "donnerstag",
        "jeudi",
        "jueves",
        "giovedi",
        "donderdag",
        "czwartek",
        "ctvrtek",
        "stvrtok",
        "persembe",
        "torsdag",
        "joi",
        "csutortok",
        "torstai",
        "cetvrtak",
        "kamis",
        "четверг",
        "четверга",
        "четвер",
        "الخميس",
    ],
    &[
        "friday",
        "freitag",
        "vendredi",
        "viernes",
        "venerdi",
        "vrijdag",
        "piatek",
        "piatok",
        "cuma",
        "fredag",
        "vineri",
        "pentek",
        "perjantai",
        "petak",
        "jumat",
        "пятница",
        "пятницу",
        "пятницы",
        "الجمعة",
    ],
    &[
        "saturday",
        "samstag",
        "sonnabend",
        "samedi",
        "sabado",
        "sabato",
        "zaterdag",
        "sobota",
        "sobote",
        "sobotu",
        "cumartesi",
        "lordag",
        "sambata",
        "szombat",
        "lauantai",
        "subota",
        "sabtu",
        "суббота",
        "субботу",
        "субботы",
        "субота",
        "суботу",
        "السبت",
    ],
    &[
        "sunday",
        "sonntag",
        "dimanche",
        "domenica",
        "zondag",
        "niedziela",
        "niedziele",
        "nedele",
        "nedeli",
        "sondag",
        "duminica",
        "vasarnap",
        "sunnuntai",
        "nedjelja",
        "воскресенье",
        "воскресенья",
        "неділя",
        "неділю",
        "الأحد",
        "الاحد",
    ],
];

/// What stands for them beside dates, folded. What is a day in one language and another day in another is left out: `so`, `di`.
const SHORT: [&[&str]; 7] = [
    &["mon", "mo", "lun", "pon", "po", "pzt", "pzr", "het", "sen", "пн", "пнд", "δευ"],
    &["tue", "tues", "mar", "ter", "wt", "wto", "ut", "uto", "sal", "tir", "tis", "sel", "вт", "втр", "τρι"],
    &["wed", "mi", "mer", "mie", "qua", "wo", "sr", "sro", "st", "sri", "ons", "car", "sze", "rab", "ср", "срд", "τετ"],
    &[
        "thu", "thur", "thurs", "do", "jeu", "jue", "gio", "qui", "czw", "ct", "cet", "tor", "tors", "prs", "чт",
        "чтв", "πεμ",
    ],
    &["fri", "fr", "ven", "vie", "sex", "vr", "pt", "pia", "pa", "pet", "fre", "cum", "pen", "jum", "пт", "птн", "παρ"],
    &["sat", "sa", "sam", "sab", "za", "sob", "sub", "lor", "cmt", "szo", "сб", "сбт", "σαβ"],
    &["sun", "dim", "dom", "zo", "ndz", "nie", "ned", "son", "paz", "vas", "вс", "вск", "нд", "κυρ"],
];

/// The day of the week (1, Monday, to 7) that is named directly before a date, or directly behind it by its whole name.
pub(super) fn beside((before, behind): (&str, &str)) -> Option<i8> {
    let is_gap = |c: char| !c.is_alphanumeric();
    let head = before.trim_end_matches(is_gap);
    let gap = before.get(head.len()..).unwrap_or_default();
    let start = head.char_indices().rev().take_while(|(_, c)| !is_gap(*c)).last().map_or(head.len(), |(at, _)| at);
    let first = fold(head.get(start..).unwrap_or_default());
    // Two letters are a word like any other where nothing sets them off.
    let short = |word: &str| {
        let is_set_off = word.chars().count() > 2 || gap.starts_with([',', '.']);
        SHORT.iter().position(|names| is_set_off && names.contains(&word)).and_then(|day| i8::try_from(day + 1).ok())
    };
    let whole = |word: &str| weekday_named(word).and_then(|day| i8::try_from(day).ok());
    let behind = behind.trim_start_matches(is_gap);
    let second = fold(behind.split(is_gap).next().unwrap_or_default());
    whole(&first).or_else(|| short(&first)).or_else(|| whole(&second))
}

/// The day of the week (1, Monday, to 7) that a folded word is the name of.
pub fn weekday_named(folded: &str) -> Option<u8> {
    let day = WEEKDAYS.iter().position(|names| names.contains(&folded))?;
    u8::try_from(day + 1).ok()
}
