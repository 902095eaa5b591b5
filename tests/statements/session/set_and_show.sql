-- SET, SHOW and RESET; LOCAL ends with its transaction, a rolled-back SET is undone.
-- source: r_SET

SHOW search_path;
--> search_path:varchar
--> script_…
SET query_group TO 'night';
SHOW query_group;
--> query_group:varchar
--> night
RESET query_group;
--> RESET
SHOW query_group;
--> query_group:varchar
--> default
SET extra_float_digits = 2;
SHOW extra_float_digits;
--> extra_float_digits:varchar
--> 2
BEGIN;
--> BEGIN
SET LOCAL query_group TO 'inside';
SHOW query_group;
--> query_group:varchar
--> inside
COMMIT;
--> COMMIT
SHOW query_group;
--> query_group:varchar
--> default
BEGIN;
--> BEGIN
SET query_group TO 'gone';
ROLLBACK;
--> ROLLBACK
SHOW query_group;
--> query_group:varchar
--> default
SET timezone TO 'Europe/Berlin';
SHOW timezone;
--> timezone:varchar
--> Europe/Berlin
SET TIME ZONE 'Mars/Base';
--> ERROR 22023: invalid value for parameter "TimeZone": "Mars/Base"
SET datestyle TO 'ISO, DMY';
SELECT current_setting('query_group') AS q;
--> q:varchar
--> default
SHOW nonsense;
--> ERROR 42704: unrecognized configuration parameter "nonsense"
SET nonsense TO 1;
--> ERROR 42704: unrecognized configuration parameter "nonsense"
SET statement_timeout TO 'soon';
--> ERROR 22023: invalid value for parameter "statement_timeout": "soon"
RESET ALL;
--> RESET
SHOW timezone;
--> timezone:varchar
--> UTC
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;
SET enable_result_cache_for_session TO off;
SHOW TRANSACTION ISOLATION LEVEL;
--> transaction_isolation:varchar
--> serializable
-- What would have no effect is refused by name; which messages are sent can be chosen.
SET extra_float_digits = -3;
--> ERROR 0A000: extra_float_digits = -3 is not supported
SET extra_float_digits = 9;
--> ERROR 22023: 9 is outside the valid range for parameter "extra_float_digits" (-15 .. 3)
SET bytea_output = 'escape';
--> ERROR 0A000: bytea_output "escape" is not supported
SET lock_timeout = '2s';
--> ERROR 0A000: lock_timeout is not supported
SET lock_timeout = 0;
--> SET
DROP TABLE IF EXISTS never_there;
--> NOTICE: table "never_there" does not exist, skipping
--> DROP TABLE
SET client_min_messages TO warning;
--> SET
DROP TABLE IF EXISTS never_there;
--> DROP TABLE
SET client_min_messages TO loud;
--> ERROR 22023: invalid value for parameter "client_min_messages": "loud"
RESET client_min_messages;
--> RESET
