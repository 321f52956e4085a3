//! Stop words: the words that say nothing about what a story is about.
//!
//! Short lists of our own, folded and sorted. They mark tokens for the comparison of stories; a query may ask for them.

/// Returns whether the folded `word` says nothing in `lang`; without a language the word's script chooses the list.
pub fn stop_word(lang: Option<&str>, word: &str) -> bool {
    StopWords::of(lang).hold(word)
}

/// Which list a text's words are looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopWords {
    /// By the script of the word: English, or Russian and Ukrainian.
    ByScript,
    German,
    French,
    Spanish,
    Portuguese,
    Italian,
    Polish,
    Czech,
}

impl StopWords {
    /// The list of a text in `lang` (a BCP 47 primary subtag).
    pub(super) fn of(lang: Option<&str>) -> Self {
        match lang.unwrap_or_default() {
            "de" => Self::German,
            "fr" => Self::French,
            "es" => Self::Spanish,
            "pt" => Self::Portuguese,
            "it" => Self::Italian,
            "pl" => Self::Polish,
            "cs" | "sk" => Self::Czech,
            _ => Self::ByScript,
        }
    }

    /// A number that no other list has.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::ByScript => 0,
            Self::German => 1,
            Self::French => 2,
            Self::Spanish => 3,
            Self::Portuguese => 4,
            Self::Italian => 5,
            Self::Polish => 6,
            Self::Czech => 7,
        }
    }

    /// Whether the folded `word` says nothing.
    pub(super) fn hold(self, word: &str) -> bool {
        match self {
            Self::German => is_in(&GERMAN, word),
            Self::French => is_in(&FRENCH, word),
            Self::Spanish => is_in(&SPANISH, word),
            Self::Portuguese => is_in(&PORTUGUESE, word),
            Self::Italian => is_in(&ITALIAN, word),
            Self::Polish => is_in(&POLISH, word),
            Self::Czech => is_in(&CZECH, word),
            Self::ByScript => match word.chars().next() {
                Some('\u{400}'..='\u{52f}') => is_in(&RUSSIAN, word) || is_in(&UKRAINIAN, word),
                Some('a'..='z') => is_in(&ENGLISH, word),
                Some(_) | None => false,
            },
        }
    }
}

/// A list, with the beginning of each of its words as a number: numbers are compared in a fraction of the time.
struct List<const N: usize> {
    words: [&'static str; N],
    heads: [u64; N],
}

impl<const N: usize> List<N> {
    #[expect(clippy::indexing_slicing, reason = "a list's end is known where it is compiled")]
    const fn of(words: [&'static str; N]) -> Self {
        let mut heads = [0; N];
        let mut at = 0;
        while at < N {
            heads[at] = head(words[at].as_bytes());
            at += 1;
        }
        Self { words, heads }
    }
}

fn is_in<const N: usize>(list: &List<N>, word: &str) -> bool {
    let head = head(word.as_bytes());
    let from = list.heads.partition_point(|other| *other < head);
    let alike = list.heads.iter().zip(&list.words).skip(from).take_while(|(other, _)| **other == head);
    alike.into_iter().any(|(_, other)| *other == word)
}

/// The first eight bytes of a word, noughts behind a shorter one: in the order of words.
const fn head(word: &[u8]) -> u64 {
    if let Some(bytes) = word.first_chunk() {
        return u64::from_be_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes.split_at_mut(word.len()).0.copy_from_slice(word);
    u64::from_be_bytes(bytes)
}

const ENGLISH: List<103> = List::of([
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before",
    "being", "between", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he",
    "her", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "more", "most", "my", "new",
    "no", "not", "now", "of", "on", "one", "only", "or", "other", "our", "out", "over", "per", "s", "said", "same",
    "say", "says", "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "too", "two", "under", "up", "us", "via", "was", "we", "were", "what",
    "when", "where", "which", "while", "who", "will", "with", "would", "you", "your",
]);

const RUSSIAN: List<122> = List::of([
    "а",
    "без",
    "более",
    "бы",
    "был",
    "была",
    "были",
    "было",
    "быть",
    "в",
    "вам",
    "вас",
    "во",
    "вот",
    "все",
    "всего",
    "всех",
    "вы",
    "где",
    "год",
    "года",
    "году",
    "да",
    "даже",
    "для",
    "до",
    "его",
    "ее",
    "ей",
    "если",
    "есть",
    "еще",
    "же",
    "за",
    "заявил",
    "заявила",
    "и",
    "из",
    "или",
    "им",
    "их",
    "к",
    "как",
    "когда",
    "которая",
    "которое",
    "которые",
    "который",
    "кто",
    "ли",
    "между",
    "меня",
    "мне",
    "может",
    "мы",
    "на",
    "над",
    "нам",
    "нас",
    "не",
    "него",
    "нее",
    "нет",
    "ни",
    "них",
    "но",
    "ну",
    "о",
    "об",
    "однако",
    "он",
    "она",
    "они",
    "оно",
    "от",
    "по",
    "под",
    "после",
    "при",
    "про",
    "раз",
    "с",
    "сам",
    "своей",
    "своих",
    "свой",
    "свою",
    "себя",
    "сейчас",
    "со",
    "сообщил",
    "сообщила",
    "та",
    "так",
    "также",
    "такой",
    "там",
    "те",
    "тем",
    "то",
    "того",
    "тоже",
    "той",
    "только",
    "том",
    "тот",
    "ты",
    "у",
    "уже",
    "чего",
    "чем",
    "что",
    "чтобы",
    "эта",
    "эти",
    "этих",
    "это",
    "этого",
    "этой",
    "этом",
    "этот",
    "я",
]);

const UKRAINIAN: List<83> = List::of([
    "а",
    "але",
    "без",
    "був",
    "була",
    "були",
    "було",
    "бути",
    "в",
    "вже",
    "ви",
    "вона",
    "вони",
    "воно",
    "все",
    "всі",
    "від",
    "він",
    "для",
    "до",
    "з",
    "за",
    "заявив",
    "зі",
    "и",
    "й",
    "його",
    "йому",
    "коли",
    "лише",
    "мене",
    "ми",
    "може",
    "між",
    "на",
    "над",
    "не",
    "немає",
    "ні",
    "о",
    "об",
    "один",
    "по",
    "повідомив",
    "при",
    "про",
    "під",
    "після",
    "року",
    "рік",
    "та",
    "так",
    "також",
    "там",
    "те",
    "ти",
    "то",
    "того",
    "той",
    "тому",
    "тут",
    "у",
    "це",
    "цей",
    "цього",
    "ця",
    "ці",
    "чи",
    "що",
    "щоб",
    "щодо",
    "як",
    "яка",
    "яке",
    "який",
    "якщо",
    "які",
    "є",
    "і",
    "із",
    "їм",
    "їх",
    "її",
]);

const GERMAN: List<94> = List::of([
    "aber", "alle", "als", "also", "am", "an", "auch", "auf", "aus", "bei", "bereits", "bis", "da", "damit", "das",
    "dass", "dem", "den", "der", "des", "die", "dies", "diese", "dieser", "dieses", "doch", "durch", "ein", "eine",
    "einem", "einen", "einer", "eines", "er", "es", "fur", "gegen", "haben", "hat", "hatte", "ich", "ihr", "ihre",
    "im", "in", "ist", "ja", "kann", "keine", "man", "mehr", "mit", "nach", "nicht", "noch", "nun", "nur", "ob",
    "oder", "ohne", "sei", "sein", "seine", "sich", "sie", "sind", "so", "soll", "uber", "um", "und", "uns", "unter",
    "vom", "von", "vor", "war", "waren", "was", "wegen", "weil", "wenn", "werden", "wie", "wieder", "will", "wir",
    "wird", "wurde", "wurden", "zu", "zum", "zur", "zwischen",
]);

const FRENCH: List<83> = List::of([
    "a", "afin", "ai", "au", "aussi", "autre", "aux", "avait", "avec", "avoir", "c", "ce", "ces", "cet", "cette",
    "comme", "contre", "d", "dans", "de", "depuis", "des", "deux", "dont", "du", "elle", "elles", "en", "entre", "est",
    "et", "etait", "ete", "etre", "eu", "fait", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "leurs",
    "lors", "lui", "m", "mais", "meme", "n", "ne", "nous", "on", "ont", "ou", "par", "pas", "plus", "pour", "qu",
    "que", "qui", "s", "sa", "sans", "se", "ses", "si", "son", "sont", "sous", "sur", "t", "tous", "tout", "tres",
    "un", "une", "vers", "vous", "y",
]);

const SPANISH: List<79> = List::of([
    "a", "al", "ante", "aunque", "como", "con", "contra", "cual", "cuando", "de", "del", "desde", "donde", "dos", "e",
    "el", "ella", "ellos", "en", "entre", "era", "es", "esa", "ese", "eso", "esta", "estan", "este", "esto", "fue",
    "fueron", "ha", "habia", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los", "mas", "me", "mi",
    "mientras", "muy", "ni", "no", "nos", "o", "otro", "para", "pero", "por", "porque", "que", "quien", "se", "segun",
    "ser", "si", "sido", "sin", "sobre", "son", "su", "sus", "tambien", "tan", "tiene", "todo", "todos", "tras", "un",
    "una", "uno", "y", "ya",
]);

const PORTUGUESE: List<75> = List::of([
    "a", "ainda", "ao", "aos", "apos", "as", "ate", "com", "como", "contra", "da", "das", "de", "desde", "do", "dos",
    "e", "ela", "ele", "eles", "em", "entre", "era", "essa", "esse", "esta", "este", "eu", "foi", "foram", "ha",
    "isso", "ja", "la", "lhe", "mais", "mas", "me", "mesmo", "muito", "na", "nao", "nas", "nem", "no", "nos", "o",
    "onde", "os", "ou", "para", "pela", "pelas", "pelo", "pelos", "por", "porque", "quando", "que", "quem", "sao",
    "se", "sem", "ser", "seu", "seus", "sob", "sobre", "sua", "suas", "tambem", "te", "tem", "um", "uma",
]);

const ITALIAN: List<88> = List::of([
    "a", "ad", "ai", "al", "alla", "alle", "allo", "anche", "ancora", "c", "che", "chi", "ci", "come", "con", "contro",
    "cui", "d", "da", "dai", "dal", "dalla", "dalle", "dei", "del", "della", "delle", "dello", "di", "dopo", "dove",
    "due", "e", "ed", "era", "gli", "ha", "hanno", "i", "il", "in", "io", "l", "la", "le", "lei", "lo", "loro", "lui",
    "ma", "nei", "nel", "nella", "nelle", "noi", "non", "o", "ogni", "oltre", "per", "perche", "piu", "poi", "quando",
    "quella", "quello", "questa", "questo", "se", "sei", "si", "sia", "sono", "stata", "stato", "su", "sua", "sue",
    "sugli", "sui", "sul", "sulla", "suo", "tra", "tutti", "un", "una", "uno",
]);

const POLISH: List<85> = List::of([
    "a", "aby", "ale", "bez", "bo", "byc", "byl", "byla", "bylo", "byly", "co", "czy", "dla", "do", "gdy", "gdzie",
    "go", "i", "ich", "im", "iz", "ja", "jak", "jako", "je", "jego", "jej", "jest", "juz", "kiedy", "kto", "ktora",
    "ktore", "ktory", "ktorzy", "lub", "ma", "miedzy", "mnie", "moze", "na", "nad", "nam", "nas", "nie", "niz", "o",
    "od", "on", "ona", "one", "oni", "oraz", "po", "pod", "podczas", "poniewaz", "prawie", "przed", "przez", "przy",
    "roku", "sa", "sie", "swoje", "ta", "tak", "takze", "tam", "te", "tego", "tej", "ten", "to", "tylko", "tym", "u",
    "w", "we", "wedlug", "wiec", "z", "za", "zas", "ze",
]);

const CZECH: List<102> = List::of([
    "a", "aby", "ale", "ani", "az", "bez", "bude", "budou", "by", "byl", "byla", "bylo", "byly", "byt", "co", "do",
    "ho", "i", "ja", "jak", "jako", "je", "jeho", "jeji", "jejich", "jen", "jeste", "jestli", "jiz", "jsem", "jsme",
    "jsou", "k", "kde", "kdy", "kdyz", "ke", "ktera", "ktere", "kteri", "ktery", "ma", "mezi", "mi", "muze", "na",
    "nad", "nam", "nas", "ne", "nebo", "nebyl", "neni", "nez", "o", "od", "on", "ona", "oni", "po", "pod", "podle",
    "pouze", "pred", "pri", "pro", "proti", "proto", "protoze", "s", "se", "si", "sve", "svou", "ta", "tak", "take",
    "takze", "tam", "tato", "te", "tedy", "ten", "tento", "teto", "to", "tohoto", "tom", "tomu", "toto", "tu", "u",
    "uz", "v", "vam", "vas", "ve", "vsak", "vsechny", "z", "za", "ze",
]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn the_lists_are_sorted_and_folded_so_that_they_can_be_searched() {
        let lists: [&[&str]; 9] = [
            &ENGLISH.words,
            &RUSSIAN.words,
            &UKRAINIAN.words,
            &GERMAN.words,
            &FRENCH.words,
            &SPANISH.words,
            &PORTUGUESE.words,
            &ITALIAN.words,
            &POLISH.words,
        ];
        assert!(lists.iter().chain([&CZECH.words.as_slice()]).all(|list| list.is_sorted()));
        assert!(lists.iter().copied().flatten().chain(&CZECH.words).all(|word| fold(word) == *word));
    }

    #[test]
    fn each_word_of_a_list_is_found_and_none_that_begins_or_ends_otherwise() {
        for word in RUSSIAN.words.iter().chain(&UKRAINIAN.words) {
            assert!(stop_word(Some("ru"), word), "{word}");
            assert!(!stop_word(Some("ru"), &format!("{word}щщ")), "{word}");
        }
        for word in GERMAN.words {
            assert!(stop_word(Some("de"), word), "{word}");
            assert!(!stop_word(Some("de"), &format!("{word}q")), "{word}");
        }
        assert!(!stop_word(Some("de"), ""));
        assert!(!stop_word(Some("de"), "q"));
    }
}
