//! What a vector costs with an installed model: titles with their leads, one thread. Prints; never fails.
//!
//! `benches/encode.sh WHEEL` installs the model and times the Python it comes with beside it.
//! `cargo bench --bench encode -- MODEL_FOLDER TEXTS`, where each line of the file TEXTS is a text.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::path::Path;
use std::time::Instant;

use tidings::weights::Model;

/// Times that each text is timed; the best one counts, as others share the machine.
const ROUNDS: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [folder, texts] = arguments.as_slice() else {
        println!("cargo bench --bench encode -- MODEL_FOLDER TEXTS");
        return;
    };
    let texts = std::fs::read_to_string(texts).expect("a file of texts");
    let texts: Vec<&str> = texts.lines().collect();
    let begun = Instant::now();
    let model = Model::open(Path::new(folder)).expect("an installed model");
    println!("open        {:7.2} ms", begun.elapsed().as_secs_f64() * 1e3);
    let pieces: usize = texts.iter().map(|text| model.pieces(text).len()).sum();
    let cutting: f64 = texts.iter().map(|text| best(|| drop(std::hint::black_box(model.pieces(text))))).sum();
    let vector = |text: &str| drop(std::hint::black_box(model.vector_of_text(text).expect("a whole model")));
    let whole: f64 = texts.iter().map(|text| best(|| vector(text))).sum();
    let count = texts.len() as f64;
    println!("pieces      {:7.1} a text", pieces as f64 / count);
    println!("cutting     {:7.3} ms a text", cutting * 1e3 / count);
    println!("vector      {:7.3} ms a text, cutting included", whole * 1e3 / count);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|line| line.starts_with(name)).map(str::to_owned);
    for line in ["VmHWM", "RssAnon", "RssFile"].into_iter().filter_map(line) {
        println!("{line}");
    }
}

/// The shortest time that `work` took, in seconds.
fn best(work: impl Fn()) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}
