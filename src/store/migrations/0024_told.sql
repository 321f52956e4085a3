-- Schema 24: the events of a topic's feed, by when they were told.

CREATE INDEX event_told ON event (topic, told_at_ms, id) WHERE told_at_ms IS NOT NULL AND merged_into IS NULL AND emptied = 0;
