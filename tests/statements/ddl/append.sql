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
