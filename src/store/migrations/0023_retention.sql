-- Schema 23: what retention looks for, and what it may delete whole.

-- Stories on no topic by age: first those that still have their text, then those that have lost it.
DROP INDEX story_off_topic;
CREATE INDEX story_off_topic ON story (text_dropped, seen_at_ms) WHERE state = 'decided' AND on_topic = 0;
-- Stories on a topic that still have their text, by age.
CREATE INDEX story_told_text ON story (seen_at_ms) WHERE on_topic = 1 AND text_dropped = 0;
-- A story that somebody said something of is never deleted: asked for each that is.
CREATE INDEX label_of ON label (story);
CREATE INDEX label_of_other ON label (other);
