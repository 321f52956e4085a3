-- Schema 5: why a domain is left alone.

-- What it answered, in words. Pauses begun before this have none.
ALTER TABLE pause ADD COLUMN why TEXT NOT NULL DEFAULT '';
