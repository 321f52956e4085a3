use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

/// `tidings` in brotli, and in its large-window variant, which names a window of a gigabyte.
const SMALL: [u8; 11] = [0x0b, 0x03, 0x80, 0x74, 0x69, 0x64, 0x69, 0x6e, 0x67, 0x73, 0x03];
const LARGE_WINDOW: [u8; 12] = [0x11, 0x1e, 0x0c, 0, 0x02, 0x74, 0x69, 0x64, 0x69, 0x6e, 0x67, 0x73];
/// Two megabytes of nothing in brotli.
const ZEROS: [u8; 14] = [0x9b, 0xff, 0xff, 0x1f, 0, 0x24, 0, 0xe2, 0xb1, 0x40, 0x72, 0xef, 0x3f, 0];

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn coding(values: &[&str]) -> Result<Coding, String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_ENCODING, value.parse().expect("a value"));
    }
    Coding::of(&headers)
}

/// What comes of a body that arrives in portions of `size` bytes.
fn read(coding: Coding, wire: &[u8], size: usize, max: usize) -> Result<Vec<u8>, Cut> {
    let mut body = Body::new(coding, max, wire.len(), &Bounds::default());
    wire.chunks(size).try_for_each(|portion| body.push(portion))?;
    body.end()?;
    assert_eq!(body.wire(), wire.len());
    Ok(body.into_plain())
}

#[test]
fn one_coding_is_taken_and_words_that_are_none_are_passed_over() {
    let plain: [&[&str]; 5] = [&[], &["identity"], &["utf-8"], &["none, identity"], &[""]];
    assert!(plain.iter().all(|values| coding(values) == Ok(Coding::Told)));
    let gzip: [&[&str]; 4] = [&["gzip"], &["GZip"], &["x-gzip"], &["identity, gzip"]];
    assert!(gzip.iter().all(|values| coding(values) == Ok(Coding::Told)));
    assert_eq!(coding(&["br"]), Ok(Coding::Brotli));
}

#[test]
fn two_codings_and_those_not_asked_for_are_refused_with_their_names() {
    let refusal = |values: &[&str]| coding(values).expect_err("refused");
    insta::assert_snapshot!(refusal(&["gzip, gzip"]), @"is compressed twice (gzip, then gzip), which no feed needs and bombs do");
    insta::assert_snapshot!(refusal(&["gzip", "br"]), @"is compressed twice (gzip, then br), which no feed needs and bombs do");
    insta::assert_snapshot!(refusal(&["zstd"]), @"is compressed with zstd, which was not asked for (asked: gzip, br)");
}

#[test]
fn what_the_first_bytes_say_counts_and_padding_after_gzip_does_not() {
    let told = |wire: &[u8]| read(Coding::Told, wire, 1, 1_000);
    assert_eq!(told(&gzipped(b"tidings")), Ok(b"tidings".to_vec()));
    assert_eq!(told(b"<rss>"), Ok(b"<rss>".to_vec()));
    assert_eq!(told(b"\x1f"), Ok(b"\x1f".to_vec()));
    assert_eq!(told(b""), Ok(Vec::new()));
    assert_eq!(told(&[gzipped(b"tid"), gzipped(b"ings")].concat()), Ok(b"tidings".to_vec()));
    assert_eq!(told(&[gzipped(b"tidings"), vec![0; 512]].concat()), Ok(b"tidings".to_vec()));
    assert_eq!(read(Coding::Brotli, &[&SMALL[..], &[0; 9]].concat(), 1, 1_000), Ok(b"tidings".to_vec()));
    assert_eq!(read(Coding::Brotli, b"", 1, 1_000), Ok(Vec::new()));
}

#[test]
fn damage_is_told() {
    let packed = gzipped(b"tidings of something");
    let mut bent = packed.clone();
    bent[packed.len() - 6] ^= 1;
    for (coding, wire) in [
        (Coding::Told, &packed[..packed.len() - 1]),
        (Coding::Told, &packed[..5]),
        (Coding::Told, &bent[..]),
        (Coding::Brotli, &SMALL[..SMALL.len() - 1]),
        (Coding::Brotli, b"<rss>tidings</rss>"),
        (Coding::Brotli, &LARGE_WINDOW[..]),
    ] {
        assert!(matches!(read(coding, wire, 3, 1_000), Err(Cut::Damaged(_))), "{wire:?}");
    }
}

#[test]
fn a_bomb_is_told_from_a_long_document() {
    let blank = vec![b' '; 8 << 20];
    assert!(matches!(read(Coding::Told, &gzipped(&blank), 4096, 64 << 20), Err(Cut::Bomb { .. })));
    assert_eq!(read(Coding::Brotli, &ZEROS, 4096, 64 << 20), Err(Cut::Bomb { wire: ZEROS.len() }));
    // Up to a megabyte anything goes: a page of the same row again and again.
    assert_eq!(read(Coding::Told, &gzipped(&blank[..1 << 20]), 4096, 64 << 20).map(|body| body.len()), Ok(1 << 20));
    // A feed that repeats itself, packed 60 to 1.
    let row = |n: u32| {
        format!("<item><title>Story {n}</title><link>https://news.example/{n}</link></item>{}", " ".repeat(400))
    };
    let long: String = (0..20_000).map(row).collect();
    assert_eq!(read(Coding::Told, &gzipped(long.as_bytes()), 4096, 64 << 20), Ok(long.clone().into_bytes()));
    assert_eq!(read(Coding::Told, &gzipped(long.as_bytes()), 4096, 1 << 20), Err(Cut::TooLarge));
    assert_eq!(read(Coding::Told, long.as_bytes(), 4096, 1 << 20), Err(Cut::TooLarge));
}

proptest! {
    #[test]
    fn what_was_packed_comes_out_however_it_arrives(
        text in prop::collection::vec(any::<u8>(), 0..3_000), size in 1_usize..700
    ) {
        prop_assert_eq!(read(Coding::Told, &gzipped(&text), size, 3_000), Ok(text));
    }

    #[test]
    fn nothing_that_comes_panics_or_passes_the_limit(
        wire in prop::collection::vec(any::<u8>(), 0..600), size in 1_usize..700, at in 0_usize..14
    ) {
        let damaged: Vec<u8> = ZEROS.iter().take(at).chain(&wire).copied().collect();
        let magic: Vec<u8> = [0x1f, 0x8b, 8, 0].iter().chain(&wire).copied().collect();
        for (coding, wire) in [(Coding::Told, &wire), (Coding::Told, &magic), (Coding::Brotli, &wire), (Coding::Brotli, &damaged)] {
            let mut body = Body::new(coding, 500, 0, &Bounds::default());
            let read = wire.chunks(size).try_for_each(|portion| body.push(portion)).and_then(|()| body.end());
            let is_bomb = matches!(read, Err(Cut::Bomb { .. }));
            prop_assert!(!is_bomb);
            prop_assert!(body.into_plain().len() <= 500);
        }
    }
}
