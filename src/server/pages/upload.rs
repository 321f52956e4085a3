//! A form with a file: `multipart/form-data` ([RFC 7578](https://www.rfc-editor.org/rfc/rfc7578)), taken only from our own
//! pages. Read whole: its body is bounded by its route.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use memchr::memmem;

use super::posted::ours;
use super::refusal::Refusal;
use crate::server::problem::Problem;
use crate::server::state::AppState;

/// Parts of a form at most.
const PARTS_MAX: usize = 64;
/// Bytes of a part's head at most.
const HEAD_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a boundary at most (RFC 2046 section 5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;

/// The parts of a form: name and content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upload(Vec<(String, Vec<u8>)>);

impl FromRequest<AppState> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Refusal> {
        ours(request.headers())?;
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let Some(boundary) = content_type.and_then(boundary) else {
            return Err(Problem::unsupported_media_type("this form is sent as multipart/form-data").into());
        };
        let body = Bytes::from_request(request, app).await.map_err(|refused| {
            let text = refused.body_text();
            match refused.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("the file is larger than is taken here"),
                _ => Problem::malformed(text),
            }
        })?;
        let parts =
            parts(&body, &boundary).ok_or_else(|| Problem::malformed("the form's parts can't be told apart"))?;
        Ok(Self(parts))
    }
}

impl Upload {
    /// A part's content; `None` where it is absent or empty, as of a file that was not chosen.
    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        let part = self.0.iter().find(|(given, content)| given == name && !content.trim_ascii().is_empty());
        part.map(|(_, content)| content.as_slice())
    }

    /// A part's text without white space around it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.content(name).and_then(|content| std::str::from_utf8(content).ok()).map(str::trim)
    }
}

/// The boundary that a content type names.
fn boundary(content_type: &str) -> Option<String> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let (_, value) = named.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let value = value.trim_matches('"');
    (1..=BOUNDARY_BYTES_MAX).contains(&value.len()).then(|| value.to_owned())
}

/// Splits a body at its boundary; `None` where it is not so made.
fn parts(body: &[u8], boundary: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n{opening}");
    let mut rest = body.get(memmem::find(body, opening.as_bytes())? + opening.len()..)?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        if parts.len() == PARTS_MAX {
            return None;
        }
        let end = memmem::find(rest, delimiter.as_bytes())?;
        let part = rest.get(..end)?.strip_prefix(b"\r\n")?;
        let head_end = memmem::find(part, b"\r\n\r\n").filter(|end| *end <= HEAD_BYTES_MAX)?;
        let (head, content) = (part.get(..head_end)?, part.get(head_end + 4..)?);
        parts.push((name(std::str::from_utf8(head).ok()?)?, content.to_vec()));
        rest = rest.get(end + delimiter.len()..)?;
    }
    Some(parts)
}

/// The field's name in a part's head. Browsers write `"` in it as `%22`.
fn name(head: &str) -> Option<String> {
    let disposition = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, value) = disposition.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))?;
    let value = value.split_once("; name=\"").or_else(|| value.split_once(";name=\""))?.1;
    Some(value.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = "--x\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n\r\n--x\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a.opml\"\r\nContent-Type: text/xml\r\n\r\n\
        <opml>\r\n--y\r\n</opml>\r\n--x--\r\n";

    #[test]
    fn a_file_comes_as_it_was_and_one_that_was_not_chosen_is_none() {
        let boundary = boundary("multipart/form-data; boundary=\"x\"").unwrap();
        let upload = Upload(parts(BODY.as_bytes(), &boundary).unwrap());
        assert_eq!(upload.content("file"), Some(&b"<opml>\r\n--y\r\n</opml>"[..]));
        assert_eq!((upload.content("list"), upload.content("other")), (None, None));
        assert_eq!(super::boundary("application/x-www-form-urlencoded; boundary=x"), None);
        assert_eq!(parts(b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end", "x"), None);
    }

    proptest! {
        #[test]
        fn any_content_without_the_boundary_comes_back(content in proptest::collection::vec(any::<u8>(), 0..200)) {
            let head = b"--bound\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n";
            prop_assume!(memmem::find(&content, b"--bound").is_none());
            let body = [&head[..], &content, b"\r\n--bound--\r\n"].concat();
            prop_assert_eq!(parts(&body, "bound"), Some(vec![("f".to_owned(), content)]));
        }

        #[test]
        fn whatever_is_sent_is_read_or_refused(body in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'x'), any::<u8>()], 0..300)) {
            parts(&body, "x");
        }
    }
}
