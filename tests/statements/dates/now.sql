-- GETDATE has no fraction; SYSDATE and CURRENT_DATE stand still within a transaction.
-- source: r_GETDATE

SELECT getdate() = date_trunc('second', getdate()) AS whole_second, sysdate::date = current_date AS same_day;
BEGIN;
CREATE TABLE t AS SELECT sysdate AS s, current_date AS d;
SELECT s = sysdate AS stands_still FROM t;
COMMIT;
SELECT count(*) AS columns FROM (SELECT getdate() AS a, sysdate AS b, current_timestamp AS c, now() AS d) x;
