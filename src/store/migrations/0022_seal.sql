-- Schema 22: secrets are sealed under a key that isn't here, where one is given.

-- One row where they are, none where they stand in the clear.
CREATE TABLE seal (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    key          TEXT NOT NULL,             -- the key's name, from which nothing follows for the key
    sealed_at_ms INTEGER NOT NULL,
    scrubbed     INTEGER NOT NULL DEFAULT 0 -- whether nothing of what stood here before is left in free pages
) STRICT;

-- What a channel is found by: the SHA-256 of its token. Filled in when the file is opened.
ALTER TABLE channel ADD COLUMN token_hash BLOB;
CREATE UNIQUE INDEX channel_token ON channel (token_hash);

-- A sealed database takes no secret that isn't sealed under its key, whoever writes: a process that was started before it
-- was sealed too. A device's address stays in the clear, as devices are found by theirs.
CREATE TRIGGER subscription_made_sealed BEFORE INSERT ON subscription WHEN EXISTS (SELECT 1 FROM seal) BEGIN
    SELECT RAISE(ABORT, 'the secrets of this database are sealed: start this command again')
    FROM seal WHERE (NEW.secret <> '' AND NEW.secret NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.old_secrets <> '' AND NEW.old_secrets NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.target <> '' AND NEW.target NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.kind <> 'web-push' AND NEW.url <> '' AND NEW.url NOT GLOB 'sealed1:' || key || ':*');
END;
CREATE TRIGGER subscription_kept_sealed BEFORE UPDATE OF secret, old_secrets, target, url, kind ON subscription
    WHEN EXISTS (SELECT 1 FROM seal)
BEGIN
    SELECT RAISE(ABORT, 'the secrets of this database are sealed: start this command again')
    FROM seal WHERE (NEW.secret IS NOT OLD.secret AND NEW.secret <> '' AND NEW.secret NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.old_secrets IS NOT OLD.old_secrets AND NEW.old_secrets <> ''
            AND NEW.old_secrets NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.target IS NOT OLD.target AND NEW.target <> '' AND NEW.target NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.kind <> 'web-push' AND (NEW.url IS NOT OLD.url OR NEW.kind IS NOT OLD.kind) AND NEW.url <> ''
            AND NEW.url NOT GLOB 'sealed1:' || key || ':*');
END;
CREATE TRIGGER vapid_made_sealed BEFORE INSERT ON vapid WHEN EXISTS (SELECT 1 FROM seal) BEGIN
    SELECT RAISE(ABORT, 'the secrets of this database are sealed: start this command again')
    FROM seal WHERE NEW.secret NOT GLOB 'sealed1:' || key || ':*';
END;
CREATE TRIGGER channel_made_sealed BEFORE INSERT ON channel WHEN EXISTS (SELECT 1 FROM seal) BEGIN
    SELECT RAISE(ABORT, 'the secrets of this database are sealed: start this command again')
    FROM seal WHERE NEW.token NOT GLOB 'sealed1:' || key || ':*' OR NEW.secret NOT GLOB 'sealed1:' || key || ':*';
END;
CREATE TRIGGER follower_kept_sealed BEFORE UPDATE OF secret, wish_secret ON follower WHEN EXISTS (SELECT 1 FROM seal) BEGIN
    SELECT RAISE(ABORT, 'the secrets of this database are sealed: start this command again')
    FROM seal WHERE (NEW.secret IS NOT OLD.secret AND NEW.secret <> '' AND NEW.secret NOT GLOB 'sealed1:' || key || ':*')
        OR (NEW.wish_secret IS NOT OLD.wish_secret AND NEW.wish_secret <> ''
            AND NEW.wish_secret NOT GLOB 'sealed1:' || key || ':*');
END;
