-- Schema 21: what the readers' pages ask: which events changed since a page was made, and events by language and publisher.

-- Each event's latest change, in the order of changes: an open page reads on from the version that it was made at. An event
-- has one row, so a page that slept for a week is told of each event once.
CREATE TABLE event_change (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    event   INTEGER NOT NULL UNIQUE
) STRICT;
INSERT INTO event_change (event) SELECT id FROM event ORDER BY changed_at_ms, id;
-- In the transaction of the change, whoever makes it.
CREATE TRIGGER event_opened_on_page AFTER INSERT ON event BEGIN
    INSERT OR REPLACE INTO event_change (event) VALUES (NEW.id);
END;
CREATE TRIGGER event_changed_on_page AFTER UPDATE ON event
    WHEN NEW.title IS NOT OLD.title OR NEW.first_story IS NOT OLD.first_story OR NEW.changed_at_ms IS NOT OLD.changed_at_ms
        OR NEW.stories IS NOT OLD.stories OR NEW.publishers IS NOT OLD.publishers
        OR NEW.merged_into IS NOT OLD.merged_into OR NEW.emptied IS NOT OLD.emptied
BEGIN
    INSERT OR REPLACE INTO event_change (event) VALUES (NEW.id);
END;

-- The languages and publishers of an event's stories; kept with its counts.
CREATE TABLE event_facet (
    facet TEXT NOT NULL,                    -- 'lang', 'publisher'
    value TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (facet, value, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_facet_event ON event_facet (event);
INSERT OR IGNORE INTO event_facet (facet, value, event)
    SELECT 'publisher', s.publisher, d.event FROM decision d JOIN story s ON s.id = d.story
    WHERE d.event IS NOT NULL AND d.moved = 0;
INSERT OR IGNORE INTO event_facet (facet, value, event)
    SELECT 'lang', s.lang, d.event FROM decision d JOIN story s ON s.id = d.story
    WHERE d.event IS NOT NULL AND d.moved = 0 AND s.lang IS NOT NULL;

-- Where a day's events begin.
CREATE INDEX event_opened ON event (opened_at_ms);
-- How many sources fail, without a look at their rows.
CREATE INDEX source_health ON source (health) WHERE retired = 0;
