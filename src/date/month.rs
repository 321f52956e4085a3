//! Names of months in the languages of the news.
//!
//! A word is a month's name if it is one as a whole: by beginnings alone "Новости" would be November and "Market" March.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::text::fold;

/// Whole names, forms and abbreviations by language. A word stands once, by the first language that has it.
const LANGUAGES: &[[&[&str]; 12]] = &[
    // English.
    [
        &["january", "jan"],
        &["february", "feb", "febr"],
        &["march", "mar"],
        &["april", "apr"],
        &["may"],
        &["june", "jun"],
        &["july", "jul"],
        &["august", "aug"],
        &["september", "sept", "sep"],
        &["october", "oct"],
        &["november", "nov"],
        &["december", "dec"],
    ],
    // German, with what has no umlauts.
    [
        &["januar", "jänner", "jän"],
        &["februar", "feber"],
        &["märz", "maerz", "marz", "mär", "mrz"],
        &[],
        &["mai"],
        &["juni"],
        &["juli"],
        &[],
        &[],
        &["oktober", "okt"],
        &[],
        &["dezember", "dez"],
    ],
    // Dutch.
    [&["januari"], &["februari"], &["maart", "mrt"], &[], &["mei"], &[], &[], &["augustus"], &[], &[], &[], &[]],
    // Danish, Norwegian, Swedish, Icelandic.
    [
        &["janúar"],
        &["febrúar"],
        &["marts", "mars"],
        &["apríl"],
        &["maj", "maí"],
        &["júní", "jún"],
        &["júlí", "júl"],
        &["augusti", "ágúst", "ágú"],
        &[],
        &["október"],
        &["nóvember", "nóv"],
        &["desember", "des"],
    ],
    // French.
    [
        &["janvier", "janv"],
        &["février", "fevrier", "févr", "fevr", "fév", "fev"],
        &[],
        &["avril", "avr"],
        &[],
        &["juin"],
        &["juillet", "juil"],
        &["août", "aout", "aoû", "aou"],
        &["septembre"],
        &["octobre"],
        &["novembre"],
        &["décembre", "decembre", "déc"],
    ],
    // Spanish.
    [
        &["enero", "ene"],
        &["febrero"],
        &["marzo"],
        &["abril", "abr"],
        &["mayo"],
        &["junio"],
        &["julio"],
        &["agosto", "ago"],
        &["septiembre", "setiembre", "set"],
        &["octubre"],
        &["noviembre"],
        &["diciembre", "dic"],
    ],
    // Catalan, Galician.
    [
        &["gener", "xaneiro"],
        &["febreiro"],
        &["març"],
        &[],
        &["maig", "maio"],
        &["juny", "xuño"],
        &["juliol", "xullo"],
        &["agost"],
        &["setembre", "setembro"],
        &["outubro", "out"],
        &["novembro"],
        &["desembre", "decembro"],
    ],
    // Portuguese.
    [
        &["janeiro"],
        &["fevereiro"],
        &["março", "marco"],
        &[],
        &[],
        &["junho"],
        &["julho"],
        &[],
        &[],
        &[],
        &[],
        &["dezembro"],
    ],
    // Italian.
    [
        &["gennaio", "gen"],
        &["febbraio", "febb"],
        &[],
        &["aprile"],
        &["maggio", "mag"],
        &["giugno", "giu"],
        &["luglio", "lug"],
        &[],
        &["settembre", "sett"],
        &["ottobre", "ott"],
        &[],
        &["dicembre"],
    ],
    // Romanian.
    [
        &["ianuarie", "ian"],
        &["februarie"],
        &["martie"],
        &["aprilie"],
        &[],
        &["iunie", "iun"],
        &["iulie", "iul"],
        &[],
        &["septembrie"],
        &["octombrie"],
        &["noiembrie", "noi"],
        &["decembrie"],
    ],
    // Polish.
    [
        &["styczeń", "stycznia", "styczen", "sty"],
        &["luty", "lutego", "lut"],
        &["marzec", "marca"],
        &["kwiecień", "kwietnia", "kwiecien", "kwi"],
        &["maja"],
        &["czerwiec", "czerwca", "cze", "czer"],
        &["lipiec", "lipca", "lip"],
        &["sierpień", "sierpnia", "sierpien", "sie", "sier"],
        &["wrzesień", "września", "wrzesien", "wrzesnia", "wrz"],
        &["październik", "października", "pazdziernik", "pazdziernika", "paź"],
        &["listopad", "listopada", "lis", "list"],
        &["grudzień", "grudnia", "grudzien", "gru", "grud"],
    ],
    // Czech.
    [
        &["leden", "ledna", "led"],
        &["únor", "února", "úno"],
        &["březen", "března", "bře"],
        &["duben", "dubna", "dub"],
        &["květen", "května", "kvě"],
        &["červen", "června", "čvn", "čer"],
        &["červenec", "července", "čvc"],
        &["srpen", "srpna", "srp"],
        &["září", "zář"],
        &["říjen", "října", "říj"],
        &["listopadu"],
        &["prosinec", "prosince", "pro"],
    ],
    // Slovak, Slovenian.
    [
        &["január", "januára", "januarja"],
        &["február", "februára", "februarja"],
        &["marec"],
        &["apríla", "aprila"],
        &["máj", "mája"],
        &["júna", "junij", "junija"],
        &["júla", "julij", "julija"],
        &["augusta", "avgust", "avgusta", "avg"],
        &["septembra"],
        &["októbra", "oktobra"],
        &["novembra"],
        &["decembra"],
    ],
    // Croatian, but for the names that are others' next months.
    [
        &["siječanj", "siječnja", "sij"],
        &["veljača", "veljače", "velj"],
        &["ožujak", "ožujka", "ožu"],
        &["travanj", "travnja", "tra"],
        &["svibanj", "svibnja", "svi"],
        &["lipanj", "lipnja"],
        &["srpanj", "srpnja"],
        &["kolovoz", "kolovoza", "kol"],
        &["rujan", "rujna", "ruj"],
        &[],
        &["studeni", "studenog", "studenoga", "stu"],
        &["prosinac", "prosinca"],
    ],
    // Serbian, Bosnian.
    [
        &["januara"],
        &["februara"],
        &["mart", "marta"],
        &[],
        &[],
        &["juna"],
        &["jula"],
        &[],
        &["septembar"],
        &["oktobar"],
        &["novembar"],
        &["decembar"],
    ],
    // Hungarian.
    [
        &[],
        &[],
        &["március", "márc", "már"],
        &["április", "ápr"],
        &["május"],
        &["június"],
        &["július"],
        &["augusztus"],
        &["szeptember", "szept", "sze"],
        &[],
        &[],
        &[],
    ],
    // Finnish.
    [
        &["tammikuu", "tammikuuta", "tammikuun", "tammi"],
        &["helmikuu", "helmikuuta", "helmikuun", "helmi"],
        &["maaliskuu", "maaliskuuta", "maaliskuun", "maalis"],
        &["huhtikuu", "huhtikuuta", "huhtikuun", "huhti"],
        &["toukokuu", "toukokuuta", "toukokuun", "touko"],
        &["kesäkuu", "kesäkuuta", "kesäkuun", "kesä"],
        &["heinäkuu", "heinäkuuta", "heinäkuun", "heinä"],
        &["elokuu", "elokuuta", "elokuun", "elo"],
        &["syyskuu", "syyskuuta", "syyskuun", "syys"],
        &["lokakuu", "lokakuuta", "lokakuun", "loka"],
        &["marraskuu", "marraskuuta", "marraskuun", "marras"],
        &["joulukuu", "joulukuuta", "joulukuun", "joulu"],
    ],
    // Estonian.
    [
        &["jaanuar", "jaan"],
        &["veebruar", "veebr"],
        &["märts"],
        &["aprill"],
        &[],
        &["juuni"],
        &["juuli"],
        &[],
        &[],
        &["oktoober"],
        &[],
        &["detsember", "dets"],
    ],
    // Latvian.
    [
        &["janvāris", "janvārī"],
        &["februāris", "februārī"],
        &["martā"],
        &["aprīlis", "aprīlī"],
        &["maijs", "maijā"],
        &["jūnijs", "jūnijā"],
        &["jūlijs", "jūlijā"],
        &["augusts", "augustā"],
        &["septembris", "septembrī"],
        &["oktobris", "oktobrī"],
        &["novembris", "novembrī"],
        &["decembris", "decembrī"],
    ],
    // Lithuanian.
    [
        &["sausis", "sausio"],
        &["vasaris", "vasario"],
        &["kovas", "kovo"],
        &["balandis", "balandžio"],
        &["gegužė", "gegužės"],
        &["birželis", "birželio"],
        &["liepa", "liepos"],
        &["rugpjūtis", "rugpjūčio"],
        &["rugsėjis", "rugsėjo"],
        &["spalis", "spalio"],
        &["lapkritis", "lapkričio"],
        &["gruodis", "gruodžio"],
    ],
    // Turkish, with what capitals become in lower case.
    [
        &["ocak", "oca"],
        &["şubat", "subat", "şub"],
        &[],
        &["nisan", "nis"],
        &["mayıs", "mayis"],
        &["haziran", "haz"],
        &["temmuz", "tem"],
        &["ağustos", "agustos", "ağu"],
        &["eylül", "eylul", "eyl"],
        &["ekim", "eki"],
        &["kasım", "kasim", "kas"],
        &["aralık", "aralik", "ara"],
    ],
    // Azerbaijani, Uzbek.
    [
        &["yanvar"],
        &["fevral"],
        &[],
        &["aprel"],
        &[],
        &["iyun"],
        &["iyul"],
        &["avqust"],
        &["sentyabr", "sentabr"],
        &["oktyabr", "oktabr"],
        &["noyabr"],
        &["dekabr"],
    ],
    // Indonesian, Malay.
    [
        &[],
        &["pebruari"],
        &["maret", "mac"],
        &[],
        &[],
        &[],
        &["julai"],
        &["agustus", "agu", "agt", "ags", "ogos"],
        &[],
        &[],
        &["nopember"],
        &["disember", "dis"],
    ],
    // Russian.
    [
        &["январь", "января", "янв"],
        &["февраль", "февраля", "февр", "фев"],
        &["март", "марта", "мар"],
        &["апрель", "апреля", "апр"],
        &["май", "мая"],
        &["июнь", "июня", "июн"],
        &["июль", "июля", "июл"],
        &["август", "августа", "авг"],
        &["сентябрь", "сентября", "сент", "сен"],
        &["октябрь", "октября", "окт"],
        &["ноябрь", "ноября", "нояб", "ноя"],
        &["декабрь", "декабря", "дек"],
    ],
    // Ukrainian.
    [
        &["січень", "січня", "січ"],
        &["лютий", "лютого", "лют"],
        &["березень", "березня", "бер"],
        &["квітень", "квітня", "квіт", "кві"],
        &["травень", "травня", "трав", "тра"],
        &["червень", "червня", "черв", "чер"],
        &["липень", "липня", "лип"],
        &["серпень", "серпня", "серп", "сер"],
        &["вересень", "вересня", "вер"],
        &["жовтень", "жовтня", "жовт", "жов"],
        &["листопад", "листопада", "лист", "лис"],
        &["грудень", "грудня", "груд", "гру"],
    ],
    // Belarusian.
    [
        &["студзень", "студзеня"],
        &["люты", "лютага"],
        &["сакавік", "сакавіка"],
        &["красавік", "красавіка"],
        &[],
        &["чэрвень", "чэрвеня"],
        &["ліпень", "ліпеня"],
        &["жнівень", "жніўня"],
        &["верасень", "верасня"],
        &["кастрычнік", "кастрычніка"],
        &["лістапад", "лістапада"],
        &["снежань", "снежня"],
    ],
    // Bulgarian, Macedonian, Serbian.
    [
        &["януари", "яну", "јануари", "јануар", "јануара", "јан"],
        &["февруари", "фебруари", "фебруар", "фебруара", "феб"],
        &[],
        &["април", "априла"],
        &["мај", "маја"],
        &["юни", "јуни", "јун", "јуна"],
        &["юли", "јули", "јул", "јула"],
        &[],
        &["септември", "септембар", "септембра", "сеп"],
        &["октомври", "октобар", "октобра"],
        &["ноември", "новембар", "новембра", "ное", "нов"],
        &["декември", "децембар", "децембра", "дец"],
    ],
    // Kazakh.
    [
        &["қаңтар"],
        &["ақпан"],
        &["наурыз"],
        &["сәуір"],
        &["мамыр"],
        &["маусым"],
        &["шілде"],
        &["тамыз"],
        &["қыркүйек"],
        &["қазан"],
        &["қараша"],
        &["желтоқсан"],
    ],
    // Greek, with and without accents.
    [
        &["ιανουάριος", "ιανουαρίου", "ιανουαριου", "ιαν"],
        &["φεβρουάριος", "φεβρουαρίου", "φεβρουαριου", "φεβ"],
        &["μάρτιος", "μαρτίου", "μαρτιου", "μαρ", "μάρ"],
        &["απρίλιος", "απριλίου", "απριλιου", "απρ"],
        &["μάιος", "μαΐου", "μαίου", "μαιου", "μαι", "μαΐ", "μάι"],
        &["ιούνιος", "ιουνίου", "ιουνιου", "ιουν", "ιούν"],
        &["ιούλιος", "ιουλίου", "ιουλιου", "ιουλ", "ιούλ"],
        &["αύγουστος", "αυγούστου", "αυγουστου", "αυγ", "αύγ"],
        &["σεπτέμβριος", "σεπτεμβρίου", "σεπτεμβριου", "σεπ"],
        &["οκτώβριος", "οκτωβρίου", "οκτωβριου", "οκτ"],
        &["νοέμβριος", "νοεμβρίου", "νοεμβριου", "νοε", "νοέ"],
        &["δεκέμβριος", "δεκεμβρίου", "δεκεμβριου", "δεκ"],
    ],
    // Hebrew, with what means "in".
    [
        &["ינואר", "בינואר"],
        &["פברואר", "בפברואר"],
        &["מרץ", "במרץ"],
        &["אפריל", "באפריל"],
        &["מאי", "במאי"],
        &["יוני", "ביוני"],
        &["יולי", "ביולי"],
        &["אוגוסט", "באוגוסט"],
        &["ספטמבר", "בספטמבר"],
        &["אוקטובר", "באוקטובר"],
        &["נובמבר", "בנובמבר"],
        &["דצמבר", "בדצמבר"],
    ],
    // Arabic: of Egypt and the Gulf, of the Levant, of the Maghreb.
    [
        &["يناير", "جانفي"],
        &["فبراير", "شباط", "فيفري"],
        &["مارس", "آذار", "اذار"],
        &["أبريل", "ابريل", "إبريل", "نيسان", "أفريل"],
        &["مايو", "أيار", "ايار", "ماي"],
        &["يونيو", "حزيران", "جوان"],
        &["يوليو", "تموز", "جويلية", "يوليوز"],
        &["أغسطس", "اغسطس", "آب", "أوت", "غشت"],
        &["سبتمبر", "أيلول", "ايلول", "شتنبر"],
        &["أكتوبر", "اكتوبر"],
        &["نوفمبر", "نونبر"],
        &["ديسمبر", "دجنبر"],
    ],
    // Albanian.
    [
        &["janar"],
        &["shkurt"],
        &[],
        &["prill"],
        &[],
        &["qershor"],
        &["korrik"],
        &["gusht"],
        &["shtator"],
        &["tetor"],
        &["nëntor"],
        &["dhjetor"],
    ],
    // Basque.
    [
        &["urtarrila", "urtarrilaren"],
        &["otsaila", "otsailaren"],
        &["martxoa", "martxoaren"],
        &["apirila", "apirilaren"],
        &["maiatza", "maiatzaren"],
        &["ekaina", "ekainaren"],
        &["uztaila", "uztailaren"],
        &["abuztua", "abuztuaren"],
        &["iraila", "irailaren"],
        &["urria", "urriaren"],
        &["azaroa", "azaroaren"],
        &["abendua", "abenduaren"],
    ],
    // Georgian.
    [
        &["იანვარი", "იანვრის"],
        &["თებერვალი", "თებერვლის"],
        &["მარტი", "მარტის"],
        &["აპრილი", "აპრილის"],
        &["მაისი", "მაისის"],
        &["ივნისი", "ივნისის"],
        &["ივლისი", "ივლისის"],
        &["აგვისტო", "აგვისტოს"],
        &["სექტემბერი", "სექტემბრის"],
        &["ოქტომბერი", "ოქტომბრის"],
        &["ნოემბერი", "ნოემბრის"],
        &["დეკემბერი", "დეკემბრის"],
    ],
    // Armenian.
    [
        &["հունվար", "հունվարի"],
        &["փետրվար", "փետրվարի"],
        &["մարտ", "մարտի"],
        &["ապրիլ", "ապրիլի"],
        &["մայիս", "մայիսի"],
        &["հունիս", "հունիսի"],
        &["հուլիս", "հուլիսի"],
        &["օգոստոս", "օգոստոսի"],
        &["սեպտեմբեր", "սեպտեմբերի"],
        &["հոկտեմբեր", "հոկտեմբերի"],
        &["նոյեմբեր", "նոյեմբերի"],
        &["դեկտեմբեր", "դեկտեմբերի"],
    ],
    // Urdu, and Persian for the months of other calendars than its own.
    [
        &["جنوری", "ژانویه"],
        &["فروری", "فوریه"],
        &["مارچ"],
        &["اپریل", "آوریل"],
        &["مئی"],
        &["جون", "ژوئن"],
        &["جولائی", "ژوئیه"],
        &["اگست"],
        &["ستمبر", "سپتامبر"],
        &["اکتوبر", "اکتبر"],
        &["نومبر", "نوامبر"],
        &["دسمبر", "دسامبر"],
    ],
    // Hindi.
    [
        &["जनवरी"],
        &["फरवरी", "फ़रवरी"],
        &["मार्च"],
        &["अप्रैल"],
        &["मई"],
        &["जून"],
        &["जुलाई"],
        &["अगस्त"],
        &["सितंबर", "सितम्बर"],
        &["अक्टूबर", "अक्तूबर"],
        &["नवंबर", "नवम्बर"],
        &["दिसंबर", "दिसम्बर"],
    ],
    // Bengali, its ya with a dot of its own or behind it.
    [
        &["জানুয়ারি", "জানু\u{9df}ারি"],
        &["ফেব্রুয়ারি", "ফেব্রু\u{9df}ারি"],
        &["মার্চ"],
        &["এপ্রিল"],
        &["মে"],
        &["জুন"],
        &["জুলাই"],
        &["আগস্ট"],
        &["সেপ্টেম্বর"],
        &["অক্টোবর"],
        &["নভেম্বর"],
        &["ডিসেম্বর"],
    ],
    // Thai.
    [
        &["มกราคม"],
        &["กุมภาพันธ์"],
        &["มีนาคม"],
        &["เมษายน"],
        &["พฤษภาคม"],
        &["มิถุนายน"],
        &["กรกฎาคม"],
        &["สิงหาคม"],
        &["กันยายน"],
        &["ตุลาคม"],
        &["พฤศจิกายน"],
        &["ธันวาคม"],
    ],
    // Chinese.
    [
        &["一月"],
        &["二月"],
        &["三月"],
        &["四月"],
        &["五月"],
        &["六月"],
        &["七月"],
        &["八月"],
        &["九月"],
        &["十月"],
        &["十一月"],
        &["十二月"],
    ],
];

/// Names of two words.
const PAIRS: [(&str, &str, i8); 8] = [
    ("كانون", "الثاني", 1),
    ("كانون", "ثاني", 1),
    ("تشرين", "الأول", 10),
    ("تشرين", "الاول", 10),
    ("تشرين", "الثاني", 11),
    ("تشرين", "ثاني", 11),
    ("كانون", "الأول", 12),
    ("كانون", "الاول", 12),
];

/// What is another month in Croatian than elsewhere.
const CROATIAN: [(&str, i8); 5] = [("lip", 6), ("srp", 7), ("lis", 10), ("listopad", 10), ("listopada", 10)];

/// Letters that a name has at least where it is cut off.
const CUT_CHARS_MIN: usize = 4;

/// Months by name, folded: English, Russian, Ukrainian, French, German, Spanish.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "января", "січня", "janvier", "januar", "enero"],
    &["february", "feb", "февраля", "лютого", "fevrier", "februar", "febrero"],
    &["march", "марта", "березня", "mars", "marz", "marzo"],
    &["april", "apr", "апреля", "квітня", "avril", "abril"],
    &["may", "мая", "травня", "mai", "mayo"],
    &["june", "jun", "июня", "червня", "juin", "juni", "junio"],
    &["july", "jul", "июля", "липня", "juillet", "juli", "julio"],
    &["august", "aug", "августа", "серпня", "aout", "agosto"],
    &["september", "sept", "sep", "сентября", "вересня", "septembre", "septiembre"],
    &["october", "oct", "октября", "жовтня", "octobre", "oktober", "octubre"],
    &["november", "nov", "ноября", "листопада", "novembre", "noviembre"],
    &["december", "dec", "декабря", "грудня", "decembre", "dezember", "diciembre"],
];

/// The months by their names.
static BY_NAME: LazyLock<BTreeMap<&str, i8>> = LazyLock::new(|| {
    let months = LANGUAGES.iter().flat_map(|months| (1..).zip(months));
    months.flat_map(|(month, names)| names.iter().map(move |name| (*name, month))).collect()
});

/// The months by their names, folded.
static BY_FOLDED: LazyLock<BTreeMap<String, i8>> =
    LazyLock::new(|| BY_NAME.iter().map(|(name, month)| (fold(name), *month)).collect());

/// The month that a lower-case word names.
pub(super) fn of_word(word: &str) -> Option<i8> {
    BY_NAME.get(word).copied()
}

/// The month that a lower-case word names in Croatian and nowhere else.
pub(super) fn of_croatian(word: &str) -> Option<i8> {
    CROATIAN.iter().find(|(name, _)| *name == word).map(|&(_, month)| month)
}

/// The month that two lower-case words name.
pub(super) fn of_pair(first: &str, second: &str) -> Option<i8> {
    PAIRS.iter().find(|(one, other, _)| (*one, *other) == (first, second)).map(|&(.., month)| month)
}

/// The month whose name begins with a lower-case word: some cut names off after so many letters.
pub(super) fn of_beginning(word: &str) -> Option<i8> {
    if word.chars().count() < CUT_CHARS_MIN {
        return None;
    }
    BY_NAME.range(word..).next().filter(|(name, _)| name.starts_with(word)).map(|(_, month)| *month)
}

/// The month (1 to 12) that a folded word is the name of, in running text; `is_capital`: as it was written.
pub fn month_named(folded: &str, is_capital: bool) -> Option<u8> {
    // English has two that are other words when they begin small.
    if matches!(folded, "may" | "march") && !is_capital {
        return None;
    }
    let month = MONTHS.iter().position(|names| names.contains(&folded))?;
    u8::try_from(month + 1).ok()
}

/// The month (1 to 12) that a folded word beside a number is the name of, in any of the languages known here; `is_capital`: as it
/// was written. Short names are other words too often: `mar`, `list`.
pub fn month_beside_day(folded: &str, is_capital: bool) -> Option<u8> {
    let is_long = folded.chars().count() >= CUT_CHARS_MIN && !matches!(folded, "list" | "лист" | "march");
    let long = || BY_FOLDED.get(folded).filter(|_| is_long).and_then(|month| u8::try_from(*month).ok());
    month_named(folded, is_capital).or_else(long)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::LANGUAGES;

    #[test]
    fn no_word_names_two_months() {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let all = LANGUAGES.iter().flat_map(|months| months.iter().enumerate());
        let twice: Vec<_> = all
            .flat_map(|(month, names)| names.iter().map(move |name| (*name, month)))
            .filter(|(name, month)| known.insert(name, *month).is_some())
            .collect();
        assert_eq!(twice, []);
        assert!(known.keys().all(|name| **name == name.to_lowercase()));
    }
}
