//! What counts as a change.

use proptest::prelude::*;

use super::{changes, of};

/// The changes between two texts, in a line each.
fn check(lang: &str, before: &str, now: &str, expected: &[&str]) {
    let (old, new) = (of("", before, Some(lang)), of("", now, Some(lang)));
    let found: Vec<String> = changes(&[old], &new).iter().map(|c| format!("{} {c}", c.kind.label())).collect();
    assert_eq!(found, expected, "{before:?} then {now:?}");
}

#[test]
fn a_vote_is_known_however_it_is_written() {
    let before = "The committee adopted the draft with 152 votes in favour and 8 against.";
    check(
        "en",
        before,
        "The Assembly adopted the text 163-8-12.",
        &["vote 163 in favour; before: 152", "vote 12 abstentions; before: none"],
    );
    check("en", before, "It was adopted by a vote of 152 to 9.", &["vote 9 against; before: 8"]);
    check(
        "ru",
        "За резолюцию проголосовали 152 страны, против - 8.",
        "За проголосовали 163 страны, против 8, воздержались 12.",
        &["vote 163 in favour; before: 152", "vote 12 abstentions; before: none"],
    );
    check(
        "en",
        before,
        "The Assembly adopted the long text on ports, ships, islands and the law of the sea with 163 in favour.",
        &["vote 163 in favour; before: 152"],
    );
    check("en", before, "In favour: 170, against: 8 in the vote.", &["vote 170 in favour; before: 152"]);
    check(
        "uk",
        "За проголосували 152 країни, проти - 8.",
        "За проголосували 163 країни, проти 8, утрималися 12.",
        &["vote 163 in favour; before: 152", "vote 12 abstentions; before: none"],
    );
    check(
        "de",
        "Der Ausschuss stimmte ab: 152 Stimmen dafür, 8 dagegen.",
        "Die Versammlung stimmte ab: 163 Stimmen dafür, 8 dagegen, 12 Enthaltungen.",
        &["vote 163 in favour; before: 152", "vote 12 abstentions; before: none"],
    );
    check("en", "Rovers won 3-2.", "Rovers won 4-2.", &["number 4; before: 3"]);
    check(
        "en",
        "The army sent 30 troops against rebels.",
        "Rebels fight against 40 troops of the army.",
        &["number 40 troops; before: 30"],
    );
}

#[test]
fn a_vote_is_compared_across_languages() {
    let english = of("Adopted 152-8", "", Some("en"));
    let russian = of("", "Резолюция принята: 163 страны проголосовали за, 8 против.", Some("ru"));
    let found: Vec<String> = changes(&[english], &russian).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["163 in favour; before: 152"]);
}

#[test]
fn an_outcome_is_what_was_done_not_what_is_planned() {
    check(
        "en",
        "The Assembly is to vote on the text.",
        "The Assembly adopted the text.",
        &["outcome adopted; before: none"],
    );
    check("en", "The Assembly adopted it.", "The Council rejected it.", &["outcome rejected; before: adopted"]);
    check("en", "The Assembly votes.", "The text is expected to be adopted.", &[]);
    check("en", "The Assembly votes.", "The text was not adopted.", &["outcome rejected; before: none"]);
    check("ru", "Ассамблея приняла проект.", "Голосование отложено.", &["outcome postponed; before: adopted"]);
    check("ru", "Совет голосует.", "Россия наложила вето на проект.", &["outcome vetoed; before: none"]);
    check("uk", "Рада голосує.", "Рада ухвалила закон.", &["outcome adopted; before: none"]);
    check("uk", "Рада голосує.", "Закон відхилено.", &["outcome rejected; before: none"]);
    check("uk", "Рада голосує.", "Президент наклав вето на закон.", &["outcome vetoed; before: none"]);
    check(
        "uk",
        "Війна триває.",
        "Росіяни утримують у полоні 28 журналістів, ЄС ухвалює санкції проти 12 компаній.",
        &[],
    );
    check("de", "Stimmen zum Bericht.", "Stimmen zum Bericht: er enthält 12 Namen.", &[]);
    check("uk", "Рада голосує.", "Рада може ухвалити закон, міністр взяв участь в ухваленні.", &[]);
    check("ru", "Совет голосует.", "Министр принял участие в заседании.", &[]);
}

#[test]
fn a_number_changed_when_the_same_is_counted() {
    check(
        "en",
        "The blast killed 12 people in the harbour.",
        "Blast in harbour killed 15 people, police said.",
        &["number 15 people; before: 12"],
    );
    check(
        "en",
        "The blast killed 12 people and injured 30 people.",
        "The blast killed 12 people and injured 41 people.",
        &["number 41 people; before: 30"],
    );
    check("en", "Damage costs 1,200 million dollars.", "Damage costs 1.2 billion dollars.", &[]);
    check(
        "ru",
        "Погибли 12 человек при взрыве в порту.",
        "При взрыве в порту погибли 15 человек.",
        &["number 15 человек; before: 12"],
    );
    check("en", "The blast killed 12 people.", "The minister met 40 envoys.", &[]);
    check("en", "Resolution 2758 on islands passed.", "Resolution 2760 on islands passed.", &[]);
    check("en", "The budget of 2024 for ports rises.", "The budget of 2025 for ports rises.", &[]);
    check("en", "Text A/RES/80/57 of the committee on ports", "Text A/RES/80/58 of the committee on ports", &[]);
}

#[test]
fn a_number_in_words_is_a_number_where_its_language_has_it() {
    check(
        "en",
        "The blast killed nine people in the harbour.",
        "The blast killed eleven people in the harbour.",
        &["number eleven people; before: nine"],
    );
    check("en", "The blast killed nine people in the harbour.", "The blast killed 9 people in the harbour.", &[]);
    check("pt", "Os mortos do porto: cinco feridos.", "Os nomes dos mortos do porto: cinco feridos.", &[]);
}

#[test]
fn a_count_is_held_against_what_was_counted_before_and_not_against_what_is_counted_beside_it() {
    check(
        "en",
        "Seven people were killed and 24 injured in an explosion at a chemical plant in Tarnow.",
        "The death toll of the explosion at the chemical plant in Tarnow has risen to 9 dead, 30 injured.",
        &["number 9 dead; before: Seven", "number 30 injured; before: 24"],
    );
}

#[test]
fn what_title_and_text_both_say_is_one_change() {
    let old = of("", "Nine people were killed and 24 injured in an explosion at a plant in Tarnow.", Some("en"));
    let text = "The death toll of the explosion at the plant in Tarnow has risen to 11 people.";
    let new = of("Tarnow plant explosion death toll rises to 11", text, Some("en"));
    let found: Vec<String> = changes(&[old], &new).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["11 people; before: Nine"]);
}

#[test]
fn the_first_count_of_people_who_were_hurt_is_a_change() {
    let flash = "Explosion at chemical plant in Tarnow";
    check("en", flash, "Three people were killed and 12 injured in Tarnow.", &["number Three people; before: none"]);
    check("ru", "Взрыв на заводе в Тарнуве", "При взрыве погибли 12 человек.", &["number 12 человек; before: none"]);
    check("en", flash, "The plant in Tarnow employs 400 people.", &[]);
    check(
        "de",
        "Explosion im Werk Tarnow",
        "Die 15 Mitglieder des Rates nannten die Explosion im Werk ein Unglück.",
        &[],
    );
    check(
        "fr",
        "Explosion dans une usine de Tarnow",
        "Un ouvrier très grièvement blessé dans une usine de Tarnow.",
        &[],
    );
}

#[test]
fn times_of_day_and_what_a_page_counts_of_its_readers_are_no_facts() {
    let story = "Police closed the coastal road near Arvik after trees fell.";
    check("en", &format!("Updated at 09:14 GMT. {story}"), &format!("Updated at 10:02 GMT. {story}"), &[]);
    check("en", &format!("{story} 1,204 views, 4 comments"), &format!("{story} 3,880 views, 9 comments"), &[]);
    check("en", &format!("{story} Points: 12 # Comments: 3"), &format!("{story} Points: 57 # Comments: 19"), &[]);
}

#[test]
fn a_date_changed_when_the_same_falls_on_it() {
    check(
        "en",
        "The Assembly will vote on the ports text on 12 November.",
        "The Assembly will vote on the ports text on November 14, 2025.",
        &["date November 14, 2025; before: 12 November"],
    );
    check("en", "Assembly vote on ports text on 12 November.", "Assembly vote on ports text on 2025-11-12.", &[]);
    check(
        "ru",
        "Голосование по проекту резолюции пройдет 12 ноября.",
        "Голосование по проекту резолюции пройдет 14 ноября.",
        &["date 14 ноября; before: 12 ноября"],
    );
    check("en", "Ports may open, 12 markets say.", "Ports may open, 12 markets say so.", &[]);
}

proptest! {
    #[test]
    fn a_story_never_changes_what_it_says_itself(text in "(\\PC{0,3}|[0-9]{1,4}|-|, | in favour | за | to | adopted | November | people ){0,24}") {
        let facts = of(&text, &text, Some("en"));
        prop_assert_eq!(changes(std::slice::from_ref(&facts), &facts), vec![]);
    }

    #[test]
    fn a_number_that_alone_was_replaced_is_told_with_what_it_was(old in 1_u32..1800, new in 1_u32..1800) {
        let says = |n: u32| of("", &format!("The flood drowned {n} sheep near the river mouth."), Some("en"));
        let found = changes(&[says(old)], &says(new));
        if old == new {
            prop_assert!(found.is_empty());
        } else {
            prop_assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [format!("{new} sheep; before: {old}")]);
        }
    }
}
