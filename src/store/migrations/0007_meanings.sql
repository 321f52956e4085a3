-- Schema 7: what stories on a topic mean, as the sentence model gave it when they were decided: 512 bytes each.
CREATE TABLE meaning (
    story  INTEGER PRIMARY KEY REFERENCES story (id),
    vector BLOB NOT NULL
) STRICT;
