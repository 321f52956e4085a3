-- Schema 13: secrets that sign on after others took their place.

-- A document: the secrets and until when each signs; NULL where there are none.
ALTER TABLE subscription ADD COLUMN old_secrets TEXT;
