-- Schema 5: why a domain is left alone; what hosts' robots.txt said; where the lists of pages
-- stand; which sources hold a lane for long.

-- What it answered, in words. Pauses begun before this have none.
ALTER TABLE pause ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- A host's robots.txt as it came (empty: there is none), by origin, for as long as it holds.
CREATE TABLE robots (
    origin   TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    body     BLOB NOT NULL
) STRICT;
CREATE INDEX robots_until ON robots (until_ms);

-- Of a page whose list is found by what repeats: the selector of where it stood at its last good poll.
ALTER TABLE source ADD COLUMN layout TEXT;

-- Whether the last poll ran into a bound on time. In the index of due sources, so that claims need not read the rows.
ALTER TABLE source ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;
UPDATE source SET slow = 1 WHERE last_outcome LIKE 'timeout: %';
DROP INDEX source_due;
CREATE INDEX source_due ON source (next_poll_at_ms, domain, slow) WHERE retired = 0 AND health <> 'gone';
