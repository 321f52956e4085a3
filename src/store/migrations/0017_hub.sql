-- Schema 17: followers, who subscribed to our feeds at our own hub (WebSub), and how often each followed feed has changed.

CREATE TABLE follower (
    id              INTEGER PRIMARY KEY,
    address         TEXT NOT NULL,          -- the feed's own, as the follower writes it
    callback        TEXT NOT NULL,
    topic           TEXT NOT NULL,
    format          TEXT NOT NULL,
    lease_until_ms  INTEGER,
    secret          TEXT,
    wish            TEXT,                   -- what is to be confirmed, if anything
    wish_lease_ms   INTEGER,
    wish_secret     TEXT,
    wish_at_ms      INTEGER,
    wish_due_at_ms  INTEGER,
    wish_failures   INTEGER NOT NULL DEFAULT 0,
    has             INTEGER NOT NULL,       -- the version of the feed that it has: less than the feed's, and a post is pending
    posted_hash     TEXT NOT NULL DEFAULT '',
    next_at_ms      INTEGER NOT NULL DEFAULT 0,
    failures        INTEGER NOT NULL DEFAULT 0,
    posts           INTEGER NOT NULL DEFAULT 0,
    last_post_at_ms INTEGER,
    note            TEXT NOT NULL DEFAULT '',
    UNIQUE (address, callback)
) STRICT;

CREATE TABLE feed_version (
    topic   TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- In the transaction of the change, whoever makes it: so no kill comes between the two. Without followers there is no row.
CREATE TRIGGER event_opened_in_feed AFTER INSERT ON event BEGIN
    UPDATE feed_version SET version = version + 1 WHERE topic = NEW.topic;
END;
CREATE TRIGGER event_changed_in_feed AFTER UPDATE ON event BEGIN
    UPDATE feed_version SET version = version + 1 WHERE topic = NEW.topic;
END;
