//! What is a copy of what, and what only looks like one.

use super::*;

const STATEMENT: &str = "The committee adopted the resolution on information security without a vote on Wednesday evening. \
    Its authors, Russia and the United States, asked all countries to keep to the agreed rules. The chair thanked the \
    delegates for eleven days of talks and closed the session shortly before midnight. The plenary takes it up in December.";

fn with(words: &str) -> &'static str {
    Box::leak(words.to_owned().into_boxed_str())
}

fn copy_of(commit: &Commit) -> Option<i64> {
    ruling(commit).copy_of().map(|story| story.0)
}

fn why(commit: &Commit) -> String {
    commit.decisions[0].reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_clients_do_to_a_text_leaves_it_a_copy() {
    let first_half = STATEMENT.split_inclusive(". ").take(2).collect::<String>();
    let dropped = STATEMENT
        .replace("Its authors, Russia and the United States, asked all countries to keep to the agreed rules. ", "");
    for text in [
        format!("GENEVA, Nov 3 (Reuters) - {STATEMENT}"),
        format!("By Jane Porter\n{STATEMENT}\n(Reporting by Jane Porter; Editing by Sam Okoro)\nFollow us on Twitter!"),
        format!(
            "World\nSport\nOil prices fall most in seven weeks\nHow fast can a snail run\n{STATEMENT}\nMost read\nA whale in the bay"
        ),
        format!("{STATEMENT} Observers had expected a vote. The next session is in spring."),
        first_half,
        dropped,
    ] {
        let mut room = Newsroom::hears(&[OPENED, UPDATED]);
        room.comes(&by("agency.example", ("Resolution adopted", STATEMENT)));
        let copy =
            room.comes(&by("client.example", ("Late night for the diplomats", with(&format!("{text} (resolution)")))));
        assert_eq!((copy_of(&copy), told(&copy)), (Some(1), vec![]), "of {text:?}: {}", why(&copy));
    }
}

#[test]
fn a_reason_says_of_which_story_how_much_and_what_was_compared() {
    let mut room = Newsroom::new();
    room.comes(&by("agency.example", ("Resolution adopted", STATEMENT)));
    let copy = room.comes(&by("client.example", ("Vote", with(&format!("(Reuters) - {STATEMENT}")))));
    let reason = copy.decisions[0].reasons.iter().find(|reason| reason.story.is_some()).unwrap();
    assert_eq!(
        reason.text,
        "the text of that story: they share 100 % of the shorter text, 96 % of the longer, furniture left out"
    );
    assert_eq!(reason.story, Some(StoryId(1)));
    assert!(reason.numbers.contains(&("containment", 1.0)), "{:?}", reason.numbers);
}

#[test]
fn a_copy_of_a_copy_names_the_original_and_what_it_was_compared_with() {
    let mut room = Newsroom::new();
    let hours = |n| Given { hours_ago: Some(n), ..by("agency.example", ("Resolution adopted", STATEMENT)) };
    room.comes(&hours(3));
    let added = "Nobody spoke against the resolution. Small islands had wanted more. Their draft was withdrawn at noon in silence.";
    let second: &str = with(&format!("{STATEMENT} {added}"));
    room.comes(&Given { publisher: "client.example", words: ("Vote", second), ..hours(2) });
    let last = with(&second.split_inclusive(". ").skip(3).collect::<String>());
    let third = room.comes(&Given { publisher: "third.example", words: ("Vote on a resolution", last), ..hours(1) });
    assert_ne!(copy_of(&third), Some(2), "{}", why(&third));
}

#[test]
fn an_original_that_comes_after_its_copy_is_told_no_second_time_and_later_copies_name_it() {
    let mut room = Newsroom::hears(&[OPENED, UPDATED]);
    let given = |publisher, title, hours| Given {
        publisher,
        words: (title, STATEMENT),
        hours_ago: Some(hours),
        ..by("", ADOPTED)
    };
    let copy = room.comes(&given("client.example", "Diplomats agree", 2));
    let original = room.comes(&given("agency.example", "Resolution adopted", 3));
    let later = room.comes(&given("third.example", "Vote at midnight", 1));
    assert_eq!(told(&copy), [OPENED]);
    assert_eq!((copy_of(&original), told(&original)), (Some(1), vec![]));
    assert!(why(&original).contains("this is the original"), "{}", why(&original));
    assert_eq!((copy_of(&later), told(&later)), (Some(2), vec![]), "{}", why(&later));
    let mut again = Newsroom { decider: room.rebuilt(), ..room };
    let last = again.comes(&given("fourth.example", "Agreed", 0));
    assert_eq!(copy_of(&last), Some(2));
}

#[test]
fn reports_by_one_template_are_events_of_their_own_and_a_new_count_is_none() {
    let quake = |size: &str, far: &str, place: &str, day: &str| {
        with(&format!(
            "A magnitude {size} earthquake struck {far} km off the coast of {place} on {day}, the survey said. \
            A resolution on warnings is before its board. There were no immediate reports of damage."
        ))
    };
    let mut room = Newsroom::new();
    let first = room.comes(&by("one.example", ("Resolution watch", quake("5.1", "80", "Tonga", "Monday"))));
    let other = room.comes(&by("two.example", ("Resolution alert", quake("6.4", "35", "Luzon", "Friday"))));
    let count = room.comes(&by("three.example", ("Resolution news", quake("5.3", "80", "Tonga", "Monday"))));
    assert_eq!(told(&other), [OPENED], "{}", why(&other));
    assert_eq!(
        (ruling(&count), count.decisions[0].event),
        (Ruling::Joined, first.decisions[0].event),
        "{}",
        why(&count)
    );
    // However alike they grow, they stay apart.
    let later = [
        ("four.example", "6.5", "35", "Luzon", "Friday"),
        ("five.example", "5.2", "81", "Tonga", "Monday"),
        ("six.example", "6.3", "36", "Luzon", "Friday"),
        ("seven.example", "5.0", "79", "Tonga", "Monday"),
    ];
    for (publisher, size, far, place, day) in later {
        let next = room.comes(&by(publisher, ("Resolution news", quake(size, far, place, day))));
        let home = if place == "Tonga" { &first } else { &other };
        assert_eq!((next.decisions[0].event, &next.merged), (home.decisions[0].event, &vec![]), "{}", why(&next));
    }
}

#[test]
fn a_round_up_is_no_copy_of_what_it_sums_up_nor_are_its_parts_copies_of_it() {
    let items = [
        "Bakers in the old town raised the price of bread because flour became dear. Customers queued all the same.",
        "A whale was seen in the bay on Sunday by two fishermen. It left with the tide before dawn.",
        "The museum opens its new wing with an exhibition of glass lamps. Tickets were sold out within an hour.",
        "Cyclists blocked the bridge to protest against the closing of a lane. Police let them pass after noon.",
        "The choir won a prize in Vienna for its program of sea songs. It had practiced since last winter.",
    ];
    let item = "Delegates approved the resolution on cables after a long debate. Three small countries abstained from the vote.";
    let digest = with(&[&items[..2], &[item], &items[2..]].concat().join("\n"));
    let mut before = Newsroom::new();
    before.comes(&by("one.example", ("Cables", item)));
    assert_eq!(copy_of(&before.comes(&by("two.example", ("The day in brief", digest)))), None);
    let mut after = Newsroom::new();
    after.comes(&by("two.example", ("The day in brief", digest)));
    assert_eq!(copy_of(&after.comes(&by("one.example", ("Cables", item)))), None);
}

#[test]
fn a_cut_of_a_text_is_its_copy_though_a_round_up_that_came_first_begins_with_the_same_words() {
    let mut room = Newsroom::new();
    let cut = STATEMENT.split_inclusive(". ").take(2).collect::<String>();
    let others = "Bakers in the harbor town raised the price of bread because flour became dear. A museum of the resolution of \
        lenses opens in spring, the committee of its friends said. Two rivers burst their banks and a bridge was closed to all but \
        buses. The league's last match ended in fog, and nobody saw the only goal but the keeper. Fishermen found a buoy that \
        had drifted around the world for eleven years. The choir sings in the station hall on every day of the week.";
    let given = |publisher, title, text: &str, hours| Given {
        hours_ago: Some(hours),
        ..by(publisher, (title, with(&format!("{text} (resolution)"))))
    };
    room.comes(&given("one.example", "The day in brief", &format!("{cut}{others}"), 5));
    room.comes(&given(
        "agency.example",
        "Resolution adopted",
        &format!("{STATEMENT} {STATEMENT}").replace("  ", " "),
        4,
    ));
    let copy = room.comes(&given("client.example", "Late night for the diplomats", &cut, 1));
    assert_eq!(copy_of(&copy), Some(2), "{}", why(&copy));
}

#[test]
fn an_account_that_quotes_a_statement_whole_is_no_copy_of_it() {
    let quote = "We welcome the resolution and will abide by every word of it for as long as the others do so as well.";
    let account = with(&format!(
        "The minister flew home on Friday after a week that nobody had planned. In the hall of the airport she read from a sheet \
         of paper while reporters held up their phones. \u{201c}{quote}\u{201d} Then she left through a side door. Her deputy, who \
         had led the talks until Tuesday, said that the mood was better than in spring, and that experts would meet again."
    ));
    let mut room = Newsroom::new();
    room.comes(&by("ministry.example", ("Statement", quote)));
    assert_eq!(copy_of(&room.comes(&by("paper.example", ("A long week", account)))), None);
}

#[test]
fn the_same_publishers_text_at_another_address_is_its_story_again_and_titles_alone_are_never_near_copies() {
    let mut room = Newsroom::new();
    room.comes(&by("agency.example", ("Resolution adopted", STATEMENT)));
    let again =
        room.comes(&by("agency.example", ("UPDATE 1: Resolution adopted", with(&format!("{STATEMENT} More soon.")))));
    assert_eq!(ruling(&again), Ruling::Again { of: StoryId(1) });
    let bare = room.comes(&by("ticker.example", ("Resolution adopted", "")));
    assert_eq!((copy_of(&bare), told(&bare)), (None, vec![]), "{}", why(&bare));
}

#[test]
fn what_a_publisher_puts_under_all_its_stories_makes_no_copies_of_them() {
    let below = "About the agency\nThe agency for resolution of disputes works for a high common level of trust in all regions. \
        Founded in 2004 and strengthened by the act of 2019, it advises governments, trains judges and certifies mediators, and so \
        prepares the region for the resolution of the disputes of tomorrow.";
    let story = |title, own: &str| by("agency.example", (title, with(&format!("{own}\n{below}"))));
    let mut room = Newsroom::new();
    let told_of: Vec<Commit> = [
        story(
            "Guide for hospitals published",
            "Hospitals learn how to settle quarrels over bills, of which there were twice as many.",
        ),
        story(
            "Exercise tests gas pipelines",
            "Experts from thirty countries took part in an exercise that ran for three whole days.",
        ),
        story(
            "Flaw in routers exploited",
            "Attackers make use of a hole in widely sold boxes; whoever runs one should mend it at once.",
        ),
    ]
    .iter()
    .map(|given| room.comes(given))
    .collect();
    for commit in &told_of {
        assert_eq!((ruling(commit), told(commit)), (Ruling::Opened, vec![OPENED]), "{}", why(commit));
    }
    // What the publisher edits has its title's words, or its beginning, still.
    let edited =
        room.comes(&story("Guide for all hospitals", "Clinics learn how quarrels over bills end, of which many were."));
    assert_eq!(ruling(&edited), Ruling::Again { of: StoryId(1) }, "{}", why(&edited));
}

#[test]
fn an_item_of_a_series_is_no_copy_of_another_whose_words_it_has() {
    let text = |village: &str| {
        with(&format!(
            "Units of the eastern group took the village of {village} in the resolution of this week's fighting, the ministry \
             says in its daily report."
        ))
    };
    let mut room = Newsroom::new();
    room.comes(&by("agency.example", ("Units take the village of Arvik", text("Arvik"))));
    let next = room.comes(&by("agency.example", ("Units take the village of Tolm", text("Tolm"))));
    assert_eq!((ruling(&next), told(&next)), (Ruling::Opened, vec![OPENED]), "{}", why(&next));
}

#[test]
fn the_same_few_words_on_another_day_are_another_item_and_the_same_day_no_other() {
    let mut room = Newsroom::new();
    let briefing =
        |hours| Given { hours_ago: Some(hours), ..by("ministry.example", ("Briefing on the resolution", "")) };
    let days: Vec<Commit> = [72, 48, 24].map(|hours| room.comes(&briefing(hours))).into();
    for day in &days {
        assert_eq!((ruling(day), told(day)), (Ruling::Opened, vec![OPENED]), "{}", why(day));
    }
    assert_eq!(ruling(&room.comes(&briefing(23))), Ruling::Again { of: StoryId(3) });
    let undated = Given { hours_ago: None, ..briefing(0) };
    assert_eq!(ruling(&room.comes(&undated)), Ruling::Again { of: StoryId(1) }, "what has no date proves nothing");
}

#[test]
fn what_stands_under_the_same_title_on_another_day_is_the_next_item_of_a_series_unless_its_text_is_a_copy() {
    let column =
        |hours, text| Given { hours_ago: Some(hours), ..by("paper.example", ("The resolution at dawn", text)) };
    let first = "The choir left for Vienna, bakers raised the price of bread and a whale was seen in the bay. All that you need to know.";
    let second = "Two rivers burst their banks, the museum found a forged lamp and the league ended in fog. All that you need to know.";
    let mut room = Newsroom::new();
    for (hours, text) in [(60, first), (36, second), (12, "")] {
        let item = room.comes(&column(hours, text));
        assert_eq!((ruling(&item), told(&item)), (Ruling::Opened, vec![OPENED]), "{}", why(&item));
    }
    let again = room.comes(&column(1, first));
    assert_eq!(ruling(&again), Ruling::Again { of: StoryId(1) }, "{}", why(&again));
    // Within hours it is told anew, with more in it; and another publisher's title is no item of it.
    let more = room.comes(&column(8, "Fishermen found a buoy."));
    assert_eq!(more.decisions[0].event, Some(EventId(3)), "{}", why(&more));
    let others = room.comes(&Given { publisher: "other.example", ..column(8, "Divers saw a buoy.") });
    assert_eq!(ruling(&others), Ruling::Joined, "{}", why(&others));
}

#[test]
fn the_same_few_words_of_another_publisher_are_a_copy_within_a_day_and_later_of_another_thing() {
    let status = |publisher, days: i64| Given {
        hours_ago: Some(days * 24),
        ..by(publisher, ("Slow resolution of names", "We are looking into slow answers."))
    };
    let mut room = Newsroom::new();
    room.comes(&status("one.example", 13));
    assert_eq!(copy_of(&room.comes(&status("two.example", 13))), Some(1));
    let later = Given { arrival: Arrival::Later, ..status("three.example", 1) };
    let later = room.comes(&later);
    assert_eq!((ruling(&later), told(&later)), (Ruling::Opened, vec![OPENED]), "{}", why(&later));
    let undated = Given { hours_ago: None, ..status("four.example", 0) };
    assert_eq!(copy_of(&room.comes(&undated)), Some(1), "what has no date proves nothing");
}

#[test]
fn each_episode_of_a_show_is_told_though_one_description_stands_under_all() {
    const NOTES: &str = "Get the latest from our newsroom every weekday. Hosted by Jane Roe and John Doe. Produced by Max Moe. \
        Subscribe wherever you get your podcasts and support our journalism (resolution).";
    let mut room = Newsroom::new();
    let episodes =
        ["Why the budget failed in parliament", "The flood that took a town", "Whales are back off the pier"];
    let told: Vec<bool> =
        episodes.map(|title| told(&room.comes(&by("show.example", (title, NOTES)))) == [OPENED]).into();
    assert_eq!(told, [true; 3]);
    let again = room.comes(&by("show.example", ("Again: the flood that took the town", NOTES)));
    assert!(again.notifications.is_empty(), "{}", why(&again));
    // Under another publisher's title it is that publisher's copy, as ever.
    let copy = room.comes(&by("client.example", ("Late night for the diplomats", NOTES)));
    assert!(copy_of(&copy).is_some(), "{}", why(&copy));
}

#[test]
fn each_of_forty_daily_episodes_is_told_though_one_description_stands_under_all() {
    let notes: Vec<String> = (0..80).map(|n| format!("word{n}")).collect();
    let notes = with(&format!("Resolution {}.", notes.join(" ")));
    let mut room = Newsroom::new();
    for n in 0..40 {
        room.now += SignedDuration::from_hours(24);
        let title = with(&format!("Topic{n} and talk{n}"));
        let episode = room.comes(&by("show.example", (title, notes)));
        assert_eq!(told(&episode), [OPENED], "{n}: {}", why(&episode));
    }
}

#[test]
fn an_article_told_again_under_a_new_headline_and_address_is_its_copy_where_it_is_longer_than_notes() {
    let article = |words: usize| {
        let words: Vec<String> = (0..words).map(|n| format!("word{n}")).collect();
        with(&format!("Resolution {}.", words.join(" ")))
    };
    for (words, expected) in [(100, None), (400, Some(1))] {
        let mut room = Newsroom::new();
        room.comes(&by("paper.example", ("Floods close the harbour", article(words))));
        let again = room.comes(&by("paper.example", ("Ships wait outside Arvik", article(words))));
        assert_eq!(copy_of(&again), expected, "{words}: {}", why(&again));
    }
}

#[test]
fn an_identifier_that_another_story_of_the_event_names_keeps_none_of_the_same_words_out() {
    let mut room = Newsroom::new();
    room.comes(&by("list.example", ("Flaw in Foo router tracked as CVE-2026-1000", STATEMENT)));
    let both = "Flaw in Foo router tracked as CVE-2026-1000 and CVE-2026-2000";
    let both = room.comes(&by("paper.example", (both, "A resolution of both is near.")));
    assert_eq!(both.decisions[0].event, Some(EventId(1)), "{}", why(&both));
    let next = room.comes(&by("list.example", ("Flaw in Foo router tracked as CVE-2026-2000", STATEMENT)));
    assert_eq!((copy_of(&next), next.decisions[0].event), (None, Some(EventId(1))), "{}", why(&next));
}

#[test]
fn another_publishers_short_report_of_another_thing_is_no_copy() {
    let sentenced = |who: &str| {
        let text = format!("A man has been sentenced to life in prison for the murder of a {who} (resolution).");
        with(&text)
    };
    let mut room = Newsroom::new();
    room.comes(&by(
        "one.example",
        ("Court sentences man to life for murder of teacher", sentenced("teacher in Leeds")),
    ));
    let next = room
        .comes(&by("two.example", ("Court sentences man to life for murder of nurse", sentenced("nurse in Bristol"))));
    assert_eq!(copy_of(&next), None, "{}", why(&next));
}

#[test]
fn an_agencys_text_is_a_copy_under_whatever_title_another_puts_above_it() {
    let text = with(
        "An explosion tore through a market in the middle of the city on Monday morning (resolution). Two people were killed and several more \
         were taken to hospital with burns, the rescue service said. Witnesses spoke of a loud bang and a column of smoke over the river. The \
         police closed the streets around the square and asked everyone to stay away while the cause was looked into.",
    );
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ("Explosion at market kills two people in Kyiv", text)));
    let copy = room.comes(&by("two.example", ("Explosion at market kills two people in Ukraine", text)));
    assert_eq!(copy_of(&copy), Some(1), "{}", why(&copy));
}

#[test]
fn a_short_text_that_begins_with_the_other_name_is_a_copy() {
    let exchanged = |who: &str| {
        with(&format!(
            "{who} exchanged hundreds of prisoners of war near the border early in the morning, the ministry of defence said (resolution)."
        ))
    };
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ("Prisoners are exchanged", exchanged("Russia and Ukraine"))));
    let copy = room.comes(&by("two.example", ("Prisoners are exchanged again", exchanged("Ukraine and Russia"))));
    assert_eq!(copy_of(&copy), Some(1), "{}", why(&copy));
}
