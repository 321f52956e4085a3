-- Schema 25: the order of an event's notifications across quiet hours and digests.

-- The delivery of the digest that tells this one: later ones of its event wait until that is delivered or given up.
ALTER TABLE delivery ADD COLUMN digest INTEGER;
-- Told at once while others are held back: of its event it waits for its like alone.
ALTER TABLE delivery ADD COLUMN unordered INTEGER NOT NULL DEFAULT 0;

CREATE INDEX delivery_in_digest ON delivery (digest, event) WHERE digest IS NOT NULL;
CREATE INDEX delivery_digested ON delivery (subscription, event, digest) WHERE digest IS NOT NULL;
