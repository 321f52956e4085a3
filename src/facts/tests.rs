//! What counts as a change.

use proptest::prelude::*;

use super::{changes, corrected, of};

/// The changes between two versions of a text, in a line each.
fn check(lang: &str, before: &str, now: &str, expected: &[&str]) {
    let (old, new) = (of("", before, Some(lang)), of("", now, Some(lang)));
    let found: Vec<String> = corrected(&old, &new).iter().map(|c| format!("{} {c}", c.kind.label())).collect();
    assert_eq!(found, expected, "{before:?} then {now:?}");
}

/// The changes that a sentence brings which is added to a short text.
fn added(lang: &str, sentence: &str, expected: &[&str]) {
    let before = "Short text about the matter before.";
    check(lang, before, &format!("{before} {sentence}"), expected);
}

/// The changes that another story brings.
fn joined(lang: &str, before: &str, now: &str, expected: &[&str]) {
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
    check(
        "en",
        "The Assembly adopted the text.",
        "The Council rejected the text.",
        &["outcome rejected; before: adopted"],
    );
    check("en", "The Assembly votes.", "The text is expected to be adopted.", &[]);
    check("en", "The Assembly votes.", "The text was not adopted.", &["outcome rejected; before: none"]);
    check("ru", "Ассамблея голосует.", "Голосование отложено.", &["outcome postponed; before: none"]);
    check("ru", "Совет голосует.", "Россия наложила вето на проект.", &["outcome vetoed; before: none"]);
    check("en", "The Assembly votes.", "No new bill passed.", &["outcome rejected; before: none"]);
    check("en", "The Assembly votes.", "Neither bill was passed.", &["outcome rejected; before: none"]);
    check("en", "The Assembly votes.", "No-deal plan approved by parliament.", &["outcome adopted; before: none"]);
    check("ru", "Ассамблея голосует.", "Киев требует, чтобы Ассамблея отменила санкции.", &[]);
    check("ru", "Ассамблея голосует.", "Резолюция была бы принята.", &[]);
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
fn an_outcome_is_what_courts_signatures_and_failures_come_to() {
    let told = |lang: &str, now: &str, expected: &[&str]| check(lang, "Short text about the matter.", now, expected);
    told("en", "Leaders signed the treaty on Monday.", &["outcome signed; before: none"]);
    told("en", "The strike was called off.", &["outcome cancelled; before: none"]);
    told("en", "The union calls off the strike.", &["outcome cancelled; before: none"]);
    told("en", "The strike may be called off.", &[]);
    told("en", "The union calls on all to strike.", &[]);
    told("en", "The court upheld the ban.", &["outcome upheld; before: none"]);
    told("en", "The court overturned his conviction.", &["outcome overturned; before: none"]);
    told("en", "The court struck down the law.", &["outcome overturned; before: none"]);
    told("en", "The ceasefire talks collapsed in Arvik.", &["outcome collapsed; before: none"]);
    told("en", "The bridge collapsed.", &[]);
    told("en", "The bill failed in the Senate.", &["outcome rejected; before: none"]);
    told("en", "The Senate failed to pass the bill.", &["outcome rejected; before: none"]);
    told("en", "The plan fails to please investors.", &[]);
    told("en", "The two sides agreed to a ceasefire.", &["outcome agreed; before: none"]);
    told("en", "The two sides agreed to vote on the bill.", &[]);
    told("en", "A deal was reached at night.", &["outcome agreed; before: none"]);
    told("en", "The bill reached the Senate.", &[]);
    told("en", "The EU extended sanctions by half a year.", &["outcome extended; before: none"]);
    told("en", "The ban was lifted.", &["outcome cancelled; before: none"]);
    told("en", "Germany rejects claim it changed surveillance laws.", &[]);
    told("en", "There are signs of weakness.", &[]);
    told("ru", "Президент подписал закон.", &["outcome signed; before: none"]);
    told("ru", "Президент может подписать закон.", &[]);
    told("ru", "ЕС продлил санкции.", &["outcome extended; before: none"]);
    told("ru", "Суд оставил в силе приговор.", &["outcome upheld; before: none"]);
    told("ru", "Переговоры сорваны.", &["outcome collapsed; before: none"]);
    told("ru", "Власти сняли запрет.", &["outcome cancelled; before: none"]);
    told("uk", "Президент підписав закон.", &["outcome signed; before: none"]);
}

#[test]
fn an_outcome_is_of_what_is_decided_about_not_of_roads_and_trainers() {
    added("en", "Police blocked the road.", &[]);
    added("en", "Snow delayed flights and blocked roads across the north.", &[]);
    added("en", "The coach was dismissed after his side were defeated 3-0.", &[]);
    added("en", "The storm has passed and schools reopen.", &[]);
    added("en", "Shares passed $100 for the first time.", &[]);
    added("en", "The minister dismissed claims that he had lied.", &[]);
    added("de", "Der Verein hat sich von Trainer Kurz verabschiedet.", &[]);
    added("ru", "Президент принял посла.", &[]);
    added("ru", "Принято считать, что рынок растет.", &[]);
    added("ru", "Он принял участие в митинге и принял решение уйти.", &[]);
    for (lang, now) in [
        ("en", "The sponsor of the bill was dismissed."),
        ("en", "The bill's sponsor was dismissed."),
        ("en", "The budget committee rejected its chair."),
        ("en", "Under the new law roads were blocked."),
        ("en", "The House had rejected the bill in May."),
        ("en", "The bill has not passed yet."),
        ("en", "The committee on the law rejected criticism."),
        ("de", "Ein Antrag der Feuerwehr war im Mai abgelehnt worden."),
        ("de", "Das Gesetz soll im Mai verabschiedet werden."),
        ("en", "Plane delayed at Heathrow"),
        ("en", "Police used a law passed last year."),
        ("en", "The plane passed over the stadium."),
        ("en", "Budget flights were cancelled."),
        ("en", "The peace plan envoy was dismissed."),
        ("en", "Draft pick was dismissed."),
        ("en", "The bill sponsors were dismissed."),
        ("en", "The bill’s sponsor was dismissed."),
        ("en", "Peace Plan Envoy Dismissed"),
        ("en", "Budget Flights Cancelled"),
    ] {
        check(lang, "The matter is old.", now, &[]);
    }
}

#[test]
fn an_outcome_is_found_before_and_behind_its_verb() {
    for (lang, now, outcome) in [
        ("en", "The Senate has passed the controversial spending bill.", "adopted"),
        ("en", "The bill on fishing rights passed on Monday.", "adopted"),
        ("en", "Talks in Geneva were postponed.", "postponed"),
        ("en", "Vote on bill postponed", "postponed"),
        ("de", "Der Bundestag hat das Klimaschutzgesetz abgelehnt.", "rejected"),
        ("de", "Der Entwurf wurde angenommen.", "adopted"),
        ("fr", "Le Sénat a adopté le projet de loi.", "adopted"),
        ("fr", "Le projet de loi a été rejeté.", "rejected"),
        ("es", "El Congreso aprobó la ley.", "adopted"),
        ("ru", "Проект закона о рыболовстве отозван.", "withdrawn"),
        ("ru", "Совет отложил решение о санкциях.", "postponed"),
        ("uk", "Рада ухвалила законопроєкт.", "adopted"),
        ("ru", "Госдума приняла в третьем чтении закон о штрафах.", "adopted"),
        ("fr", "L’Assemblée a adopté mardi en première lecture le projet de loi.", "adopted"),
        ("en", "The committee adopted by consensus a resolution.", "adopted"),
        ("en", "Bill passes Senate", "adopted"),
        ("en", "The bill passed the Senate on Friday.", "adopted"),
        ("en", "The bill has passed the Senate.", "adopted"),
        ("en", "Concert tonight cancelled", "cancelled"),
        ("en", "House passes $1.2 trillion spending bill", "adopted"),
        ("en", "Parliament adopted a new cyber security law.", "adopted"),
        ("en", "The cabinet said it had approved the bill.", "adopted"),
        ("en", "The resolution sponsored by Russia was rejected.", "rejected"),
        ("en", "Assembly adopts resolution criticising Iran", "adopted"),
        ("en", "Senate passed a bill authorizing aid.", "adopted"),
        ("en", "Draft resolution No 12 adopted", "adopted"),
        ("es", "Ley nº 12 aprobada", "adopted"),
        ("fr", "Loi nº 5 adoptée", "adopted"),
        ("es", "El Congreso no ha aprobado la ley.", "rejected"),
        ("es", "El Congreso no aprobó la ley.", "rejected"),
        ("de", "Pläne für die Rente abgelehnt", "rejected"),
        ("en", "EU's 19th sanctions package against Russia adopted", "adopted"),
        ("en", "Budget cuts approved by parliament", "adopted"),
        ("en", "Ceasefire extension approved by the cabinet", "adopted"),
        ("en", "The bill Trump opposed was rejected", "rejected"),
        ("en", "Draft resolution S/2023/970 was vetoed", "vetoed"),
        ("en", "The bill narrowly passed the House", "adopted"),
        ("en", "The bill has finally passed the House", "adopted"),
    ] {
        check(lang, "The matter is old.", now, &[&format!("outcome {outcome}; before: none")]);
    }
}

#[test]
fn no_denies_an_outcome_where_nothing_was_decided() {
    for (lang, now, outcome) in [
        ("en", "Motion of no confidence passed against the government", "adopted"),
        ("en", "Abortion ban with no exceptions passed by Senate", "adopted"),
        ("en", "Budget with no cuts approved", "adopted"),
        ("en", "Bill with no amendments passed", "adopted"),
        ("en", "No resolution was adopted", "rejected"),
        ("en", "No bill passed", "rejected"),
        ("es", "La ley no aprobada", "rejected"),
    ] {
        check(lang, "The matter is old.", now, &[&format!("outcome {outcome}; before: none")]);
    }
}

#[test]
fn an_outcome_takes_the_place_of_one_of_the_same_thing_that_is_told_no_more() {
    let before = "The Senate passed the bill on ports.";
    check("en", before, "The Senate passed the bill on ports. The House rejected the bill on ports.", &[]);
    check("en", before, "The Senate rejected the bill on ports.", &["outcome rejected; before: adopted"]);
    check("en", before, "Judges dismissed the appeal of a banker in Leeds over unpaid taxes.", &[]);
    let german = of("", "Der Senat hat das Gesetz verabschiedet.", Some("de"));
    let english = of("", "The Senate rejected the bill on ports.", Some("en"));
    let found: Vec<String> = changes(&[german], &english).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["rejected; before: adopted"]);
}

#[test]
fn a_first_outcome_corrects_a_story_by_its_title_or_first_sentence_alone() {
    let before = "The Senate debates the bill.";
    let background = "The Senate debates the bill. The House rejected the amendment in May.";
    check("en", before, background, &[]);
    joined("en", before, background, &["outcome rejected; before: none"]);
    let (old, new) = (of("", before, Some("en")), of("Senate passes bill", before, Some("en")));
    let found: Vec<String> = corrected(&old, &new).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["adopted; before: none"]);
}

#[test]
fn votes_are_told_by_side_in_every_wording() {
    let sides = |favour: u32, against: u32| {
        [format!("vote {favour} in favour; before: none"), format!("vote {against} against; before: none")]
    };
    let both = sides(98, 12);
    let both: Vec<&str> = both.iter().map(String::as_str).collect();
    for (lang, sentence) in [
        ("en", "Ninety-eight countries voted in favour and 12 against."),
        ("en", "Ninety-eight countries voted for and twelve against."),
        ("en", "The treaty was adopted by 98 votes to 12."),
        ("en", "Lawmakers voted 98 to 12 to adopt the treaty."),
        ("en", "Twelve countries voted against the treaty, 98 in favour."),
        ("en", "The bill passed 98-12."),
        ("en", "The council voted by 98 to twelve for the plan."),
        ("fr", "Le traité a été adopté par 98 voix contre 12."),
        ("fr", "98 députés ont voté pour et 12 contre."),
        ("de", "Der Vertrag wurde mit 98 zu 12 Stimmen angenommen."),
        ("de", "Der Vertrag wurde mit 98 gegen 12 Stimmen angenommen."),
        ("de", "98 Staaten stimmten für den Vertrag, 12 gegen ihn."),
        ("de", "Für den Vertrag stimmten 98 Staaten, dagegen 12."),
        ("es", "El tratado fue aprobado con 98 votos a favor y 12 en contra."),
        ("es", "El Congreso aprobó la ley por 98 votos frente a 12."),
        ("it", "Il trattato è stato approvato con 98 voti a favore e 12 contrari."),
        ("pt", "O tratado foi aprovado com 98 votos a favor e 12 contra."),
        ("nl", "Het verdrag werd aangenomen met 98 stemmen voor en 12 tegen."),
        ("ru", "Договор принят 98 голосами против 12."),
        ("ru", "Против договора проголосовали 12 стран, за — 98."),
        ("uk", "За договір проголосували 98 країн, проти — 12."),
        ("ar", "اعتمدت المعاهدة بأغلبية 98 صوتا مقابل 12."),
    ] {
        added(lang, sentence, &both);
    }
    let three: Vec<&str> = both.iter().copied().chain(["vote 30 abstentions; before: none"]).collect();
    for (lang, sentence) in [
        ("en", "The treaty was adopted 98-12 with 30 abstentions."),
        ("fr", "Le traité a été adopté par 98 voix pour, 12 contre et 30 abstentions."),
        ("de", "98 Abgeordnete stimmten dafür, 12 dagegen, 30 enthielten sich."),
        ("ru", "За договор проголосовали 98 стран, 12 выступили против, 30 воздержались."),
        ("pl", "Za przyjęciem traktatu głosowało 98 państw, przeciw 12, a 30 wstrzymało się."),
        ("zh", "大会以98票赞成、12票反对、30票弃权通过了该条约。"),
        ("ja", "条約は賛成98、反対12、棄権30で採択された。"),
    ] {
        added(lang, sentence, &three);
    }
}

#[test]
fn what_is_said_nearest_before_a_count_tells_whether_it_is_of_a_rejection() {
    let adopted = ["vote 98 in favour; before: none", "vote 12 against; before: none"];
    for (lang, sentence) in [
        ("en", "The General Assembly adopted the resolution 98-12 after rejecting a Russian amendment."),
        ("en", "After two failed attempts the House passed the bill 98-12."),
        ("ru", "Ассамблея отклонила поправку и приняла резолюцию 98 голосами против 12."),
    ] {
        added(lang, sentence, &adopted);
    }
    added("en", "Members voted 98-12 to reject the idea.", &[]);
    added("en", "The idea passed in committee was rejected 98-12.", &[]);
    added("en", "The idea failed to be adopted 98-12.", &[]);
}

#[test]
fn of_votes_that_may_be_read_in_two_ways_none_is_told() {
    added("en", "Three of the nine justices voted against.", &[]);
    added("en", "Some 41% of members voted against.", &[]);
    added("en", "Parliament voted against 12 amendments.", &[]);
    added("en", "The council voted on 12 amendments in favour of ports.", &[]);
    added("en", "Voters waited 2 to 3 hours.", &[]);
    added("en", "The 47-member Human Rights Council voted in favour of the resolution.", &[]);
    added("en", "California voted against Proposition 22.", &[]);
    added("en", "MEPs voted in favour of Article 13.", &[]);
    added("en", "Of members 1,204 voted against.", &[]);
    added("fr", "Le texte a été rejeté par 289 voix contre 223.", &[]);
    added("de", "98 Staaten stimmten für Sanktionen gegen 12 Firmen.", &[]);
    added("ru", "За 12 дней до голосования стороны спорят.", &[]);
    let result = ["vote 52 in favour; before: none", "vote 48 against; before: none"];
    added("en", "The Senate voted 52-48, with two Republicans against.", &result);
    check("en", "The bill passed 218-210.", "The bill passed by 218 votes to 210.", &[]);
    check("en", "The council voted 9-2 to adopt the plan.", "The council voted by nine to two to adopt the plan.", &[]);
}

#[test]
fn a_number_takes_the_place_of_one_of_its_own_unit_that_is_stated_no_more() {
    let sketch = "The museum paid 12 million euros for a sketch.";
    check("en", sketch, "The museum paid 12 million euros ($14 million) for a sketch.", &[]);
    check("en", sketch, "The museum paid €15 million for a sketch.", &["number €15 million; before: 12 million"]);
    check(
        "en",
        "Shares of Acme fell 3.1% to $42.10 in early trading.",
        "Shares of Acme fell 4.5% to $41.50 in afternoon trading.",
        &["number 4.5%; before: 3.1%", "number $41.50; before: $42.10"],
    );
    check(
        "en",
        "The blaze is 10% contained in Arvik woods.",
        "The blaze is 10 per cent contained in Arvik woods.",
        &[],
    );
    check(
        "en",
        "Wind speeds of up to 120 kph were recorded in Arvik.",
        "Wind speeds of up to 75 mph (120 kph) were recorded in Arvik.",
        &[],
    );
}

#[test]
fn where_two_values_may_have_been_replaced_none_is_told() {
    check("en", "Blast in harbour: 12 people or 15 people.", "Blast in harbour: 20 people.", &[]);
    check(
        "en",
        "The blast in the harbour killed 12 people.",
        "The blast in the harbour killed 15 people or 17 people.",
        &[],
    );
}

#[test]
fn how_long_ago_something_was_is_as_old_as_the_page() {
    for (lang, before, now) in [
        (
            "en",
            "Published 2 hours ago. Three suspects held in Leeds.",
            "Published 5 hours ago. Three suspects held in Leeds.",
        ),
        ("en", "Leeds suspects held. Published two days ago.", "Leeds suspects held. Published five days ago."),
        ("de", "Aktualisiert vor 2 Stunden in Leeds.", "Aktualisiert vor 5 Stunden in Leeds."),
        ("fr", "Publié il y a 2 heures à Leeds.", "Publié il y a 5 heures à Leeds."),
        ("es", "Actualizado noticia hace 2 horas.", "Actualizado noticia hace 5 horas."),
        ("it", "Pubblicato articolo Leeds 2 ore fa.", "Pubblicato articolo Leeds 5 ore fa."),
        ("ru", "Опубликовано Лидс новости 2 часа назад.", "Опубликовано Лидс новости 5 часов назад."),
        ("uk", "Опубліковано Лідс новини 2 години тому.", "Опубліковано Лідс новини 5 годин тому."),
        ("nl", "Gepubliceerd nieuws Leeds 2 uur geleden.", "Gepubliceerd nieuws Leeds 5 uur geleden."),
    ] {
        check(lang, before, now, &[]);
    }
}

#[test]
fn another_story_must_count_the_same() {
    let before = "The blast in the harbour killed 12 people.";
    joined("en", before, "The blast in the harbour killed 15 people.", &["number 15 people; before: 12"]);
    joined("en", before, "Blast in harbour: 15 dead.", &["number 15 dead; before: 12"]);
    joined("en", before, "Blast in harbour broke 40 windows.", &[]);
}

#[test]
fn a_toll_in_a_script_without_spaces_is_told_otherwise() {
    check("zh", "地震造成12人死亡。", "地震造成15人死亡。", &["number 15人; before: 12"]);
    check("ja", "地震で12人が死亡した。", "地震で15人が死亡した。", &["number 15人; before: 12"]);
    check("zh", "地震造成12人死亡。", "地震造成30人受伤，12人死亡。", &[]);
    check("zh", "地震造成1万2000人无家可归。", "地震造成12000人无家可归。", &[]);
    check("zh", "会议于11月12日在日内瓦开幕。", "会议于11月13日在日内瓦开幕。", &[]);
    check("zh", "江苏发生地震。", "地震造成15人死亡。", &["number 15人; before: none"]);
    check("zh", "江苏发生车祸。", "车祸致12岁男孩死亡。", &[]);
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
fn the_first_count_is_a_change_in_every_language_of_the_lists() {
    for (lang, now, toll) in [
        ("en", "Two people were hurt in Tolm.", "Two people"),
        ("en", "The crash left 12 hurt.", "12 hurt"),
        ("en", "Forty-two die in Tolm blaze.", "Forty-two die"),
        ("de", "Bei dem Unfall starben drei Menschen.", "drei Menschen"),
        ("fr", "L’accident a fait trois morts.", "trois morts"),
        ("es", "Un terremoto deja 12 muertos.", "12 muertos"),
        ("pt", "O acidente deixou 12 mortos.", "12 mortos"),
        ("it", "L’incidente ha provocato tre morti.", "tre morti"),
        ("nl", "Bij het ongeval vielen 12 doden.", "12 doden"),
        ("pl", "W wypadku zginęło 5 osób.", "5 osób"),
        ("ru", "Погибли три человека.", "три человека"),
        ("uk", "Загинули три людини.", "три людини"),
        ("ja", "地震で12人が死亡した。", "12人"),
        ("ar", "أسفر الزلزال عن مقتل 12 شخصا.", "12 شخصا"),
    ] {
        check(lang, "Tolm: 晴れ.", now, &[&format!("number {toll}; before: none")]);
    }
}

#[test]
fn the_first_count_of_the_dead_is_a_change_where_people_were_hurt_before() {
    let hurt = "A ferry ran aground near Tolm. Two people were hurt.";
    check("en", hurt, "A ferry ran aground near Tolm. Two people died.", &["number Two people; before: none"]);
    check("en", hurt, "A ferry ran aground near Tolm, leaving two people injured.", &[]);
    check("en", "Two people died near Tolm.", "Two people died near Tolm, 12 were hurt.", &[]);
}

#[test]
fn ages_distances_and_goods_that_are_hurt_are_no_toll() {
    let before = "Storm over Tolm.";
    check("en", before, "The driver, 34, died in Tolm.", &[]);
    check("en", before, "A blast killed a man 30 miles off.", &[]);
    check("en", before, "Sanctions hurt 12 firms in Tolm.", &[]);
    check("de", before, "Die 15 Mitglieder des Rates tagten.", &[]);
    let flash = "Former president John Doe dies";
    check("en", flash, "Former president John Doe dies at 87", &[]);
    check("en", flash, "Former president John Doe dies aged 87", &[]);
    check("en", flash, "Girl aged 12 killed in Tolm", &[]);
    check("en", before, "Death toll of storm over Tolm stands at 12", &["number 12; before: none"]);
    check("en", before, "Number of dead put at 12", &["number 12; before: none"]);
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
    check(
        "en",
        "The fair at the old harbour of Leeds runs from 12 November to 14 November.",
        "The fair at the old harbour of Leeds runs from 13 November to 15 November.",
        &["date 13 November; before: 12 November"],
    );
    check("en", "Ports may open, 12 markets say.", "Ports may open, 12 markets say so.", &[]);
}

#[test]
fn a_toll_that_rises_is_told_though_the_old_one_is_named() {
    let (before, now) = ("Blast in Kyiv market kills 12.", "Death toll in Kyiv market blast rises from 12 to 15.");
    check("en", before, now, &["number 15; before: 12"]);
    joined("en", before, now, &["number 15; before: 12"]);
}

#[test]
fn outcomes_are_held_together_where_a_language_is_unknown() {
    let unknown = of("", "The council adopted the budget of schools in Leeds.", None);
    let english = of("", "Senate committee rejected the treaty on Arctic fishing quotas.", Some("en"));
    assert_eq!(changes(&[unknown], &english), []);
}

proptest! {
    #[test]
    fn a_story_never_changes_what_it_says_itself(text in "(\\PC{0,3}|[0-9]{1,4}|-|, | in favour | за | to | adopted | November | people ){0,24}") {
        let facts = of(&text, &text, Some("en"));
        prop_assert_eq!(changes(std::slice::from_ref(&facts), &facts), vec![]);
        prop_assert_eq!(corrected(&facts, &facts), vec![]);
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
