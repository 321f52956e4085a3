-- Schema 3: what is kept between requests is kept by registered domain, and so are its pauses; a permanent redirect is
-- believed when it has been seen often enough.

-- The domain that somebody registered, by the Public Suffix List. Empty: to be filled in when the file is opened.
ALTER TABLE source RENAME COLUMN host TO domain;
ALTER TABLE article RENAME COLUMN host TO domain;
UPDATE source SET domain = '';
UPDATE article SET domain = '';
CREATE INDEX source_domain ON source (domain);

ALTER TABLE source ADD COLUMN moving_to TEXT;
ALTER TABLE source ADD COLUMN moving_since_ms INTEGER;
ALTER TABLE source ADD COLUMN moving_sightings INTEGER NOT NULL DEFAULT 0;

-- Domains that asked to be left alone (Retry-After).
CREATE TABLE pause (
    domain   TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
