-- Schema 4: push channels (WebSub), and the pushes that wait to be examined.

CREATE TABLE channel (
    id              INTEGER PRIMARY KEY,
    source          INTEGER NOT NULL REFERENCES source (id),
    topic           TEXT NOT NULL,          -- rel=self, as the publisher writes it
    hubs            TEXT NOT NULL,          -- {"v":1,"hubs":[...]}, the one in use first
    base            TEXT NOT NULL,
    token           TEXT NOT NULL UNIQUE,
    secret          TEXT NOT NULL,
    phase           TEXT NOT NULL,
    due_at_ms       INTEGER NOT NULL,
    asked_at_ms     INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0,
    open_since_ms   INTEGER,
    lease_until_ms  INTEGER,
    last_push_at_ms INTEGER,
    last_thin_at_ms INTEGER,
    pushes          INTEGER NOT NULL DEFAULT 0,
    refused         INTEGER NOT NULL DEFAULT 0,
    distrusted_until_ms INTEGER,
    note            TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX channel_source ON channel (source) WHERE phase <> 'ending';
CREATE INDEX channel_due ON channel (due_at_ms);

-- The queue, in order of arrival. A push outlives its channel: what was taken is examined.
CREATE TABLE push (
    id           INTEGER PRIMARY KEY,
    channel      INTEGER NOT NULL,
    source       INTEGER NOT NULL REFERENCES source (id),
    at_ms        INTEGER NOT NULL,
    content_type TEXT,
    body         BLOB NOT NULL
) STRICT;
CREATE INDEX push_channel ON push (channel);
