-- Schema 16: subscriptions that people read in a chat, on a phone or as mail.

-- The chat or room of a service, or the address of mail; NULL where `url` says it.
ALTER TABLE subscription ADD COLUMN target TEXT;
-- How loud (ntfy, Gotify); NULL leaves it to the server.
ALTER TABLE subscription ADD COLUMN priority INTEGER;
