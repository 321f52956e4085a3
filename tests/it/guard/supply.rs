//! What comes into the house: how many crates, that they are listed with their hashes, and that none of our own code is
//! unsafe. Licences, bans and sources are `cargo deny`'s (`.ci/run`), the same bytes of two builds `tests/nightly/reproducible`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Crates in all, of the tests too.
const CRATES_MAX: usize = 300;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Names and versions of the crates that are built.
fn crates(edges: &str) -> BTreeSet<(String, String)> {
    let arguments =
        ["tree", "--locked", "--offline", "--edges", edges, "--target", TARGET, "--prefix", "none", "--format", "{p}"];
    let told = Command::new(env!("CARGO")).args(arguments).current_dir(here("")).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let text = String::from_utf8(told.stdout).unwrap();
    let named = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    };
    text.lines().filter_map(named).collect()
}

#[test]
fn fewer_than_300_crates_are_in_the_tree_those_of_the_tests_included() {
    let (all, shipped) = (crates("normal,build,dev").len(), crates("normal,build").len());
    println!("{all} crates, of which {shipped} are shipped or run while it is built");
    assert!(shipped > 100 && shipped < all && all < CRATES_MAX, "{shipped} of {all}");
}

#[test]
fn the_bill_of_materials_lists_each_crate_of_the_lock_that_is_built_with_its_hash_and_licence() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let file = folder.path().join(name);
        let made = Command::new(here(".ci/sbom")).args([TARGET, file.to_str().unwrap()]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::read_to_string(file).unwrap()
    };
    let text = write("one.json");
    assert_eq!(text, write("two.json"), "the same tree gives the same bytes");
    let bom: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((bom["bomFormat"].as_str(), bom["specVersion"].as_str()), (Some("CycloneDX"), Some("1.5")));

    let lock: toml::Table = fs::read_to_string(here("Cargo.lock")).unwrap().parse().unwrap();
    let word = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let locked: BTreeMap<_, _> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|package| Some(((word(package, "name")?, word(package, "version")?), word(package, "checksum"))))
        .collect();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut listed = BTreeSet::from([("tidings".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]);
    for component in bom["components"].as_array().unwrap() {
        let key = (text(&component["name"]), text(&component["version"]));
        let hash = text(&component["hashes"][0]["content"]);
        assert_eq!(locked.get(&key), Some(&Some(hash)), "{key:?}");
        assert!(!text(&component["licenses"][0]["expression"]).is_empty(), "{key:?}");
        listed.insert(key);
    }
    assert_eq!(listed, crates("normal,build"));

    // Held against the published schema, where tests/run has installed it.
    let python = here("target/venv/bin/python");
    let script = "import sys\n\
        from cyclonedx.schema import SchemaVersion\n\
        from cyclonedx.validation.json import JsonStrictValidator\n\
        sys.exit(str(JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read()) or '') or None)";
    let known = Command::new(&python).args(["-c", "import cyclonedx, jsonschema"]).output();
    if known.is_ok_and(|known| known.status.success()) {
        let valid = Command::new(&python).args(["-c", script]).arg(folder.path().join("one.json")).output().unwrap();
        assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stderr));
    } else {
        println!("!!! SKIPPED: the bill of materials against CycloneDX's schema (tests/run installs it)");
    }
}

/// Whether a licence expression (SPDX 2.3 annex D: `AND` binds closer than `OR`) is fulfilled by what is allowed.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    fn either(words: &mut std::iter::Peekable<std::vec::IntoIter<String>>, allowed: &BTreeSet<String>) -> bool {
        let mut any = both(words, allowed);
        while words.next_if_eq("OR").is_some() {
            any |= both(words, allowed);
        }
        any
    }
    fn both(words: &mut std::iter::Peekable<std::vec::IntoIter<String>>, allowed: &BTreeSet<String>) -> bool {
        let mut all = one(words, allowed);
        while words.next_if_eq("AND").is_some() {
            all &= one(words, allowed);
        }
        all
    }
    fn one(words: &mut std::iter::Peekable<std::vec::IntoIter<String>>, allowed: &BTreeSet<String>) -> bool {
        let word = words.next().expect("a licence");
        if word == "(" {
            let inner = either(words, allowed);
            assert_eq!(words.next().as_deref(), Some(")"));
            return inner;
        }
        // A licence with an exception allows more than the licence; it is listed by itself where it is relied on.
        let is_excepted = words.next_if_eq("WITH").and_then(|_with| words.next()).is_some();
        !is_excepted && allowed.contains(&word)
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    let mut words = words.into_iter().peekable();
    let allows = either(&mut words, allowed);
    assert_eq!(words.next(), None, "{expression}");
    allows
}

#[test]
fn licences_bans_and_sources_are_as_deny_toml_says() {
    let deny: toml::Table = fs::read_to_string(here("deny.toml")).unwrap().parse().unwrap();
    let texts = |value: &toml::Value| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let allowed = texts(&deny["licenses"]["allow"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bom.json");
    assert!(Command::new(here(".ci/sbom")).args([TARGET, file.to_str().unwrap()]).status().unwrap().success());
    let bom: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let licence = |component: &serde_json::Value| component["licenses"][0]["expression"].as_str().unwrap().to_owned();
    let unfit: Vec<_> = bom["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|component| !is_allowed(&licence(component), &allowed))
        .map(|component| format!("{}: {}", component["name"], licence(component)))
        .collect();
    assert_eq!(unfit, Vec::<String>::new());
    assert!(!is_allowed("GPL-3.0-only OR (MIT AND LGPL-3.0-only)", &allowed), "the check can fail");

    let lock: toml::Table = fs::read_to_string(here("Cargo.lock")).unwrap().parse().unwrap();
    let banned: BTreeSet<&str> =
        deny["bans"]["deny"].as_array().unwrap().iter().map(|ban| ban["name"].as_str().unwrap()).collect();
    let built = crates("normal,build,dev");
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let source = package.get("source").and_then(toml::Value::as_str);
        assert!(
            name == "tidings" || source == Some("registry+https://github.com/rust-lang/crates.io-index"),
            "{name}: {source:?}"
        );
        let version = package["version"].as_str().unwrap();
        assert!(!banned.contains(name) || !built.contains(&(name.to_owned(), version.to_owned())), "{name} is banned");
    }
}

pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What fuzzing builds stands among its targets.
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_code_of_ours_is_unsafe_nor_may_become_so_be_it_of_tests_benches_or_fuzzing() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        sources(&here(folder), &mut files);
    }
    assert!(files.len() > 400, "{}", files.len());
    // In two parts, as this file is looked through as well.
    let word = ["un", "safe"].concat();
    let is_unsafe = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        ["{", "fn", "impl", "trait", "extern", "("].iter().any(|next| code.contains(&format!("{word} {next}")))
    };
    let found: Vec<_> = files
        .iter()
        .filter(|file| fs::read_to_string(file).unwrap().lines().any(is_unsafe))
        .map(|file| file.display().to_string())
        .collect();
    assert_eq!(found, Vec::<String>::new());
    let manifest: toml::Table = fs::read_to_string(here("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}
