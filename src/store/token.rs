//! The API's tokens, by the hashes of their texts.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::claim::limit;
use super::column::{Count, Moment, Word};
use super::fault::Fault;
use crate::model::{ApiToken, TokenId, TokenSpec};
use crate::port::{KnownTokens, StoreError, TokenHash, Tokens};

impl Tokens for SqliteStore {
    fn tokens(&mut self) -> Result<Vec<ApiToken>, StoreError> {
        self.read("tokens", |db| Ok(list(db)?.into_iter().map(|(_hash, token)| token).collect()))
    }

    fn tokens_unless(&mut self, known: u64) -> Result<Option<KnownTokens>, StoreError> {
        self.read("tokens_unless", |db| {
            const SQL: &str = "SELECT value FROM counter WHERE name = 'tokens'";
            let changes = db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Count>(0))?.0;
            if changes == known { Ok(None) } else { Ok(Some((changes, list(db)?))) }
        })
    }

    fn add_token(&mut self, spec: &TokenSpec, hash: &TokenHash, now: Timestamp) -> Result<Option<TokenId>, StoreError> {
        self.write("add_token", |db| add(db, spec, hash, now))
    }

    fn remove_token(&mut self, id: TokenId) -> Result<bool, StoreError> {
        self.write("remove_token", |db| {
            const SQL: &str = "DELETE FROM token WHERE id = ?1";
            Ok(db.prepare_cached(SQL)?.execute([id.0])? > 0)
        })
    }

    fn note_token_use(&mut self, id: TokenId, day: Date) -> Result<(), StoreError> {
        self.write("note_token_use", |db| {
            // Days are written so that the later is the greater text.
            const SQL: &str = "UPDATE token SET used_on = ?2 WHERE id = ?1 AND (used_on IS NULL OR used_on < ?2)";
            db.prepare_cached(SQL)?.execute(params![id.0, day.to_string()])?;
            Ok(())
        })
    }
}

fn list(db: &Connection) -> Result<Vec<(TokenHash, ApiToken)>, Fault> {
    const SQL: &str = "SELECT id, name, hash, scope, created_at_ms, expires_at_ms, used_on FROM token ORDER BY id";
    Ok(db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(TokenHash, ApiToken)> {
    let spec = TokenSpec {
        name: row.get(1)?,
        scope: row.get::<_, Word<_>>(3)?.0,
        expires_at: row.get::<_, Option<Moment>>(5)?.map(|at| at.0),
    };
    // A day that can't be read says nothing that anything follows from.
    let used_on = row.get::<_, Option<String>>(6)?.and_then(|day| day.parse().ok());
    let token = ApiToken { id: TokenId(row.get(0)?), spec, created_at: row.get::<_, Moment>(4)?.0, used_on };
    Ok((row.get(2)?, token))
}

fn add(db: &Connection, spec: &TokenSpec, hash: &TokenHash, now: Timestamp) -> Result<Option<TokenId>, Fault> {
    const TAKEN: &str = "SELECT id FROM token WHERE name = ?1";
    const SQL: &str = "INSERT INTO token (name, hash, scope, created_at_ms, expires_at_ms)
        SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM token) < ?6 RETURNING id";
    let taken: Option<i64> = db.prepare_cached(TAKEN)?.query_row([&spec.name], |row| row.get(0)).optional()?;
    if let Some(id) = taken {
        return Err(Fault::Taken { what: "the token's name", detail: format!("{:?} is token {id}", spec.name) });
    }
    let values = params![
        spec.name,
        hash,
        Word(spec.scope),
        Moment(now),
        spec.expires_at.map(Moment),
        limit(TokenSpec::COUNT_MAX)
    ];
    Ok(db.prepare_cached(SQL)?.query_row(values, |row| row.get(0)).optional()?.map(TokenId))
}
