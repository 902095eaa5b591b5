-- Sub-queries as values, in EXISTS, IN, ANY, ALL and FROM, correlated or not.
-- source: r_Subquery_examples

CREATE TABLE t (id integer, g varchar(3), v integer);
CREATE TABLE u (g varchar(3), w integer);
INSERT INTO t VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 5), (4, NULL, 1);
INSERT INTO u VALUES ('a', 1), ('c', 3);
SELECT id, (SELECT max(v) FROM t x WHERE x.g = t.g) AS m FROM t ORDER BY id;
--> id:int4 | m:int4
--> 1 | 20
--> 2 | 20
--> 3 | 5
--> 4 | NULL
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.g = t.g) ORDER BY id;
--> id:int4
--> 1
--> 2
SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.g = t.g) ORDER BY id;
--> id:int4
--> 3
--> 4
SELECT id FROM t WHERE g IN (SELECT g FROM u) ORDER BY id;
--> id:int4
--> 1
--> 2
SELECT id FROM t WHERE g NOT IN (SELECT g FROM u) ORDER BY id;
--> id:int4
--> 3
SELECT id FROM t WHERE v > ALL (SELECT w FROM u) ORDER BY id;
--> id:int4
--> 1
--> 2
--> 3
SELECT id FROM t WHERE v = ANY (SELECT w FROM u) ORDER BY id;
--> id:int4
--> 4
SELECT id FROM t WHERE (g, v) IN (SELECT 'a', 10);
--> id:int4
--> 1
SELECT q.g, q.s FROM (SELECT g, sum(v) AS s FROM t GROUP BY g) q WHERE q.s > 5 ORDER BY q.g;
--> g:varchar(3) | s:int8
--> a | 30
SELECT (SELECT v FROM t) AS too_many;
--> ERROR 21000: more than one row returned by a subquery used as an expression
SELECT (SELECT v, id FROM t WHERE id = 1);
--> ERROR 42601 at 16: subquery must return only one column
SELECT id FROM t WHERE v = (SELECT max(v) FROM t);
--> id:int4
--> 2
SELECT g FROM t WHERE v IN (10, 5, NULL) ORDER BY g;
--> g:varchar(3)
--> a
--> b
