-- Statements of Redshift that Boathouse has not are refused by name.
-- source: c_SQL_commands

DESC DATASHARE d;
--> ERROR 0A000 at 1: DESC is not supported
USE other;
--> ERROR 0A000 at 1: USE is not supported
CREATE DATASHARE d;
--> ERROR 0A000 at 1: CREATE DATASHARE is not supported
ATTACH RLS POLICY p ON t TO PUBLIC;
--> ERROR 0A000 at 1: ATTACH RLS POLICY is not supported
ALTER SCHEMA a RENAME TO b;
--> ERROR 0A000 at 16: ALTER SCHEMA ... RENAME is not supported
ALTER SCHEMA a QUOTA 5 GB;
--> ERROR 0A000 at 16: ALTER SCHEMA ... QUOTA is not supported
