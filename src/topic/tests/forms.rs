//! Which forms and spellings a word of a query stands for, and which words that look alike it doesn't.

use crate::topic::{Query, StoryText, explain};

/// Each query is on one of the titles, both ways where it is a word.
fn check(lang: &str, alike: &[(&str, &str)], unlike: &[(&str, &str)]) {
    let holds = |query: &str, title: &str| {
        let query = Query::parse(query).unwrap_or_else(|errors| panic!("{query}: {errors:?}"));
        explain(&query, &StoryText { title, text: "", lang: Some(lang), publisher: "p.example" }).holds
    };
    for (one, other) in alike {
        assert!(holds(one, &format!("2 {other} here")), "{one} should find {other} in {lang}");
        assert!(holds(other, &format!("2 {one} here")), "{other} should find {one} in {lang}");
    }
    for (one, other) in unlike {
        assert!(!holds(one, &format!("2 {other} here")), "{one} should not find {other} in {lang}");
        assert!(!holds(other, &format!("2 {one} here")), "{other} should not find {one} in {lang}");
    }
}

#[test]
fn a_noun_stands_for_its_other_number() {
    check(
        "fr",
        &[
            ("conflit", "conflits"),
            ("loi", "lois"),
            ("emploi", "emplois"),
            ("élu", "élus"),
            ("détenu", "détenus"),
            ("euro", "euros"),
            ("vidéo", "vidéos"),
            ("convoi", "convois"),
            ("feu", "feux"),
            ("travail", "travaux"),
            ("œil", "yeux"),
            ("danger", "dangers"),
        ],
        &[("pari", "Paris"), ("foi", "fois"), ("mai", "mais"), ("pa", "pas"), ("email", "emaux"), ("mail", "maux")],
    );
    check(
        "pt",
        &[
            ("hospital", "hospitais"),
            ("federal", "federais"),
            ("míssil", "mísseis"),
            ("civil", "civis"),
            ("lei", "leis"),
            ("refém", "reféns"),
            ("ordem", "ordens"),
        ],
        &[("pai", "países"), ("pai", "país"), ("mal", "mais"), ("bem", "leis")],
    );
    check(
        "es",
        &[("mujer", "mujeres"), ("joven", "jóvenes"), ("rehén", "rehenes"), ("régimen", "regímenes")],
        &[("mar", "mártires")],
    );
    check(
        "it",
        &[("uomo", "uomini"), ("italiano", "italiana"), ("americano", "americane"), ("israeliani", "israeliano")],
        &[("Milano", "Milani")],
    );
    check(
        "de",
        &[("Geisel", "Geiseln"), ("Virus", "Viren"), ("Konto", "Konten"), ("Museum", "Museen")],
        &[("Markus", "Marken"), ("Bremen", "Brema")],
    );
}

#[test]
fn irregular_nouns_of_english_stand_for_their_other_number_and_no_verb() {
    check(
        "en",
        &[
            ("wife", "wives"),
            ("bus", "buses"),
            ("gas", "gases"),
            ("man", "men"),
            ("woman", "women"),
            ("policeman", "policemen"),
            ("child", "children"),
            ("person", "people"),
            ("crisis", "crises"),
            ("thief", "thieves"),
            ("index", "indices"),
        ],
        &[
            ("life", "live"),
            ("Oman", "omen"),
            ("base", "basis"),
            ("us", "uses"),
            ("prix", "prices"),
            ("leaf", "leave"),
            ("human", "men"),
        ],
    );
}

#[test]
fn a_case_finds_the_first_case() {
    check(
        "uk",
        &[("Києва", "Київ"), ("Харкова", "Харків"), ("Львова", "Львів"), ("ночі", "ніч"), ("дня", "день")],
        &[("мова", "мив")],
    );
    check(
        "ru",
        &[
            ("бойцов", "боец"),
            ("церкви", "церковь"),
            ("дни", "день"),
            ("Пескова", "Песков"),
            ("окон", "окно"),
            ("писем", "письмо"),
        ],
        &[("рока", "рик"), ("рек", "ракета")],
    );
}

#[test]
fn a_word_is_found_where_it_is_written_in_two_and_two_where_they_are_in_one() {
    check(
        "en",
        &[
            ("cybersecurity", "cyber-security"),
            ("cyber-security", "\"cyber security\""),
            ("email", "E-mail"),
            ("F-16", "F16"),
            ("F-16", "F-16s"),
            ("F16", "F-16s"),
            ("F16s", "F-16"),
            ("G7", "G\u{2011}7"),
        ],
        &[
            ("\"the rapist\"", "therapist"),
            ("\"vitamin a\"", "vitamina"),
            ("cybersecurity", "cyber security"),
            ("31", "3-1"),
            ("20202021", "2020-2021"),
            ("F-16", "F-160"),
            ("'email'", "'E-mail'"),
            ("security", "cybersecurity"),
        ],
    );
    // What stands behind it still stands behind it.
    check(
        "en",
        &[("\"cybersecurity rules\"", "cyber-security rules")],
        &[("\"cybersecurity rules\"", "cyber-security without rules")],
    );
    check("en", &[], &[("cyberx*", "cyber-security"), ("\"cyber sec*\"", "cyberspace")]);
    let holds = |query: &str| {
        let story = StoryText { title: "A cyber-security law", text: "", lang: Some("en"), publisher: "p.example" };
        explain(&Query::parse(query).unwrap(), &story).holds
    };
    assert!(holds("cybersec*") && holds("cyber-sec*") && holds("security") && holds("\"cyber law\"~1"));
}

#[test]
fn a_number_is_found_however_its_groups_are_parted() {
    check(
        "en",
        &[
            ("1000", "1,000"),
            ("1000", "1.000"),
            ("1000", "\"1\u{202f}000\""),
            ("1,000", "\"1 000\""),
            ("1234567", "1,234,567"),
            ("1,234,567", "1.234.567"),
        ],
        &[
            ("1000", "1,0000"),
            ("1000", "10,00"),
            ("000", "1000"),
            ("2021100", "2021 100"),
            ("234567", "1,234"),
            ("1000", "1, 000"),
        ],
    );
}

#[test]
fn a_name_is_found_with_its_letters_written_out() {
    check(
        "de",
        &[("Müller", "Mueller"), ("Zürich", "Zuerich"), ("Goebbels", "Göbbels")],
        &[("Poet", "Pot"), ("Mueller", "Muller")],
    );
    check(
        "en",
        &[("Djokovic", "Đoković"), ("Koeln", "Köln"), ("Aarhus", "Århus")],
        &[("fuel", "ful"), ("Michael", "Michal")],
    );
}

#[test]
fn an_explanation_gives_the_words_of_the_story_and_the_query_as_written() {
    let topic = crate::model::TopicKey::parse("t").unwrap();
    let reasons = |query: &str, title: &str| {
        let matcher = crate::topic::Matcher::new(&[(topic.clone(), Query::parse(query).unwrap())]);
        let found = matcher.matches(&StoryText { title, text: "", lang: Some("en"), publisher: "p.example" });
        let only = found.first().expect("it holds");
        let marked: Vec<_> = only.title_marks.iter().map(|r| title.get(r.clone()).unwrap_or("?")).collect();
        format!("{} [{}]", only.reasons.join("; "), marked.join("|"))
    };
    assert_eq!(
        reasons("cybersecurity", "EU cyber-security law"),
        "title has \"cyber-security\" (cybersecurity) [cyber-security]"
    );
    assert_eq!(
        reasons("\"cyber security\"", "A Cybersecurity law"),
        "title has \"Cybersecurity\" (\"cyber security\") [Cybersecurity]"
    );
    assert_eq!(
        reasons("woman 1000", "Over 1,000 women"),
        "title has \"women\" (woman); title has \"1,000\" (1000) [1,000|women]"
    );
}

#[test]
fn british_and_american_spellings_are_one_word() {
    check(
        "en",
        &[
            ("defence", "defense"),
            ("defence", "defenses"),
            ("labour", "labor"),
            ("neighbouring", "neighboring"),
            ("programme", "program"),
            ("programmes", "programs"),
            ("centre", "center"),
            ("organisation", "organization"),
            ("organisation", "organizations"),
            ("organised", "organizes"),
            ("colour", "colors"),
            ("analyse", "analyzed"),
            ("theatre", "theaters"),
        ],
        &[("offence", "offensive"), ("four", "for"), ("wise", "wize"), ("realised", "realism"), ("hour", "hor")],
    );
}

#[test]
fn british_and_american_spellings_are_one_in_english_alone() {
    check("de", &[], &[("Labor", "Labour"), ("Center", "Centre"), ("Program", "Programme")]);
    check("es", &[], &[("sabre", "saber"), ("labor", "labour")]);
    check("fr", &[], &[("licence", "license"), ("meter", "metre")]);
}
