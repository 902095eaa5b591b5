-- ALTER TABLE APPEND moves all rows.
-- source: r_ALTER_TABLE_APPEND

CREATE TABLE target (a integer, b varchar(5));
CREATE TABLE source (a integer, b varchar(5));
INSERT INTO target VALUES (1, 'a');
INSERT INTO source VALUES (2, 'b'), (3, 'c');
ALTER TABLE target APPEND FROM source;
--> ALTER TABLE
SELECT a FROM target ORDER BY a;
--> a:int4
--> 1
--> 2
--> 3
SELECT count(*) AS left_over FROM source;
--> left_over:int8
--> 0
CREATE TABLE wide (a integer, b varchar(5) DEFAULT 'none', c integer);
ALTER TABLE wide APPEND FROM target;
--> ERROR 42P16: the target has columns that the source has not
ALTER TABLE wide APPEND FROM target FILLTARGET;
--> ALTER TABLE
SELECT a, b || '' AS b, c FROM wide ORDER BY a LIMIT 1;
--> a:int4 | b:varchar | c:int4
--> 1 | a | NULL
ALTER TABLE target APPEND FROM wide;
--> ERROR 42P16: the source has columns that the target has not
ALTER TABLE target APPEND FROM wide IGNOREEXTRA;
--> ALTER TABLE
SELECT count(*) AS moved, (SELECT count(*) FROM wide) AS left_over FROM target;
--> moved:int8 | left_over:int8
--> 3 | 0
