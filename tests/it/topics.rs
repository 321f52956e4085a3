//! How well the shipped topic is told from what is near it: the figures of docs/topics.md, held to by the real binary over judged
//! articles, where those are at hand; and accounts that nobody judged, written for this test as papers might write them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// What is written down may be off by this.
const SLACK: f64 = 0.01;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The F1 that docs/topics.md gives these articles.
fn written(articles: &str) -> f64 {
    let docs = std::fs::read_to_string(root().join("docs/topics.md")).unwrap();
    let row = docs.lines().find(|line| line.starts_with(&format!("| {articles} |"))).expect("they have a row");
    row.split('|').nth(2).and_then(|cell| cell.trim().parse().ok()).expect("an F1")
}

#[test]
fn judged_articles_are_on_the_first_topic_or_off_it_as_well_as_is_written_down() {
    if !root().join("../shared/resolution/dev").is_dir() {
        eprintln!("!!! SKIPPED: the judged articles of ../shared are absent");
        return;
    }
    let mut script = Command::new("python3");
    script.arg(root().join("benches/topics.py")).args(["--json", "--binary", env!("CARGO_BIN_EXE_tidings"), "shipped"]);
    let output = script.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let row: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (articles, measured) in [("October 2021 to January 2022", "f1_dated"), ("all", "f1_all")] {
        let (written, measured) = (written(articles), row[measured].as_f64().unwrap());
        assert!((written - measured).abs() <= SLACK, "{articles}: {measured:.3}, {written:.3} written down");
    }
}

/// The titles of made-up accounts that the shipped topic takes, on a day of November 2021.
fn taken(folder: &Path, accounts: &[(&str, &str)]) -> Vec<String> {
    let file: PathBuf = folder.join("accounts.jsonl");
    let line = |(n, (lang, text)): (usize, &(&str, &str))| {
        let (title, text) = text.split_once(" | ").expect("a title and a text");
        let url = format!("https://paper{n}.example/{n}");
        json!({"id": title, "url": url, "lang": lang, "published": "2021-11-04", "title": title, "text": text})
            .to_string()
    };
    let lines: Vec<String> = accounts.iter().enumerate().map(line).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let mut tidings = Command::new(env!("CARGO_BIN_EXE_tidings"));
    tidings.arg("backtest").arg("--config").arg(root().join("config/resolution.toml")).arg("--articles").arg(&file);
    let output = tidings.args(["--topic", "resolution", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = String::from_utf8(output.stdout).unwrap();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter(|row| !row["event"].is_null()).map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Accounts of the resolution, in other words than those it was judged by.
const ON_TOPIC: [(&str, &str); 22] = [
    (
        "en",
        "UN committee backs US-Russian text on cyber norms | The General Assembly's disarmament committee approved without a vote a resolution co-sponsored by Russia and the United States that endorses rules for states in cyberspace.",
    ),
    (
        "en",
        "Washington and Moscow unite behind UN cybersecurity resolution | Diplomats call the joint text, tabled in the First Committee, a first in two decades of rivalry over rules for ICTs.",
    ),
    (
        "en",
        "Rivals find common ground on cyberspace at the United Nations | The United States and Russia put forward a joint draft resolution on responsible behaviour of states in the use of information and communications technologies.",
    ),
    (
        "en",
        "General Assembly adopts consensus cyber resolution | Drafted by the Russian Federation and the United States, A/RES/76/19 welcomes the reports of both expert groups.",
    ),
    (
        "ru",
        "Первый комитет Генассамблеи ООН одобрил совместный проект России и США по кибербезопасности | Документ о правилах поведения государств в киберпространстве принят консенсусом.",
    ),
    (
        "ru",
        "Москва и Вашингтон представили в ООН общий документ об информационной безопасности | Проект резолюции Генеральной Ассамблеи подготовили совместно Россия и США, сообщил дипломат.",
    ),
    (
        "ru",
        "В ООН приняли российско-американскую резолюцию о поведении в сети | Генассамблея ООН без голосования приняла резолюцию, внесенную РФ и США, по международной информационной безопасности.",
    ),
    (
        "uk",
        "США і Росія внесли до ООН спільну резолюцію з кібербезпеки | Проєкт резолюції Генасамблеї ООН про відповідальну поведінку держав у кіберпросторі подали обидві країни.",
    ),
    (
        "de",
        "USA und Russland bringen gemeinsame Resolution zur Cybersicherheit ein | In der Generalversammlung der Vereinten Nationen werben Moskau und Washington für Regeln im Cyberraum.",
    ),
    (
        "de",
        "Uno nimmt russisch-amerikanische Resolution zu Cybernormen an | Die Vollversammlung billigte den Text von Russland und den USA ohne Abstimmung.",
    ),
    (
        "fr",
        "Moscou et Washington présentent une résolution commune sur la cybersécurité à l'ONU | Le projet de résolution de la Russie et des États-Unis porte sur le comportement responsable des États dans le cyberespace.",
    ),
    (
        "fr",
        "Cyberespace : l'Assemblée générale adopte une résolution russo-américaine | Les Nations unies ont adopté sans vote le texte déposé par la Russie et les États-Unis sur la sécurité de l'information.",
    ),
    (
        "es",
        "Rusia y Estados Unidos presentan una resolución conjunta sobre ciberseguridad en la ONU | El proyecto promueve el comportamiento responsable de los Estados en el ciberespacio.",
    ),
    (
        "es",
        "La Asamblea General aprueba la resolución de EEUU y Rusia sobre el ciberespacio | Naciones Unidas adoptó sin votación el texto impulsado por Washington y Moscú.",
    ),
    (
        "pt",
        "Assembleia Geral da ONU aprova resolução de EUA e Rússia sobre cibersegurança | O texto conjunto de Rússia e Estados Unidos trata do comportamento responsável no ciberespaço.",
    ),
    (
        "it",
        "Onu, risoluzione congiunta di Russia e Stati Uniti sulla cybersicurezza | La bozza di risoluzione di Russia e Stati Uniti è stata presentata al primo comitato dell'Assemblea generale.",
    ),
    (
        "cs",
        "Valné shromáždění OSN přijalo rezoluci USA a Ruska o kyberbezpečnosti | Text, který předložily Rusko a Spojené státy, byl schválen bez hlasování.",
    ),
    (
        "pl",
        "Rosja i USA zgłosiły w ONZ wspólną rezolucję o cyberbezpieczeństwie | Projekt rezolucji Rosji i Stanów Zjednoczonych trafił do komitetu Zgromadzenia Ogólnego.",
    ),
    (
        "vi",
        "Nga và Mỹ trình nghị quyết chung về an ninh mạng | Dự thảo nghị quyết của Nga và Mỹ được đưa ra Đại hội đồng Liên hợp quốc.",
    ),
    (
        "zh",
        "俄罗斯和美国向联合国提交网络安全决议草案 | 俄罗斯与美国共同提出的决议草案获得联合国大会第一委员会通过,涉及网络空间负责任国家行为。",
    ),
    (
        "ar",
        "روسيا والولايات المتحدة تقدمان مشروع قرار مشترك بشأن الأمن السيبراني | قدمت روسيا والولايات المتحدة مشروع القرار إلى الجمعية العامة للأمم المتحدة.",
    ),
    (
        "ja",
        "米ロ、国連にサイバー決議案を共同提出 | 米国とロシアは国連総会の第1委員会に、サイバー空間での責任ある行動に関する決議案を提出した。",
    ),
];

/// Accounts that share its words and tell of something else.
const OFF_TOPIC: [(&str, &str); 8] = [
    (
        "en",
        "Russian resolution on cybercrime passes UN vote | The General Assembly approved a text of Moscow on an ad hoc committee over the objections of the United States.",
    ),
    (
        "en",
        "US and Russia hold talks on ransomware | Officials met in Geneva to speak of cyber attacks and of arms control.",
    ),
    (
        "en",
        "Security Council rejects draft resolution on Syria | Russia vetoed the text; the United States called the vote shameful at the United Nations.",
    ),
    (
        "ru",
        "Генассамблея ООН приняла резолюцию о героизации нацизма | Против российского проекта голосовали США и Украина.",
    ),
    ("ru", "США обвинили Россию в кибератаке | Вашингтон готовит новые санкции против российских хакеров."),
    (
        "de",
        "USA verhängen Sanktionen gegen Russland wegen Cyberangriffen | Washington wirft Moskau Angriffe auf Netze der Regierung vor.",
    ),
    (
        "fr",
        "La Russie étonnée par le sommet américain sur les rançongiciels | Trente pays réunis par les États-Unis sans Moscou.",
    ),
    ("es", "Rusia y EEUU hablan de ciberataques en Ginebra | La reunión siguió a la cumbre de junio."),
];

#[test]
fn accounts_in_other_words_and_languages_are_on_the_first_topic_and_their_neighbours_off_it() {
    let folder = tempfile::tempdir().unwrap();
    let on = taken(folder.path(), &ON_TOPIC);
    let title = |(_, text): &&(&str, &str)| text.split(" | ").next().unwrap_or_default().to_owned();
    let missed: Vec<String> = ON_TOPIC.iter().map(|a| title(&a)).filter(|title| !on.contains(title)).collect();
    assert!(missed.is_empty(), "missed: {missed:#?}");
    assert_eq!(taken(folder.path(), &OFF_TOPIC), [] as [&str; 0]);
}
