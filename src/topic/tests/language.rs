//! The query language: what holds, what is refused, and what is said about it.

use proptest::prelude::*;
use tantivy_query_grammar::{Occur, UserInputAst, UserInputLeaf, parse_query};

use crate::model::TopicKey;
use crate::topic::{Matcher, Query, StoryText, explain};

const ENGLISH: StoryText<'static> = StoryText {
    title: "Russia and US submit a joint resolution",
    text: "The U.S. delegation put draft A/C.1/76/L.13 before the First Committee. Don't expect cyber-security treaties.",
    lang: Some("en"),
    publisher: "press.un.org",
};
const RUSSIAN: StoryText<'static> = StoryText {
    title: "Генассамблея приняла резолюцию России и США",
    text: "Её совместный проект о кибербезопасности одобрен.",
    lang: Some("ru"),
    publisher: "www.rbc.ru",
};
const UKRAINIAN: StoryText<'static> =
    StoryText {
        title: "ООН ухвалила резолюцію щодо кіберзлочинності", text: "", lang: Some("uk"), publisher: "ua"
    };
const CHINESE: StoryText<'static> =
    StoryText {
        title: "联合国大会通过网络安全决议", text: "俄罗斯与美国", lang: Some("zh"), publisher: "新华社"
    };
const FRENCH: StoryText<'static> =
    StoryText {
        title: "Les résolutions de l’ONU", text: "à l’Assemblée générale", lang: Some("fr"), publisher: "x"
    };

fn holds(query: &str, story: &StoryText<'_>) -> bool {
    let query = Query::parse(query).unwrap_or_else(|errors| panic!("{query}: {errors:?}"));
    explain(&query, story).holds
}

fn check(story: &StoryText<'_>, yes: &[&str], no: &[&str]) {
    for query in yes {
        assert!(holds(query, story), "{query} should hold for {}", story.title);
    }
    for query in no {
        assert!(!holds(query, story), "{query} should not hold for {}", story.title);
    }
}

#[test]
fn words_side_by_side_must_all_be_there() {
    check(&ENGLISH, &["russia resolution", "committee RUSSIA", "+russia +us"], &["russia china", "+russia +china"]);
}

#[test]
fn not_binds_before_and_and_and_before_or() {
    check(
        &ENGLISH,
        &[
            "china OR russia us",
            "russia us OR china",
            "NOT china russia",
            "russia -china",
            "russia !china",
            "a || b && russia",
        ],
        &["(china OR russia) japan", "russia NOT us", "russia -(us OR china)"],
    );
    check(
        &ENGLISH,
        &["russia NOT NOT us", "NOT (china OR japan) russia", "* NOT china"],
        &["* NOT russia", "NOT * russia"],
    );
}

fn titled<'a>(title: &'a str, lang: &'static str) -> StoryText<'a> {
    StoryText { title, text: "", lang: Some(lang), publisher: "p.example" }
}

#[test]
fn names_are_found_in_every_case_of_theirs() {
    for (query, title) in [
        ("Корея", "Посол Северной Кореи вызван в МИД"),
        ("Китай", "Глава Китая прибыл, с Китаем говорят, в Китае ждут"),
        ("\"генеральный ассамблея\"~1", "Заседание Генеральной Ассамблеи ООН"),
        ("генассамблея", "Проект внесён в Генассамблею"),
        ("Лавров", "Встреча с Лавровым"),
        ("Медведев", "Ответ Медведева"),
        ("Иран", "Переговоры об Иране"),
        ("Эрдоган", "Путин встретился с Эрдоганом"),
        ("Беларусь", "Границы Беларуси"),
        ("Россия", "Россией внесён проект"),
    ] {
        check(&titled(title, "ru"), &[query], &["корень китаец"]);
    }
    for (query, title) in [
        ("Корея", "Посол Кореї"),
        ("Асамблея", "Сесія Асамблеї"),
        ("Київ", "Влада Києва"),
        ("Харків", "Оборона Харкова"),
        ("Львів", "У Львові тихо"),
        ("безпека", "У безпеці"),
    ] {
        check(&titled(title, "uk"), &[query], &[]);
    }
}

#[test]
fn vowels_that_come_and_go_part_no_word_from_its_forms() {
    for (query, title) in [
        ("рынок", "На рынке нефти тихо"),
        ("боец", "Бойцов сменили"),
        ("палестинец", "Ранены два палестинца"),
        ("посёлок", "Жители посёлка"),
        ("день", "Через три дня"),
        ("огонь", "Прекращение огня"),
        ("посол", "Высылка посла"),
        ("сделка", "Несколько сделок"),
        ("поставки", "Срыв поставок"),
        ("церковь", "У церкви"),
        ("голосовать", "Дума голосует"),
    ] {
        check(&titled(title, "ru"), &[query], &["стол"]);
    }
    for (query, title) in [
        ("договір", "Текст договору"),
        ("рівень", "На рівні міністрів"),
        ("рік", "За два роки"),
        ("ніч", "Уночі, тієї ночі"),
        ("бій", "Після боїв"),
        ("схід", "На сході"),
        ("Тернопіль", "Мер Тернополя"),
        ("українець", "Сотні українців"),
        ("голосувати", "Рада голосує"),
    ] {
        check(&titled(title, "uk"), &[query], &["стіл"]);
    }
    check(&titled("Резолюцията на президентът", "bg"), &["резолюция", "президент"], &[]);
}

#[test]
fn what_is_written_together_with_a_word_parts_it_from_no_story() {
    for (lang, query, title) in [
        ("ar", "انتخابات", "نتائج الانتخابات"),
        ("ar", "وزير", "الوزير لم يحضر"),
        ("ar", "قرار", "والقرار لم ينشر"),
        ("ar", "قرار", "قرارات جديدة"),
        ("ar", "الجمعية", "والجمعية اجتمعت"),
        ("ar", "روسيا", "لروسيا موقف"),
        ("fa", "قطعنامه", "قطعنامه‌های تازه"),
        ("he", "ישראל", "בישראל ישבו"),
        ("he", "החלטה", "להחלטות"),
    ] {
        check(&titled(title, lang), &[query], &["دولة", "ממשלה"]);
    }
}

#[test]
fn plurals_whose_accents_move_and_slavic_cases_are_forms_of_a_word() {
    for (lang, query, title) in [
        ("es", "resolución", "Las resoluciones"),
        ("es", "resoluciones", "LA RESOLUCION"),
        ("es", "francés", "Los franceses"),
        ("es", "juez", "Tres jueces"),
        ("pt", "resolução", "As resoluções"),
        ("pt", "cidadao", "Os cidadãos"),
        ("ro", "rezoluție", "Textul rezoluţiei"),
        ("tr", "karar", "Mahkeme kararı"),
        ("tr", "seçim", "Seçimler"),
        ("hu", "határozat", "A határozatot"),
        ("nl", "resolutie", "Twee resoluties"),
        ("pl", "Rada", "Posiedzenie Rady o Radzie"),
        ("pl", "rezolucja", "Tekst rezolucji"),
        ("pl", "Kraków", "W Krakowie"),
        ("cs", "Praha", "V Praze"),
        ("sk", "Fico", "S Ficom"),
        ("hr", "rezolucija", "Tekst rezolucije"),
        ("pl", "Kijów", "Mer Kijowa"),
    ] {
        check(&titled(title, lang), &[query], &["revolver"]);
    }
    // Forms that are other words, and words that say nothing.
    check(&titled("После встречи на месте у реки", "ru"), &["после", "место"], &["посол", "міст", "рік"]);
    check(
        &titled("Prawie w tym miejscu mały lud wzbudzi", "pl"),
        &["miejsce"],
        &["prawo", "miejska", "Mali", "ludowy", "budowa"],
    );
    // What ends so in English ends otherwise there.
    check(&titled("Pragmatic ministers of Poland", "en"), &["ministers"], &["praga", "polan"]);
}

#[test]
fn initials_are_a_word_with_their_dots_and_without() {
    let dotted = titled("U.S. president told the U.N. what J.K. Rowling wrote, e.g. U.S", "en");
    let all = [
        "'US'",
        "US",
        "U.S.",
        "'U.N.'",
        "UN",
        "\"US president\"",
        "\"U.S. president\"",
        "\"J.K. Rowling\"",
        "JK",
        "EG",
    ];
    check(&dotted, &all, &["N", "USA", "\"K Rowling\""]);
    let plain = titled("US president told the UN what JK Rowling wrote", "en");
    check(&plain, &["'U.S.'", "\"U.S. president\"", "U.N.", "\"J.K. Rowling\""], &["U", "S"]);
    let ends = titled("It was plan B. I saw it. A.b.cde is a name, as is J. K. Rowling", "en");
    check(&ends, &["\"B I saw\"", "cde", "\"J. K. Rowling\""], &["BI"]);
}

#[test]
fn an_apostrophe_parts_words_however_it_is_written() {
    for title in ["Організація Об'єднаних Націй", "Організація Об’єднаних Націй", "Організація Обʼєднаних Націй"]
    {
        check(&titled(title, "uk"), &["\"Об'єднаних Націй\"", "\"Обʼєднаних Націй\"", "Об’єднані"], &[]);
    }
}

#[test]
fn words_stand_for_all_their_forms_in_the_language_of_the_story() {
    check(&ENGLISH, &["resolutions", "submitting", "DRAFTS"], &["resolving"]);
    check(&RUSSIAN, &["резолюция", "россия", "ее", "кибербезопасность", "приняли"], &["резолют"]);
    check(&UKRAINIAN, &["резолюція", "резолюции", "кіберзлочинність"], &["кібер"]);
    check(&FRENCH, &["resolution", "ONU", "assemblees", "générales"], &["revolution"]);
}

#[test]
fn phrases_ask_for_order_and_proximity_does_not() {
    check(
        &ENGLISH,
        &["\"joint resolutions\"", "“submit a joint”", "\"resolution russia\"~5"],
        &["\"resolution joint\"", "\"russia resolution\"~4"],
    );
    check(&RUSSIAN, &["\"резолюция россии\"", "\"сша|америка генассамблея|ассамблея\"~4"], &["\"сша генассамблея\"~3"]);
    check(&ENGLISH, &[], &["\"resolution delegation\"~50"]);
}

#[test]
fn prefixes_hold_for_the_start_of_folded_words_alone_and_in_phrases() {
    check(&UKRAINIAN, &["кібер*", "\"резолюц* щодо кібер*\"", "КІБЕР*"], &["злочин*", "\"кібер* резолюц*\""]);
    check(&ENGLISH, &["cyber-sec*", "re*"], &["cyber-tr*"]);
}

#[test]
fn what_is_written_together_is_a_phrase() {
    check(
        &ENGLISH,
        &["A/C.1/76/L.13", "\"A/C.1/76/L.13\"", "U.S.", "don't", "cyber-security"],
        &["A/C.1/76/L.14", "security-cyber"],
    );
    check(
        &CHINESE,
        &["网络安全", "安全", "\"网络安全 决议\"", "联", "publisher:新华社"],
        &["网安", "安全网络", "\"网络安全 通过\""],
    );
    check(&CHINESE, &["聯合國", "網絡安全", "俄羅斯"], &["臺灣"]);
    check(&titled("聯合國大會通過網絡安全決議", "zh"), &["联合国", "网络安全"], &["台湾"]);
    check(&FRENCH, &["l'ONU", "\"de l'ONU\""], &["d'ONU"]);
}

#[test]
fn single_quotes_ask_for_the_very_spelling() {
    check(&ENGLISH, &["'US'", "'First Committee'", "'resolution'"], &["'us'", "'resolutions'", "'first Committee'"]);
    check(&StoryText { title: "Tell us", ..FRENCH }, &["us"], &["'US'"]);
}

#[test]
fn fields_say_where() {
    check(
        &ENGLISH,
        &["title:russia", "text:delegation", "title:(russia OR china) lang:en", "text:\"first committee\""],
        &["title:delegation", "text:joint", "lang:ru"],
    );
    check(
        &ENGLISH,
        &["publisher:un.org", "publisher:press.un.org", "publisher:UN.ORG", "lang:en-GB", "lang:ru|en"],
        &["publisher:n.org", "publisher:ru", "-publisher:un.org russia"],
    );
    check(
        &RUSSIAN,
        &["publisher:rbc.ru", "publisher:www.rbc.ru", "lang:(uk OR ru)"],
        &["title:(ее OR резолюция кибербезопасность)"],
    );
}

#[test]
fn comments_reach_to_the_end_of_the_line() {
    check(&ENGLISH, &["# the parties\nrussia us # and more ) \"\n resolution"], &["china # russia"]);
}

fn check_fault(query: &str, at: &str, message: &str) {
    let errors = Query::parse(query).expect_err(query);
    let found: Vec<_> = errors.iter().map(|e| (query.get(e.span.clone()).unwrap_or("?"), e.message.as_str())).collect();
    assert_eq!(found, [(at, message)], "of {query}");
    assert!(errors.iter().all(|e| !e.help.is_empty()));
}

#[test]
fn each_fault_has_its_place_and_a_reason() {
    check_fault("", "", "an empty query");
    check_fault("a (b OR c", "(", "a parenthesis that is never closed");
    check_fault("a) b", ")", "a closing parenthesis that was never opened");
    check_fault("a ()", "()", "empty parentheses");
    check_fault("a \"b c", "\"", "a quote that is never closed");
    check_fault("a 'b", "'", "a quote that is never closed");
    check_fault("a OR", "OR", "OR with nothing beside it");
    check_fault("OR a", "OR", "OR with nothing beside it");
    check_fault("a AND AND b", "AND", "AND with nothing beside it");
    check_fault("a NOT", "NOT", "NOT with nothing after it");
    check_fault("titel:a", "titel:", "no field is called titel");
    check_fault("title: a", "title:", "nothing after title:");
    check_fault("https://un.org", "https:", "no field is called https");
    check_fault("day [a TO b] c", "[a TO b]", "a range or a set");
    check_fault("a >5", ">5", "a comparison");
    check_fault("cyber^2", "^2", "a weight");
    check_fault("/re.*x/", "/re.*x/", "a regular expression");
    check_fault("a AND /re.x/", "/re.x/", "a regular expression");
    check_fault("c* OR a", "c*", "a prefix of one letter");
    check_fault("word~1", "word~1", "a fuzzy word");
    check_fault("\"a b\"~x", "~", "a distance that is no number");
    check_fault("\"word\"~5", "\"word\"~5", "a distance of one word");
    check_fault("russia and us", "and", "an operator in small letters");
    check_fault("cy*er", "cy*er", "a * that does not end a word");
    check_fault("c*", "c*", "a prefix of one letter");
    check_fault("russia —", "—", "no word in this");
    check_fault(
        "\"US|United-States resolution\"",
        "\"US|United-States resolution\"",
        "alternatives of several words in US|United-States",
    );
    check_fault("-nazism NOT war", "-nazism NOT war", "only what a story must not have");
    check_fault("russia OR -war", "-war", "only what a story must not have");
}

#[test]
fn all_faults_are_told_at_once() {
    let errors = Query::parse("titel:russia [2 TO 3] (us AND) cyber^3 c*").expect_err("five faults");
    let messages: Vec<_> = errors.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "no field is called titel",
            "a range or a set",
            "AND with nothing beside it",
            "a weight",
            "a prefix of one letter"
        ]
    );
    assert!(errors.first().is_some_and(|e| e.help.contains("did you mean title:?")));
}

#[test]
fn limits_are_told_and_kept() {
    check_fault(&"a ".repeat(8_193), &"a ".repeat(8_193), "a query of 16386 bytes");
    check_fault(&"a ".repeat(1_001), "a ".repeat(1_001).trim_end(), "a query of 1001 words");
    let deep = |depth| Query::parse(&("(".repeat(depth) + "a" + &")".repeat(depth))).map_err(|e| e.len());
    assert!(deep(60).is_ok());
    assert_eq!(deep(8_000), Err(1));
    assert_eq!(Query::parse(&"NOT ".repeat(4_000)).map_err(|e| e.len()), Err(1));
}

#[test]
fn a_match_says_by_which_words() {
    let topic = TopicKey::parse("r").expect("a good name");
    let query = Query::parse("резолюция (\"сша россия\"~2 OR китай) кибер* lang:ru").expect("a good query");
    let matches = Matcher::new(&[(topic, query)]).matches(&RUSSIAN);
    let [only] = matches.as_slice() else { panic!("one match, not {matches:?}") };
    assert_eq!(
        only.reasons,
        [
            "title has \"резолюцию\" (резолюция)",
            "title has \"России США\" (\"сша россия\"~2)",
            "text has \"кибербезопасности\" (кибер*)",
            "lang:ru holds",
        ]
    );
    let marked: Vec<_> = only.title_marks.iter().map(|r| RUSSIAN.title.get(r.clone()).unwrap_or("?")).collect();
    assert_eq!(marked, ["резолюцию", "России", "США"]);
}

#[test]
fn an_explanation_shows_which_parts_hold() {
    let query = Query::parse("(russia OR china) (un treaty) -veto").expect("a good query");
    let explanation = explain(&query, &ENGLISH);
    let lines: Vec<_> = explanation.clauses.iter().map(|(text, holds)| format!("{holds} {text}")).collect();
    assert_eq!(
        lines,
        [
            "false all of:",
            "true   (russia OR china)",
            "false   all of:",
            "false     un",
            "true     treaty",
            "true   -veto"
        ]
    );
}

/// Evaluates what the established grammar read, for words that stand in the title or not.
fn reference(ast: &UserInputAst, title: &str) -> bool {
    match ast {
        UserInputAst::Boost(inner, _) => reference(inner, title),
        UserInputAst::Leaf(leaf) => match leaf.as_ref() {
            UserInputLeaf::Literal(literal) => title.split(' ').any(|w| w == literal.phrase),
            UserInputLeaf::All
            | UserInputLeaf::Range { .. }
            | UserInputLeaf::Set { .. }
            | UserInputLeaf::Exists { .. }
            | UserInputLeaf::Regex { .. } => panic!("only words were written"),
        },
        UserInputAst::Clause(list) => {
            let with = |occur| list.iter().filter(move |(o, _)| *o == Some(occur)).map(|(_, c)| reference(c, title));
            let required = with(Occur::Must).all(|holds| holds) && !with(Occur::MustNot).any(|holds| holds);
            let has_must = list.iter().any(|(o, _)| matches!(o, Some(Occur::Must | Occur::MustNot)));
            required && (has_must || with(Occur::Should).any(|holds| holds))
        }
    }
}

fn expression() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["ka", "ko", "ku", "ki"]).prop_map(str::to_owned);
    word.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|v| format!("({})", v.join(" AND "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|v| format!("({})", v.join(" OR "))),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} AND NOT {b})")),
        ]
    })
}

proptest! {
    #[test]
    fn plain_and_or_not_mean_what_the_established_grammar_reads(written in expression(), title in prop::sample::subsequence(vec!["ka", "ko", "ku", "ki"], 0..=4)) {
        let title = title.join(" ");
        let story = StoryText { title: &title, text: "", lang: None, publisher: "" };
        let ours = Query::parse(&written).expect("a good query");
        let theirs = parse_query(&written).expect("a good query");
        prop_assert_eq!(explain(&ours, &story).holds, reference(&theirs, &title), "{}", written);
    }

    #[test]
    fn no_text_makes_the_parser_panic_or_point_outside(text in "(\\(|\\)|\"|'|~|\\*|:|\\||\\^|-|\\+|!|#|AND|OR|NOT|title:|lang:|«|»|网|é|a|9|\\\\| |\n|\\PC){0,40}") {
        match Query::parse(&text) {
            Ok(query) => { explain(&query, &ENGLISH); }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                prop_assert!(errors.iter().all(|e| text.get(e.span.clone()).is_some()), "{:?}", errors);
            }
        }
    }
}

#[test]
fn typographic_single_quotes_mean_a_word_as_it_is_spelled() {
    let us = StoryText { title: "The US votes", text: "", lang: Some("en"), publisher: "x" };
    let them = StoryText { title: "They tell us", text: "", lang: Some("en"), publisher: "x" };
    for query in ["‘US’", "‚US‘", "title:‘US’", "votes ‘US’"] {
        assert!(holds(query, &us), "{query}");
        assert!(!holds(query, &them), "{query}");
    }
    let dont = StoryText { title: "Don’t vote", text: "", lang: Some("en"), publisher: "x" };
    check(&dont, &["don’t", "vote don’t", "‘Don’t vote’", "‘vote"], &["‘don’t’"]);
}

#[test]
fn persian_and_arabic_letters_for_yeh_and_kaf_are_one() {
    let persian = StoryText { title: "ایران و کابل", text: "", lang: Some("fa"), publisher: "x" };
    let arabic = StoryText { title: "ايران وكابل", text: "", lang: Some("ar"), publisher: "x" };
    check(&persian, &["ايران", "ایران", "كابل", "کابل"], &[]);
    check(&arabic, &["ایران", "ايران"], &[]);
    // A name is no preposition, though they look alike.
    let on = StoryText { title: "على الطاولة", text: "", lang: Some("ar"), publisher: "x" };
    check(&on, &["على"], &["'علي'"]);
}

#[test]
fn a_language_that_no_story_is_named_by_is_doubted() {
    let doubts = |query: &str| {
        let of = |doubt: crate::topic::QueryError| {
            (query.get(doubt.span.clone()).unwrap_or_default().to_owned(), doubt.help)
        };
        Query::doubts(query).into_iter().map(of).collect::<Vec<_>>()
    };
    let code = |code: &str| format!("write the code of two letters (ISO 639-1): {code}");
    assert_eq!(doubts("moon lang:english"), [("lang:english".to_owned(), code("en, ru, zh"))]);
    assert_eq!(doubts("(moon OR mars) -lang:rus|eng"), [("-lang:rus|eng".to_owned(), code("ru|en"))]);
    for query in ["lang:en moon", "lang:en|eng moon", "lang:EN-gb|ru moon", "lang:mt moon", "\"lang:english\""] {
        assert_eq!(doubts(query), [], "{query}");
    }
}

#[test]
fn near_in_capitals_is_a_word_and_doubted_between_two_terms() {
    let near = StoryText { title: "Attack near Kyiv", text: "", lang: Some("en"), publisher: "x" };
    assert!(holds("attack NEAR Kyiv", &near));
    for query in ["attack NEAR Kyiv", "attack NEAR/5 \"in Kyiv\"", "un OR (attack NEAR Kyiv)"] {
        let doubts = Query::doubts(query);
        assert_eq!(doubts.len(), 1, "{query}");
        assert!(query.get(doubts[0].span.clone()).is_some_and(|at| at.starts_with("NEAR")), "{query}");
    }
    for query in [
        "attack near Kyiv",
        "NEAR OR Solana",
        "title:(ATTACK NEAR KYIV)",
        "attack \"NEAR\" Kyiv",
        "NEAR token",
        "(attack) NEAR (Kyiv)",
        "NEAR/x",
    ] {
        assert_eq!(Query::doubts(query), [], "{query}");
    }
}

#[test]
fn two_apostrophes_are_no_quotes_about_what_was_joined_by_operators() {
    let amran = StoryText { title: "Strikes on \u{2018}Amran", text: "", lang: Some("en"), publisher: "x" };
    let trial = StoryText { title: "\u{2018}Ndrangheta", text: "", lang: Some("en"), publisher: "x" };
    assert!(holds("(\u{2018}Amran OR Sana\u{2019})", &amran));
    assert!(holds("\u{2018}Ndrangheta OR \"bosses\u{2019} trial\"", &trial));
    // Where the bound cuts a word in two, its apostrophe closes nothing.
    for letters in 190..210 {
        let long =
            format!("\u{2018}{} don\u{2019}t", "a ".repeat(letters / 2) + if letters % 2 == 0 { "" } else { "b" });
        assert!(Query::parse(&long).is_ok(), "{letters}");
    }
}
