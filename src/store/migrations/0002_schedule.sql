-- Schema 2: what the schedule learns, and how much a source counts.

ALTER TABLE source ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
-- `schedule::Pace`, with a version of its own; empty before the first good poll.
ALTER TABLE source ADD COLUMN pace BLOB NOT NULL DEFAULT x'';

-- `schedule::Market`, with a version of its own: one row, what holds for all sources.
CREATE TABLE market (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL
) STRICT;
