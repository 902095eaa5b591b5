-- Snapshots are for superusers: they have everybody's rows. A restored table belongs to who restored it.
-- source: cluster-mgmt

CREATE USER snapshot_reader PASSWORD 'Passw0rd1';
CREATE TABLE secrets (a int, b int, PRIMARY KEY (a)) BACKUP NO;
CREATE TABLE plain (a int);
GRANT SELECT ON plain TO snapshot_reader;
CREATE SNAPSHOT rights_kept;
SET SESSION AUTHORIZATION snapshot_reader;
CREATE SNAPSHOT mine;
--> ERROR 42501: …
DROP SNAPSHOT rights_kept;
--> ERROR 42501: …
RESTORE TABLE plain FROM SNAPSHOT rights_kept AS theirs;
--> ERROR 42501: …
SELECT count(*) FROM svv_snapshots;
--> ERROR 42501: permission denied for relation svv_snapshots
RESET SESSION AUTHORIZATION;
RESTORE TABLE secrets FROM SNAPSHOT rights_kept AS more;
--> ERROR 0A000: table "secrets" has BACKUP NO: snapshots do not bring it back
RESTORE TABLE plain FROM SNAPSHOT rights_kept AS restored;
--> RESTORE TABLE
SELECT has_table_privilege('snapshot_reader', 'restored', 'select');
--> has_table_privilege:bool
--> f
SELECT tableowner = current_user AS mine FROM pg_tables WHERE tablename = 'restored';
--> mine:bool
--> t
DROP SNAPSHOT rights_kept;
--> DROP SNAPSHOT
DROP TABLE plain;
DROP USER snapshot_reader;
