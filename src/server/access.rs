//! Whom a token lets in, and how far: the configured one, and those that were made (`tidings token add`, `/v1/tokens`).
//!
//! Tokens are remembered in memory. Those that another process made or removed are noticed by a number that grows: it is asked for
//! once a second at most, and at once when a token comes that is not known, so that a new one counts from its first request on and
//! a removed one for a second longer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::quota::Client;
use super::rate::{Allowance, Rates};
use crate::daemon::Keeper;
use crate::model::{ApiToken, Scope, Secret, TokenId, TokenSpec};
use crate::port::{Clock, StoreError, TokenHash};

/// What a token begins with, so that people and scanners of leaked secrets know one.
const PREFIX: &str = "tdg_";
/// For so long what is remembered is taken to hold.
const TRUSTED: Duration = Duration::from_secs(1);
/// How often an open stream looks whether its token still counts.
const HELD_FOR: Duration = Duration::from_secs(30);
/// The name of the token that stands in the configuration.
const CONFIGURED: &str = "configured";

/// Who may do what; cheap to clone.
#[derive(Clone)]
pub struct Access {
    keeper: Keeper,
    clock: Arc<dyn Clock>,
    configured: Option<TokenHash>,
    means: TokenMeans,
    known: Arc<Mutex<Known>>,
    rates: Rates,
}

/// What tokens are made of and kept as, from the composition root.
#[derive(Debug, Clone, Copy)]
pub struct TokenMeans {
    /// Chance: 256 bits; `None` where the system gives none.
    pub chance: fn() -> Option<[u8; 32]>,
    /// The SHA-256 of a token.
    pub hash: fn(&str) -> TokenHash,
}

impl TokenMeans {
    /// Makes a token and its hash. A text of 256 random bits can't be guessed nor found from its hash, so that needs no salt, and
    /// no slow function such as passwords do.
    pub fn make(self) -> Option<(Secret, TokenHash)> {
        let text = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode((self.chance)()?));
        let hash = (self.hash)(&text);
        Some((Secret::new(text), hash))
    }
}

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The token's number; the configured one has none.
    pub id: Option<TokenId>,
    /// The token's name.
    pub name: String,
    /// How far it reaches.
    pub scope: Scope,
}

impl Granted {
    /// Who did something, for people: the token's name, and the way that it came by ("the API").
    pub(super) fn by(&self, way: &str) -> String {
        if self.id.is_some() { format!("{} ({way})", self.name) } else { way.to_owned() }
    }
}

/// The tokens that were made, as of a number of changes.
#[derive(Debug, Default)]
struct Known {
    changes: u64,
    looked_at: Option<Timestamp>,
    tokens: Vec<(TokenHash, ApiToken)>,
}

impl Access {
    /// Lets the bearer of the configured token do everything, and those of the store's tokens what their scopes say.
    pub fn new(
        keeper: Keeper,
        clock: Arc<dyn Clock>,
        configured: Option<&Secret>,
        means: TokenMeans,
        allowance: Allowance,
    ) -> Self {
        let configured = configured.map(|token| (means.hash)(token.reveal()));
        Self { keeper, clock, configured, means, known: Arc::default(), rates: Rates::new(allowance) }
    }

    /// What the bearer of `token` may do; `None`: it is no token of ours, or it has expired.
    ///
    /// # Errors
    /// When the store can't be asked. The configured token is known without it.
    pub async fn admits(&self, token: &str) -> Result<Option<Granted>, StoreError> {
        let hash = (self.means.hash)(token);
        if self.configured.as_ref().is_some_and(|configured| is_same(configured, &hash)) {
            return Ok(Some(Granted { id: None, name: CONFIGURED.to_owned(), scope: Scope::Admin }));
        }
        self.admits_made(&hash).await
    }

    /// The same of what a client sends, which may have failed too often to be heard: a token of the configuration may be one that can
    /// be guessed, so it doesn't count then. One that was made can't be, and counts: an address may be shared with whoever guesses.
    ///
    /// # Errors
    /// When the store can't be asked; `Ok(Err(_))`: the client failed too often, and may try again after so long.
    pub(super) async fn admits_from(
        &self,
        client: Client,
        token: Option<&str>,
    ) -> Result<Result<Option<Granted>, Duration>, StoreError> {
        let now = self.clock.now();
        let granted = match token {
            Some(token) if self.rates.is_spent(client, now) => self.admits_made(&(self.means.hash)(token)).await?,
            Some(token) => self.admits(token).await?,
            None => None,
        };
        Ok(match granted {
            Some(granted) => self.rates.request(granted.id, now).map(|()| Some(granted)),
            None => self.rates.failure(client, now).map(|()| None),
        })
    }

    async fn admits_made(&self, hash: &TokenHash) -> Result<Option<Granted>, StoreError> {
        let now = self.clock.now();
        let looked = self.is_doubtful(now);
        if looked {
            self.look(now).await?;
        }
        let mut found = self.find(hash, now);
        if found.is_none() && !looked {
            self.look(now).await?;
            found = self.find(hash, now);
        }
        let Some((granted, first_on)) = found else { return Ok(None) };
        if let (Some(id), Some(day)) = (granted.id, first_on)
            && let Err(error) = self.keeper.note(move |store| store.note_token_use(id, day)).await
        {
            tracing::warn!(token.id = id.0, "that token {id} was used could not be noted down: {error}");
        }
        Ok(Some(granted))
    }

    /// Whether any token lets anybody in.
    ///
    /// # Errors
    /// When the store can't be asked.
    pub async fn is_open(&self) -> Result<bool, StoreError> {
        if self.configured.is_some() {
            return Ok(true);
        }
        self.look(self.clock.now()).await?;
        Ok(!self.lock().tokens.is_empty())
    }

    /// Makes a token: its number and its text, which is not kept. `None` where there are as many as are allowed.
    ///
    /// # Errors
    /// When the name is taken, or the store or the system's chance fails.
    pub(super) async fn make(&self, spec: TokenSpec) -> Result<Option<(TokenId, Secret)>, StoreError> {
        let Some((text, hash)) = self.means.make() else {
            return Err(StoreError::Refused { verb: "make_token", why: "the system gives no randomness".to_owned() });
        };
        let now = self.clock.now();
        let id = self.keeper.write(move |store| store.add_token(&spec, &hash, now)).await?;
        Ok(id.map(|id| (id, text)))
    }

    /// Removes a token, which counts from now on. `false` where there is none such.
    ///
    /// # Errors
    /// When the store can't be asked.
    pub(super) async fn remove(&self, id: TokenId) -> Result<bool, StoreError> {
        let was_there = self.keeper.write(move |store| store.remove_token(id)).await?;
        self.look(self.clock.now()).await?;
        Ok(was_there)
    }

    /// Waits until what was granted counts no more: its token was removed, or has expired. Noticed within [`HELD_FOR`].
    pub(super) async fn lapse(self, granted: Option<Granted>) {
        let Some(id) = granted.and_then(|granted| granted.id) else {
            // A stranger has nothing to lose, and the configured token counts as long as the daemon runs.
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(HELD_FOR).await;
            let now = self.clock.now();
            if let Err(error) = self.look(now).await {
                tracing::warn!(token.id = id.0, "whether token {id} still counts could not be seen: {error}");
                continue;
            }
            let known = self.lock();
            if !known.tokens.iter().any(|(_, token)| token.id == id && !token.is_over(now)) {
                return;
            }
        }
    }

    fn is_doubtful(&self, now: Timestamp) -> bool {
        let known = self.lock();
        known.looked_at.is_none_or(|looked_at| now.duration_since(looked_at).unsigned_abs() >= TRUSTED)
    }

    /// Brings what is remembered up to date.
    async fn look(&self, now: Timestamp) -> Result<(), StoreError> {
        let changes = self.lock().changes;
        let newer = self.keeper.read(move |store| store.tokens_unless(changes)).await?;
        let mut known = self.lock();
        known.looked_at = Some(now);
        // Of two looks that cross, the later one counts.
        if let Some((changes, tokens)) = newer.filter(|(changes, _)| *changes > known.changes) {
            (known.changes, known.tokens) = (changes, tokens);
        }
        Ok(())
    }

    /// What a hash stands for; and the day, where it is used for the first time on it. All are compared, each in constant time: how
    /// long it takes tells nothing.
    fn find(&self, hash: &TokenHash, now: Timestamp) -> Option<(Granted, Option<Date>)> {
        let mut known = self.lock();
        let mut found = None;
        for (held, token) in &mut known.tokens {
            if is_same(held, hash) {
                found = Some(token);
            }
        }
        let token = found.filter(|token| !token.is_over(now))?;
        let today = now.to_zoned_datetime(TimeZone::UTC).date();
        let first = token.used_on != Some(today);
        token.used_on = Some(today);
        let granted = Granted { id: Some(token.id), name: token.spec.name.clone(), scope: token.spec.scope };
        Some((granted, first.then_some(today)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares every byte, whatever the first ones are.
fn is_same(a: &TokenHash, b: &TokenHash) -> bool {
    a.iter().zip(b).fold(0, |seen, (x, y)| seen | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::store::SqliteStore;

    /// A clock that is set by hand, to milliseconds.
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(1_800_000_000_000 + self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    fn hash(text: &str) -> TokenHash {
        std::array::from_fn(|n| text.as_bytes().get(n).copied().unwrap_or_default())
    }

    #[tokio::test]
    async fn tokens_of_another_process_count_at_once_and_removed_ones_for_a_second() {
        let keeper = Keeper::in_place(Box::new(SqliteStore::in_memory().unwrap()));
        let clock = Arc::new(Hand(AtomicI64::new(0)));
        let means = TokenMeans { chance: || None, hash };
        let access = Access::new(
            keeper.clone(),
            clock.clone(),
            None,
            means,
            Allowance { requests_per_minute: 60, failures_per_minute: 60 },
        );
        assert_eq!((access.is_open().await.unwrap(), access.admits("a").await.unwrap()), (false, None));
        let spec = TokenSpec { name: "desk".to_owned(), scope: Scope::Write, expires_at: None };
        let id = keeper.write(move |store| store.add_token(&spec, &hash("a"), Timestamp::UNIX_EPOCH)).await.unwrap();
        let granted = Granted { id, name: "desk".to_owned(), scope: Scope::Write };
        assert_eq!(access.admits("a").await.unwrap(), Some(granted.clone()));
        assert_eq!(access.admits("b").await.unwrap(), None);

        keeper.write(move |store| store.remove_token(id.unwrap())).await.unwrap();
        clock.0.store(999, Ordering::Relaxed);
        assert_eq!(access.admits("a").await.unwrap(), Some(granted));
        clock.0.store(1_000, Ordering::Relaxed);
        assert_eq!(access.admits("a").await.unwrap(), None);
    }
}
