-- Schema 24: the events of a topic's feed, by when they were told; and what an index of sitemaps answered is forgotten, as it hid what is
-- new in them.

CREATE INDEX event_told ON event (topic, told_at_ms, id) WHERE told_at_ms IS NOT NULL AND merged_into IS NULL AND emptied = 0;

UPDATE source SET etag = NULL, last_modified = NULL WHERE url LIKE '%sitemap%';
