//! Which encoding a document is in, and its text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{doubt, label};

/// How much of a document is shown to the detector; its guess does not get better after some pages of text.
const DETECT_BYTES: usize = 256 * 1024;

/// What kind of document declares its encoding, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An XML declaration.
    Xml,
    /// A `<meta>` element.
    Html,
}

/// Decodes a document, and says in words what was wrong with its encoding, if anything was.
///
/// In this order: byte order mark; UTF-16 and UTF-32 by their first four bytes; the charset of `content_type` (but see
/// [`is_preferred`]); the document's own declaration; UTF-8 where the bytes are valid UTF-8; what they look like. A declared encoding loses
/// where the bytes deny it: to UTF-8 when they are valid UTF-8 beyond ASCII (text in a one-byte encoding practically
/// never is), and bad bytes within UTF-8 are read one by one as windows-1252; to another encoding as [`doubt`] says.
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, kind: Kind) -> (Cow<'a, str>, Option<String>) {
    if let Some(text) = by_first_bytes(bytes) {
        return (text, None);
    }
    let own = || match kind {
        Kind::Xml => label::of_xml(bytes),
        Kind::Html => label::of_html(bytes),
    };
    // A document in 8-bit bytes that calls itself UTF-16 is not: its declaration could be read. `REPLACEMENT` stands for
    // labels that browsers refuse to decode.
    let is_possible = |e: &&'static Encoding| *e != UTF_16LE && *e != UTF_16BE && *e != REPLACEMENT;
    let http = content_type.and_then(label::of_http).filter(is_possible);
    let valid = std::str::from_utf8(bytes);
    if let (Err(_), Some(http)) = (valid, http)
        && let Some(own) = own().filter(is_possible)
        && is_preferred(own, http, bytes)
    {
        let (text, problem) = decoded(bytes, Some(own));
        let believed = || format!("HTTP says {}, the document {}: it is believed", http.name(), own.name());
        return (text, Some(problem.unwrap_or_else(believed)));
    }
    match (valid, http.or_else(|| own().filter(is_possible))) {
        (Ok(text), None) => (Cow::Borrowed(text), None),
        (Ok(text), Some(encoding)) => {
            if encoding == UTF_8 || text.is_ascii() && encoding.is_ascii_compatible() {
                return (Cow::Borrowed(text), None);
            }
            if encoding.is_single_byte() {
                return (
                    Cow::Borrowed(text),
                    Some(format!("declared as {}, but the bytes are UTF-8", encoding.name())),
                );
            }
            match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
                Some(decoded) => (decoded, None),
                None => {
                    (Cow::Borrowed(text), Some(format!("declared as {}, but the bytes are UTF-8", encoding.name())))
                }
            }
        }
        (Err(_), declared) => decoded(bytes, declared),
    }
}

/// Whether a document's own word counts for more than that of HTTP, where its bytes are not UTF-8: HTTP says that they are, or names
/// the Western letters that some servers name for all they serve, and what the document names decodes without an error.
fn is_preferred(own: &'static Encoding, http: &'static Encoding, bytes: &[u8]) -> bool {
    let is_mostly_utf8 = || {
        let (_, good, bad) = patched(bytes);
        good >= bad
    };
    // Nearly all bytes are letters of any set of single bytes; the controls of old ones stand where others have quotation marks.
    let is_clean = || {
        let (text, had_errors) = own.decode_without_bom_handling(bytes);
        !had_errors && !text.contains(|c| matches!(c, '\u{80}'..='\u{9f}'))
    };
    match (http == UTF_8, http == WINDOWS_1252) {
        _ if own == http => false,
        (true, _) => !is_mostly_utf8() && is_clean(),
        (_, true) if own == UTF_8 => is_mostly_utf8(),
        (_, true) => is_clean(),
        (false, false) => false,
    }
}

/// Decodes bytes that are not UTF-8.
fn decoded<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> (Cow<'a, str>, Option<String>) {
    match declared {
        Some(encoding) if encoding != UTF_8 => {
            let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
            if let Some(guess) = doubt::instead(bytes, encoding, had_errors, || detected(bytes)) {
                let (text, _) = guess.decode_without_bom_handling(bytes);
                let problem = format!("declared as {}, but the bytes look like {}", encoding.name(), guess.name());
                return (text, Some(problem));
            }
            let problem = had_errors.then(|| format!("declared as {}, but some bytes are not", encoding.name()));
            (text, problem)
        }
        Some(_) | None => not_quite_utf8(bytes, declared.is_some()),
    }
}

/// Decodes what a byte order mark or the zeros beside the first character give away.
fn by_first_bytes(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf32 = |rest: &[u8], to_char: fn([u8; 4]) -> u32| {
        rest.chunks(4)
            .map(|unit| <[u8; 4]>::try_from(unit).ok().and_then(|unit| char::from_u32(to_char(unit))))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .filter(|&c| c != '\u{feff}')
            .collect::<String>()
    };
    let utf16 = |encoding: &'static Encoding| encoding.decode_without_bom_handling(bytes).0.replace('\u{feff}', "");
    match bytes {
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<' | b'{', ..] => Some(utf32(bytes, u32::from_be_bytes).into()),
        [0xFF, 0xFE, 0, 0, ..] | [b'<' | b'{', 0, 0, 0, ..] => Some(utf32(bytes, u32::from_le_bytes).into()),
        [0xFE, 0xFF, ..] | [0, b'<' | b'{', 0, _, ..] => Some(utf16(UTF_16BE).into()),
        [0xFF, 0xFE, ..] | [b'<' | b'{', 0, _, 0, ..] => Some(utf16(UTF_16LE).into()),
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            // Some writers set a second mark before the first.
            Some(match std::str::from_utf8(rest) {
                Ok(text) => text.trim_start_matches('\u{feff}').into(),
                Err(_) => patched(rest).0.trim_start_matches('\u{feff}').to_owned().into(),
            })
        }
        _ => None,
    }
}

/// Text with bytes that are not UTF-8: a few strays in UTF-8, or another encoding altogether.
fn not_quite_utf8(bytes: &[u8], declared_utf8: bool) -> (Cow<'_, str>, Option<String>) {
    let (text, good, bad) = patched(bytes);
    if bad == 0 {
        return (text.into(), Some("characters beyond U+FFFF are written as two halves (CESU-8)".to_owned()));
    }
    if good >= bad {
        return (text.into(), Some(format!("{bad} bytes are not UTF-8 and were read as windows-1252")));
    }
    let guess = detected(bytes);
    let (text, _) = guess.decode_without_bom_handling(bytes);
    let said = if declared_utf8 { "declared as UTF-8, but the bytes" } else { "no encoding declared; the bytes" };
    (text, Some(format!("{said} look like {}", guess.name())))
}

/// What bytes that are not UTF-8 look like.
fn detected(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..bytes.len().min(DETECT_BYTES)).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether bytes that are not UTF-8 are the beginning of a character that was cut off behind `before`: of the dashes and
/// quotation marks, or of a letter of a script that windows-1252 hasn't.
fn is_cut(before: &str, bytes: &[u8]) -> bool {
    let is_beyond = |c: char| c > '\u{24f}' && c.is_alphabetic();
    let is_begun = bytes.first().is_some_and(|first| (0xCE..=0xF4).contains(first));
    bytes == [0xE2, 0x80] || (is_begun && before.chars().next_back().is_some_and(is_beyond))
}

/// UTF-8 in which characters beyond U+FFFF are written as their two UTF-16 halves in three bytes each (CESU-8, Unicode Technical
/// Report 26), as Java and older databases do, with these put together.
fn without_halves(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(0xED, rest) {
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(head);
        let units = |high: [u8; 2], low: [u8; 2]| {
            [high, low].map(|[second, third]| 0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F))
        };
        rest = if let [0xED, a @ 0xA0..=0xAF, b @ 0x80..=0xBF, 0xED, c @ 0xB0..=0xBF, d @ 0x80..=0xBF, after @ ..] =
            tail
        {
            let whole = char::decode_utf16(units([*a, *b], [*c, *d])).next().and_then(Result::ok);
            let whole = whole.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(whole.encode_utf8(&mut [0; 4]).as_bytes());
            after
        } else {
            out.push(0xED);
            tail.get(1..).unwrap_or_default()
        };
    }
    if out.is_empty() {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Reads UTF-8, bad bytes as windows-1252, but for characters cut in half, which are left out; and counts the good sequences beyond ASCII, and the bad bytes.
fn patched(bytes: &[u8]) -> (String, usize, usize) {
    let mut text = String::with_capacity(bytes.len());
    let (mut good, mut bad) = (0, 0);
    for chunk in without_halves(bytes).utf8_chunks() {
        text.push_str(chunk.valid());
        good += chunk.valid().bytes().filter(|&b| b >= 0xC0).count();
        bad += chunk.invalid().len();
        if !is_cut(&text, chunk.invalid()) {
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    (text, good, bad)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::{Kind, decode};

    fn check(bytes: &[u8], content_type: Option<&str>, kind: Kind, expected: &str) {
        assert_eq!(decode(bytes, content_type, kind).0, expected);
    }

    fn utf16be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn a_declared_encoding_that_the_bytes_deny_is_doubted() {
        let russian = "<p>Генеральная Ассамблея приняла резолюцию о безопасности, сообщили дипломаты</p>";
        let polish =
            "<p>Zgłoszono sprzeciw wobec żądań, więc głosowanie odłożono; w środę będą mówić dłużej o źródłach</p>";
        let japanese = "<p>国連総会は月曜日に会合を開き、情報の安全についての決議を採択した</p>";
        let chinese = "<p>联合国大会星期一通过决议，呼吁各国加强网络安全合作，俄罗斯代表表示欢迎</p>";
        for (text, declared, real) in [
            (russian, "koi8-r", encoding_rs::WINDOWS_1251),
            (russian, "windows-1251", encoding_rs::KOI8_R),
            (russian, "iso-8859-1", encoding_rs::WINDOWS_1251),
            (russian, "windows-1251", encoding_rs::WINDOWS_1251),
            (polish, "iso-8859-1", encoding_rs::ISO_8859_2),
            (japanese, "shift_jis", encoding_rs::EUC_JP),
            (japanese, "euc-jp", encoding_rs::SHIFT_JIS),
            (chinese, "big5", encoding_rs::GBK),
        ] {
            let (bytes, _, _) = real.encode(text);
            check(&bytes, Some(&format!("text/html; charset={declared}")), Kind::Html, text);
        }
        // Western text is what it says, and so is a word in capitals.
        let french = "<p>L’Assemblée a été réunie à la hâte, où l’été déjà sévère a pesé sur des élus âgés</p>";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(french);
        check(&bytes, Some("text/html; charset=iso-8859-1"), Kind::Html, french);
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("<b>СРОЧНО</b>");
        check(&bytes, Some("text/html; charset=windows-1251"), Kind::Html, "<b>СРОЧНО</b>");
    }

    #[test]
    fn a_character_that_was_cut_in_half_is_left_out() {
        let cut = ["<a>Мир и мир".as_bytes(), b"\xD0</a> d\xE9j\xE0 vu \xE2\x80"].concat();
        check(&cut, None, Kind::Xml, "<a>Мир и мир</a> d\u{e9}j\u{e0} vu ");
    }

    #[test]
    fn the_http_charset_is_believed_before_the_documents_own() {
        let bytes = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xCC\xE8\xF0</a>";
        let text = "<?xml version='1.0' encoding='iso-8859-1'?><a>\u{41c}\u{438}\u{440}</a>";
        check(bytes, Some("text/xml; Charset=\"windows-1251\""), Kind::Xml, text);
    }

    #[test]
    fn a_page_or_feed_may_name_its_own_encoding() {
        check(b"<?xml encoding=\"windows-1251\"?>\xCC", None, Kind::Xml, "<?xml encoding=\"windows-1251\"?>\u{41c}");
        check(b"<META charset=windows-1251>\xCC", None, Kind::Html, "<META charset=windows-1251>\u{41c}");
        let old = b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\xED";
        check(old, None, Kind::Html, "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\u{41c}");
    }

    #[test]
    fn what_http_says_of_all_documents_loses_to_what_one_says_of_itself() {
        let check = |text: &str, real: &'static encoding_rs::Encoding, http: &str, kind: Kind| {
            let (bytes, _, had_errors) = real.encode(text);
            assert!(!had_errors);
            let (found, problem) = decode(&bytes, Some(&format!("text/html; charset={http}")), kind);
            assert_eq!(found, text);
            assert!(problem.unwrap().contains("HTTP says"));
        };
        let czech = "<?xml version='1.0' encoding='ISO-8859-2'?><t>Vláda schválila zákon, říká ministr školství</t>";
        check(czech, encoding_rs::ISO_8859_2, "utf-8", Kind::Xml);
        let lithuanian = "<meta charset='windows-1257'><p>Seimas priėmė įstatymą dėl saugumo, sakė jų žmonės</p>";
        check(lithuanian, encoding_rs::WINDOWS_1257, "iso-8859-1", Kind::Html);
        check(lithuanian, encoding_rs::WINDOWS_1257, "utf-8", Kind::Html);
        // A word of its own that the bytes deny is none.
        let mut bytes = "<?xml encoding='iso-8859-2'?>Generální shromáždění přijalo řešení".as_bytes().to_vec();
        bytes.push(0x93);
        let (text, _) = decode(&bytes, Some("text/xml; charset=utf-8"), Kind::Xml);
        assert!(text.contains("přijalo řešení\u{201c}"), "{text}");
        let french = "<?xml encoding='utf-8'?>L\u{2019}été déjà sévère a pesé";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(french);
        assert_eq!(decode(&bytes, Some("text/xml; charset=iso-8859-1"), Kind::Xml).0, french);
    }

    #[test]
    fn bytes_that_are_utf8_win_over_a_declared_one_byte_encoding() {
        let (text, problem) = decode("<a>\u{41c}\u{438}\u{440}</a>".as_bytes(), Some("a/b; charset=latin1"), Kind::Xml);
        assert_eq!(text, "<a>\u{41c}\u{438}\u{440}</a>");
        assert_eq!(problem.unwrap(), "declared as windows-1252, but the bytes are UTF-8");
    }

    #[test]
    fn what_says_gb2312_may_have_all_of_gb18030() {
        let text = "<?xml encoding='gb2312'?>\u{9555}\u{57fa}\u{3400}\u{20000}\u{20ac}";
        let encoded = encoding_rs::GB18030.encode(text).0;
        assert_eq!(decode(&encoded, None, Kind::Xml), (text.into(), None));
    }

    #[test]
    fn text_without_any_declaration_is_detected() {
        let bytes = "\u{413}\u{435}\u{43d}\u{435}\u{440}\u{430}\u{43b}\u{44c}\u{43d}\u{430}\u{44f} \u{430}\u{441}\u{441}\u{430}\u{43c}\u{431}\u{43b}\u{435}\u{44f} \u{43f}\u{440}\u{438}\u{43d}\u{44f}\u{43b}\u{430} \u{440}\u{435}\u{437}\u{43e}\u{43b}\u{44e}\u{446}\u{438}\u{44e}";
        let encoded = encoding_rs::WINDOWS_1251.encode(bytes).0;
        check(&encoded, None, Kind::Html, bytes);
    }

    #[test]
    fn a_few_bad_bytes_do_not_spoil_utf8() {
        let mut bytes = "caf\u{e9} na\u{ef}ve ".as_bytes().to_vec();
        bytes.push(0x93);
        let (text, problem) = decode(&bytes, Some("text/xml; charset=utf-8"), Kind::Xml);
        assert_eq!(text, "caf\u{e9} na\u{ef}ve \u{201c}");
        assert!(problem.unwrap().contains("1 bytes"));
    }

    #[test]
    fn characters_that_were_written_as_two_halves_are_put_together() {
        let (text, problem) = decode(b"caf\xC3\xA9 \xED\xA0\xBD\xED\xB8\x80 \xED\x95\x9C!", None, Kind::Xml);
        assert_eq!(text, "caf\u{e9} \u{1f600} \u{d55c}!");
        assert!(problem.unwrap().contains("CESU-8"));
    }

    #[test]
    fn wide_encodings_are_known_by_their_first_bytes() {
        check(&utf16be("<a>\u{41c}</a>"), None, Kind::Xml, "<a>\u{41c}</a>");
        check(&utf16be("\u{feff}<a/>"), Some("text/xml; charset=utf-8"), Kind::Xml, "<a/>");
        let utf32: Vec<u8> = "<a>\u{41c}".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        check(&utf32, None, Kind::Xml, "<a>\u{41c}");
        check(b"\xEF\xBB\xBF\xEF\xBB\xBF<a/>", None, Kind::Xml, "<a/>");
        let forms: [fn(char) -> Vec<u8>; 4] = [
            |c| c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            |c| c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            |c| u32::from(c).to_be_bytes().to_vec(),
            |c| u32::from(c).to_le_bytes().to_vec(),
        ];
        for (form, start) in forms.into_iter().flat_map(|form| ["", "\u{feff}", "\u{feff}\u{feff}"].map(|m| (form, m)))
        {
            let bytes: Vec<u8> = format!("{start}<a>\u{41c}\u{1f4f0}</a>").chars().flat_map(form).collect();
            check(&bytes, Some("text/xml; charset=utf-8"), Kind::Xml, "<a>\u{41c}\u{1f4f0}</a>");
        }
        check(b"<?xml encoding='utf-16'?><a/>", None, Kind::Xml, "<?xml encoding='utf-16'?><a/>");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_give_text(bytes in proptest::collection::vec(any::<u8>(), 0..200), label in "[a-z0-9-]{0,12}") {
            let field = format!("text/html; charset={label}");
            drop(decode(&bytes, Some(&field), Kind::Html));
            drop(decode(&bytes, None, Kind::Xml));
        }
    }
}
