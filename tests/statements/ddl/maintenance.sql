-- VACUUM, ANALYZE, TRUNCATE, COMMENT and LOCK answer with their tags and check their tables.
-- source: r_VACUUM_command

CREATE TABLE m (a integer);
INSERT INTO m VALUES (1), (2);
VACUUM;
--> VACUUM
VACUUM FULL m;
--> VACUUM
VACUUM SORT ONLY m TO 75 PERCENT;
--> VACUUM
VACUUM DELETE ONLY m;
--> VACUUM
VACUUM REINDEX m;
--> VACUUM
ANALYZE m;
--> ANALYZE
ANALYZE VERBOSE m (a);
--> ANALYZE
ANALYZE nowhere;
--> ERROR 42P01: relation "nowhere" does not exist
TRUNCATE TABLE m;
--> TRUNCATE TABLE
SELECT count(*) FROM m;
--> count:int8
--> 0
COMMENT ON TABLE m IS 'about m';
--> COMMENT
COMMENT ON COLUMN m.a IS 'about a';
--> COMMENT
COMMENT ON COLUMN m.nowhere IS 'x';
--> ERROR 42703: column "nowhere" of relation "m" does not exist
TRUNCATE nowhere;
--> ERROR 42P01: relation "nowhere" does not exist
