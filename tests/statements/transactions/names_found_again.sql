-- What a name means in a block is what the block sees: hidden by a temporary table, given another column, rolled back.
-- source: r_ROLLBACK

CREATE TABLE seen (a integer);
INSERT INTO seen VALUES (1);
BEGIN;
SELECT a FROM seen;
--> a:int4
--> 1
CREATE TEMP TABLE seen (b integer);
SELECT * FROM seen;
--> b:int4
ROLLBACK;
SELECT * FROM seen;
--> a:int4
--> 1
BEGIN;
ALTER TABLE seen ADD COLUMN c integer;
SELECT * FROM seen;
--> a:int4 | c:int4
--> 1 | NULL
ROLLBACK;
SELECT * FROM seen WHERE a = 1;
--> a:int4
--> 1
BEGIN;
DROP TABLE seen;
SELECT * FROM seen;
--> ERROR 42P01 at 15: relation "seen" does not exist
ROLLBACK;
INSERT INTO seen VALUES (2);
SELECT count(*) FROM seen;
--> count:int8
--> 2
