-- Schema 1. Times are INTEGER milliseconds since 1970 in UTC (`_ms`); states and origins are the model's fixed words;
-- lists and reasons are JSON text with a version (`{"v":1,...}`).

-- Counters. `fence` grows by one with each batch of claims.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('fence', 0);

CREATE TABLE topic (
    key           TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    query         TEXT NOT NULL,
    fresh_ms      INTEGER NOT NULL,
    stale_ms      INTEGER NOT NULL,
    origin        TEXT NOT NULL,
    retired       INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    id              INTEGER PRIMARY KEY,
    declared_url    TEXT NOT NULL UNIQUE,   -- as declared: what a source is known by
    url             TEXT NOT NULL UNIQUE,   -- as polled: another after a permanent move
    host            TEXT NOT NULL,
    name            TEXT NOT NULL,
    publisher       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    selectors       TEXT,
    lang            TEXT,
    topics          TEXT NOT NULL,
    interval_min_ms INTEGER NOT NULL,
    interval_max_ms INTEGER NOT NULL,
    full_text       INTEGER NOT NULL,
    origin          TEXT NOT NULL,
    retired         INTEGER NOT NULL DEFAULT 0,
    created_at_ms   INTEGER NOT NULL,
    etag            TEXT,
    last_modified   TEXT,
    next_poll_at_ms INTEGER NOT NULL,
    last_poll_at_ms INTEGER,
    last_good_at_ms INTEGER,
    last_story_at_ms INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0,
    polls           INTEGER NOT NULL DEFAULT 0,
    not_modified    INTEGER NOT NULL DEFAULT 0,
    interval_ms     INTEGER NOT NULL,
    health          TEXT NOT NULL DEFAULT 'well',
    last_outcome    TEXT NOT NULL DEFAULT '',
    stories         INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER NOT NULL DEFAULT 0,
    fence           INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Claims walk this in order of need and read the host from it.
CREATE INDEX source_due ON source (next_poll_at_ms, host) WHERE retired = 0 AND health <> 'gone';

-- The log of stories: never deleted, numbered without a gap. Short columns first: a read that stops before `text`
-- doesn't touch its overflow pages.
CREATE TABLE story (
    id           INTEGER PRIMARY KEY,
    source       INTEGER NOT NULL REFERENCES source (id),
    seen_at_ms   INTEGER NOT NULL,
    arrival      TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    state        TEXT NOT NULL,
    on_topic     INTEGER NOT NULL DEFAULT 0,
    text_dropped INTEGER NOT NULL DEFAULT 0,
    published_ms INTEGER,
    fingerprint  INTEGER NOT NULL,
    text_chars   INTEGER NOT NULL,
    lang         TEXT,
    publisher    TEXT NOT NULL,
    keys         BLOB NOT NULL,             -- 16 bytes a key, strongest first
    url          TEXT NOT NULL,
    link         TEXT NOT NULL,
    title        TEXT NOT NULL,
    author       TEXT,
    text         TEXT NOT NULL
) STRICT;
CREATE INDEX story_undecided ON story (id) WHERE state = 'undecided';
CREATE INDEX story_seen ON story (seen_at_ms);
CREATE INDEX story_off_topic ON story (seen_at_ms) WHERE state = 'decided' AND on_topic = 0 AND text_dropped = 0;

CREATE TABLE story_key (
    key   BLOB PRIMARY KEY,
    story INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE story_revision (
    story          INTEGER NOT NULL REFERENCES story (id),
    revision       INTEGER NOT NULL,
    title          TEXT NOT NULL,
    text           TEXT NOT NULL,
    replaced_at_ms INTEGER NOT NULL,
    PRIMARY KEY (story, revision)
) STRICT;

-- Words of title and text; the texts themselves stay in `story`. Ranking is not used, so no column sizes are kept.
CREATE VIRTUAL TABLE story_text USING fts5 (
    title, text,
    content = 'story', content_rowid = 'id', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2'
);
-- Stories whose words are not in `story_text` yet: they are added many at a time.
CREATE TABLE unindexed (
    story INTEGER PRIMARY KEY
) STRICT;

-- Article pages to be fetched; a row leaves when its story goes on to be decided.
CREATE TABLE article (
    story          INTEGER PRIMARY KEY REFERENCES story (id),
    url            TEXT NOT NULL,
    host           TEXT NOT NULL,
    at_ms          INTEGER NOT NULL,
    tries          INTEGER NOT NULL DEFAULT 0,
    detail         TEXT NOT NULL DEFAULT '',
    lease_until_ms INTEGER NOT NULL DEFAULT 0,
    fence          INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX article_due ON article (at_ms, story, host);

CREATE TABLE event (
    id            INTEGER PRIMARY KEY,
    topic         TEXT NOT NULL,
    title         TEXT NOT NULL,
    first_story   INTEGER NOT NULL,
    opened_at_ms  INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    told_at_ms    INTEGER,
    stories       INTEGER NOT NULL DEFAULT 0,
    publishers    INTEGER NOT NULL DEFAULT 0,
    languages     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX event_topic ON event (topic, id);

CREATE TABLE decision (
    story         INTEGER NOT NULL REFERENCES story (id),
    topic         TEXT NOT NULL,            -- '' when on none
    revision      INTEGER NOT NULL,
    ruling        TEXT NOT NULL,
    copy_of       INTEGER,
    event         INTEGER,
    score         REAL NOT NULL,
    told          TEXT,                     -- the notification's type; NULL when silent
    decided_at_ms INTEGER NOT NULL,
    reasons       TEXT NOT NULL,
    PRIMARY KEY (story, topic, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_event ON decision (event, story, revision) WHERE event IS NOT NULL;
CREATE INDEX decision_on_topic ON decision (decided_at_ms, story) WHERE topic <> '';

CREATE TABLE subscription (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    url           TEXT NOT NULL,
    secret        TEXT NOT NULL,
    filter        TEXT NOT NULL,
    origin        TEXT NOT NULL,
    state         TEXT NOT NULL,
    retired       INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE notification (
    num           INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    topic         TEXT,
    event         INTEGER,
    story         INTEGER,
    source        INTEGER,
    created_at_ms INTEGER NOT NULL,
    body          TEXT NOT NULL             -- '' once its deliveries are deleted; the id stays, so it is never told again
) STRICT;
CREATE INDEX notification_story ON notification (story) WHERE story IS NOT NULL;

-- The outbox. Of one subscription and event only the oldest pending delivery has a `next_attempt_at_ms`: those behind
-- it wait without one, so that claims never walk over them.
CREATE TABLE delivery (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    notification       INTEGER NOT NULL REFERENCES notification (num),
    subscription       INTEGER NOT NULL REFERENCES subscription (id),
    event              INTEGER,
    state              TEXT NOT NULL,
    created_at_ms      INTEGER NOT NULL,
    replayed_at_ms     INTEGER,
    next_attempt_at_ms INTEGER,
    delivered_at_ms    INTEGER,
    attempts           INTEGER NOT NULL DEFAULT 0,
    lease_until_ms     INTEGER NOT NULL DEFAULT 0,
    fence              INTEGER NOT NULL DEFAULT 0,
    UNIQUE (notification, subscription)
) STRICT;
CREATE INDEX delivery_due ON delivery (subscription, next_attempt_at_ms)
    WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL;
CREATE INDEX delivery_line ON delivery (subscription, event, id) WHERE state = 'pending';
CREATE INDEX delivery_pending ON delivery (created_at_ms) WHERE state = 'pending';
CREATE INDEX delivery_finished ON delivery (state, id) WHERE state <> 'pending';

CREATE TABLE attempt (
    delivery INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    at_ms    INTEGER NOT NULL,
    took_ms  INTEGER NOT NULL,
    status   INTEGER,
    detail   TEXT NOT NULL
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery);
