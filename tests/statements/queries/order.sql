-- NULLs are largest: last ascending, first descending, unless told otherwise.
-- source: r_ORDER_BY_clause

CREATE TABLE t (a integer, b varchar(3));
INSERT INTO t VALUES (1, 'x'), (NULL, 'y'), (2, NULL);
SELECT a FROM t ORDER BY a;
--> a:int4
--> 1
--> 2
--> NULL
SELECT a FROM t ORDER BY a DESC;
--> a:int4
--> NULL
--> 2
--> 1
SELECT a FROM t ORDER BY a NULLS FIRST;
--> a:int4
--> NULL
--> 1
--> 2
SELECT a FROM t ORDER BY a DESC NULLS LAST;
--> a:int4
--> 2
--> 1
--> NULL
SELECT a AS k FROM t ORDER BY k, b;
--> k:int4
--> 1
--> 2
--> NULL
SELECT b FROM t ORDER BY a + 1;
--> b:varchar(3)
--> x
--> NULL
--> y
SELECT a FROM t ORDER BY 2;
--> ERROR 42P10 at 26: ORDER BY position 2 is not in select list
SELECT DISTINCT a FROM t ORDER BY b;
--> ERROR 42P10 at 35: for SELECT DISTINCT, ORDER BY expressions must appear in select list
SELECT a, row_number() OVER (ORDER BY a DESC) AS n FROM t ORDER BY n;
--> a:int4 | n:int8
--> NULL | 1
--> 2 | 2
--> 1 | 3
