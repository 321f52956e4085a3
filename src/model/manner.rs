//! How a subscription is told: when, for how long, and in which shape.

use std::fmt;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::NotificationType;

/// How a subscription is told of what its filter lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// When what was held back is told in one; `None`: each at once.
    pub digest: Option<DigestPlan>,
    /// Whether a digest is sent when there is nothing in it.
    pub digest_empty: bool,
    /// When nothing is told.
    pub quiet: Option<Quiet>,
    /// Types that wait for neither.
    pub at_once: Vec<NotificationType>,
    /// A notification older than this is not attempted; `None`: as the retry policy has it.
    pub expire_after: Option<Duration>,
    /// How much is told.
    pub payload: PayloadShape,
    /// The version of payloads: one of [`Self::VERSIONS`].
    pub payload_version: u32,
}

impl Manner {
    /// The versions of payloads there are.
    pub const VERSIONS: [u32; 1] = [1];

    /// Whether anything may be held back.
    pub fn holds_back(&self) -> bool {
        self.digest.is_some() || self.quiet.is_some()
    }
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            digest: None,
            digest_empty: false,
            quiet: None,
            at_once: Vec::new(),
            expire_after: None,
            payload: PayloadShape::Full,
            payload_version: 1,
        }
    }
}

/// How much a payload tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadShape {
    /// All.
    Full,
    /// What happened and where to fetch it: type, time, numbers, an address; no texts.
    Thin,
}

impl PayloadShape {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Full, Self::Thin];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Thin => "thin",
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.label() == word)
    }
}

/// What is wrong with a plan as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It has none of the forms.
    #[error("expected {0}")]
    Form(&'static str),
    /// A zone that isn't known.
    #[error("there is no time zone {0:?}; names are those of the IANA database, such as Europe/Berlin, or UTC")]
    Zone(String),
    /// A number out of bounds.
    #[error("{0} is out of bounds: expected {1}")]
    Bounds(String, &'static str),
}

/// When digests are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestPlan {
    /// At each multiple of this since 1970 began in UTC: every 30 minutes is at the full and the half hour.
    Every(Duration),
    /// Each day at this time.
    Daily(Time, Zone),
}

impl DigestPlan {
    /// What may be written.
    pub const FORMS: &'static str = "\"every N seconds|minutes|hours|days\" or \"daily HH:MM ZONE\"";
    const BOUNDS: &'static str = "1 second to 7 days";

    /// Reads it as it is written.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["every", count, unit] => {
                let every = span(count, unit).ok_or(PlanError::Form(Self::FORMS))?;
                let fits = (Duration::from_secs(1)..=Duration::from_hours(7 * 24)).contains(&every);
                if fits { Ok(Self::Every(every)) } else { Err(PlanError::Bounds(text.to_owned(), Self::BOUNDS)) }
            }
            ["daily", time, zone] => {
                Ok(Self::Daily(time_of_day(time).ok_or(PlanError::Form(Self::FORMS))?, Zone::parse(zone)?))
            }
            _ => Err(PlanError::Form(Self::FORMS)),
        }
    }
}

impl fmt::Display for DigestPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(every) => write!(f, "every {}", span_text(*every)),
            Self::Daily(time, zone) => write!(f, "daily {} {zone}", time.strftime("%H:%M")),
        }
    }
}

/// Hours of each day in which nothing is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// They begin.
    pub from: Time,
    /// They are over; on the next day, where that is earlier.
    pub until: Time,
    /// By the clocks of this zone.
    pub zone: Zone,
}

impl Quiet {
    /// What may be written.
    pub const FORMS: &'static str = "\"HH:MM-HH:MM ZONE\", such as \"22:00-07:00 Europe/Berlin\"";

    /// Reads it as it is written.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        const FORM: PlanError = PlanError::Form(Quiet::FORMS);
        let (times, zone) = text.trim().split_once(char::is_whitespace).ok_or(FORM)?;
        let (from, until) = times.split_once('-').ok_or(FORM)?;
        let (from, until) = (time_of_day(from).ok_or(FORM)?, time_of_day(until).ok_or(FORM)?);
        if from == until {
            return Err(FORM);
        }
        Ok(Self { from, until, zone: Zone::parse(zone.trim())? })
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{} {}", self.from.strftime("%H:%M"), self.until.strftime("%H:%M"), self.zone)
    }
}

/// A time zone by its name in the IANA database, as this program has it within: the same on every machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Finds it by name, in whatever case.
    ///
    /// # Errors
    /// Where there is none such.
    pub fn parse(name: &str) -> Result<Self, PlanError> {
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(|_unknown| PlanError::Zone(name.to_owned()))
    }

    /// Its clocks.
    pub fn clocks(&self) -> &TimeZone {
        &self.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}

/// Units of a span, largest first, in seconds.
const UNITS: [(&str, u64); 4] = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

/// What an expiry may be.
pub const EXPIRY_FORMS: &str = "\"N seconds|minutes|hours|days\", 1 second to 30 days";

/// Reads how long a notification is worth being told.
///
/// # Errors
/// What is wrong, in words.
pub fn parse_expiry(text: &str) -> Result<Duration, PlanError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [count, unit] = words.as_slice() else { return Err(PlanError::Form(EXPIRY_FORMS)) };
    let span = span(count, unit).ok_or(PlanError::Form(EXPIRY_FORMS))?;
    let fits = (Duration::from_secs(1)..=Duration::from_hours(30 * 24)).contains(&span);
    if fits { Ok(span) } else { Err(PlanError::Bounds(text.to_owned(), "1 second to 30 days")) }
}

fn span(count: &str, unit: &str) -> Option<Duration> {
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let (_, secs) = UNITS.into_iter().find(|(word, _)| *word == unit)?;
    Some(Duration::from_secs(count.parse::<u64>().ok()?.checked_mul(secs)?))
}

/// A span as it is written, in its largest whole unit.
pub fn span_text(span: Duration) -> String {
    let secs = span.as_secs();
    let (word, unit) = UNITS.into_iter().find(|(_, unit)| secs.is_multiple_of(*unit)).unwrap_or(("second", 1));
    let count = secs / unit;
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// `HH:MM`, from 00:00 to 23:59.
fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let is_two = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_two(hour) || !is_two(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}
