-- Privileges that were granted on: who takes them back, and what goes with them.
-- source: r_REVOKE
CREATE SCHEMA guard_chains;
CREATE TABLE guard_chains.t (id integer);
CREATE USER chain_a PASSWORD 'Chain1Pass';
CREATE USER chain_b PASSWORD 'Chain1Pass';
CREATE USER chain_c PASSWORD 'Chain1Pass';
GRANT USAGE ON SCHEMA guard_chains TO PUBLIC;
GRANT SELECT ON guard_chains.t TO chain_a WITH GRANT OPTION;
SET SESSION AUTHORIZATION chain_a;
GRANT SELECT ON guard_chains.t TO chain_b WITH GRANT OPTION;
--> GRANT
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION chain_b;
GRANT SELECT ON guard_chains.t TO chain_c;
--> GRANT
GRANT SELECT ON guard_chains.t TO chain_a WITH GRANT OPTION;
--> GRANT
RESET SESSION AUTHORIZATION;
SELECT relacl FROM pg_class WHERE oid = 'guard_chains.t'::regclass;
--> relacl:1034
--> {admin=arwdxDPA/admin,chain_a=r*/admin,chain_a=r*/chain_b,chain_b=r*/chain_a,chain_c=r/chain_b}
-- The owner's REVOKE takes what the owner granted, no other's.
REVOKE SELECT ON guard_chains.t FROM chain_c;
--> WARNING: SELECT on relation t was granted by somebody else and stays
--> REVOKE
SET SESSION AUTHORIZATION chain_c;
SELECT * FROM guard_chains.t;
--> id:int4
REVOKE SELECT ON guard_chains.t FROM chain_b;
--> ERROR 42501: permission denied for relation t
RESET SESSION AUTHORIZATION;
REVOKE SELECT ON guard_chains.t FROM chain_a;
--> ERROR 2BP01: dependent privileges exist
REVOKE SELECT ON guard_chains.t FROM chain_a RESTRICT;
--> ERROR 2BP01: dependent privileges exist
REVOKE GRANT OPTION FOR SELECT ON guard_chains.t FROM chain_a;
--> ERROR 2BP01: dependent privileges exist
SET SESSION AUTHORIZATION chain_c;
SELECT * FROM guard_chains.t;
--> id:int4
RESET SESSION AUTHORIZATION;
-- Two grantors of one privilege: what one takes back the other's grant keeps.
GRANT SELECT ON guard_chains.t TO chain_b WITH GRANT OPTION;
SET SESSION AUTHORIZATION chain_a;
REVOKE SELECT ON guard_chains.t FROM chain_b;
--> REVOKE
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION chain_c;
SELECT * FROM guard_chains.t;
--> id:int4
RESET SESSION AUTHORIZATION;
REVOKE GRANT OPTION FOR SELECT ON guard_chains.t FROM chain_b CASCADE;
--> REVOKE
SELECT relacl FROM pg_class WHERE oid = 'guard_chains.t'::regclass;
--> relacl:1034
--> {admin=arwdxDPA/admin,chain_a=r*/admin,chain_b=r/admin}
SET SESSION AUTHORIZATION chain_c;
SELECT * FROM guard_chains.t;
--> ERROR 42501: permission denied for relation t
RESET SESSION AUTHORIZATION;
-- A new owner takes back what the old one granted.
SET SESSION AUTHORIZATION chain_a;
GRANT SELECT ON guard_chains.t TO chain_c;
RESET SESSION AUTHORIZATION;
ALTER TABLE guard_chains.t OWNER TO chain_b;
SET SESSION AUTHORIZATION chain_b;
REVOKE SELECT ON guard_chains.t FROM chain_a CASCADE;
--> REVOKE
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION chain_c;
SELECT * FROM guard_chains.t;
--> ERROR 42501: permission denied for relation t
RESET SESSION AUTHORIZATION;
-- Functions and schemas the same.
CREATE FUNCTION guard_chains.f_one() RETURNS integer STABLE AS $$ select 1 $$ LANGUAGE sql;
REVOKE EXECUTE ON FUNCTION guard_chains.f_one() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard_chains.f_one() TO chain_a WITH GRANT OPTION;
SET SESSION AUTHORIZATION chain_a;
GRANT EXECUTE ON FUNCTION guard_chains.f_one() TO chain_c;
RESET SESSION AUTHORIZATION;
REVOKE EXECUTE ON FUNCTION guard_chains.f_one() FROM chain_a;
--> ERROR 2BP01: dependent privileges exist
REVOKE EXECUTE ON FUNCTION guard_chains.f_one() FROM chain_a CASCADE;
--> REVOKE
SET SESSION AUTHORIZATION chain_c;
SELECT guard_chains.f_one();
--> ERROR 42501: permission denied for function f_one()
RESET SESSION AUTHORIZATION;
DROP USER chain_b;
--> ERROR 55006: user "chain_b" cannot be dropped because the user owns some object
DROP SCHEMA guard_chains CASCADE;
DROP USER chain_a, chain_b, chain_c;
