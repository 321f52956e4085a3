//! Dates as they were written, and what they mean.

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use super::{Manner, Timestamp, parse};

fn check(text: &str, expected: &str) {
    let found = parse(text).map(|at| at.to_string());
    assert_eq!(found.as_deref(), Some(expected), "{text}");
}

#[test]
fn dates_of_feeds_are_read_as_their_writers_meant_them() {
    check("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z");
    check("Thu, 01 Jan 04 19:48 +0300", "2004-01-01T16:48:00Z");
    check("Wed, 19 Aug 2009 18:28:00 Etc/GMT", "2009-08-19T18:28:00Z");
    check("Wed, 19 Feb 2012 22:40:00 GMT-01:01", "2012-02-19T23:41:00Z");
    check("Tue, Jan 23 2018 02:54:55 MST", "2018-01-23T09:54:55Z");
    check("Sun, 15 Dec 2024 12:15 PM", "2024-12-15T12:15:00Z");
    check("2017-08-01 13:55:44.36 +0200 CEST", "2017-08-01T11:55:44.36Z");
    check("Fri, 12 Mar 2021 20:0:0 Z", "2021-03-12T20:00:00Z");
    check("026, 26 Mar 2023 00:00:00 +0000", "2023-03-26T00:00:00Z");
    check("Wed Jan  7 10:00:00 EST 2004", "2004-01-07T15:00:00Z");
    check("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z");
    check("2020/1/10 14:33:00", "2020-01-10T14:33:00Z");
    check("Wed, 18 Sept 2024 10:00:00 GMT", "2024-09-18T10:00:00Z");
    check("Mo, 23 Okt 2017 08:15:00 +0200", "2017-10-23T06:15:00Z");
    check("2021-12-06T10:00:00.123+00:00", "2021-12-06T10:00:00.123Z");
    check("20040101T194821Z", "2004-01-01T19:48:21Z");
}

#[test]
fn dates_of_pages_are_read_in_their_language() {
    check("21.03.2021", "2021-03-21T00:00:00Z");
    check("21.3.21, 14:05", "2021-03-21T14:05:00Z");
    check("March 21, 2021 at 2:05 p.m.", "2021-03-21T14:05:00Z");
    check("14:05, 21 марта 2021", "2021-03-21T14:05:00Z");
    check("21 листопада 2021 р.", "2021-11-21T00:00:00Z");
    check("Mo, 23 Okt 2017", "2017-10-23T00:00:00Z");
    check("mar, 5 ene 2021", "2021-01-05T00:00:00Z");
    check("21 de dezembro de 2021", "2021-12-21T00:00:00Z");
    check("2021年12月6日 09:30", "2021-12-06T09:30:00Z");
    check("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z");
    check("2004년 05월 28일  01:31:15", "2004-05-27T16:31:15Z");
    check("2004-05-25 오후 11:23:17", "2004-05-25T14:23:17Z");
    check("12/31/2021", "2021-12-31T00:00:00Z");
    check("6. marraskuuta 2021 klo 9:30", "2021-11-06T09:30:00Z");
    check("17 Agustus 2021", "2021-08-17T00:00:00Z");
    check("15. нов. 2021.", "2021-11-15T00:00:00Z");
    check("2021. december 6., hétfő", "2021-12-06T00:00:00Z");
    check("6 grudnia 2021", "2021-12-06T00:00:00Z");
    check("6 Aralık 2021 Pazartesi", "2021-12-06T00:00:00Z");
    check("6 décembre 2021 à 9:30", "2021-12-06T09:30:00Z");
    check("Lunedì 6 dicembre 2021", "2021-12-06T00:00:00Z");
    check("2021-12-06 25:14:55", "2021-12-06T00:00:00Z");
}

#[test]
fn words_around_a_date_are_no_part_of_it() {
    check("05.12.2024 | Новости", "2024-12-05T00:00:00Z");
    check("05.12.2024 10:30, Марий Эл", "2024-12-05T10:30:00Z");
    check("5 December 2024 - Geneva", "2024-12-05T00:00:00Z");
    check("December 5, 2024 | Market news", "2024-12-05T00:00:00Z");
    check("2024-12-05 by Marco Polo", "2024-12-05T00:00:00Z");
    check("5 March 2024 by Augusto Perez", "2024-03-05T00:00:00Z");
    check("By Jan Novak, 5 December 2024", "2024-12-05T00:00:00Z");
    check("Issue 12, December 5, 2024", "2024-12-05T00:00:00Z");
    check("5 квітня 2024, середа", "2024-04-05T00:00:00Z");
    check("2 de abril de 2024, martes", "2024-04-02T00:00:00Z");
    check("mar. 3 déc. 2024", "2024-12-03T00:00:00Z");
    check("Paz, 5 Oca 2025", "2025-01-05T00:00:00Z");
    check("am 5. Dezember 2024, 12:30 Uhr", "2024-12-05T12:30:00Z");
    check("5 December 2024 10:00 | Updated: 6 December 2024 12:00", "2024-12-05T10:00:00Z");
    check("Опубликовано 05.12.2024, обновлено 06.12.2024 10:30", "2024-12-05T00:00:00Z");
    check("Last updated: 5 December 2024, 10:30", "2024-12-05T10:30:00Z");
}

#[test]
fn markup_in_a_dates_place_is_read_by_what_it_tells_machines() {
    let time =
        "<time datetime=\"2021-12-06T10:00:00+00:00\" title=\"Monday, December 6, 2021 - 10:00\" class=\"datetime\">";
    check(&format!("{time}Mon, 12/06/2021 - 10:00</time>"), "2021-12-06T10:00:00Z");
    check("<span property='dc:date' content='2021-12-06T10:00:00+03:00'>today</span>", "2021-12-06T07:00:00Z");
    check("<span content=\"text\" class=\"date\">Mon, 12/06/2021&nbsp;- 10:00</span>", "2021-12-06T10:00:00Z");
    let long = format!("<p>{}</p><span>6 December 2021</span>", "long ".repeat(40));
    assert_eq!(parse(&long), None);
}

#[test]
fn a_month_is_a_whole_name_in_its_language_beside_a_day() {
    check("14. lipnja 2024.", "2024-06-14T00:00:00Z");
    check("3. listopada 2024.", "2024-10-03T00:00:00Z");
    check("3 listopada 2024", "2024-11-03T00:00:00Z");
    check("5 كانون الأول 2024", "2024-12-05T00:00:00Z");
    check("٥ ديسمبر ٢٠٢٤", "2024-12-05T00:00:00Z");
    check("Thursday, December the 5th, 2024", "2024-12-05T00:00:00Z");
    check("1er décembre 2024", "2024-12-01T00:00:00Z");
    check("2024 m. gruodžio 5 d.", "2024-12-05T00:00:00Z");
    check("5 KASIM 2024", "2024-11-05T00:00:00Z");
    check("5 NİSAN 2024", "2024-04-05T00:00:00Z");
    check("5 сентя 2024", "2024-09-05T00:00:00Z");
    check("12月 5, 2024", "2024-12-05T00:00:00Z");
    check("12월 5, 2024", "2024-12-04T15:00:00Z");
    check("5 Tháng 12, 2024", "2024-12-05T00:00:00Z");
    check("令和6年12月5日", "2024-12-05T00:00:00Z");
    check("令和元年12月5日", "2019-12-05T00:00:00Z");
    check("民國113年12月5日", "2024-12-05T00:00:00Z");
    check("110年12月6日", "2021-12-06T00:00:00Z");
    check("110-12-06 10:30", "2021-12-06T10:30:00Z");
    check("T2, 06 Th12 2021", "2021-12-06T00:00:00Z");
    check("Th12 06, 2021", "2021-12-06T00:00:00Z");
    check("December 5th 2024", "2024-12-05T00:00:00Z");
}

#[test]
fn times_are_read_in_the_forms_of_their_languages() {
    check("jeudi 5 décembre 2024 à 14h05", "2024-12-05T14:05:00Z");
    check("5 décembre 2024 - 14 h 05", "2024-12-05T14:05:00Z");
    check("5 de dezembro de 2024 às 14h", "2024-12-05T14:00:00Z");
    check("5. joulukuuta 2024 klo 14.05", "2024-12-05T14:05:00Z");
    check("5.12.2024 14.05", "2024-12-05T14:05:00Z");
    check("05.12.2024, 14.05 Uhr", "2024-12-05T14:05:00Z");
    check("5. Dezember 2024, 14 Uhr", "2024-12-05T14:00:00Z");
    check("5. Dezember 2024, 14:05 Uhr MEZ", "2024-12-05T13:05:00Z");
    check("Thu 5 Dec 2024 10.30am GMT", "2024-12-05T10:30:00Z");
    check("5 декабря 2024 в 10:30 (МСК)", "2024-12-05T07:30:00Z");
    check("Thursday 5 December 2024 at 2pm", "2024-12-05T14:00:00Z");
    check("5 ديسمبر 2024 م 10:30", "2024-12-05T10:30:00Z");
    check("Kamis, 05 Des 2024 14.05 WIB", "2024-12-05T07:05:00Z");
    check("2024年12月5日下午3:30", "2024-12-05T15:30:00Z");
    check("2024年12月5日15時05分更新", "2024-12-05T15:05:00Z");
    check("2024년 12월 5일 오후 3시 30분", "2024-12-05T06:30:00Z");
    check("5 de diciembre de 2024, 3:30 p. m.", "2024-12-05T15:30:00Z");
    check("5 ديسمبر 2024 - 3:30 م", "2024-12-05T15:30:00Z");
    check("Dec. 5, 2024, 10:30 a.m. EST", "2024-12-05T15:30:00Z");
    check("Thu, 05 Dec 2024 10:00:00 GMT +0300", "2024-12-05T07:00:00Z");
    check("Thu, 05 Dec 2024 10:00:00 Asia/Novosibirsk", "2024-12-05T03:00:00Z");
    check("Tue, 05 Nov 2024 10:00:00 America/New_York", "2024-11-05T15:00:00Z");
    check("05/Dec/2024:10:00:00 +0000", "2024-12-05T10:00:00Z");
}

#[test]
fn the_order_of_day_and_month_is_decided_once_a_document() {
    let read = |lang: Option<&str>, texts: &[&str]| {
        let mut manner = Manner::of(lang);
        for text in texts {
            manner.see(text);
        }
        manner.read(texts[0]).map(|at| at.strftime("%m-%d").to_string())
    };
    let check = |lang, texts: &[&str], expected: &str| {
        assert_eq!(read(lang, texts).as_deref(), Some(expected), "{lang:?} {texts:?}");
    };
    check(None, &["12/05/2024"], "05-12");
    check(None, &["12/05/2024", "12/16/2024"], "12-05");
    check(Some("en-US"), &["12/05/2024", "16/12/2024"], "05-12");
    // What contradicts itself proves nothing.
    check(None, &["12/05/2024", "16/12/2024", "12/16/2024"], "05-12");
    check(Some("en-us"), &["12/05/2024"], "12-05");
    check(Some("en_US"), &["12.05.2024"], "05-12");
    check(Some("en-US"), &["12/05/24 | News"], "12-05");
    check(None, &["12/05/2024", "1/02/2024 3:30:00 PM"], "12-05");
    check(Some("en-GB"), &["12/05/2024 3:30 PM"], "05-12");
    check(None, &["12-05-2024", "12-16-2024"], "12-05");
    check(None, &["12.05.24", "12.16.24"], "12-05");
    check(Some("hr"), &["3. lis. 2024."], "10-03");
    // Halves of the day that aren't English are no sign of America.
    check(None, &["06/12/2021 10:00:00 ص"], "12-06");
    check(None, &["06/12/2021 上午10:00"], "12-06");
    // A weekday proves what it fits alone, unless a number does; one that fits neither is a slip.
    check(None, &["Wed, 12/09/2026 - 10:00"], "12-09");
    check(None, &["Submitted by admin on Mon, 12/06/2021 - 10:00"], "12-06");
    check(Some("ru"), &["12/06/2021", "пн, 12/06/2021 - 10:00"], "12-06");
    check(Some("fr"), &["12/06/2021 (lundi)"], "12-06");
    check(Some("en-US"), &["12/05/2024", "Sun, 12/05/2024"], "05-12");
    check(None, &["Thu, 12/05/2024", "16/12/2024"], "05-12");
    check(None, &["Fri, 12/05/2024"], "05-12");
}

#[test]
fn numbers_alone_are_epochs_or_compact_dates() {
    check("1638784800", "2021-12-06T10:00:00Z");
    check("1638784800.123", "2021-12-06T10:00:00Z");
    check("1638784800123", "2021-12-06T10:00:00.123Z");
    check("20211206", "2021-12-06T00:00:00Z");
    check("20211206103000", "2021-12-06T10:30:00Z");
    check("2003-335", "2003-12-01T00:00:00Z");
    check("03335", "2003-12-01T00:00:00Z");
    check("24-12-05", "2024-12-05T00:00:00Z");
    check("031231", "2003-12-31T00:00:00Z");
    check("202112", "2021-12-01T00:00:00Z");
    check("2021", "2021-01-01T00:00:00Z");
}

#[test]
fn months_and_years_are_read_in_the_scripts_that_write_them_otherwise() {
    check("5 दिसम्बर 2024 14:05", "2024-12-05T14:05:00Z");
    check("৫ ডিসেম্বর ২০২৪", "2024-12-05T00:00:00Z");
    check("5 დეკემბერი 2024", "2024-12-05T00:00:00Z");
    check("5 դեկտեմբերի 2024", "2024-12-05T00:00:00Z");
    check("5 دسمبر 2024", "2024-12-05T00:00:00Z");
    check("5 dhjetor 2024", "2024-12-05T00:00:00Z");
    check("2024(e)ko abenduaren 5a", "2024-12-05T00:00:00Z");
    check("5 Nopember 2024 14.05 WIB", "2024-11-05T07:05:00Z");
    // Thailand counts 543 years more, Iran from the spring of 622.
    check("5 ธันวาคม 2567 14:05", "2024-12-05T14:05:00Z");
    check("5 ธ.ค. 67 เวลา 14:05 น.", "2024-12-05T14:05:00Z");
    // An hour is no year, nor is one of the Hijri calendar Iranian.
    for text in ["5 ธ.ค. 14:05 น.", "5 ธ.ค. 14.05 น.", "۱۴۴۷/۰۵/۲۸", "28 آذر 1447"] {
        assert_eq!(parse(text), None, "{text}");
    }
    check("۱۴۰۳/۰۹/۱۵ ۱۴:۰۵", "2024-12-05T14:05:00Z");
    check("15 آذر 1403 - 14:05", "2024-12-05T14:05:00Z");
    check("30 اسفند 1399", "2021-03-20T00:00:00Z");
    check("1 فروردین 1395", "2016-03-20T00:00:00Z");
}

#[test]
fn the_end_of_a_day_and_zones_in_brackets_are_read() {
    check("2024-12-05T24:00:00Z", "2024-12-06T00:00:00Z");
    check("2024-12-05T14:05:00[Europe/Paris]", "2024-12-05T13:05:00Z");
    check("5 Dec 2024 14:05 ACDT", "2024-12-05T03:35:00Z");
    check("5 Dec 2024 14:05 YEKT", "2024-12-05T09:05:00Z");
    check("/Date(1733407500000+0300)/", "2024-12-05T14:05:00Z");
    check("6 Dec 2021 10:00 UTC +3", "2021-12-06T07:00:00Z");
    check("6 Dec 2021 10:00 (UTC -3)", "2021-12-06T13:00:00Z");
    check("10:00 GMT - 6 December 2021", "2021-12-06T10:00:00Z");
    check("6 Dec 2021 10:00 ART", "2021-12-06T13:00:00Z");
    check("6 Dec 2021 10:00 Art and design", "2021-12-06T10:00:00Z");
    check("6 Dec 2021 10:00 AZT", "2021-12-06T06:00:00Z");
    check("20211206T1804", "2021-12-06T18:04:00Z");
    check("20211206T180409", "2021-12-06T18:04:09Z");
    check("20211206T1804+0300", "2021-12-06T15:04:00Z");
    check("2021-12-06T1000", "2021-12-06T10:00:00Z");
}

#[test]
fn what_names_no_day_of_a_year_is_no_date() {
    for text in [
        "",
        "yesterday",
        "21 March",
        "14:05",
        "32.13.2021",
        "9999999999999999999999",
        "-",
        "1/2",
        "now",
        "0000-00-00 00:00:00",
        "5 things to know in December 2024",
        "5 December, 1000 readers",
        "Vol. 5 (2024) 10",
        "۱۴۰۳/۱۳/۱۵",
        "1403/09/15",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn any_text_is_read_without_a_panic(text in "[0-9:+./TZ, a-z年\\-]{0,40}|\\PC{0,40}") {
        let mut manner = Manner::of(Some("en-US"));
        manner.see(&text);
        let _dates = (parse(&text), manner.read(&text));
    }

    #[test]
    fn an_instant_written_by_rfc_2822_is_read_back(second in 0_i64..4_102_444_800) {
        let at = Timestamp::from_second(second).unwrap();
        prop_assert_eq!(parse(&at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()), Some(at));
        prop_assert_eq!(parse(&at.strftime("%d %B %Y %I:%M:%S %p").to_string()), Some(at));
    }
}

#[test]
fn a_time_of_whole_hours_with_dots_and_one_without_a_colon_are_times() {
    check("Dec. 6, 2021, 3 p.m. EST", "2021-12-06T20:00:00Z");
    check("Published 3 p.m. ET Dec. 6, 2021", "2021-12-06T20:00:00Z");
    check("6 December 2021 12 p.m.", "2021-12-06T12:00:00Z");
    check("6 December 2021 11 a.m.", "2021-12-06T11:00:00Z");
    check("Mon, 06 Dec 2021 GMT+0300", "2021-12-06T00:00:00Z");
    check("6 December 2021, 1504 GMT", "2021-12-06T15:04:00Z");
    check("December 6, 2021 at 3:04 p.m.", "2021-12-06T15:04:00Z");
    check("Dec 6, 2021 GMT", "2021-12-06T00:00:00Z");
}

#[test]
fn halves_of_the_day_are_read_in_the_languages_that_have_them() {
    check("06/12/2021 3:04:05 CH", "2021-12-06T15:04:05Z");
    check("06/12/2021 12:04:05 SA", "2021-12-06T00:04:05Z");
    check("06/12/2021 3:04 PTG", "2021-12-06T15:04:00Z");
    check("6 दिसंबर 2021 3:04 अपराह्न", "2021-12-06T15:04:00Z");
    check("6 दिसंबर 2021 12:04 पूर्वाह्न", "2021-12-06T00:04:00Z");
    check("۱۴۰۰/۰۹/۱۵ ۳:۰۴ ب.ظ", "2021-12-06T15:04:00Z");
    check("06/12/2021 3:04 CH GMT+7", "2021-12-06T08:04:00Z");
    check("12:05 Sa, 4. Dez 2021", "2021-12-04T12:05:00Z");
    check("04.12.2021, 12:05 Sa", "2021-12-04T12:05:00Z");
    check("06.12.2021 09:30 CH", "2021-12-06T09:30:00Z");
}

#[test]
fn a_time_behind_a_date_without_a_year_is_no_year() {
    for text in ["27.11. 20.26", "27 nov, 21.07", "27. marraskuuta 9.05"] {
        assert_eq!(parse(text), None, "{text}");
    }
    check("27.11.26 20.26", "2026-11-27T20:26:00Z");
    check("27 nov 2026, 21.07", "2026-11-27T21:07:00Z");
}

#[test]
fn what_is_told_of_a_change_gives_way_to_what_is_told_of_the_publication() {
    check("Updated 28 November 2026, published 20 November 2026", "2026-11-20T00:00:00Z");
    check("Обновлено 28.11.2026 10:00, опубликовано 20.11.2026 09:00", "2026-11-20T09:00:00Z");
    check("更新时间：2026-11-28 10:00 发布时间：2026-11-20 09:00", "2026-11-20T09:00:00Z");
    check("Updated 28 November 2026", "2026-11-28T00:00:00Z");
    assert!(super::super::tells_change("Aktualisiert am") && super::super::tells_change("最后更新："));
    assert!(!super::super::tells_change("6 December 2021 (updated 8 December 2021)"), "the first is not");
    assert!(!super::super::tells_change("Mis en ligne le") && !super::super::tells_change("Published and updated"));
    assert!(!super::super::tells_change("Edited by Jane Doe") && !super::super::tells_change("Revised by the editors"));
    assert!(super::super::tells_change("Edited by Jane Doe, updated 8 December 2021"));
}

#[test]
fn the_year_of_three_short_numbers_is_where_the_language_or_the_other_dates_have_it() {
    let read = |lang: Option<&str>, seen: &[&str], text: &str| {
        let mut manner = Manner::of(lang);
        for seen in seen {
            manner.see(seen);
        }
        manner.read(text).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
    };
    for lang in ["nl", "da", "es", "en-IN"] {
        assert_eq!(read(Some(lang), &[], "28-11-26"), "2026-11-28", "{lang}");
    }
    assert_eq!(read(Some("en-US"), &[], "11-28-26"), "2026-11-28");
    for lang in ["ko", "en-US", "ru", "de", "vi", "pl", "th", "en-GB"] {
        assert_eq!(read(Some(lang), &[], "26-11-28"), "2026-11-28", "{lang}");
    }
    assert_eq!(read(Some("nl"), &[], "99-11-28"), "1999-11-28");
    assert_eq!(read(None, &[], "24-12-05"), "2024-12-05");
    assert_eq!(read(None, &["28-11-26", "27-11-26"], "28-11-26"), "2026-11-28");
    assert_eq!(read(Some("nl"), &["26-11-28", "26-11-27"], "26-11-28"), "2026-11-28");
}
