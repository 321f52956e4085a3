-- Schema 27: who was told that so many publishers carry an event.

-- Whether a subscription that asks for one update, when so many publishers carry the event, has heard it.
ALTER TABLE audience ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;

INSERT INTO audience (event, subscription, story, told, counted)
    SELECT coalesce(e.merged_into, e.id), d.subscription, min(n.story), 1, 1
    FROM delivery d JOIN notification n ON n.num = d.notification JOIN event e ON e.id = d.event
        JOIN subscription s ON s.id = d.subscription
    WHERE n.kind = 'event.updated' AND n.story IS NOT NULL AND json_extract(s.filter, '$.updates') LIKE 'publishers%'
        AND CASE WHEN json_valid(n.body) THEN json_extract(n.body, '$.data.why') END IS NOT 'correction'
    GROUP BY 1, 2
    ON CONFLICT (event, subscription) DO UPDATE SET counted = 1;

-- Who heard an event open that has so many by now: what was missed before is not told late.
INSERT INTO audience (event, subscription, story, told, counted)
    SELECT e.id, d.subscription, min(n.story), 1, 1
    FROM delivery d JOIN notification n ON n.num = d.notification JOIN event o ON o.id = d.event
        JOIN event e ON e.id = coalesce(o.merged_into, o.id) JOIN subscription s ON s.id = d.subscription
    WHERE n.kind = 'event.opened' AND n.story IS NOT NULL AND json_extract(s.filter, '$.updates') LIKE 'publishers%'
        AND e.publishers >= CAST(substr(json_extract(s.filter, '$.updates'),
            instr(json_extract(s.filter, '$.updates'), '=') + 1) AS INTEGER)
    GROUP BY 1, 2
    ON CONFLICT (event, subscription) DO UPDATE SET counted = 1;
