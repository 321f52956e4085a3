-- Schema 9: browsers as subscribers (Web Push), and the key that they subscribe to.

-- The browser's public key; NULL for webhooks. What it shares with us stands under `secret`.
ALTER TABLE subscription ADD COLUMN p256dh TEXT;
-- An endpoint is one subscription; webhooks may share an address.
CREATE UNIQUE INDEX subscription_device ON subscription (url) WHERE kind = 'web-push';

-- The VAPID key, made at the first start: one row. With another one every browser's subscription would end.
CREATE TABLE vapid (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    secret     TEXT NOT NULL,
    made_at_ms INTEGER NOT NULL
) STRICT;

-- Deliveries in the order they are due, whomever they are for: thousands of devices are told of one event.
CREATE INDEX delivery_order ON delivery (next_attempt_at_ms)
    WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL;

-- Grows with each change of a subscription, so that thousands need not be read again for every batch of stories.
INSERT INTO counter (name, value) VALUES ('subscriptions', 1);
CREATE TRIGGER subscription_made AFTER INSERT ON subscription BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'subscriptions';
END;
CREATE TRIGGER subscription_changed AFTER UPDATE ON subscription BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'subscriptions';
END;
