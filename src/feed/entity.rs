//! Text of a feed, made fit for an XML reader: HTML's entities, stray ampersands, characters that XML forbids.

/// What windows-1252 has where Unicode has the control characters U+0080 to U+009F.
const C1: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The longest name of an entity in HTML has 31 characters (`CounterClockwiseContourIntegral`).
const NAME_BYTES_MAX: usize = 32;

/// Appends text with every `&` either a reference that XML knows or escaped, and every character one that XML allows.
pub(super) fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        push_characters(out, before);
        rest = push_reference(out, after);
    }
    push_characters(out, rest);
}

/// Appends an attribute's value in double quotes.
pub(super) fn push_value(out: &mut String, value: &str) {
    out.push('"');
    let mut text = String::with_capacity(value.len());
    push_text(&mut text, value);
    for c in text.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '\n' | '\t' => out.push(' '),
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Appends characters as they are, without those that XML 1.0 section 2.2 forbids.
pub(super) fn push_characters(out: &mut String, text: &str) {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b) || b == b'\n' || b == b'\t') {
        out.push_str(text);
    } else {
        out.extend(text.chars().filter_map(allowed));
    }
}

fn allowed(c: char) -> Option<char> {
    match c {
        '\t' | '\n' => Some(c),
        '\r' => Some('\n'),
        '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}' => None,
        '\u{80}'..='\u{9f}' => C1.chars().nth(usize::try_from(u32::from(c) - 0x80).ok()?),
        _ => Some(c),
    }
}

/// Appends the reference that stood before `after`, or a bare ampersand; gives what is left.
fn push_reference<'a>(out: &mut String, after: &'a str) -> &'a str {
    let name_bytes = after.bytes().take(NAME_BYTES_MAX).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    let (name, rest) = after.split_at_checked(name_bytes).unwrap_or(("", after));
    let Some(rest) = rest.strip_prefix(';').filter(|_| !name.is_empty()) else {
        out.push_str("&amp;");
        return after;
    };
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
        let code = hex.unwrap_or_else(|| number.parse());
        match code.map(char::from_u32) {
            Ok(Some(c)) => push_escaped(out, allowed(c)),
            // A surrogate or a number beyond Unicode: nothing to show.
            Ok(None) => {}
            Err(_) => {
                out.push_str("&amp;");
                return after;
            }
        }
        return rest;
    }
    let reference = format!("&{name};");
    if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
        out.push_str(&reference);
        return rest;
    }
    let decoded = html_escape::decode_html_entities(&reference);
    if decoded == reference.as_str() {
        out.push_str("&amp;");
        return after;
    }
    decoded.chars().for_each(|c| push_escaped(out, Some(c)));
    rest
}

fn push_escaped(out: &mut String, c: Option<char>) {
    match c {
        Some('<') => out.push_str("&lt;"),
        Some('&') => out.push_str("&amp;"),
        Some('>') => out.push_str("&gt;"),
        Some(c) => out.push(c),
        None => {}
    }
}
