//! Numbers in words.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

/// Small numbers written out, folded; one is an article in too many languages.
const NUMERALS: [(u32, &[&str]); 11] = [
    (2, &["two", "zwei", "deux", "dos", "dois", "duas", "два", "две", "двух", "двое", "дві", "двох", "двоє"]),
    (3, &["three", "drei", "trois", "tres", "tre", "три", "трех", "трое", "трьох", "троє"]),
    (
        4,
        &[
            "four",
            "vier",
            "quatre",
            "cuatro",
            "quatro",
            "quattro",
            "четыре",
            "четырех",
            "четверо",
            "чотири",
            "чотирьох",
        ],
    ),
    (5, &["five", "funf", "cinq", "cinco", "cinque", "пять", "пяти", "пятеро"]),
    (6, &["six", "sechs", "seis", "шесть", "шести", "шестеро", "шість"]),
    (7, &["seven", "sieben", "sept", "siete", "sete", "sette", "семь", "семи", "семеро", "сім"]),
    (8, &["eight", "acht", "huit", "ocho", "oito", "otto", "восемь", "восьми", "восьмеро", "вісім"]),
    (9, &["nine", "neun", "neuf", "nueve", "nove", "девять", "девяти"]),
    (10, &["ten", "zehn", "dix", "diez", "dez", "dieci", "десять", "десяти", "десятеро"]),
    (11, &["eleven", "elf", "onze", "undici", "одиннадцать", "одинадцять"]),
    (12, &["twelve", "zwolf", "douze", "doce", "doze", "dodici", "двенадцать", "дванадцять"]),
];

/// The number that a folded word is, from two to twelve: English, German, French, Spanish, Portuguese, Italian, Russian, Ukrainian.
pub fn numeral(folded: &str) -> Option<u32> {
    NUMERALS.iter().find(|(_, words)| words.contains(&folded)).map(|(number, _)| *number)
}

/// Tens written out, folded: English, French, Spanish, Russian, Ukrainian. French seventy and ninety are sums.
const TENS: [(u32, &[&str]); 8] = [
    (20, &["twenty", "vingt", "veinte", "двадцать", "двадцати", "двадцять", "двадцяти"]),
    (30, &["thirty", "trente", "treinta", "тридцать", "тридцати", "тридцять", "тридцяти"]),
    (40, &["forty", "quarante", "cuarenta", "сорок", "сорока"]),
    (50, &["fifty", "cinquante", "cincuenta", "пятьдесят", "пятидесяти"]),
    (60, &["sixty", "soixante", "sesenta", "шестьдесят", "шестидесяти", "шістдесят"]),
    (70, &["seventy", "setenta", "семьдесят", "семидесяти", "сімдесят"]),
    (80, &["eighty", "ochenta", "восемьдесят", "восьмидесяти", "вісімдесят"]),
    (90, &["ninety", "noventa", "девяносто"]),
];

/// The tens that a folded word is, from twenty to ninety.
pub fn tens(folded: &str) -> Option<u32> {
    TENS.iter().find(|(_, words)| words.contains(&folded)).map(|(number, _)| *number)
}

/// The hash of the digits of the number that a word is, by the word's hash: for texts, each word of which is asked.
pub fn numeral_digits(word: u64) -> Option<u64> {
    static DIGITS: LazyLock<BTreeMap<u64, u64>> = LazyLock::new(|| {
        let digits = |number: u32| xxh3_64(number.to_string().as_bytes());
        let words = |(number, words): &(u32, &'static [&'static str])| {
            let digits = digits(*number);
            words.iter().map(move |word| (xxh3_64(word.as_bytes()), digits))
        };
        NUMERALS.iter().flat_map(words).collect()
    });
    DIGITS.get(&word).copied()
}
