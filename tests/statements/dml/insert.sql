-- INSERT by position, by name, from queries; what does not fit is refused.
-- source: r_INSERT_30

CREATE TABLE t (a integer NOT NULL, b varchar(5), c numeric(6,2));
INSERT INTO t VALUES (1, 'a', 1.555), (2, 'b', NULL);
INSERT INTO t (b, a) VALUES ('c', 3);
INSERT INTO t (a, b) SELECT a + 10, b FROM t WHERE a < 3;
INSERT INTO t SELECT a + 100, b, c FROM t WHERE a = 1 UNION ALL SELECT 200, 'u', 2;
WITH w AS (SELECT 300 AS n) SELECT n FROM w;
--> n:int4
--> 300
INSERT INTO t (a) WITH w AS (SELECT 300 AS n) SELECT n FROM w;
SELECT * FROM t ORDER BY a;
--> a:int4 | b:varchar(5) | c:numeric(6,2)
--> 1 | a | 1.56
--> 2 | b | NULL
--> 3 | c | NULL
--> 11 | a | NULL
--> 12 | b | NULL
--> 101 | a | 1.56
--> 200 | u | 2.00
--> 300 | NULL | NULL
INSERT INTO t (b) VALUES ('x');
--> ERROR 23502: null value in column "a" violates not-null constraint
INSERT INTO t VALUES (1, 'a', 1, 2);
--> ERROR 42601 at 23: INSERT has more expressions than target columns
INSERT INTO t (a, nowhere) VALUES (1, 2);
--> ERROR 42703 at 19: column "nowhere" of relation "t" does not exist
INSERT INTO t (a, a) VALUES (1, 2);
--> ERROR 42701 at 19: column "a" specified more than once
INSERT INTO t (a, b) VALUES (1);
--> ERROR 42601 at 30: INSERT has more target columns than expressions
INSERT INTO t (a) VALUES ('abc');
--> ERROR 22P02: Invalid digit, Value 'a', Pos 0, Type: Integer
INSERT INTO nowhere VALUES (1);
--> ERROR 42P01 at 13: relation "nowhere" does not exist
INSERT INTO t (a) VALUES (NULL);
--> ERROR 23502: null value in column "a" violates not-null constraint
