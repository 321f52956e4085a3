-- Schema 6: what operators said; stories that they moved; events that went into another.

-- A story's decisions on a topic are rows of (revision, step): an operator's decision takes the next step, so that what
-- was decided before it stays and can be shown. `moved` marks those that no longer say where the story belongs.
CREATE TABLE decision_next (
    story         INTEGER NOT NULL REFERENCES story (id),
    topic         TEXT NOT NULL,            -- '' when on none
    revision      INTEGER NOT NULL,
    step          INTEGER NOT NULL,         -- 0, then one more with each decision of an operator
    moved         INTEGER NOT NULL DEFAULT 0,
    by_operator   INTEGER NOT NULL DEFAULT 0,
    ruling        TEXT NOT NULL,
    copy_of       INTEGER,
    event         INTEGER,
    score         REAL NOT NULL,
    told          TEXT,                     -- the notification's type; NULL when silent
    decided_at_ms INTEGER NOT NULL,
    reasons       TEXT NOT NULL,
    PRIMARY KEY (story, topic, revision, step)
) STRICT, WITHOUT ROWID;
INSERT INTO decision_next (story, topic, revision, step, ruling, copy_of, event, score, told, decided_at_ms, reasons)
    SELECT story, topic, revision, 0, ruling, copy_of, event, score, told, decided_at_ms, reasons FROM decision;
DROP TABLE decision;
ALTER TABLE decision_next RENAME TO decision;
CREATE INDEX decision_event ON decision (event, story, revision, step) WHERE event IS NOT NULL AND moved = 0;
CREATE INDEX decision_on_topic ON decision (decided_at_ms, story) WHERE topic <> '';

-- An event that was merged keeps its number for ever; one whose stories are all off topic is listed no more.
ALTER TABLE event ADD COLUMN merged_into INTEGER;
ALTER TABLE event ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0;

-- Pairs are stories, not events: where a story is now says which event is meant.
CREATE TABLE label (
    id              INTEGER PRIMARY KEY,
    said            TEXT NOT NULL,
    topic           TEXT NOT NULL,
    story           INTEGER NOT NULL REFERENCES story (id),
    other           INTEGER REFERENCES story (id),
    tell            INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    withdrawn_at_ms INTEGER                 -- when something else was said
) STRICT;
CREATE INDEX label_story ON label (story) WHERE withdrawn_at_ms IS NULL;
CREATE INDEX label_other ON label (other) WHERE withdrawn_at_ms IS NULL AND other IS NOT NULL;

-- Grows by one with each correction.
INSERT INTO counter (name, value) VALUES ('corrections', 0);
