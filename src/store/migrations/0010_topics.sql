-- Schema 8: from which day to which a topic's stories are published, as ISO 8601-2 writes it: 2021-10-01/.., ../.. (open).
ALTER TABLE topic ADD COLUMN span TEXT NOT NULL DEFAULT '../..';

-- What was learnt of a topic from answers; `version` says what the weights (32-bit numbers, least byte first) are of.
CREATE TABLE relevance (
    topic         TEXT PRIMARY KEY,
    version       INTEGER NOT NULL,
    learned_at_ms INTEGER NOT NULL,
    yes           INTEGER NOT NULL,
    no            INTEGER NOT NULL,
    threshold     REAL NOT NULL,
    bias          REAL NOT NULL,
    weights       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
