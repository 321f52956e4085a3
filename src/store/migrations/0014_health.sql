-- Schema 14: the health of endpoints, and how fast and in which order they are asked.

-- NULL: as for all.
ALTER TABLE subscription ADD COLUMN max_in_flight INTEGER;
ALTER TABLE subscription ADD COLUMN rate_per_minute INTEGER;
-- `event`: in order within an event; `strict`: one after another.
ALTER TABLE subscription ADD COLUMN line TEXT NOT NULL DEFAULT 'event';
CREATE INDEX subscription_share ON subscription (id) WHERE max_in_flight IS NOT NULL;
-- Of a disabled one: since when (unknown of old ones) and why.
ALTER TABLE subscription ADD COLUMN disabled_at_ms INTEGER;
ALTER TABLE subscription ADD COLUMN disabled_why TEXT;
UPDATE subscription SET disabled_why = 'gone' WHERE state = 'disabled';
UPDATE delivery SET state = 'kept' WHERE state <> 'pending' AND state = 'gone'
    AND subscription IN (SELECT id FROM subscription WHERE state = 'disabled' AND retired = 0);

-- Endpoints in trouble alone: a row is made by a failure and deleted by a success.
CREATE TABLE trouble (
    subscription       INTEGER PRIMARY KEY REFERENCES subscription (id),
    failures           INTEGER NOT NULL,
    failing_since_ms   INTEGER,
    last_failure_at_ms INTEGER,
    rests              INTEGER NOT NULL,
    -- While it rests, and until a probe was taken. NULL: it is asked as ever.
    rest_since_ms      INTEGER,
    rest_until_ms      INTEGER,
    rest_why           TEXT
) STRICT;

-- Of subscriptions with a rate: when the next attempt may begin.
CREATE TABLE pace (
    subscription INTEGER PRIMARY KEY REFERENCES subscription (id),
    next_at_ms   INTEGER NOT NULL
) STRICT;

-- When a delivery would be due by its own schedule, of those that wait for their endpoint: one that rests, or has a rate.
-- They have no `next_attempt_at_ms`, so that claims never walk over them; but for one, which is the next.
ALTER TABLE delivery ADD COLUMN held_ms INTEGER;
CREATE INDEX delivery_held ON delivery (subscription, held_ms)
    WHERE state = 'pending' AND next_attempt_at_ms IS NULL AND held_ms IS NOT NULL;
-- When an endpoint last took something.
CREATE INDEX delivery_taken ON delivery (subscription, delivered_at_ms) WHERE delivered_at_ms IS NOT NULL;
