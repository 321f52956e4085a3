//! The readers' pages: what happened, newest first, and why; for operators also what is read and who is told.
//!
//! Rendered here, and read without any script: whatever a feed says is escaped by maud. Scripts are files of their own
//! (`assets`), and the Content-Security-Policy lets nothing else run. `frame` stands around every page, `reader` says who
//! asks for it, `posted` and `upload` take forms of our own pages alone, `refusal` is the page where there is none. The
//! operator's pages (`sources/`, `subscriptions/`) do what the API does, by the same functions.

mod routes;

mod frame;
mod posted;
mod reader;
mod refusal;

mod asked;
mod card;
mod events;
mod found;
mod live;
mod narrow;
mod sign_in;
mod why;

mod declaration;
mod draft;
mod outcome;
mod topics;
mod versions;
mod workshop;

mod desk;
mod sources;
mod subscriptions;
mod upload;

mod assets;
mod marks;
mod markup;

pub(super) use reader::cookie;
pub(super) use refusal::refused;
pub(super) use routes::routes;
