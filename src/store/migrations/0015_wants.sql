-- Schema 15. What subscriptions want: who hears of an event by which of its stories.

-- Of an event and a subscription that asks more than a topic: told of it, or told once enough publishers carry it.
CREATE TABLE audience (
    event        INTEGER NOT NULL REFERENCES event (id),
    subscription INTEGER NOT NULL REFERENCES subscription (id),
    story        INTEGER NOT NULL,         -- by which it hears
    told         INTEGER NOT NULL,
    PRIMARY KEY (event, subscription)
) STRICT, WITHOUT ROWID;
CREATE INDEX audience_subscription ON audience (subscription);

-- What filters by language and publisher were told until now.
INSERT INTO audience (event, subscription, story, told)
    SELECT coalesce(e.merged_into, e.id), d.subscription, min(n.story), 1
    FROM delivery d JOIN notification n ON n.num = d.notification JOIN event e ON e.id = d.event
        JOIN subscription s ON s.id = d.subscription
    WHERE n.kind = 'event.opened' AND n.story IS NOT NULL
        AND (json_array_length(s.filter, '$.languages') > 0 OR json_array_length(s.filter, '$.publishers') > 0)
    GROUP BY 1, 2;

-- A notification for some subscriptions that tells what the log has told: it is not in the log.
ALTER TABLE notification ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;

-- How a subscription is told, where it is told otherwise than usual: a document.
ALTER TABLE subscription ADD COLUMN manner TEXT;
CREATE INDEX subscription_manner ON subscription (id) WHERE manner IS NOT NULL;

-- A delivery that waits for a digest is 'held', until `next_attempt_at_ms`; then 'digested': the digest's own delivery tells
-- it.
CREATE INDEX delivery_digest ON delivery (next_attempt_at_ms, subscription) WHERE state = 'held';
CREATE INDEX delivery_digest_for ON delivery (subscription, id) WHERE state = 'held';

-- When the next digest of a subscription is due that gets one even of nothing; 0: that is to be found out.
CREATE TABLE digest_clock (
    subscription INTEGER PRIMARY KEY REFERENCES subscription (id),
    at_ms        INTEGER NOT NULL
) STRICT;
