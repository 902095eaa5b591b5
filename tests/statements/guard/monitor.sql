-- Who has sys:monitor sees everybody's statements and their steps; others see their own.
-- source: r_roles-default

CREATE USER watcher PASSWORD 'Watcher1Pass';
--> CREATE USER
CREATE USER rower PASSWORD 'Rower1Pass';
--> CREATE USER
GRANT ROLE sys:monitor TO watcher;
--> GRANT ROLE
CREATE TABLE monitored (a int);
--> CREATE TABLE
INSERT INTO monitored VALUES (1), (2), (3);
--> INSERT 0 3
SELECT count(*) FROM monitored WHERE a > 1;
--> count:int8
--> 2
SET SESSION AUTHORIZATION watcher;
--> SET
SELECT count(*) > 0 AS texts FROM stl_query WHERE userid = 100 AND querytxt LIKE 'SELECT count(*) FROM monitored WHERE a > 1%';
--> texts:bool
--> t
SELECT count(DISTINCT trim(relation)) AS relations FROM (SELECT 'summary' AS relation FROM svl_query_summary WHERE userid = 100 UNION SELECT 'report' FROM svl_query_report WHERE userid = 100 UNION SELECT 'explain' FROM stl_explain WHERE userid = 100 UNION SELECT 'detail' FROM sys_query_detail WHERE user_id = 100 UNION SELECT 'scan' FROM stl_scan WHERE userid = 100) t;
--> relations:int8
--> 5
SET SESSION AUTHORIZATION rower;
--> SET
SELECT count(q.query) AS foreign_ones FROM (stl_query q JOIN stl_wlm_query w ON w.query = q.query) WHERE q.userid = 100;
--> foreign_ones:int8
--> 0
SELECT count(*) FROM (SELECT userid FROM svl_query_summary UNION ALL SELECT userid FROM stl_explain UNION ALL SELECT userid FROM stl_scan UNION ALL SELECT user_id FROM sys_query_detail) t WHERE userid = 100;
--> count:int8
--> 0
RESET SESSION AUTHORIZATION;
--> RESET
REVOKE ROLE sys:monitor FROM watcher;
--> REVOKE ROLE
SET SESSION AUTHORIZATION watcher;
--> SET
SELECT count(*) FROM svl_query_summary WHERE userid = 100;
--> count:int8
--> 0
RESET SESSION AUTHORIZATION;
--> RESET
DROP USER watcher;
--> DROP USER
DROP USER rower;
--> DROP USER
