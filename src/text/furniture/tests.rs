//! What goes and what stays, on lines of our own making.

use proptest::prelude::*;

use super::super::Tokens;
use super::prose;

/// What is left of a text.
fn left(text: &str) -> String {
    let tokens = Tokens::of(text, None);
    prose(text, &tokens, text.len()).iter().filter_map(|part| text.get(part.clone())).collect()
}

fn check(text: &str, expected: &str) {
    assert_eq!(left(text).trim(), expected, "of {text:?}");
}

const EN: &str = "Delegates approved the draft after a long debate. Three of them abstained.";
const RU: &str = "Делегаты одобрили проект после долгих споров. Трое воздержались.";

#[test]
fn datelines_go_in_every_house_style() {
    for dateline in [
        "GENEVA, Nov 3 (Reuters) - ",
        "SAN MARCO (AP) — ",
        "LONDON — ",
        "Kuala Lumpur, 14 March 2026 (Xinhua) -- ",
        "KYIV. Nov 3 (Interfax-Ukraine) – ",
        "(Reuters) - ",
    ] {
        check(&format!("{dateline}{EN}"), EN);
    }
    for dateline in [
        "МОСКВА, 3 ноя — РИА Новости. ",
        "ЖЕНЕВА, 3 ноября. /ТАСС/. ",
        "Москва. 3 ноября. INTERFAX.RU - ",
        "3 ноября, Минск /Корр. БЕЛТА/. ",
        "КИЕВ, 2 марта - АиФ-Москва. ",
        "Минск, 7 мая 2026, 10:15 — REGNUM ",
    ] {
        check(&format!("{dateline}{RU}"), RU);
    }
}

#[test]
fn what_only_looks_like_a_dateline_stays() {
    for text in [
        "The minister said on Monday - and repeated it twice - that nobody was hurt.",
        "Spain's coach - the fourth in a year - was dismissed on Friday.",
        "Россия готова к переговорам — если их предложат, сообщил министр.",
        "In 2019 (and again in 2021) the river flooded the lower town.",
    ] {
        check(text, text);
    }
}

#[test]
fn bylines_credits_and_invitations_go_and_the_story_stays() {
    check(
        &format!(
            "By Jane Porter and Samuel Okoro, Example News\n{EN}\n(Reporting by L. Whitfield; Editing by A. N. Other)"
        ),
        &format!("{EN}\n("),
    );
    check(
        &format!(
            "Share\nTweet\nUpdated 3 November 2026, 10:05 GMT\n{EN}\nFollow us on Twitter!\nRead also: What comes next"
        ),
        EN,
    );
    check(&format!("{EN} Photo: press service. © 2026 The Daily Example. All rights reserved."), EN);
    check(&format!("Автор: Анна Белова\n{RU}\nЧитайте также: Что известно к утру\nФото: пресс-служба"), RU);
    check(&format!("{RU} Подписывайтесь на наш канал в Telegram! 👉 Прислать новость"), RU);
    for (lang, text, furniture) in [
        ("de", "Der Rat stimmte dem Entwurf am Abend zu.", "Lesen Sie auch: Was jetzt kommt"),
        ("fr", "Le conseil a approuvé le projet dans la soirée.", "À lire aussi : ce qui va suivre"),
        ("es", "El consejo aprobó el proyecto por la noche.", "Lea también: lo que viene"),
        ("it", "Il consiglio ha approvato il progetto in serata.", "Leggi anche: che cosa succede ora"),
        ("pt", "O conselho aprovou o projeto à noite.", "Leia também: o que vem agora"),
        ("pl", "Rada przyjęła projekt wieczorem.", "Czytaj także: co dalej"),
        ("uk", "Рада схвалила проєкт увечері.", "Читайте також: що буде далі"),
    ] {
        assert_eq!(left(&format!("{text}\n{furniture}")).trim(), text, "in {lang}");
    }
}

#[test]
fn a_sentence_of_the_story_that_begins_like_furniture_stays() {
    for text in [
        "Video of the collapse was shown to the jury on Tuesday afternoon.",
        "Sources close to the talks expect an agreement within days.",
        "Источник в правительстве рассказал о подготовке указа.",
        "By midnight the water had reached the second floor of the hospital.",
    ] {
        check(&format!("{text}\n{EN}"), &format!("{text}\n{EN}"));
    }
}

#[test]
fn menus_and_titles_of_other_stories_go_with_the_links() {
    let menu = "World news\nOil prices fall most in seven weeks amid supply rise\nHow fast can a snail run\nContact";
    check(&format!("{menu}\n{EN}\n{menu}"), EN);
    check(
        "Delegates approved it (https://a.example/b?c=d) after a debate.",
        "Delegates approved it () after a debate.",
    );
}

#[test]
fn where_nothing_else_stands_furniture_stays() {
    for text in
        ["Share", "Subscribe to our newsletter", "LONDON —", "Взрыв в порту\nПожар потушен", "https://a.example/"]
    {
        check(text, text);
    }
    assert_eq!(left(""), "");
}

/// Lines of stories, of furniture, and what is neither.
fn line() -> impl Strategy<Value = String> {
    let lines = [
        EN,
        RU,
        "A place",
        "GENEVA, Nov 3 (Reuters) - ",
        "МОСКВА, 3 ноя — РИА Новости. ",
        "Share this article.",
        "By Jane Porter",
        "Oil prices fall most in seven weeks amid supply rise",
        "https://a.example/b. Next to it",
        "Read also: this | Photo: that • One more thing was said.",
        "#tag @name",
        "3 ноября 2026, 10:15",
        "(Reporting by Somebody; Editing by Nobody)",
    ];
    prop_oneof![3 => proptest::sample::select(lines.to_vec()).prop_map(str::to_owned), 1 => ".{0,40}"]
}

proptest! {
    #[test]
    fn nothing_grows_or_is_emptied(
        lines in proptest::collection::vec(line(), 0..10),
        glue in proptest::sample::select(vec!["\n", " "]),
    ) {
        let text = lines.join(glue);
        let once = left(&text);
        prop_assert!(once.len() <= text.len());
        prop_assert_eq!(Tokens::of(&once, None).is_empty(), Tokens::of(&text, None).is_empty());
    }

    #[test]
    fn furniture_goes_wherever_it_stands(
        lines in proptest::collection::vec(line(), 0..8),
        furniture in proptest::sample::select(vec![
            "Share this article.",
            "By Jane Porter",
            "https://a.example/b",
            "#tag @name",
            "3 ноября 2026, 10:15",
            "(Reporting by Somebody; Editing by Nobody)",
        ]),
        at in 0usize..8,
    ) {
        let mut lines: Vec<String> = lines.into_iter().filter(|line| !line.contains(furniture)).collect();
        lines.insert(at.min(lines.len()), furniture.to_owned());
        lines.push(EN.to_owned());
        prop_assert!(!left(&lines.join("\n")).contains(furniture));
    }

    #[test]
    fn sentences_of_the_story_all_stay_whatever_stands_about_them(
        before in proptest::collection::vec(line(), 0..5),
        after in proptest::collection::vec(line(), 0..5),
    ) {
        let text = format!("{}\n{EN}\n{}", before.join("\n"), after.join("\n"));
        prop_assert!(left(&text).contains(EN));
    }

    #[test]
    fn parts_stand_in_order_within_the_text(text in ".{0,200}", end in 0usize..200) {
        let end = (0..=end.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let parts = prose(&text, &Tokens::of(&text, None), end);
        prop_assert!(parts.windows(2).all(|two| two[0].end <= two[1].start));
        prop_assert!(parts.iter().all(|part| part.start <= part.end && part.end <= end && text.get(part.clone()).is_some()));
    }
}
