//! Names, made comparable across alphabets.

use std::hash::Hasher as _;

use xxhash_rust::xxh3::Xxh3Default;

/// A name's consonant skeleton as a hash: Cyrillic is written in Latin letters, vowels are dropped after the first
/// letter, and letters that languages exchange fall together (c, k, q; s, z; b, v, w; i, y, j), so that
/// `Зaхарова`, `Zakharova` and `Sacharowa` meet. `None` for words too short to mean anything.
///
/// A skeleton is a rough thing: it is a feature among others, never proof by itself.
pub fn name_key(word: &str) -> Option<u64> {
    let mut latin = String::with_capacity(word.len() + 4);
    for c in word.chars().flat_map(char::to_lowercase) {
        match latin_of(c) {
            Some(text) => latin.push_str(text),
            None if c.is_ascii_alphabetic() => latin.push(c),
            None => {}
        }
    }
    let latin = latin.replace("sch", "h").replace("kh", "h").replace("ch", "h").replace("sh", "h").replace("zh", "h");
    let mut skeleton = String::with_capacity(latin.len());
    let mut last = ' ';
    for c in latin.chars() {
        let folded = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' => continue,
            'c' | 'q' | 'x' => 'k',
            'z' => 's',
            'w' | 'b' | 'f' => 'v',
            'g' => 'h',
            'd' => 't',
            other => other,
        };
        if folded != last {
            skeleton.push(folded);
            last = folded;
        }
    }
    if skeleton.len() < 2 || latin.len() < 3 {
        return None;
    }
    let mut hasher = Xxh3Default::new();
    hasher.write(b"name:");
    hasher.write(skeleton.as_bytes());
    Some(hasher.finish())
}

/// A Cyrillic letter in Latin ones (after the common English transliteration of Russian and Ukrainian).
fn latin_of(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' | 'ё' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'ї' | 'й' | 'ы' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "sch",
        'ю' => "yu",
        'я' => "ya",
        'ъ' | 'ь' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::name_key;

    #[test]
    fn a_name_meets_itself_across_alphabets_and_spellings() {
        for (one, other) in [
            ("Захарова", "Zakharova"),
            ("Захарова", "Sacharowa"),
            ("Сыромолотов", "Syromolotov"),
            ("Nebenzya", "Небензя"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} and {other}");
        }
        assert_ne!(name_key("Lavrov"), name_key("Ryabkov"));
        assert_eq!(name_key("ya"), None);
    }
}
