-- What Redshift's own roles, and permissions of roles, let their holders do.
-- source: r_roles-default
CREATE SCHEMA guard_system;
CREATE TABLE guard_system.t (id integer);
CREATE VIEW guard_system.v AS SELECT id FROM guard_system.t;
CREATE USER system1 PASSWORD 'System1Pass';
CREATE USER system2 PASSWORD 'System2Pass';
SET SESSION AUTHORIZATION system1;
ANALYZE guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
SHOW TABLE guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
SELECT count(*) > 0 AS others FROM svv_user_info WHERE user_name = 'system2';
--> others:bool
--> f
CANCEL 1;
--> ERROR 42704: there is no session with process number 1
RESET SESSION AUTHORIZATION;

-- sys:monitor sees what others do, and what there is.
GRANT ROLE sys:monitor TO system1;
SET SESSION AUTHORIZATION system1;
SELECT count(*) > 0 AS others FROM svv_user_info WHERE user_name = 'system2';
--> others:bool
--> t
SHOW VIEW guard_system.v;
--> Show View DDL statement:varchar
--> …
SELECT table_name FROM svv_tables WHERE table_schema = 'guard_system' ORDER BY 1;
--> table_name:varchar(128)
--> t
--> v
SELECT * FROM guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
ANALYZE guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
RESET SESSION AUTHORIZATION;
REVOKE ROLE sys:monitor FROM system1;

-- sys:operator maintains, sys:dba changes; neither reads data.
GRANT ROLE sys:operator TO system1;
SET SESSION AUTHORIZATION system1;
ANALYZE guard_system.t;
--> ANALYZE
VACUUM guard_system.t;
--> VACUUM
TRUNCATE guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
RESET SESSION AUTHORIZATION;
REVOKE ROLE sys:operator FROM system1;
GRANT ROLE sys:dba TO system1;
SET SESSION AUTHORIZATION system1;
TRUNCATE guard_system.t;
--> TRUNCATE TABLE
ALTER TABLE guard_system.t ADD COLUMN more integer;
--> ALTER TABLE
CREATE TABLE guard_system.made (id integer);
--> CREATE TABLE
CREATE SCHEMA guard_made;
--> CREATE SCHEMA
DROP SCHEMA guard_made;
--> DROP SCHEMA
DROP VIEW guard_system.v;
--> DROP VIEW
SELECT * FROM guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
CREATE USER system3 PASSWORD 'System3Pass';
--> ERROR 42501: must be superuser to create users
RESET SESSION AUTHORIZATION;
REVOKE ROLE sys:dba FROM system1;
DROP TABLE guard_system.made;

-- sys:secadmin manages people, sys:superuser may everything.
GRANT ROLE sys:secadmin TO system1;
SET SESSION AUTHORIZATION system1;
CREATE USER system3 PASSWORD 'System3Pass';
--> CREATE USER
ALTER USER system3 VALID UNTIL '2030-01-01';
--> ALTER USER
CREATE ROLE system_role1;
--> CREATE ROLE
GRANT ROLE system_role1 TO system3;
--> GRANT ROLE
DROP ROLE system_role1 FORCE;
--> DROP ROLE
DROP USER system3;
--> DROP USER
CREATE USER system4 PASSWORD 'System4Pass' CREATEUSER;
--> ERROR 42501: must be superuser to create superusers
SELECT * FROM guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
RESET SESSION AUTHORIZATION;
REVOKE ROLE sys:secadmin FROM system1;
GRANT ROLE sys:superuser TO system1;
SET SESSION AUTHORIZATION system1;
SELECT * FROM guard_system.t;
--> id:int4 | more:int4
GRANT USAGE ON SCHEMA guard_system TO system2;
--> GRANT
RESET SESSION AUTHORIZATION;
REVOKE ROLE sys:superuser FROM system1;
SET SESSION AUTHORIZATION system1;
SELECT * FROM guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
RESET SESSION AUTHORIZATION;

-- Permissions one by one, through a role in a role; SYSLOG ACCESS.
CREATE ROLE permitted1;
CREATE ROLE permitted2;
GRANT DROP TABLE, TRUNCATE TABLE TO ROLE permitted1;
GRANT ROLE permitted1 TO ROLE permitted2;
GRANT ROLE permitted2 TO system1;
SET SESSION AUTHORIZATION system1;
TRUNCATE guard_system.t;
--> TRUNCATE TABLE
RESET SESSION AUTHORIZATION;
REVOKE TRUNCATE TABLE FROM ROLE permitted1;
--> REVOKE
SET SESSION AUTHORIZATION system1;
TRUNCATE guard_system.t;
--> ERROR 42501: permission denied for schema guard_system
DROP TABLE guard_system.t;
--> DROP TABLE
SELECT count(*) > 0 AS others FROM svv_user_info WHERE user_name = 'system2';
--> others:bool
--> f
RESET SESSION AUTHORIZATION;
ALTER USER system1 SYSLOG ACCESS UNRESTRICTED;
SET SESSION AUTHORIZATION system1;
SELECT count(*) > 0 AS others FROM svv_user_info WHERE user_name = 'system2';
--> others:bool
--> t
RESET SESSION AUTHORIZATION;
DROP ROLE permitted1 FORCE;
DROP ROLE permitted2 FORCE;
DROP SCHEMA guard_system CASCADE;
DROP USER system1, system2;
