-- Owners, default privileges, roles and permissions of roles.
-- source: r_ALTER_DEFAULT_PRIVILEGES
CREATE SCHEMA guard_owners;
CREATE USER owner1 PASSWORD 'Owner1Pass' NOCREATEDB;
CREATE USER owner2 PASSWORD 'Owner2Pass';
CREATE ROLE builder1;
GRANT CREATE TABLE, TRUNCATE TABLE, CREATE USER TO ROLE builder1;
--> GRANT
GRANT CREATE TABLE TO owner1;
--> ERROR 0LP01: system permissions can only be granted to roles
GRANT USAGE ON SCHEMA guard_owners TO owner1, owner2;
ALTER DEFAULT PRIVILEGES FOR USER owner1 IN SCHEMA guard_owners GRANT SELECT ON TABLES TO owner2;
--> ALTER DEFAULT PRIVILEGES
GRANT ROLE builder1 TO owner1;
--> GRANT ROLE
SET SESSION AUTHORIZATION owner1;
CREATE TABLE guard_owners.made (id integer);
--> CREATE TABLE
CREATE USER helper1 PASSWORD 'Helper1Pass';
--> CREATE USER
CREATE USER helper2 PASSWORD 'Helper2Pass' CREATEUSER;
--> ERROR 42501: must be superuser to create superusers
ALTER USER owner1 PASSWORD 'Another1Pass';
--> ALTER USER
ALTER TABLE guard_owners.made OWNER TO owner2;
--> ERROR 42501: must be superuser to change the owner of relation made
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION owner2;
SELECT * FROM guard_owners.made;
--> id:int4
INSERT INTO guard_owners.made VALUES (1);
--> ERROR 42501: permission denied for relation made
RESET SESSION AUTHORIZATION;
DROP USER owner1;
--> ERROR 55006: user "owner1" cannot be dropped because the user owns some object
ALTER TABLE guard_owners.made OWNER TO owner2;
--> ALTER TABLE
SET SESSION AUTHORIZATION owner2;
INSERT INTO guard_owners.made VALUES (1);
--> INSERT 0 1
ALTER TABLE guard_owners.made RENAME TO renamed;
--> ALTER TABLE
SELECT * FROM guard_owners.renamed;
--> id:int4
--> 1
GRANT SELECT ON guard_owners.renamed TO PUBLIC;
--> GRANT
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION owner1;
SELECT * FROM guard_owners.renamed;
--> id:int4
--> 1
DROP TABLE guard_owners.renamed;
--> ERROR 42501: must be owner of relation renamed
RESET SESSION AUTHORIZATION;
ALTER SCHEMA guard_owners OWNER TO owner1;
--> ALTER SCHEMA
DROP USER owner2;
--> ERROR 55006: user "owner2" cannot be dropped because the user owns some object
DROP TABLE guard_owners.renamed;
CREATE TABLE guard_owners.renamed (id integer);
SET SESSION AUTHORIZATION owner2;
SELECT * FROM guard_owners.renamed;
--> ERROR 42501: permission denied for relation renamed
RESET SESSION AUTHORIZATION;
REVOKE USAGE ON SCHEMA guard_owners FROM owner2;
DROP USER owner2;
--> ERROR 55006: user "owner2" cannot be dropped because the user has a privilege on some object
ALTER DEFAULT PRIVILEGES FOR USER owner1 IN SCHEMA guard_owners REVOKE SELECT ON TABLES FROM owner2;
DROP USER owner2;
--> DROP USER
DROP USER IF EXISTS owner2;
--> NOTICE: user "owner2" does not exist, skipping
--> DROP USER
DROP USER owner2;
--> ERROR 42704: user "owner2" does not exist
DROP SCHEMA guard_owners CASCADE;
DROP ROLE builder1 FORCE;
DROP USER owner1, helper1;
--> DROP USER
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
--> REVOKE
CREATE USER owner3 PASSWORD 'Owner3Pass';
SET SESSION AUTHORIZATION owner3;
CREATE TABLE public.of_owner3 (id integer);
--> ERROR 42501: permission denied for schema public
CREATE TEMP TABLE of_owner3 (id integer);
--> CREATE TABLE
RESET SESSION AUTHORIZATION;
GRANT CREATE ON SCHEMA public TO PUBLIC;
--> GRANT
DROP TABLE of_owner3;
DROP USER owner3, admin;
--> ERROR 55006: current user cannot be dropped
DROP USER owner3;
