-- Schema 26: what a retired subscription is given back.

-- The state that a delivery had when its subscription was retired, which ended it; NULL of every other.
ALTER TABLE delivery ADD COLUMN ended_from TEXT;
