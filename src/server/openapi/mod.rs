//! The API's description (`OpenAPI` 3.1), made from the code: wire types are its schemas, `bodies` says what may be sent, `operations`
//! which calls there are, and `document` puts them together. A test holds it against the router, and answers against it.

mod bodies;
mod document;
mod operation;
mod operations;

pub(super) use document::document;
