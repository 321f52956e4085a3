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
