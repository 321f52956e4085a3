-- Schema 28: attempts that are alike are kept as one, and what was given up is found.

-- How many attempts in a row a row stands for, which an endpoint put off (429) all: when and what it answered the last time.
ALTER TABLE attempt ADD COLUMN times INTEGER NOT NULL DEFAULT 1;

-- What was given up of late, which status tells of.
CREATE INDEX delivery_expired ON delivery (created_at_ms, subscription) WHERE state = 'expired';

-- The pages that wait at a domain.
CREATE INDEX article_domain ON article (domain);
