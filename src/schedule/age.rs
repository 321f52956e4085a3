//! Ages of a source's last story, in the bins in which its spacing is learnt.

/// Bins that are learnt. Beyond the last, the age says nothing more.
pub(super) const AGES: usize = 11;

/// The ends of the bins, in seconds: 2 minutes to 5 hours. Editors space stories out over minutes, so the first bins are
/// narrow.
const ENDS: [f64; AGES] =
    [120.0, 300.0, 600.0, 1_200.0, 1_800.0, 2_700.0, 3_600.0, 5_400.0, 7_200.0, 10_800.0, 18_000.0];

/// A bin of ages, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bin {
    pub(super) from: f64,
    pub(super) until: f64,
    pub(super) middle: f64,
}

/// The bins, youngest first.
pub(super) fn bins() -> impl Iterator<Item = Bin> {
    let mut from = 0.0;
    ENDS.into_iter().map(move |until| {
        let bin = Bin { from, until, middle: f64::midpoint(from, until) };
        from = until;
        bin
    })
}

/// The bin that an age falls in; [`AGES`] beyond the last.
pub(super) fn index(age_secs: f64) -> usize {
    ENDS.iter().filter(|end| **end <= age_secs).count()
}

/// Where a bin ends; never, beyond the last.
pub(super) fn end(bin: usize) -> f64 {
    ENDS.get(bin).copied().unwrap_or(f64::INFINITY)
}
