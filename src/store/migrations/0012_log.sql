-- The log of notifications: `num` is its sequence number. Rows are never deleted, so a number is never given twice.
-- Which of them still have a body, and up to where some have none, both in the order of `num` (the index ends in it).
CREATE INDEX notification_body ON notification (body = '');
