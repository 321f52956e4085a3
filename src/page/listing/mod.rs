//! A list page to entries without being told where they stand: by what repeats.
//!
//! Links that stand alike (the same elements around them, with the same classes) make a group; the groups whose links
//! read like headlines, point at what looks like articles and stand beside dates are the list. Nothing is guessed below
//! a threshold: a page of navigation gives no entries. What a page sets apart from its list, as most do with what is new, is
//! taken in where it is like the list.

mod address;
mod apart;
mod day;
mod find;
mod group;
mod item;
mod linked;
mod rows;

pub use find::{Listing, listing, stands_alike};

#[cfg(test)]
mod tests;
