//! Where a document names its encoding: the HTTP field, the XML declaration, the HTML meta element.

use encoding_rs::Encoding;

/// How far into a document a declaration is looked for; HTML asks for 1,024 bytes, real pages need more.
const SCAN_BYTES: usize = 4096;

/// The encoding named by a `Content-Type` field.
pub(super) fn of_http(content_type: &str) -> Option<&'static Encoding> {
    after_charset(content_type.as_bytes())
}

/// The encoding named by `<?xml ... encoding="..."?>`.
pub(super) fn of_xml(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(SCAN_BYTES))?;
    let start = memchr::memmem::find(head, b"<?xml")?;
    let declaration = head.get(start..)?;
    let end = memchr::memmem::find(declaration, b"?>").unwrap_or(declaration.len());
    let declaration = declaration.get(..end)?;
    let at = memchr::memmem::find(declaration, b"encoding")?;
    of_value(declaration.get(at + b"encoding".len()..)?)
}

/// The encoding named by a `<meta>` element, in either of its two forms.
pub(super) fn of_html(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(SCAN_BYTES))?.to_ascii_lowercase();
    memchr::memmem::find_iter(&head, b"<meta").find_map(|at| {
        let tag = head.get(at..)?;
        let end = memchr::memchr(b'>', tag).unwrap_or(tag.len());
        after_charset(tag.get(..end)?)
    })
}

fn after_charset(text: &[u8]) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, b"charset")?;
    of_value(lower.get(at + b"charset".len()..)?)
}

/// Reads ` = "label"`, quotes optional.
fn of_value(text: &[u8]) -> Option<&'static Encoding> {
    let value = text.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let label = value.split(|b| b" \t\r\n\"';>?".contains(b)).next()?;
    Encoding::for_label(label)
}
