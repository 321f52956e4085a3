//! Whether the sentence model finds an article's translation: how many of the Russian articles of a labelled set have their English
//! translation at rank 1 among all English ones, and the average precision over all pairs. Prints; never fails.
//!
//! `cargo bench --bench translations -- MODEL_FOLDER [ARTICLES.jsonl]`; without a file, `../shared/dedup/dev/wmt21_ru_en.jsonl`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::path::Path;

use serde_json::Value;
use tidings::encode::Compact;
use tidings::weights::Model;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let (folder, file) = match arguments.as_slice() {
        [folder] => (folder.as_str(), "../shared/dedup/dev/wmt21_ru_en.jsonl"),
        [folder, file] => (folder.as_str(), file.as_str()),
        _ => return println!("cargo bench --bench translations -- MODEL_FOLDER [ARTICLES.jsonl]"),
    };
    let Ok(articles) = std::fs::read_to_string(file) else { return println!("!!! SKIPPED: no articles at {file}") };
    let articles: Vec<Value> =
        articles.lines().map(|line| serde_json::from_str(line).expect("an article a line")).collect();
    let model = Model::open(Path::new(folder)).expect("an installed model");
    let (russian, english) = (meanings(&model, &articles, "ru"), meanings(&model, &articles, "en"));
    let mut pairs = Vec::new();
    let mut at_rank_one = 0;
    for (event, meaning) in &russian {
        let alike: Vec<(f32, bool)> = english.iter().map(|(of, other)| (meaning.cosine(other), of == event)).collect();
        at_rank_one +=
            usize::from(alike.iter().max_by(|(one, _), (other, _)| one.total_cmp(other)).is_some_and(|best| best.1));
        pairs.extend(alike);
    }
    let count = russian.len();
    println!(
        "recall at rank 1   {:.3} ({at_rank_one} of {count} among {})",
        at_rank_one as f64 / count as f64,
        english.len()
    );
    println!("average precision  {:.3} (of {} pairs)", average_precision(&mut pairs), pairs.len());
}

/// The event of each article in a language, with what its title and lead mean, as the daemon keeps it.
fn meanings(model: &Model, articles: &[Value], lang: &str) -> Vec<(String, Compact)> {
    let articles = articles.iter().filter(|article| article["lang"] == lang);
    let text = |article: &Value, key: &str| article[key].as_str().unwrap_or_default().to_owned();
    let meaning = |article: &Value| {
        model.vector(&text(article, "title"), &text(article, "text")).expect("a whole model").compact()
    };
    articles.map(|article| (text(article, "event"), meaning(article))).collect()
}

/// The mean, over the pairs that belong together, of the share of such among the pairs that are at least as alike.
fn average_precision(pairs: &mut [(f32, bool)]) -> f64 {
    pairs.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let (mut found, mut sum) = (0.0, 0.0);
    for (rank, (_, are_one)) in pairs.iter().enumerate() {
        if *are_one {
            found += 1.0;
            sum += found / (rank + 1) as f64;
        }
    }
    sum / found
}
