-- Schema 13: secrets that sign on after others took their place; endpoints that prove that they want this.

-- A document: the secrets and until when each signs; NULL where there are none.
ALTER TABLE subscription ADD COLUMN old_secrets TEXT;

-- Whether the endpoint must prove that before it is served.
ALTER TABLE subscription ADD COLUMN verify INTEGER NOT NULL DEFAULT 0;

-- Subscriptions whose endpoints have not proved it yet.
CREATE TABLE verification (
    subscription INTEGER PRIMARY KEY REFERENCES subscription (id),
    -- Deliveries made from here on are gone for now, and made pending again once it is proved.
    since_ms     INTEGER NOT NULL,
    tries        INTEGER NOT NULL,
    -- When the endpoint is asked next; NULL: when somebody wants it.
    next_at_ms   INTEGER,
    failure      TEXT
) STRICT;

-- Subscriptions that somebody made without a token of the API: known by tokens of their own, of which only the SHA-256 is kept.
CREATE TABLE self_service (
    subscription INTEGER PRIMARY KEY REFERENCES subscription (id),
    token_hash   BLOB NOT NULL UNIQUE,
    -- Since when its address is as it is: an endpoint that proves nothing for an hour after that is forgotten.
    since_ms     INTEGER NOT NULL
) STRICT;
