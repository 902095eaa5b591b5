-- Result columns are named as Redshift names them: folded aliases, function names, ?column?.
-- source: r_SELECT_list

SELECT 1 AS MyCol, count(*), 5 / 2, 'a', upper('x'), 1::bigint, CASE WHEN true THEN 1 END, max(2), coalesce(NULL, 1), '2008-02-01'::date, NULL, true;
--> mycol:int4 | count:int8 | ?column?:int4 | ?column?:varchar | upper:varchar | int8:int8 | case:int4 | max:int4 | coalesce:int4 | date:date | ?column?:varchar | bool:bool
--> 1 | 1 | 2 | a | X | 1 | 1 | 2 | 1 | 2008-02-01 | NULL | t
SELECT "MiXed" FROM (SELECT 1 AS "MiXed") q;
--> mixed:int4
--> 1
CREATE TABLE t (Id integer, "Name" varchar(5));
INSERT INTO t VALUES (1, 'a');
SELECT ID, NAME, t.id, "name", * FROM t;
--> id:int4 | name:varchar(5) | id:int4 | name:varchar(5) | id:int4 | name:varchar(5)
--> 1 | a | 1 | a | 1 | a
SELECT t.* FROM t AS q;
--> ERROR 42P01 at 8: missing FROM-clause entry for table "t"
SELECT q.id AS a, q.id AS a FROM t q;
--> a:int4 | a:int4
--> 1 | 1
