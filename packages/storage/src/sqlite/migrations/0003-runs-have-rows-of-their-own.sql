-- A run's key is in an index of its own. As a row of the key itself, each look for one run, and each new one, read other runs as a whole on its
-- way: 130 KB of events each, to compare three short columns.
ALTER TABLE run RENAME TO run_before;
CREATE TABLE run (
  segment INTEGER NOT NULL,
  place TEXT NOT NULL,
  first_offset INTEGER NOT NULL,
  last_offset INTEGER NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (segment, place, first_offset)
) STRICT;
INSERT INTO run SELECT segment, place, first_offset, last_offset, blob FROM run_before ORDER BY segment, place, first_offset;
DROP TABLE run_before;
