use super::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).expect("a timestamp")
}

fn trader(gap_secs: i64) -> Trader {
    let mut pace = Pace::default();
    let dates: Vec<_> = (0..40).map(|n| at(-n * gap_secs)).collect();
    pace.see(super::super::pace::Seen::First(&dates), at(0), &Pool::default());
    let bounds = (Duration::from_mins(5), Duration::from_hours(4));
    Trader::of(&pace.to_bytes(), Priority::Normal, bounds, None)
}

fn priced(traders: &[Trader], sources: usize, per_sec: f64) -> Market {
    let mut market = Market::default();
    market.price(traders, sources, per_sec, at(0));
    market
}

#[test]
fn at_the_price_found_the_requests_of_a_day_come_out_just_below_the_budget() {
    let traders: Vec<Trader> = (1..200).map(|n| trader(n * n * 7)).collect();
    let wanted = 199.0 / 1_800.0;
    let market = priced(&traders, 199, wanted);
    assert!((market.foreseen_per_sec() / wanted - 0.99).abs() < 0.005, "{market:?}");
    let sampled = priced(&traders, 1_990, 10.0 * wanted);
    assert!((sampled.quote().price / market.quote().price - 1.0).abs() < 0.01);
    let dearer = priced(&traders, 199, wanted / 2.0);
    assert!(dearer.quote().price > 3.0 * market.quote().price);
}

#[test]
fn a_budget_that_no_price_meets_ends_at_the_bounds() {
    let traders = [trader(600), trader(90_000)];
    assert!((priced(&traders, 2, 1e-9).foreseen_per_sec() - 2.0 / 14_400.0).abs() < 1e-9);
    assert!((priced(&traders, 2, 1e3).foreseen_per_sec() - 2.0 / 300.0).abs() < 1e-9);
    assert_eq!(priced(&[], 0, 1.0), Market::default());
}

#[test]
fn sources_in_trouble_leave_their_requests_to_the_others() {
    let well = [trader(600), trader(600)];
    let troubled = Trader { fixed: Some(Duration::from_hours(24)), ..trader(600) };
    let (both, one) = (priced(&well, 2, 0.002), priced(&[trader(600), troubled], 2, 0.002));
    assert!(one.quote().price < both.quote().price);
}

#[test]
fn a_source_that_is_tried_again_every_few_minutes_costs_the_others_nothing_to_speak_of() {
    let per_sec = 3.0 / 1_800.0;
    let refused = Trader { fixed: Some(Duration::from_mins(5)), ..trader(600) };
    let well = priced(&[trader(600), trader(600), trader(600)], 3, per_sec).quote().price;
    let beside = priced(&[trader(600), trader(600), refused.clone()], 3, per_sec).quote().price;
    assert!(beside < well * 1.1, "{beside} {well}");
    let alone = priced(&[trader(600), refused.clone(), refused], 3, per_sec).quote().price;
    assert!(alone < well * 1.1, "{alone} {well}");
}

#[test]
fn more_requests_than_foreseen_raise_the_price_and_a_stop_counts_for_nothing() {
    let traders = [trader(600), trader(1_200), trader(9_000)];
    let (mut busy, mut stopped) = (priced(&traders, 3, 0.002), priced(&traders, 3, 0.002));
    let before = busy.quote().price;
    busy.tally(0, at(0));
    stopped.tally(0, at(0));
    for step in 1..=100 {
        busy.tally(3, at(step * 600));
    }
    stopped.tally(0, at(60_000));
    assert!(busy.gain() > 1.5, "{}", busy.gain());
    assert!((stopped.gain() - 1.0).abs() < 1e-9);
    busy.price(&traders, 3, 0.002, at(60_000));
    assert!(busy.quote().price > before * 1.5);
}

#[test]
fn bytes_of_version_1_mean_what_they_meant_and_damaged_ones_are_refused() {
    let digits: Vec<u32> = include_str!("v1.hex").chars().filter_map(|digit| digit.to_digit(16)).collect();
    let stored: Vec<u8> =
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect();
    let market = Market::from_bytes(&stored).expect("they are read");
    assert!((market.foreseen_per_sec() - 0.00198).abs() < 1e-5, "{market:?}");
    assert_eq!(market.to_bytes(), stored);
    assert_eq!(Market::from_bytes(&stored[1..]), None);
    assert_eq!(Market::from_bytes(&stored[..stored.len() - 1]), None);
    assert_eq!(Market::from_bytes(&[]), None);
}
