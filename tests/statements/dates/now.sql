-- GETDATE has no fraction; SYSDATE and CURRENT_DATE stand still within a transaction.
-- source: r_GETDATE

SELECT getdate() = date_trunc('second', getdate()) AS whole_second, sysdate::date = current_date AS same_day;
--> whole_second:bool | same_day:bool
--> t | t
BEGIN;
--> BEGIN
CREATE TABLE t AS SELECT sysdate AS s, current_date AS d;
SELECT s = sysdate AS stands_still FROM t;
--> stands_still:bool
--> t
COMMIT;
--> COMMIT
SELECT count(*) AS columns FROM (SELECT getdate() AS a, sysdate AS b, current_timestamp AS c, now() AS d) x;
--> columns:int8
--> 1
