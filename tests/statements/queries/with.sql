-- WITH names queries; RECURSIVE ones see themselves.
-- source: r_WITH_clause

WITH a AS (SELECT 1 AS n), b (m) AS (SELECT n + 1 FROM a) SELECT n, m FROM a, b;
--> n:int4 | m:int4
--> 1 | 2
WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) AS total, max(n) AS last FROM t;
--> total:int8 | last:int4
--> 15 | 5
CREATE TABLE e (id integer, name varchar(5), boss integer);
INSERT INTO e VALUES (1, 'top', NULL), (2, 'mid', 1), (3, 'low', 2), (4, 'else', 9);
WITH RECURSIVE under (id, name, level) AS (SELECT id, name, 1 FROM e WHERE boss IS NULL UNION ALL SELECT e.id, e.name, level + 1 FROM e JOIN under ON e.boss = under.id) SELECT name, level FROM under ORDER BY level;
--> name:varchar(5) | level:int4
--> top | 1
--> mid | 2
--> low | 3
WITH e AS (SELECT 'shadow' AS name) SELECT name FROM e;
--> name:varchar
--> shadow
WITH a AS (SELECT 1 AS x) SELECT nowhere FROM a;
--> ERROR 42703 at 34: column "nowhere" does not exist in a
WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1;
--> ERROR 42712 at 23: WITH query name "a" specified more than once
