-- CREATE TABLE AS and SELECT INTO keep names, types and rows; the tag counts rows.
-- source: r_CREATE_TABLE_AS

CREATE TABLE src (id integer, t varchar(5), d numeric(8,2), c char(3));
INSERT INTO src VALUES (1, 'a', 1.5, 'x'), (2, 'b', 2.5, 'yy');
CREATE TABLE copy1 DISTKEY (id) SORTKEY (id) AS SELECT * FROM src;
SELECT * FROM copy1 ORDER BY id;
--> id:int4 | t:varchar(5) | d:numeric(8,2) | c:char(3)
--> 1 | a | 1.50 | 'x  '
--> 2 | b | 2.50 | 'yy '
CREATE TABLE copy2 (x, y) AS SELECT id, sum(d) FROM src GROUP BY id;
SELECT * FROM copy2 ORDER BY x;
--> x:int4 | y:numeric(38,2)
--> 1 | 1.50
--> 2 | 2.50
SELECT id AS n, 'lit' AS l INTO copy3 FROM src WHERE id = 1;
--> SELECT 1
SELECT * FROM copy3;
--> n:int4 | l:varchar(65535)
--> 1 | lit
CREATE TABLE copy1 AS SELECT 1 AS a;
--> ERROR 42P07: relation "copy1" already exists
CREATE TABLE IF NOT EXISTS copy1 AS SELECT 1 AS a;
--> NOTICE: relation "copy1" already exists, skipping
--> SELECT 0
CREATE TABLE bad AS SELECT 1, 2;
--> ERROR 42701: column "?column?" duplicated
CREATE TABLE bad AS SELECT nowhere FROM src;
--> ERROR 42703 at 28: column "nowhere" does not exist in src
