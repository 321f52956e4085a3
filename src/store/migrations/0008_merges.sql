-- Decisions that stand beside those before them are an operator's, or follow from a merge of two events.
ALTER TABLE decision RENAME COLUMN by_operator TO beside;
