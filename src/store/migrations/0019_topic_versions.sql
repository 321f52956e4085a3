-- Schema 19: every version of a topic, as it was saved by hand or declared.

CREATE TABLE topic_version (
    topic       TEXT NOT NULL,
    number      INTEGER NOT NULL,       -- from 1 within the topic
    name        TEXT NOT NULL,
    query       TEXT NOT NULL,
    fresh_ms    INTEGER NOT NULL,
    stale_ms    INTEGER NOT NULL,
    span        TEXT NOT NULL,
    origin      TEXT NOT NULL,
    saved_at_ms INTEGER NOT NULL,
    saved_by    TEXT NOT NULL,          -- in words; empty where it isn't known
    restores    INTEGER,                -- the version that it is once more
    PRIMARY KEY (topic, number)
) STRICT, WITHOUT ROWID;

-- What is there was saved once, with no word of who did.
INSERT INTO topic_version (topic, number, name, query, fresh_ms, stale_ms, span, origin, saved_at_ms, saved_by)
SELECT key, 1, name, query, fresh_ms, stale_ms, span, origin, created_at_ms,
    CASE origin WHEN 'config' THEN 'the configuration file' ELSE '' END
FROM topic;
