-- Schema 8: from which day to which a topic's stories are published, as ISO 8601-2 writes it: 2021-10-01/.., ../.. (open).
ALTER TABLE topic ADD COLUMN span TEXT NOT NULL DEFAULT '../..';
