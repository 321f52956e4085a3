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
        let is_in = |list: &[&str]| list.binary_search(&word).is_ok();
        match self {
            Self::German => is_in(&GERMAN),
            Self::French => is_in(&FRENCH),
            Self::Spanish => is_in(&SPANISH),
            Self::Portuguese => is_in(&PORTUGUESE),
            Self::Italian => is_in(&ITALIAN),
            Self::Polish => is_in(&POLISH),
            Self::Czech => is_in(&CZECH),
            Self::ByScript => match word.chars().next() {
                Some('\u{400}'..='\u{52f}') => is_in(&RUSSIAN) || is_in(&UKRAINIAN),
                Some('a'..='z') => is_in(&ENGLISH),
                Some(_) | None => false,
            },
        }
    }
}

const ENGLISH: [&str; 103] = [
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before",
    "being", "between", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he",
    "her", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "more", "most", "my", "new",
    "no", "not", "now", "of", "on", "one", "only", "or", "other", "our", "out", "over", "per", "s", "said", "same",
    "say", "says", "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "too", "two", "under", "up", "us", "via", "was", "we", "were", "what",
    "when", "where", "which", "while", "who", "will", "with", "would", "you", "your",
];

const RUSSIAN: [&str; 122] = [
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
];

const UKRAINIAN: [&str; 83] = [
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
];

const GERMAN: [&str; 94] = [
    "aber", "alle", "als", "also", "am", "an", "auch", "auf", "aus", "bei", "bereits", "bis", "da", "damit", "das",
    "dass", "dem", "den", "der", "des", "die", "dies", "diese", "dieser", "dieses", "doch", "durch", "ein", "eine",
    "einem", "einen", "einer", "eines", "er", "es", "fur", "gegen", "haben", "hat", "hatte", "ich", "ihr", "ihre",
    "im", "in", "ist", "ja", "kann", "keine", "man", "mehr", "mit", "nach", "nicht", "noch", "nun", "nur", "ob",
    "oder", "ohne", "sei", "sein", "seine", "sich", "sie", "sind", "so", "soll", "uber", "um", "und", "uns", "unter",
    "vom", "von", "vor", "war", "waren", "was", "wegen", "weil", "wenn", "werden", "wie", "wieder", "will", "wir",
    "wird", "wurde", "wurden", "zu", "zum", "zur", "zwischen",
];

const FRENCH: [&str; 83] = [
    "a", "afin", "ai", "au", "aussi", "autre", "aux", "avait", "avec", "avoir", "c", "ce", "ces", "cet", "cette",
    "comme", "contre", "d", "dans", "de", "depuis", "des", "deux", "dont", "du", "elle", "elles", "en", "entre", "est",
    "et", "etait", "ete", "etre", "eu", "fait", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "leurs",
    "lors", "lui", "m", "mais", "meme", "n", "ne", "nous", "on", "ont", "ou", "par", "pas", "plus", "pour", "qu",
    "que", "qui", "s", "sa", "sans", "se", "ses", "si", "son", "sont", "sous", "sur", "t", "tous", "tout", "tres",
    "un", "une", "vers", "vous", "y",
];

const SPANISH: [&str; 79] = [
    "a", "al", "ante", "aunque", "como", "con", "contra", "cual", "cuando", "de", "del", "desde", "donde", "dos", "e",
    "el", "ella", "ellos", "en", "entre", "era", "es", "esa", "ese", "eso", "esta", "estan", "este", "esto", "fue",
    "fueron", "ha", "habia", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los", "mas", "me", "mi",
    "mientras", "muy", "ni", "no", "nos", "o", "otro", "para", "pero", "por", "porque", "que", "quien", "se", "segun",
    "ser", "si", "sido", "sin", "sobre", "son", "su", "sus", "tambien", "tan", "tiene", "todo", "todos", "tras", "un",
    "una", "uno", "y", "ya",
];

const PORTUGUESE: [&str; 75] = [
    "a", "ainda", "ao", "aos", "apos", "as", "ate", "com", "como", "contra", "da", "das", "de", "desde", "do", "dos",
    "e", "ela", "ele", "eles", "em", "entre", "era", "essa", "esse", "esta", "este", "eu", "foi", "foram", "ha",
    "isso", "ja", "la", "lhe", "mais", "mas", "me", "mesmo", "muito", "na", "nao", "nas", "nem", "no", "nos", "o",
    "onde", "os", "ou", "para", "pela", "pelas", "pelo", "pelos", "por", "porque", "quando", "que", "quem", "sao",
    "se", "sem", "ser", "seu", "seus", "sob", "sobre", "sua", "suas", "tambem", "te", "tem", "um", "uma",
];

const ITALIAN: [&str; 88] = [
    "a", "ad", "ai", "al", "alla", "alle", "allo", "anche", "ancora", "c", "che", "chi", "ci", "come", "con", "contro",
    "cui", "d", "da", "dai", "dal", "dalla", "dalle", "dei", "del", "della", "delle", "dello", "di", "dopo", "dove",
    "due", "e", "ed", "era", "gli", "ha", "hanno", "i", "il", "in", "io", "l", "la", "le", "lei", "lo", "loro", "lui",
    "ma", "nei", "nel", "nella", "nelle", "noi", "non", "o", "ogni", "oltre", "per", "perche", "piu", "poi", "quando",
    "quella", "quello", "questa", "questo", "se", "sei", "si", "sia", "sono", "stata", "stato", "su", "sua", "sue",
    "sugli", "sui", "sul", "sulla", "suo", "tra", "tutti", "un", "una", "uno",
];

const POLISH: [&str; 85] = [
    "a", "aby", "ale", "bez", "bo", "byc", "byl", "byla", "bylo", "byly", "co", "czy", "dla", "do", "gdy", "gdzie",
    "go", "i", "ich", "im", "iz", "ja", "jak", "jako", "je", "jego", "jej", "jest", "juz", "kiedy", "kto", "ktora",
    "ktore", "ktory", "ktorzy", "lub", "ma", "miedzy", "mnie", "moze", "na", "nad", "nam", "nas", "nie", "niz", "o",
    "od", "on", "ona", "one", "oni", "oraz", "po", "pod", "podczas", "poniewaz", "prawie", "przed", "przez", "przy",
    "roku", "sa", "sie", "swoje", "ta", "tak", "takze", "tam", "te", "tego", "tej", "ten", "to", "tylko", "tym", "u",
    "w", "we", "wedlug", "wiec", "z", "za", "zas", "ze",
];

const CZECH: [&str; 102] = [
    "a", "aby", "ale", "ani", "az", "bez", "bude", "budou", "by", "byl", "byla", "bylo", "byly", "byt", "co", "do",
    "ho", "i", "ja", "jak", "jako", "je", "jeho", "jeji", "jejich", "jen", "jeste", "jestli", "jiz", "jsem", "jsme",
    "jsou", "k", "kde", "kdy", "kdyz", "ke", "ktera", "ktere", "kteri", "ktery", "ma", "mezi", "mi", "muze", "na",
    "nad", "nam", "nas", "ne", "nebo", "nebyl", "neni", "nez", "o", "od", "on", "ona", "oni", "po", "pod", "podle",
    "pouze", "pred", "pri", "pro", "proti", "proto", "protoze", "s", "se", "si", "sve", "svou", "ta", "tak", "take",
    "takze", "tam", "tato", "te", "tedy", "ten", "tento", "teto", "to", "tohoto", "tom", "tomu", "toto", "tu", "u",
    "uz", "v", "vam", "vas", "ve", "vsak", "vsechny", "z", "za", "ze",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn the_lists_are_sorted_and_folded_so_that_they_can_be_searched() {
        let lists: [&[&str]; 9] =
            [&ENGLISH, &RUSSIAN, &UKRAINIAN, &GERMAN, &FRENCH, &SPANISH, &PORTUGUESE, &ITALIAN, &POLISH];
        assert!(lists.iter().chain([&CZECH.as_slice()]).all(|list| list.is_sorted()));
        assert!(lists.iter().copied().flatten().chain(&CZECH).all(|word| fold(word) == *word));
    }
}
