use std::fs;
use std::sync::Arc;

use tempfile::TempDir;

use crate::encode::tests::FILE;

use super::*;

/// A folder with the made-up model of `encode/`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(MODEL_FILE), &*FILE).unwrap();
    folder
}

#[test]
fn threads_share_a_model_and_the_lead_counts_up_to_250_characters() {
    let folder = folder();
    let model = Arc::new(Model::open(folder.path()).unwrap());
    let lead = "яя ab ".repeat(50);
    let expected = model.vector("ab", &lead).unwrap();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (model, lead) = (Arc::clone(&model), lead.chars().take(250).collect::<String>());
            std::thread::spawn(move || model.vector("ab", &lead).unwrap())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), expected);
    }
    assert_ne!(model.vector("ab", "").unwrap(), expected);
}

#[test]
fn a_text_of_any_length_has_a_bounded_price() {
    let folder = folder();
    let model = Model::open(folder.path()).unwrap();
    assert!(model.pieces(&"z".repeat(1_000_000)).len() < 1_300);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_what_to_do() {
    let folder = folder();
    let (file, whole) = (folder.path().join(MODEL_FILE), &*FILE);
    let mut told = String::new();
    let mut tell = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let checked = Model::open(folder.path()).and_then(|model| model.verify());
        told.push_str(&checked.unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "[folder]"));
        told.push('\n');
    };
    for cut in [100, 200, whole.len() - 1] {
        tell(&whole[..cut]);
    }
    for place in [3, 10, 50, 200, 2_000_000, whole.len() - 500] {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        tell(&damaged);
    }
    fs::remove_file(&file).unwrap();
    told.push_str(
        &Model::open(folder.path()).unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "[folder]"),
    );
    insta::assert_snapshot!("faults", told);
}

#[test]
fn a_file_cut_short_while_it_is_open_is_an_error() {
    let folder = folder();
    let model = Model::open(folder.path()).unwrap();
    fs::OpenOptions::new().write(true).open(model.path()).unwrap().set_len(1_000).unwrap();
    let error = model.vector("ab", "").unwrap_err();
    assert_eq!(error.to_string(), format!("read {}", model.path().display()));
}
