//! The shipped topic's query against the judged articles, where they lie beside the checkout.

use std::path::Path;

use crate::topic::{Query, StoryText, explain};

const SHIPPED: &str = include_str!("../../../config/resolution.toml");

/// The query as it stands in the shipped configuration.
fn shipped() -> &'static str {
    let (_, rest) = SHIPPED.split_once("query = '''\n").expect("the shipped topic has a query");
    rest.split_once("'''").expect("the query ends").0
}

#[test]
fn the_shipped_query_is_well_formed() {
    assert_eq!(Query::parse(shipped()).map(|q| q.as_str().len()), Ok(shipped().len()));
}

fn is_on_topic(lang: &str, title: &str) -> bool {
    let query = Query::parse(shipped()).expect("a good query");
    explain(&query, &StoryText { title, text: "", lang: Some(lang), publisher: "example.com" }).holds
}

fn check(lang: &str, yes: &str, no: &str) {
    assert!(is_on_topic(lang, yes), "on the topic: {yes}");
    assert!(!is_on_topic(lang, no), "not on the topic: {no}");
}

#[test]
fn the_shipped_query_knows_the_subject_in_each_language_by_headlines_of_our_own() {
    check(
        "en",
        "UN backs US-Russian draft resolution on rules for cyberspace",
        "US and Russia discuss a UN resolution on Syria",
    );
    check("ru", "ООН одобрила резолюцию США и РФ о кибербезопасности", "ООН обсудила резолюцию США и РФ по Сирии");
    check("uk", "ООН ухвалила спільну резолюцію США та Росії про кібербезпеку", "ООН ухвалила резолюцію США про Крим");
    check(
        "de",
        "UNO nimmt Resolution der USA und Russlands zur Cybersicherheit an",
        "USA und Russland streiten im UN-Sicherheitsrat",
    );
    check(
        "fr",
        "L'ONU adopte une résolution de la Russie et des États-Unis sur la cybersécurité",
        "La Russie accuse l'ONU",
    );
    check(
        "es",
        "La ONU aprueba una resolución de Rusia y EEUU sobre ciberseguridad",
        "Rusia y EEUU dialogan sobre Siria en la ONU",
    );
    check(
        "pt",
        "ONU aprova resolução da Rússia e dos EUA sobre cibersegurança",
        "Rússia e EUA na ONU: resolução sobre clima",
    );
    check(
        "it",
        "L'ONU adotta la risoluzione di Russia e Stati Uniti sulla cybersicurezza",
        "Russia e Stati Uniti all'ONU sulla Libia",
    );
    check(
        "cs",
        "OSN přijala rezoluci Ruska a USA o kybernetické bezpečnosti",
        "Rusko a USA jednají v OSN o rezoluci k Sýrii",
    );
    check("pl", "ONZ przyjęła rezolucję Rosji i USA o cyberbezpieczeństwie", "ONZ: rezolucja USA i Rosji o Syrii");
    check(
        "vi",
        "Liên hợp quốc thông qua nghị quyết của Nga và Mỹ về an ninh mạng",
        "Nga và Mỹ bàn về Syria tại Liên hợp quốc",
    );
    check("zh", "联合国大会通过俄罗斯和美国的网络安全决议", "联合国讨论美国和俄罗斯关系");
    check(
        "ar",
        "الأمم المتحدة تعتمد قرار روسيا والولايات المتحدة حول الأمن السيبراني",
        "روسيا والولايات المتحدة في الأمم المتحدة",
    );
}

#[test]
fn the_shipped_query_knows_the_subject_in_languages_that_few_of_its_sources_write() {
    check("tr", "ABD ve Rusya’dan BM’de ortak siber güvenlik kararı", "ABD ve Rusya’dan BM’de ortak Suriye kararı");
    check("ko", "미국과 러시아, 유엔에 사이버 결의안 공동 제출", "미국과 러시아, 유엔에서 시리아 결의안 논의");
    check("nl", "VS en Rusland dienen samen cyberresolutie in bij VN", "VS en Rusland praten bij de VN over Syrië");
    check("sv", "USA och Ryssland lägger gemensam cyberresolution i FN", "USA och Ryssland oense om Syrien i FN");
    check(
        "fa",
        "قطعنامه مشترک روسیه و آمریکا درباره امنیت سایبری در سازمان ملل",
        "قطعنامه آمریکا علیه روسیه در سازمان ملل",
    );
    check(
        "bg",
        "САЩ и Русия внесоха в ООН обща резолюция за киберсигурността",
        "САЩ и Русия спорят в ООН за резолюция",
    );
    check("sr", "Русија и САД поднеле УН заједничку резолуцију о сајбер безбедности", "Русија и САД у УН о Сирији");
}

#[test]
fn a_later_draft_of_russia_that_the_united_states_opposed_is_another() {
    check(
        "en",
        "US and Russia jointly back cyber norms text at UN",
        "UN committee adopts Russian cyber draft over objections of the US",
    );
    check("en", "Assembly adopts by consensus resolution 76/19", "EU on language of resolution 76/19");
    check(
        "ru",
        "Принятие в ООН совместной с США резолюции по МИБ — исторический момент",
        "Первый комитет ГА ООН принял российскую резолюцию по МИБ, США голосовали против",
    );
    check(
        "ru",
        "ГА ООН приняла резолюцию России и США против преступного использования ИТ",
        "ГА ООН приняла российскую резолюцию по МИБ вопреки возражениям США",
    );
    check(
        "de",
        "USA und Russland bringen gemeinsame Cyber-Resolution bei der UNO ein",
        "UNO nimmt russische Cyber-Resolution gegen Stimmen der USA an",
    );
}

#[derive(Default)]
struct Score {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Score {
    fn add(&mut self, is_relevant: bool, is_found: bool) {
        match (is_relevant, is_found) {
            (true, true) => self.right += 1,
            (false, true) => self.wrong += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    fn f1(&self) -> f64 {
        let right = f64::from(2 * self.right);
        right / (right + f64::from(self.wrong + self.missed)).max(1.0)
    }

    fn show(&self, name: &str) {
        let precision = f64::from(self.right) / f64::from((self.right + self.wrong).max(1));
        let recall = f64::from(self.right) / f64::from((self.right + self.missed).max(1));
        println!("{name:24} P {precision:.3} R {recall:.3} F1 {:.3}", self.f1());
    }
}

#[test]
fn the_shipped_query_finds_the_judged_articles() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/resolution/dev/articles.jsonl");
    // The only test here that needs a file; the room itself reads none.
    let read = std::fs::read_to_string(&file);
    let Ok(articles) = read else {
        println!("SKIPPED: no judged articles at {}", file.display());
        return;
    };
    let query = Query::parse(shipped()).expect("a good query");
    let [mut all, mut main, mut all_window, mut main_window] = [(); 4].map(|()| Score::default());
    for line in articles.lines() {
        let article: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
        let field = |name: &str| article.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let is_relevant = article.get("relevant").and_then(serde_json::Value::as_bool).expect("judged");
        let story = StoryText {
            title: field("title"),
            text: field("text"),
            lang: Some(field("lang")),
            publisher: field("publisher"),
        };
        let is_found = explain(&query, &story).holds;
        let is_main = matches!(field("lang"), "en" | "ru" | "uk");
        let is_in_window = ("2021-10-01".."2022-02-01").contains(&field("published"));
        for (score, counts) in [
            (&mut all, true),
            (&mut main, is_main),
            (&mut all_window, is_in_window),
            (&mut main_window, is_main && is_in_window),
        ] {
            if counts {
                score.add(is_relevant, is_found);
            }
        }
        if is_relevant != is_found {
            println!(
                "{} {} {} {}",
                if is_found { "wrong " } else { "missed" },
                field("lang"),
                field("published"),
                story.title
            );
        }
    }
    all.show("all, any date");
    main.show("en ru uk, any date");
    all_window.show("all, Oct 2021-Jan 2022");
    main_window.show("en ru uk, in the window");
    assert!(main_window.f1() >= 0.90 && all_window.f1() >= 0.85);
}
