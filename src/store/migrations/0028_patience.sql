-- Schema 28: attempts that are alike are kept as one.

-- How many attempts in a row a row stands for, which an endpoint put off (429) all: when and what it answered the last time.
ALTER TABLE attempt ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
