-- Schema 18: the API's tokens, each by the SHA-256 of its text alone.

CREATE TABLE token (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL UNIQUE,
    hash          BLOB NOT NULL UNIQUE,
    scope         TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    used_on       TEXT                -- the last day, so that a request costs no write
) STRICT;

-- Grows with each token that is made or removed, in the same transaction: whoever remembers them looks at this alone.
INSERT INTO counter (name, value) VALUES ('tokens', 1);
CREATE TRIGGER token_made AFTER INSERT ON token BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'tokens';
END;
CREATE TRIGGER token_removed AFTER DELETE ON token BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'tokens';
END;
