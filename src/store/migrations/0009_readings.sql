-- Stories whose article page was asked for, each once: for a page's story at once (no topic), for a feed's where title and
-- summary leave open whether it is on a topic.
CREATE TABLE reading (
    story INTEGER PRIMARY KEY REFERENCES story (id),
    topic TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX reading_at ON reading (at_ms, topic);
