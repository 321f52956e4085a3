//! What walls are told by, and what is none.

use super::{CHECK_TITLES, CHECK_WORDS};
use crate::model::Wall;
use crate::page::tests::{LEAD, read, read_at};
use crate::text;

fn wall(title: &str, paragraphs: &[&str]) -> Option<Wall> {
    let paragraphs: Vec<_> = paragraphs.iter().map(|text| format!("<div><p>{text}</p></div>")).collect();
    let paragraphs = paragraphs.concat();
    read(&format!("<title>{title} | News</title><main><h1>{title}</h1>{paragraphs}</main>")).wall
}

#[test]
fn the_words_of_checks_are_as_folding_leaves_them() {
    let all = CHECK_TITLES.iter().map(|(title, _)| title).chain(&CHECK_WORDS);
    assert_eq!(all.filter(|words| text::fold(words) != **words).collect::<Vec<_>>(), [] as [&&str; 0]);
}

#[test]
fn a_page_that_lets_its_readers_agree_or_pay_is_a_wall() {
    let walls: [(&str, &[&str]); 8] = [
        (
            "Sie haben die Wahl",
            &[
                "Weiter mit Werbung: Nutzen Sie unsere Seiten kostenlos mit Werbung und Tracking, die Zustimmung ist jederzeit widerrufbar.",
                "Pur-Abo: Lesen Sie werbefrei und ohne Tracking für 3,99 Euro pro Monat.",
            ],
        ),
        (
            "Accepter ou s’abonner",
            &[
                "En acceptant les cookies, vous lisez nos articles gratuitement, et la publicité finance notre travail.",
                "Vous pouvez aussi refuser les cookies et nous lire sans publicité pour 2 euros par mois, sans engagement.",
            ],
        ),
        (
            "Accetta o abbonati",
            &["Accetta i cookie e leggi gratis, oppure abbonati e leggi senza pubblicità a 2 euro al mese."],
        ),
        (
            "Acepta o suscríbete",
            &["Puedes aceptar las cookies y leer gratis, o suscribirte y leer sin publicidad por 2 euros al mes."],
        ),
        (
            "Accept or pay",
            &[
                "Accept cookies and read for free with personalised advertising, or pay to reject it, for 3 pounds a month.",
            ],
        ),
        (
            "プライバシー設定",
            &[
                "当サイトでは、Cookieなどの技術を使用しています。パートナーが広告を表示することに同意する場合は、すべて同意を押してください。",
            ],
        ),
        (
            "Consent or pay",
            &["Accept all cookies and see personalised advertising, or read without ads for 2 pounds per month."],
        ),
        (
            "Akkoord of abonneren",
            &["Wij en onze partners gebruiken cookies. Lees zonder advertenties voor 2 euro per maand."],
        ),
    ];
    assert_eq!(walls.map(|(title, text)| wall(title, text)), [Some(Wall::Consent); 8]);
    let gate = format!("<h1>Welkom</h1><p>{LEAD}</p>");
    assert_eq!(read_at("https://www.news.example/privacy-gate?back=1", &gate).wall, Some(Wall::Consent));
}

#[test]
fn an_article_about_such_walls_is_none() {
    let about = [
        "Zeitungen dürfen ihre Leser weiter vor die Wahl stellen, ein Pur-Abo zu kaufen oder mit Werbung weiterzulesen.",
        "Das entschied am Montag das Gericht in Wien; die Klägerin hatte verlangt, dass Verlage auf Tracking ganz verzichten.",
        "Ein Sprecher der Verlage nannte das Urteil einen Sieg der Vernunft, von dem auch kleine Häuser leben könnten.",
    ];
    assert_eq!(wall("Gericht erlaubt Pur-Abos", &about), None);
    let about = [
        "Readers in Britain must accept cookies or pay for most of the news, a survey by the regulator found on Monday.",
        "Of the twenty largest papers eleven ask for three pounds or more, and none tells how many pay.",
    ];
    assert_eq!(wall("Consent or pay spreads", &about), None);
    let about = [
        "Meta will offer an ad-free version of its networks in Britain for 2.99 pounds a month, and stop using the personal data of those who pay for personalised advertising.",
        "Those who go on without ads pay 3.99 pounds per month on phones; all others see personalised ads, as before.",
    ];
    assert_eq!(wall("Meta to go ad-free", &about), None);
    let about = "The principal mes que un club had free advertising a month, and per month more.";
    assert_eq!(wall("Club", &[about]), None);
    // A dated one on what its own site asks.
    let own = "We use cookies and similar technologies: by clicking accept all you agree to our use of cookies.";
    let dated = "<meta property=article:published_time content=2021-12-06>";
    assert_eq!(read(&format!("{dated}<h1>Why we ask for consent to cookies</h1><p>{own}</p>")).text, own);
    // With a banner above the text of another.
    let banner = "We and our 800 partners use cookies to show personalised advertising; accept all, or read ad-free for 3 pounds a month.";
    assert_eq!(wall("Adopted", &[banner, LEAD]), None);
}

#[test]
fn checks_for_robots_are_told_by_their_words_and_their_scripts() {
    assert_eq!(wall("Проверка браузера", &["Это займёт несколько секунд."]), Some(Wall::Check));
    assert_eq!(wall("Подождите, идёт проверка…", &[]), Some(Wall::Check));
    assert_eq!(wall("news.example", &["Проверяем, что вы не робот, подождите."]), Some(Wall::Check));
    assert_eq!(
        read("<script src=/__qrator/qauth.js></script><noscript>Включите JavaScript</noscript>").wall,
        Some(Wall::Check)
    );
    let by_script = "<html><body><script>(function(){var s=document.createElement('script');s.src='/.well-known/ddos-guard/check?t=1';document.head.append(s)})()</script></body></html>";
    assert_eq!(read(by_script).wall, Some(Wall::Check));
    assert_eq!(wall("news.example", &["Один момент", "Защита от DDoS"]), Some(Wall::Check));
    assert_eq!(wall("Client Challenge", &["Один момент"]), Some(Wall::Check));
    // A story about one.
    assert_eq!(wall("Client Challenges Law Firm's Fee", &["It is too much."]), None);
    let about = "Рынок растет: защита от DDoS-атак подорожала за год на треть, сообщили в ведомстве в понедельник.";
    assert_eq!(wall("Защита от DDoS подорожала", &[about]), None);
    let consent =
        format!("<form action=/consent></form><script>s={{\"title\":\"Adopted\",\"a\":\"{LEAD} {LEAD}\"}}</script>");
    let told =
        read(&format!("<meta property=article:published_time content=2021-12-06><title>Adopted</title>{consent}"));
    assert_eq!((told.wall, told.text), (None, format!("{LEAD} {LEAD}")));
    let dated = "<meta property=article:published_time content=2021-12-06>";
    let about = "Проверяем, что вы не робот: такую надпись видят теперь посетители сайта министерства, сообщили в ведомстве в понедельник.";
    assert_eq!(read(&format!("{dated}<h1>Сайт закрыли</h1><p>{about}</p>")).wall, None);
}
