//! The API's tokens.

use super::given::*;
use crate::model::*;
use crate::port::*;

fn spec(name: &str) -> TokenSpec {
    TokenSpec { name: name.to_owned(), scope: Scope::Write, expires_at: Some(at(90)) }
}

#[test]
fn whoever_remembers_tokens_is_told_when_one_is_made_or_removed_and_not_when_one_is_used() {
    holds(|store| {
        let (none, list) = store.tokens_unless(0).unwrap().unwrap();
        assert_eq!((list, store.tokens_unless(none).unwrap()), (Vec::new(), None));
        let id = store.add_token(&spec("desk"), &[1; 32], at(0)).unwrap().unwrap();
        let (added, list) = store.tokens_unless(none).unwrap().unwrap();
        let made = ApiToken { id, spec: spec("desk"), created_at: at(0), used_on: None };
        assert_eq!(list, [([1; 32], made.clone())]);

        for day in ["2026-01-02", "2026-01-01"] {
            store.note_token_use(id, day.parse().unwrap()).unwrap();
        }
        assert_eq!(store.tokens_unless(added).unwrap(), None);
        assert_eq!(store.tokens().unwrap(), [ApiToken { used_on: "2026-01-02".parse().ok(), ..made }]);

        assert!(store.remove_token(id).unwrap() && !store.remove_token(id).unwrap());
        assert_eq!(store.tokens_unless(added).unwrap().unwrap().1, []);
    });
}

#[test]
fn a_name_is_taken_once_and_there_are_so_many_tokens_at_most() {
    holds(|store| {
        store.add_token(&spec("desk"), &[1; 32], at(0)).unwrap().unwrap();
        let taken = store.add_token(&spec("desk"), &[2; 32], at(0)).unwrap_err();
        assert_eq!(taken.to_string(), "the token's name is taken already: \"desk\" is token 1");
        store.group(Durable::Kill).unwrap();
        for number in 1..TokenSpec::COUNT_MAX {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_be_bytes());
            assert!(store.add_token(&spec(&number.to_string()), &hash, at(0)).unwrap().is_some());
        }
        store.commit_group().unwrap();
        assert_eq!(store.add_token(&spec("more"), &[3; 32], at(0)).unwrap(), None);
    });
}
