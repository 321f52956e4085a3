-- Schema 29: what is asked for often walks over no more than it needs.

-- The events that went into another, which go on where that one goes.
CREATE INDEX event_merged ON event (merged_into) WHERE merged_into IS NOT NULL;

-- Subscriptions in force, by number; and how many there are of a kind and in a state. Retired ones stay, and may be many times as many.
CREATE INDEX subscription_current ON subscription (id) WHERE retired = 0;
CREATE INDEX subscription_counted ON subscription (kind, state) WHERE retired = 0;

-- What was told of an event.
CREATE INDEX notification_event ON notification (event) WHERE event IS NOT NULL;
