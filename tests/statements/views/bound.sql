-- A view keeps the meaning it had when it was made, whatever the search path is later.
-- source: r_CREATE_VIEW

CREATE TABLE t (a integer, b varchar(5));
INSERT INTO t VALUES (7, 'x'), (2, 'y');
CREATE VIEW v AS SELECT a / 2 AS half, b FROM t;
SELECT * FROM v ORDER BY half;
--> half:int4 | b:varchar(5)
--> 1 | y
--> 3 | x
CREATE VIEW named (x, y) AS SELECT a, b FROM t;
SELECT y, x FROM named ORDER BY x;
--> y:varchar(5) | x:int4
--> y | 2
--> x | 7
CREATE VIEW v AS SELECT 1 AS a;
--> ERROR 42P07: relation "v" already exists
CREATE OR REPLACE VIEW v AS SELECT a, b FROM t WHERE a > 2;
SELECT * FROM v;
--> a:int4 | b:varchar(5)
--> 7 | x
INSERT INTO v VALUES (1, 'z');
--> ERROR 42809 at 13: cannot change "v": it is a view
CREATE VIEW broken AS SELECT a FROM nowhere;
--> ERROR 42P01 at 37: relation "nowhere" does not exist
CREATE VIEW twice AS SELECT a, a FROM t;
--> ERROR 42701: column "a" duplicated
