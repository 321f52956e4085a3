//! Numbers in words.

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
