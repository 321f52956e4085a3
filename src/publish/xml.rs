//! XML by hand: text in, escaped text out.

/// `text` as the content of an element or an attribute's value between double quotes (XML 1.0, sections 2.2 and 2.4).
///
/// Characters that XML has no way to write are left out. A carriage return becomes a space: it would be read as a line's end.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push(' '),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => escaped.push(char),
            _ => {}
        }
    }
    escaped
}
