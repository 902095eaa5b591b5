-- UPDATE counts, joins with FROM, and sees the old row on the right.
-- source: r_UPDATE

CREATE TABLE t (a integer, b integer, c varchar(5));
CREATE TABLE u (a integer, n integer);
INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, 'z');
INSERT INTO u VALUES (1, 100), (2, 200);
UPDATE t SET a = b, b = a WHERE a = 3;
--> UPDATE 1
UPDATE t SET b = u.n FROM u WHERE t.a = u.a;
--> UPDATE 2
UPDATE t SET b = (SELECT max(n) FROM u) WHERE a = 30;
--> UPDATE 1
UPDATE t SET c = 'w' WHERE a IN (SELECT a FROM u WHERE n > 100);
--> UPDATE 1
SELECT * FROM t ORDER BY a;
--> a:int4 | b:int4 | c:varchar(5)
--> 1 | 100 | x
--> 2 | 200 | w
--> 30 | 200 | z
UPDATE t SET nowhere = 1;
--> ERROR 42703 at 14: column "nowhere" of relation "t" does not exist
UPDATE t SET a = 1, a = 2;
--> ERROR 42601 at 21: multiple assignments to same column "a"
UPDATE t AS q SET b = q.b + 1 WHERE q.a = 1;
--> UPDATE 1
UPDATE t SET b = NULL;
--> UPDATE 3
SELECT count(b) FROM t;
--> count:int8
--> 0
