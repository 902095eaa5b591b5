-- A database is made from an integration, which no script has; what is refused, and in which words.
-- source: r_CREATE_DATABASE
CREATE DATABASE other;
--> ERROR 0A000 at 1: CREATE DATABASE is not supported
CREATE DATABASE other FROM INTEGRATION 'nobody';
--> ERROR 42704: integration "nobody" does not exist
CREATE DATABASE other FROM INTEGRATION 'nobody' DATABASE 'shop' SET QUERY_ALL_STATES = TRUE REFRESH_INTERVAL 0 ACCEPTINVCHARS FALSE;
--> ERROR 42704: integration "nobody" does not exist
CREATE DATABASE other FROM INTEGRATION 'nobody' SET REFRESH_INTERVAL 60;
--> ERROR 42704: integration "nobody" does not exist
CREATE DATABASE other FROM INTEGRATION 'nobody' TRUNCATECOLUMNS = TRUE;
--> ERROR 42704: integration "nobody" does not exist
CREATE DATABASE other FROM INTEGRATION 'nobody' ACCEPTINVCHARS TRUE;
--> ERROR 42704: integration "nobody" does not exist
CREATE DATABASE other FROM INTEGRATION 'nobody' AUTO_REMEDIATION = FALSE;
--> ERROR 0A000 at 66: AUTO_REMEDIATION is not supported
CREATE DATABASE other FROM INTEGRATION 'nobody' WITH COLLATE CASE_INSENSITIVE;
--> ERROR 0A000 at 62: COLLATE CASE_INSENSITIVE is not supported
CREATE DATABASE other FROM DATASHARE s OF NAMESPACE 'x';
--> ERROR 0A000 at 1: CREATE DATABASE is not supported
BEGIN;
CREATE DATABASE other FROM INTEGRATION 'nobody';
--> ERROR 25001: CREATE DATABASE cannot run inside a transaction block
ROLLBACK;
ALTER DATABASE other INTEGRATION REFRESH INERROR TABLES IN SCHEMA a, b;
--> ERROR 3D000: database "other" does not exist
ALTER DATABASE other INTEGRATION REFRESH REMEDIABLE TABLES;
--> ERROR 0A000 at 42: REFRESH REMEDIABLE TABLES is not supported
ALTER DATABASE other INTEGRATION SET HISTORY_MODE = TRUE FOR ALL TABLES IN SCHEMA a;
--> ERROR 0A000 at 84: HISTORY_MODE of single tables is not supported
ALTER DATABASE dev RENAME TO other;
--> ERROR 0A000: ALTER DATABASE is not supported
ALTER DATABASE dev ISOLATION LEVEL SNAPSHOT;
--> ERROR 0A000 at 1: ALTER DATABASE is not supported
DROP DATABASE other;
--> ERROR 3D000: database "other" does not exist
DROP DATABASE dev;
--> ERROR 55006: cannot drop the currently open database
USE other;
--> ERROR 0A000 at 1: USE is not supported
CREATE TABLE t (a integer);
INSERT INTO t VALUES (1);
DROP TABLE other.public.t;
--> ERROR 0A000: cross-database references are not implemented: other.public.t
TRUNCATE other.public.t;
--> ERROR 0A000: cross-database references are not implemented: other.public.t
SELECT a FROM t;
--> a:int4
--> 1
GRANT USAGE ON DATABASE other TO PUBLIC;
--> ERROR 0LP01: invalid privilege type USAGE for database
