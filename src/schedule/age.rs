//! Ages of a source's last story, in the bins in which its spacing is learnt.

/// Bins that are learnt. Beyond the last, the age says nothing more.
pub(super) const AGES: usize = 11;

/// The ends of the bins, in minutes. Editors space stories out over minutes, so the first bins are narrow.
const ENDS_MINUTES: [u16; AGES] = [2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300];

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
    ENDS_MINUTES.into_iter().map(move |minutes| {
        let until = f64::from(minutes) * 60.0;
        let bin = Bin { from, until, middle: f64::midpoint(from, until) };
        from = until;
        bin
    })
}

/// The bin that an age falls in; [`AGES`] beyond the last.
pub(super) fn index(age_secs: f64) -> usize {
    ENDS_MINUTES.iter().filter(|minutes| f64::from(**minutes) * 60.0 <= age_secs).count()
}
