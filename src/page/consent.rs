//! The words with which publishers ask their readers for consent to cookies.

use crate::text;

/// Bytes of a text above which it is no request for consent.
const BYTES_MAX: usize = 8_000;
/// What the words of a paragraph must come to, as a publisher's own count twice: an article about consent quotes one or two.
const LINE_POINTS_MIN: usize = 4;
/// What those of a page must come to.
const PAGE_POINTS_MIN: usize = 5;
/// Bytes of such paragraphs that a page shows for each of others, at least.
const OTHERS_SHARE: usize = 4;
/// Paragraphs at each end of an article among which they are sought.
const EDGE_LINES: usize = 4;
/// Bytes of a line up to which it is a label of theirs.
const LABEL_BYTES: usize = 60;

/// One of these is in every such text, less the first letter, which may be a capital; sought first, as most texts have none
/// and folding costs more than all else here.
#[rustfmt::skip]
const KEYS: [&str; 12] = [
    "ookie", "artner", "artenaire", "rivacy", "rivatsph", "ocios", "rivacidad", "arceiros", "уки", "артн", "パートナー", "クッキー",
];

/// What a publisher says of itself and to its reader. Folded.
#[rustfmt::skip]
const OWN: &[&str] = &[
    // English
    "we use cookie", "this website uses cookies", "this site uses cookies", "our website uses cookies", "we value your privacy",
    "we care about your privacy", "your privacy is important to us", "we respect your privacy", "we and our", "with our partners",
    "best experience on our", "our use of cookies", "our cookie policy", "our privacy policy", "we store and",
    // German
    "wir verwenden cookies", "wir nutzen cookies", "wir setzen cookies", "wir und unsere", "ihre privatsphare ist uns",
    "unsere partner", "unseren partnern", "diese website verwendet cookies", "diese website benutzt cookies",
    // French
    "nous utilisons des cookies", "nous et nos", "nos partenaires", "ce site utilise des cookies", "respect de votre vie privee",
    // Spanish, Portuguese
    "utilizamos cookies", "usamos cookies", "nosotros y nuestros", "nuestros socios", "esta web utiliza cookies",
    "este sitio utiliza cookies", "este sitio web utiliza cookies", "valoramos tu privacidad", "valoramos su privacidad",
    "nos e os nossos", "nossos parceiros", "este site utiliza cookies", "valorizamos a sua privacidade",
    // Italian
    "utilizziamo cookie", "utilizziamo i cookie", "usiamo i cookie", "noi e i nostri", "nostri partner",
    "questo sito utilizza cookie", "questo sito utilizza i cookie", "la tua privacy e importante",
    // Dutch, Swedish, Danish, Norwegian
    "wij gebruiken cookies", "we gebruiken cookies", "wij en onze", "onze partners", "vi anvander cookies", "vi och vara",
    "vi bruger cookies", "vi bruker cookies", "vi og vores", "vi og vare",
    // Polish, Czech
    "uzywamy plikow cookie", "korzystamy z plikow cookie", "wykorzystujemy pliki cookie", "nasi partnerzy", "naszymi partnerami",
    "pouzivame soubory cookie", "my a nasi partneri",
    // Japanese
    "当社とパートナー", "当社と当社のパートナー", "当社および当社のパートナー", "当サイトではcookie", "当サイトでは、cookie",
    "当サイトはcookie", "当サイトは、cookie", "当社はcookie", "当社は、cookie", "当ウェブサイトではcookie", "当ウェブサイトでは、cookie",
    "cookieを使用しています", "cookieを使用します", "クッキーを使用しています", "クッキーを使用します",
    // Russian, Ukrainian
    "мы используем файлы cookie", "мы используем cookie", "мы используем куки", "наш сайт использует", "этот сайт использует",
    "сайт использует файлы cookie", "сайт использует cookie", "мы и наши", "наши партнеры", "нашими партнерами",
    "ми використовуємо файли cookie", "ми використовуємо cookie", "сайт використовує", "наші партнери", "нашими партнерами",
];

/// What else is said there. Folded.
#[rustfmt::skip]
const OTHER: &[&str] = &[
    // English
    "similar technologies", "such as cookies", "cookie policy", "cookie settings", "accept all", "reject all", "by clicking",
    "click to consent", "consent to", "you agree to", "your consent", "information on a device", "unique identifiers",
    "precise geolocation", "device scanning", "browsing data", "browsing experience", "personalised ad", "personalized ad",
    "personalise content", "personalize content", "legitimate interest", "audience research", "before you continue",
    "manage preferences", "manage your preferences", "your privacy choices", "continue to use this site", "your experience",
    // German
    "alle akzeptieren", "alles akzeptieren", "ihre einwilligung", "deine einwilligung", "ihrer zustimmung", "ihre zustimmung",
    "auf einem gerat", "auf ihrem gerat", "personalisierte anzeigen", "personalisierte werbung", "genaue standortdaten",
    "cookie-einstellungen", "datenschutzerklarung", "jederzeit widerrufen", "privatsphare",
    // French
    "tout accepter", "tout refuser", "votre consentement", "sur un appareil", "sur votre appareil",
    "sur un terminal", "sur votre terminal", "publicites personnalisees", "publicite personnalisee", "contenu personnalise",
    "geolocalisation precise", "politique de confidentialite", "politique de cookies", "interet legitime", "a tout moment",
    // Spanish, Portuguese
    "aceptar todo", "rechazar todo", "tu consentimiento", "su consentimiento", "en un dispositivo",
    "publicidad personalizada", "anuncios personalizados", "contenido personalizado", "politica de cookies",
    "politica de privacidad", "interes legitimo", "aceitar todos", "seu consentimento", "num dispositivo", "em um dispositivo",
    "anuncios e conteudo", "politica de privacidade", "ao continuar",
    // Italian
    "accetta tutt", "rifiuta tutt", "tuo consenso", "su un dispositivo", "sul dispositivo",
    "annunci personalizzati", "pubblicita personalizzata", "contenuti personalizzati", "interesse legittimo",
    // Dutch, Swedish, Danish, Norwegian
    "alles accepteren", "alles weigeren", "op een apparaat", "gepersonaliseerde advertenties", "toestemming",
    "acceptera alla", "ditt samtycke", "dit samtykke", "personlig annonsering", "pa en enhet", "pa en enhed",
    // Polish, Czech
    "wyrazasz zgode", "na urzadzeniu", "spersonalizowane reklamy", "polityce prywatnosci", "zaakceptuj", "souhlas", "v zarizeni",
    // Japanese
    "すべて同意", "すべて许可", "すべて受け入れ", "同意する", "cookieなど", "プライバシーポリシー", "端末の情报", "デバイス上の情报",
    "広告を表示", "パーソナライズ", "広告配信", "閲覧を続ける", "cookieの使用", "利用を続ける",
    // Russian, Ukrainian
    "продолжая использовать", "продолжая пользоваться", "вы соглашаетесь", "даете согласие", "принять все",
    "файлов cookie", "политикой конфиденциальности", "политике конфиденциальности", "персонализированн", "на устройстве",
    "ви погоджуєтес", "продовжуючи", "прийняти всі", "політикою конфіденційності", "файлів cookie",
];

/// What a page says that leaves its reader the choice to agree or to pay. Folded. Articles on such pages say it, too, so it tells what
/// a whole page is and not a paragraph.
#[rustfmt::skip]
const CHOICE: &[&str] = &[
    // English
    "accept or pay", "consent or pay", "pay or consent", "pay to reject", "reject and pay", "reject and subscribe", "reject and purchase",
    "accept and continue", "accept and read", "read for free", "free with ads", "continue with ads", "accept cookies", "accept all cookies",
    "with personalised ad", "with personalized ad", "reject personalised ad", "reject personalized ad", "personalised advertising",
    "personalized advertising", "without being tracked", "without tracking", "privacy plus", "without personalised ad", "without personalized ad",
    // German
    "mit werbung weiterlesen", "weiterlesen mit werbung", "weiter mit werbung", "mit werbung nutzen", "mit werbung lesen",
    "nutzung mit werbung", "wie gewohnt mit werbung", "kostenlos mit werbung", "besuchen sie unsere seite", "cookies zustimmen",
    "pur-abo", "pur abo", "contentpass", "werbung und tracking", "werbetracking", "ohne tracking", "ohne zustimmung", "zustimmung ist", "zustimmen und weiter",
    "akzeptieren und weiter", "widerrufbar", "in die verwendung von cookies", "angebot nutzen", "inhalte nutzen", "privacy center",
    // French
    "continuer sans accepter", "accepter et continuer", "accepter et lire", "accepter ou s", "refuser et s", "abonner pour refuser",
    "acceptez les cookies", "accepter les cookies", "acceptant les cookies", "refuser les cookies", "accepter le depot de cookies",
    "les cookies permettent", "cookies ou technologies", "abonnez-vous", "votre accord", "financer la redaction", "soutenir notre redaction",
    // Italian
    "accetta o abbonati", "abbonati o accetta", "accetta e continua", "rifiuta e abbonati", "abbonati e rifiuta", "accetta i cookie",
    "accettare i cookie", "cookie di profilazione", "continua senza accettare", "continuare la navigazione", "abbonati",
    // Spanish, Portuguese
    "acepta o suscribete", "acepta o paga", "aceptar y continuar", "acepta y continua", "aceptar y seguir", "rechazar y suscrib",
    "rechazar y pagar", "acepta las cookies", "aceptar las cookies", "sin rastreo", "suscribirte", "suscribete",
    "con tu acuerdo", "usamos cookies", "aceitar ou assinar", "aceite ou assine",
    // Dutch, Danish, Swedish, Polish, Czech
    "akkoord of abonne", "met advertenties", "accepter eller k", "s reklam", "bez personalizovan",
];
/// What stands beside such a choice, and in many an article: prices, no advertising, personal data. Folded.
#[rustfmt::skip]
const TERMS: &[&str] = &[
    "ad-free", "ad free", "personal data", "a month", "per month", "without ads", "werbefrei", "ohne werbung", "im monat", "pro monat",
    "in der woche", "kundbar", "gratuitement", "sans publicite", "sans engagement", "par mois", "senza pubblicita", "al mese",
    "dati personali", "sin publicidad", "al mes", "datos personales", "sem publicidade", "por mes", "zonder advertenties", "per maand",
    "uden reklamer", "utan annonser", "bez reklam",
];
/// How many of them count.
const TERMS_MAX: usize = 2;
/// One of these is in every such page, where no other key is.
const CHOICE_KEYS: [&str; 5] = ["erbung", "dvert", "ublicit", "ublicid", "racking"];
/// Phrases of such a choice that stand for one of a publisher's own.
const CHOICES_MIN: usize = 3;

/// Whether a page titled so, with these paragraphs, asks for consent and shows hardly anything else.
pub(super) fn is_all(title: &str, shown: &str) -> bool {
    let mut keys = KEYS.iter().chain(&CHOICE_KEYS);
    if shown.len() > BYTES_MAX || keys.all(|key| !shown.contains(key) && !title.contains(key)) {
        return false;
    }
    let folded = text::fold(&format!("{title}\n{shown}"));
    let (own, choices) = (among(OWN, &folded), among(CHOICE, &folded));
    let is_asking = own > 0 || choices >= CHOICES_MIN;
    let terms = |folded: &str| TERMS.iter().filter(|term| is_begun(folded, term)).take(TERMS_MAX).count();
    if !is_asking || own + choices + terms(&folded) + count(&folded) < PAGE_POINTS_MIN {
        return false;
    }
    let is_asking = |line: &&str| {
        let line = text::fold(line);
        // A price alone, or no advertising alone, asks for nothing.
        count(&line) > 0 || among(CHOICE, &line) > 0 || terms(&line) == TERMS_MAX
    };
    let (asking, others): (Vec<&str>, Vec<&str>) = shown.lines().partition(is_asking);
    let [asking, others] = [asking, others].map(|lines| lines.into_iter().map(str::len).sum::<usize>());
    others * OTHERS_SHARE <= asking
}

/// Whether a title names what consent is asked for.
pub(super) fn is_named(title: &str) -> bool {
    KEYS.iter().any(|key| title.contains(key)) || text::fold(title).contains("consent")
}

/// A text's paragraphs without those before the article and behind it that ask for consent, and the labels around them.
pub(super) fn without(shown: &str) -> &str {
    let before = past(shown.split_inclusive('\n'));
    let rest = shown.get(before..).unwrap_or_default();
    let behind = past(rest.split_inclusive('\n').rev());
    rest.get(..rest.len().saturating_sub(behind)).unwrap_or_default().trim_end()
}

/// Bytes of the lines until all that ask for consent are past.
fn past<'l>(lines: impl Iterator<Item = &'l str>) -> usize {
    let (mut past, mut bytes) = (0, 0);
    for line in lines.take(EDGE_LINES) {
        bytes += line.len();
        if points(line) >= LINE_POINTS_MIN {
            past = bytes;
        } else if line.len() > LABEL_BYTES {
            break;
        }
    }
    past
}

/// What the words of a text come to; nothing where none of them is a publisher's own.
fn points(text: &str) -> usize {
    if text.len() > BYTES_MAX || KEYS.iter().all(|key| !text.contains(key)) {
        return 0;
    }
    let folded = text::fold(text);
    let own = among(OWN, &folded);
    if own == 0 { 0 } else { own + count(&folded) }
}

/// How many of all these words are in a folded text.
fn count(folded: &str) -> usize {
    among(OWN, folded) + among(OTHER, folded)
}

/// Whether words are in a text, and begin as a word does.
fn is_begun(folded: &str, words: &str) -> bool {
    let before = folded.match_indices(words).filter_map(|(at, _)| folded.get(..at));
    before.into_iter().any(|before| !before.ends_with(char::is_alphabetic))
}

fn among(phrases: &[&str], folded: &str) -> usize {
    phrases.iter().filter(|phrase| folded.contains(**phrase)).count()
}

#[cfg(test)]
mod tests {
    use super::{CHOICE, OTHER, OWN, TERMS};
    use crate::text;

    #[test]
    fn the_words_are_as_folding_leaves_them() {
        let all = OWN.iter().chain(OTHER).chain(CHOICE).chain(TERMS);
        assert_eq!(all.filter(|phrase| text::fold(phrase) != **phrase).collect::<Vec<_>>(), [] as [&&str; 0]);
    }
}
