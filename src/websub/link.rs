//! The Link header field ([RFC 8288 section 3](https://www.rfc-editor.org/rfc/rfc8288#section-3)).

/// A link: where to, and its relations in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link<'a> {
    pub(super) target: &'a str,
    pub(super) relations: Vec<String>,
}

/// Links of one field that are read; publishers send a handful.
const LINKS_MAX: usize = 32;

/// Reads a field's value. What can't be read is passed over; a link about another document (`anchor`) is none of ours.
pub(super) fn links(value: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some((target, after)) = rest.split_once('<').and_then(|(_, after)| after.split_once('>')) {
        let (parameters, next) = split_unquoted(after, ',');
        links.extend(link(target.trim(), parameters));
        rest = next;
        if links.len() >= LINKS_MAX {
            break;
        }
    }
    links
}

fn link<'a>(target: &'a str, parameters: &str) -> Option<Link<'a>> {
    let mut relations = None;
    let mut rest = parameters;
    while !rest.is_empty() {
        let (parameter, next) = split_unquoted(rest, ';');
        rest = next;
        let Some((name, value)) = parameter.split_once('=') else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "anchor" => return None,
            // Section 3.3: of several, the first counts.
            "rel" if relations.is_none() => {
                let words = value.trim().trim_matches('"').split_ascii_whitespace();
                relations = Some(words.map(str::to_ascii_lowercase).collect());
            }
            _ => {}
        }
    }
    relations.map(|relations| Link { target, relations })
}

/// Splits at the first `separator` that stands outside quotes; what has none is whole.
fn split_unquoted(text: &str, separator: char) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
                return (before, after.strip_prefix(separator).unwrap_or(after));
            }
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(value: &str, expected: &[(&str, &str)]) {
        let found: Vec<(&str, String)> = links(value).iter().map(|l| (l.target, l.relations.join(" "))).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(target, relations)| (*target, relations.as_str())).collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn links_are_read_with_all_their_relations_however_they_are_quoted() {
        check("<https://hub.example/>; rel=\"hub\"", &[("https://hub.example/", "hub")]);
        check("</feed>; rel=self, <https://a.example/>;rel=hub", &[("/feed", "self"), ("https://a.example/", "hub")]);
        check(
            "<https://a.example/?a=1,2;3> ; title=\"a, \\\" <b>; rel=x\" ; REL = \"Self Hub\"",
            &[("https://a.example/?a=1,2;3", "self hub")],
        );
        check("<a>; rel=hub; rel=self", &[("a", "hub")]);
    }

    #[test]
    fn what_names_no_relation_or_another_document_is_passed_over() {
        check("<a>, <b>; title=x, <c>; rel=hub; anchor=\"#x\", <d>; rel=hub", &[("d", "hub")]);
        check("nonsense", &[]);
        check("<unclosed; rel=hub", &[]);
        check("<a>; rel=\"hub", &[("a", "hub")]);
    }

    proptest! {
        #[test]
        fn any_field_is_read_without_harm(value in "[<>;,=\"\\\\ a-zé/]{0,60}") {
            prop_assert!(links(&value).len() <= LINKS_MAX);
        }

        #[test]
        fn what_is_written_by_the_rules_is_read_back(targets in proptest::collection::vec("https://[a-z]{1,8}\\.example/[a-z,;]{0,5}", 1..6)) {
            let written: Vec<String> = targets.iter().map(|t| format!("<{t}>; rel=\"hub next\"; type=\"a,b;c\"")).collect();
            let written = written.join(", ");
            let read: Vec<&str> = links(&written).iter().map(|l| l.target).collect();
            prop_assert_eq!(read, targets.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
