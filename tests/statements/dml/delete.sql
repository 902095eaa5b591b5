-- DELETE with and without FROM, with USING and sub-queries.
-- source: r_DELETE

CREATE TABLE t (a integer);
CREATE TABLE u (a integer);
INSERT INTO t VALUES (1), (2), (3), (4), (5);
INSERT INTO u VALUES (2);
DELETE t WHERE a = 1;
--> DELETE 1
DELETE FROM t USING u WHERE t.a = u.a;
--> DELETE 1
DELETE FROM t WHERE a IN (SELECT a + 1 FROM u);
--> DELETE 1
DELETE FROM t AS q WHERE q.a = 4;
--> DELETE 1
SELECT a FROM t;
--> a:int4
--> 5
DELETE FROM t WHERE nowhere = 1;
--> ERROR 42703 at 21: column "nowhere" does not exist in t
DELETE FROM t;
--> DELETE 1
SELECT count(*) FROM t;
--> count:int8
--> 0
