//! What titles tell as news of what came of something, and what they don't.

use super::*;

/// What a title tells, by how it is shown.
fn check(lang: &str, title: &str, expected: &[&str]) {
    let told: Vec<String> = results(title, "", Some(lang)).into_iter().map(|told| told.shown).collect();
    assert_eq!(told, expected, "{title:?}");
}

/// What a title tells to whoever heard of the event by another story.
fn after(lang: &str, heard: (&str, &str), title: &str, expected: &[&str]) {
    let known = Known::of(heard.0, heard.1, Some("en"));
    let news = results(title, "", Some(lang)).into_iter();
    let news = news.filter(|told| !told.is_in(known.said()) && told.is_of(&[&known])).map(|told| told.shown);
    assert_eq!(news.collect::<Vec<_>>(), expected, "{heard:?} then {title:?}");
}

const TO_VOTE: (&str, &str) = (
    "Committee to vote on draft resolution on cyber security on Thursday",
    "The First Committee is due to vote on the draft. The Council adopted another text on Monday, and a first one was rejected in 2021.",
);

#[test]
fn a_title_tells_what_came_of_it() {
    check("en", "Committee adopts draft resolution on cyber security, 108-0", &["adopted", "108 in favour"]);
    check("en", "UN votes 108-0 on cyber resolution", &["108 in favour"]);
    check("en", "Talks on ceasefire postponed", &["postponed"]);
    check("ru", "Комитет принял проект резолюции о кибербезопасности", &["adopted"]);
    check("ru", "Россия наложила вето на резолюцию", &["vetoed"]);
    check("uk", "Рада ухвалила закон про мобілізацію", &["adopted"]);
    check("de", "Bundestag hat das Gesetz angenommen", &["adopted"]);
}

#[test]
fn a_title_tells_no_forecast_question_quotation_or_story_of_old() {
    check("en", "Assembly expected to adopt cyber resolution", &[]);
    check("en", "Cyber resolution set to be adopted by Assembly", &[]);
    check("en", "Was the cyber resolution adopted?", &[]);
    check("en", "Minister: \"The resolution was rejected by nobody\"", &[]);
    check("en", "The cyber resolution adopted in 2021: what it changed", &[]);
    check("en", "Assembly adopted a cyber resolution last year", &[]);
    check("en", "Ten years ago the Assembly adopted its first cyber resolution", &[]);
    check("en", "Newly adopted cyber law draws protest", &[]);
    check("en", "Committee to vote on cyber draft after Council rejects Syria resolution", &[]);
    check("en", "If the bill is passed, courts will fill", &[]);
    check("en", "Once the bill is passed, courts fill", &[]);
    check("ru", "Принят ли закон о кибербезопасности?", &[]);
    check("ru", "Принятый закон о связи критикуют", &[]);
    check("ru", "Киев требует, чтобы отменили санкции", &[]);
    check("ru", "Ассамблея приняла бы резолюцию", &[]);
    check("ru", "В прошлом году Ассамблея приняла резолюцию", &[]);
    check("ru", "Комитет рассмотрит проект после того, как Совет отклонил резолюцию", &[]);
    check("uk", "Київ вимагає, щоб скасували санкції", &[]);
}

#[test]
fn an_outcome_is_news_to_whoever_heard_that_it_was_to_come() {
    after("en", TO_VOTE, "Committee adopts draft resolution on cyber security, 108-0", &["adopted", "108 in favour"]);
    after("en", TO_VOTE, "Draft resolution on cyber security is rejected", &["rejected"]);
    after("ru", TO_VOTE, "Комитет принял проект резолюции о кибербезопасности", &["adopted"]);
}

#[test]
fn what_was_heard_is_no_news() {
    let adopted = ("Committee adopts cyber draft", "It did so on Thursday.");
    after("en", adopted, "Committee adopts draft resolution on cyber security, 108-0", &[]);
    let voted = ("Committee votes 108-0 on cyber draft", "");
    after("en", voted, "Committee adopts draft on cyber security", &[]);
    after("en", voted, "Russia vetoes draft on cyber security", &["vetoed"]);
    let told = ("Cyber draft: what the committee did", "The committee adopted the cyber draft on Thursday.");
    after("en", told, "Committee adopts draft on cyber security", &[]);
    let of_old = ("Cyber draft before the committee", "The committee adopted its first cyber draft in 2021.");
    after("en", of_old, "Committee adopts draft on cyber security", &["adopted"]);
}

#[test]
fn what_came_of_another_matter_is_no_news() {
    after("en", TO_VOTE, "Parliament rejects farm subsidies bill in Paris", &[]);
}

#[test]
fn what_is_not_done_yet_tells_nothing() {
    check("en", "Senate has not passed cyber security bill as deadline nears", &[]);
    check("en", "US never ratified the cyber security convention", &[]);
    check("en", "No law passed on cyber security since the war", &[]);
    check("es", "El Congreso no ha aprobado la ley, que se votará el jueves", &[]);
    check("en", "Cyber security bill was not adopted by Senate", &[]);
    check("en", "Senate fails to pass cyber security bill", &["rejected"]);
}

#[test]
fn which_text_or_vote_is_meant_tells_nothing() {
    check("en", "Assembly holds delayed vote", &[]);
    check("en", "Long-delayed vote on cyber resolution begins", &[]);
    check("en", "Council resumes postponed talks", &[]);
    check("fr", "Le vote reporté sur la résolution commence", &[]);
    check("es", "Retoman la votación aplazada", &[]);
    check("ru", "Россия добивается принятия резолюции", &[]);
    check("ru", "Китай выступил против принятия резолюции", &[]);
    check("ru", "Перспективы одобрения резолюции", &[]);
    check("en", "Vote on cyber resolution was delayed", &["postponed"]);
    check("en", "Senate passed the cyber bill", &["adopted"]);
}

#[test]
fn what_is_asked_for_tells_nothing() {
    check("ru", "Киев требует, чтобы Генеральная Ассамблея ООН срочно приняла резолюцию", &[]);
    check("en", "Opposition wants bill withdrawn", &[]);
    check("en", "Diplomats urge that cyber resolution be adopted", &[]);
    check("fr", "Paris demande que le Conseil adopte la résolution", &[]);
    check("fr", "Paris veut que la résolution soit adoptée", &[]);
    check("fr", "La résolution est loin d'être adoptée", &[]);
    check("es", "Madrid pide que la resolución sea aprobada", &[]);
    check("en", "Russia wants sanctions lifted", &[]);
    check("en", "Union calls off strike vote", &["cancelled"]);
}

#[test]
fn what_depends_on_something_tells_nothing() {
    check("en", "What happens after the resolution is adopted", &[]);
    check("de", "Heute wird im Bundestag das Gesetz zur Cybersicherheit verabschiedet", &[]);
    check("de", "Bevor das Gesetz verabschiedet ist", &[]);
    check("de", "Sobald das Gesetz verabschiedet ist", &[]);
    check("fr", "Avant que la résolution soit adoptée", &[]);
    check("en", "After long debate, Assembly adopts cyber resolution", &["adopted"]);
}

#[test]
fn one_partys_word_before_the_vote_tells_nothing() {
    check("en", "Russia rejects draft ahead of vote", &[]);
    check("en", "Kremlin dismisses draft as theatre", &[]);
    check("ru", "Россия отвергла проект резолюции перед голосованием", &[]);
    check("en", "Russia rejects draft", &["rejected"]);
}

#[test]
fn an_earlier_step_or_another_text_tells_nothing() {
    check("en", "Assembly to vote on resolution that passed committee 108-0", &[]);
    check("en", "Assembly to vote on resolution adopted by committee 108-0", &[]);
    check("en", "Cyber bill passes first committee hurdle", &[]);
    check("en", "Assembly rejects motion to delay debate", &[]);
    check("en", "Signs ceasefire is holding as vote on resolution nears", &[]);
    check("en", "Signs deal on grain is close", &[]);
    check("en", "Shell lifts buyback plan", &[]);
    check("en", "Tesla lifts launch forecast", &[]);
    check("en", "EU lifts sanctions on Arvik", &["cancelled"]);
}

#[test]
fn what_a_committee_did_hides_no_vote_of_the_assembly() {
    let heard = ("Assembly to vote on cyber resolution adopted by committee 108-0", "");
    let title = "General Assembly adopts cyber resolution, 150-2";
    after("en", heard, title, &["adopted", "150 in favour"]);
    let committee = ("Committee adopts cyber resolution, 108-0", "");
    after("en", committee, title, &["adopted", "150 in favour"]);
    after("en", committee, "UN adopts cyber resolution", &[]);
    after("en", committee, "Cyber resolution adopted by committee with 108 in favour", &[]);
}

#[test]
fn what_an_event_was_opened_with_counts_where_it_is_of_that() {
    let text = "The Assembly adopted a text on the rights of children on Monday. Next are computers.";
    let heard = ("Cyber security resolution before the nations", text);
    after("en", heard, "Assembly adopts resolution on cyber security", &["adopted"]);
    let rejected = ("Russia rejects cyber security resolution", "");
    after("en", rejected, "UN votes 108-0 on cyber security resolution", &["108 in favour"]);
}

#[test]
fn the_next_house_and_reading_are_news() {
    let senate = ("Senate passes bill on artificial intelligence", "");
    after("en", senate, "House passes bill on artificial intelligence", &["adopted"]);
    after("en", senate, "Parliament passes bill on artificial intelligence", &[]);
    after("en", senate, "President signs bill on artificial intelligence", &["signed"]);
    let first = ("Parliament adopts data bill in first reading", "");
    after("en", first, "Parliament adopts data bill in third reading", &["adopted"]);
    after("en", first, "Parliament adopts data bill", &[]);
}

#[test]
fn what_nobody_waited_for_is_no_news() {
    after("en", ("Typhoon heads for Taiwan", ""), "Taiwan cancels talks on trade over typhoon", &[]);
    after("en", ("Netflix is no stranger to the pivot", ""), "Netflix signs deal for films", &[]);
    after("en", ("Sony Pictures in talks with Netflix", ""), "Netflix signs deal with Sony Pictures", &["signed"]);
}

#[test]
fn what_was_waited_for_is_decided_about_whatever_it_is() {
    after("en", ("Advisers meet on Alzheimer's drug", ""), "FDA approves Alzheimer's drug", &["adopted"]);
    after(
        "en",
        ("Texas House takes up redistricting map, debate begins", ""),
        "House passes redistricting map",
        &["adopted"],
    );
    after("en", ("Joshua fight with Paul set for December", ""), "Joshua fight with Paul postponed", &["postponed"]);
    after("en", ("Advisers meet on Alzheimer's drug", ""), "FDA approves vaccine", &[]);
    after("en", ("Ceasefire due to take effect at dawn", ""), "Ceasefire takes effect", &["in force"]);
}

#[test]
fn a_rejection_counts_by_those_who_were_to_decide() {
    after("en", ("Warner board to meet on Paramount bid", ""), "Warner rejects Paramount bid", &["rejected"]);
    after("en", ("Hague court to rule on Israel's aid plan", ""), "Israel rejects aid plan ruling of Hague court", &[]);
    after("en", ("Council adopts Gaza plan", ""), "Hamas rejects Gaza plan", &[]);
    after("en", ("Iran sanctions vote at the Council", ""), "Iran says it rejects sanctions vote", &[]);
}

#[test]
fn a_speakers_word_is_no_news_and_a_label_is_no_speaker() {
    let heard = ("Senate weighs Russia sanctions bill", "");
    after("en", heard, "Graham: Trump has approved Russia sanctions bill", &[]);
    after("en", heard, "Russia sanctions: Senate approves bill", &["adopted"]);
    check("en", "Iran denies deal was signed over seized ship", &[]);
    check("en", "Senate rejects rival bills as deadline nears", &[]);
    check("de", "CDU fordert, dass das Heizungsgesetz zurückgezogen wird", &[]);
}

#[test]
fn titles_tell_news_in_words_of_the_present() {
    check("en", "Lawmakers approve bill on minimum wage", &["adopted"]);
    check("en", "Israel and Hamas agree ceasefire deal", &["agreed"]);
    check("en", "Parliament votes to delay deforestation law", &["postponed"]);
    check("en", "Plastics treaty talks collapse", &["collapsed"]);
    check("en", "Brussels proposes delay to law on computers", &[]);
    check("en", "Senators want to pass bill", &[]);
    check("es", "El Congreso rechaza la ley de amnistía", &["rejected"]);
    check("fr", "Le Sénat adopte la réforme des retraites", &["adopted"]);
    check("fr", "L'Assemblée rejette la motion de censure", &["rejected"]);
    check("de", "Bundestag lehnt das Gesetz zur Cybersicherheit ab", &["rejected"]);
    check("de", "Bundestag stimmt über das Gesetz zur Cybersicherheit ab", &[]);
    check("ru", "Перемирие в Газе вступило в силу", &["in force"]);
}

/// What titles tell one after the other, each to whoever heard those before it that told something.
fn sequence(lang: &str, first: &str, then: &[(&str, &[&str])]) {
    let mut heard = vec![Known::of(first, "", Some(lang))];
    for (title, expected) in then {
        let known: Vec<&Known> = heard.iter().collect();
        let is_news = |told: &Told| told.is_of(&known) && !heard.iter().any(|known| told.is_in(known.said()));
        let told: Vec<String> =
            results(title, "", Some(lang)).into_iter().filter(is_news).map(|told| told.shown).collect();
        assert_eq!(told, *expected, "{first:?} then {title:?}");
        heard.extend((!told.is_empty()).then(|| Known::of_title(title, "", Some(lang))));
    }
}

#[test]
fn a_vote_on_a_part_is_none_on_the_whole_and_hides_none() {
    const ADOPTED: &[&str] = &["adopted"];
    let bill = [("Senate approves amendment to AI bill", &[][..]), ("Senate passes AI bill", ADOPTED)];
    sequence("en", "Senate to vote on AI bill Thursday", &bill);
    let rule = [("House passes rule on Epstein files bill", &[][..]), ("House passes Epstein files bill", ADOPTED)];
    sequence("en", "House to vote on Epstein files bill", &rule);
    let law =
        [("Parliament rejects EPP amendment to climate law", &[][..]), ("Parliament adopts climate law", ADOPTED)];
    sequence("en", "Parliament to vote on climate law", &law);
    let motion = [
        ("Peru Congress approves motion to debate Boluarte's removal", &[][..]),
        ("Peru Congress approves motion to remove Boluarte", ADOPTED),
    ];
    sequence("en", "Peru Congress debates motion to remove Boluarte", &motion);
    let german = [
        ("Bundestag nimmt Änderungsantrag zum Rentenpaket an", &[][..]),
        ("Bundestag lehnt Antrag der Grünen zum Rentenpaket ab", &[]),
        ("Bundestag beschließt Rentenpaket", ADOPTED),
    ];
    sequence("de", "Bundestag stimmt über Rentenpaket ab", &german);
    let french = [("L'Assemblée adopte un amendement au budget", &[][..]), ("L'Assemblée adopte le budget", ADOPTED)];
    sequence("fr", "Budget : l'Assemblée examine le projet de loi", &french);
    let russian =
        [("Госдума приняла поправки к законопроекту о VPN", &[][..]), ("Госдума приняла законопроект о VPN", ADOPTED)];
    sequence("ru", "Госдума рассмотрит законопроект о VPN", &russian);
    let launch = [
        ("Artemis II launch rehearsal delayed by hydrogen leak", &[][..]),
        ("Nasa postpones Artemis II launch to March", &["postponed"]),
    ];
    sequence("en", "Nasa to launch Artemis II moon mission in February", &launch);
    sequence("en", "Senate approves amendment to AI bill", &[("Senate passes AI bill", ADOPTED)]);
}

#[test]
fn what_turns_about_what_was_waited_for_tells_nothing() {
    let nothing = |lang: &str, first: &str, title: &str| sequence(lang, first, &[(title, &[])]);
    nothing("en", "Senate to vote on arms sales to Israel", "Senate rejects effort to block arms sales to Israel");
    nothing("en", "Court to rule on Texas abortion law", "Court rejects challenge to Texas abortion law");
    nothing("en", "Swiss vote on ban on fur imports", "Swiss voters reject plan to lift ban on fur imports");
    nothing("en", "Knesset to vote on death penalty bill", "Knesset rejects bill against death penalty");
    nothing(
        "fr",
        "L'Assemblée nationale examine la loi Duplomb",
        "L'Assemblée rejette la motion de rejet de la loi Duplomb",
    );
    nothing(
        "fr",
        "Loi immigration : les députés votent lundi",
        "Loi immigration : les députés adoptent la motion de rejet",
    );
    nothing("de", "Bundestag berät über Heizungsgesetz", "Bundestag lehnt Antrag gegen Heizungsgesetz ab");
    nothing(
        "es",
        "El Congreso debate la ley de amnistía",
        "El Congreso rechaza el veto del Senado a la ley de amnistía",
    );
    nothing("ru", "Верховный суд рассмотрит иск к указу", "Верховный суд отклонил иск об отмене указа");
    nothing("ru", "Госдума рассмотрит закон о мигрантах", "Госдума отклонила предложение смягчить закон о мигрантах");
    nothing("en", "Senate to vote on AI bill Thursday", "White House signs off on AI bill");
    nothing("en", "Cabinet to approve digital ID plan", "Digital ID plan passes 2m petition signatures");
    nothing("en", "Bills to face Chiefs on Sunday", "Bills defeated by Chiefs");
    nothing("en", "Senate to vote on Epstein files bill", "Senate agrees to pass Epstein files bill");
    nothing(
        "en",
        "Israel and Hamas in talks over ceasefire deal",
        "Hamas rejects claims it is delaying ceasefire deal",
    );
    let shutdown = ("Senate passes funding bill to end shutdown", &["adopted"][..]);
    sequence("en", "US shutdown: Senate to vote on funding bill", &[shutdown]);
    let sanctions = ("EU adopts 19th package of sanctions against Russia", &["adopted"][..]);
    sequence("en", "EU ministers meet on 19th sanctions package on Russia", &[sanctions]);
    let veto = ("El Senado rechaza el veto de Milei a la ley de discapacidad", &["rejected"][..]);
    sequence("es", "El Senado vota sobre el veto a la ley de discapacidad", &[veto]);
}

#[test]
fn what_was_waited_for_is_what_was_decided() {
    let nothing = |first: &str, title: &str| sequence("en", first, &[(title, &[])]);
    nothing("London Fashion Week opens with Burberry plan", "Burberry scraps dividend plan");
    nothing("Hurricane Melissa: Jamaica may be hit", "Concert cancelled over Hurricane Melissa");
    nothing("Supreme Court to hear Trump tariffs case", "Trump cancels trade talks with Canada over tariffs ad");
    nothing("Supreme Court to rule on birthright citizenship order", "Trump cancels visit ahead of birthright ruling");
    nothing("FDA advisers to discuss hepatitis B vaccine", "FDA approves hepatitis B treatment");
    nothing("Ukraine peace plan: Geneva talks begin", "Ukraine cancels energy talks over corruption probe");
    nothing("Putin and Trump set to meet in Alaska", "Europe agrees plan for Ukraine before Alaska meeting");
    sequence(
        "en",
        "US Senate to vote on Venezuela war powers",
        &[("Senate rejects Venezuela war powers resolution", &["rejected"])],
    );
    let draft = "Госдума рассмотрит в первом чтении проект о повышении МРОТ";
    sequence("ru", draft, &[("Госдума приняла в первом чтении законопроект о повышении МРОТ", &["adopted"])]);
    sequence("en", "Nurses' pay talks with minister on Tuesday", &[("Nurses reject pay deal", &["rejected"])]);
}

#[test]
fn another_language_must_name_the_same_kind_and_body() {
    let to_vote = ("UN to vote on cyber resolution", "");
    after("ru", to_vote, "Госдума приняла закон о рекламе", &[]);
    after("ru", to_vote, "Суд отменил приговор блогеру", &[]);
    after("es", to_vote, "El Gobierno aprueba la ley de vivienda", &[]);
    after("ru", TO_VOTE, "Совбез ООН принял резолюцию по Газе", &[]);
    after("ru", TO_VOTE, "Первый комитет принял резолюцию о кибербезопасности", &["adopted"]);
}

#[test]
fn one_fact_in_other_words_is_no_news_and_a_later_step_is() {
    let once =
        |first: &str, title: &str, told: &[&str], other: &str| sequence("en", first, &[(title, told), (other, &[])]);
    once(
        "Supreme Court to rule on Trump tariffs",
        "Supreme Court strikes down Trump tariffs",
        &["overturned"],
        "Supreme Court rejects Trump tariffs",
    );
    once(
        "Council to vote on Gaza resolution",
        "US vetoes Gaza resolution",
        &["vetoed"],
        "Council fails to adopt Gaza resolution",
    );
    once(
        "Trump and Putin to hold summit in Budapest",
        "Trump calls off Budapest summit with Putin",
        &["cancelled"],
        "Trump-Putin summit in Budapest postponed indefinitely",
    );
    once(
        "EU to decide on sanctions extension",
        "EU extends sanctions on Russia",
        &["extended"],
        "EU agrees sanctions extension",
    );
    once(
        "EU to decide on sanctions extension",
        "EU extends sanctions on Russia",
        &["extended"],
        "EU approves extension of Russia sanctions",
    );
    once(
        "Tube strike: RMT in talks with TfL",
        "Tube strike called off",
        &["cancelled"],
        "RMT and TfL agree deal to end Tube strike",
    );
    let german = [
        ("Karlsruhe kippt Heizungsgesetz", &["overturned"][..]),
        ("Karlsruhe verwirft Heizungsgesetz", &[]),
        ("Gericht hebt Heizungsgesetz auf", &[]),
    ];
    sequence("de", "Bundesverfassungsgericht urteilt über Heizungsgesetz", &german);
    let steps = [("Budapest summit postponed", &["postponed"][..]), ("Budapest summit called off", &["cancelled"])];
    sequence("en", "Trump and Putin to hold summit in Budapest", &steps);
    let deal = [
        ("US and Ukraine agree minerals deal", &["agreed"][..]),
        ("Trump signs minerals deal with Ukraine", &["signed"]),
    ];
    sequence("en", "US and Ukraine in talks on minerals deal", &deal);
}

#[test]
fn who_decides_stands_before_the_verb() {
    let deal = [
        ("Senate passes shutdown deal, sending bill to House", &["adopted"][..]),
        ("House passes shutdown deal", &["adopted"]),
    ];
    sequence("en", "Senate to vote on shutdown deal", &deal);
    let sanctions = [
        ("European Commission approves 19th sanctions package", &["adopted"][..]),
        ("EU Council adopts 19th sanctions package", &["adopted"]),
        ("Committee adopts 19th sanctions package", &["adopted"]),
    ];
    sequence("en", "EU to vote on 19th sanctions package", &sanctions);
}
