-- Schemas are made, refused twice, and dropped with what they hold only by CASCADE.
-- source: r_CREATE_SCHEMA

CREATE SCHEMA zoo_x AUTHORIZATION admin;
CREATE SCHEMA zoo_x;
--> ERROR 42P06: schema "zoo_x" already exists
CREATE SCHEMA IF NOT EXISTS zoo_x;
--> NOTICE: "zoo_x" already exists, skipping
--> CREATE SCHEMA
CREATE TABLE zoo_x.lion (a integer);
INSERT INTO zoo_x.lion VALUES (1);
SELECT a FROM dev.zoo_x.lion;
--> a:int4
--> 1
SELECT zoo_x.lion.a FROM zoo_x.lion;
--> a:int4
--> 1
SELECT a FROM other.zoo_x.lion;
--> ERROR 0A000 at 15: cross-database references are not implemented: other.zoo_x.lion
SELECT a FROM nowhere.lion;
--> ERROR 3F000 at 15: schema "nowhere" does not exist
DROP SCHEMA zoo_x;
--> ERROR 2BP01: cannot drop schema "zoo_x" because other objects depend on it
DROP SCHEMA zoo_x CASCADE;
DROP SCHEMA zoo_x;
--> ERROR 3F000: schema "zoo_x" does not exist
DROP SCHEMA IF EXISTS zoo_x;
--> NOTICE: schema "zoo_x" does not exist, skipping
--> DROP SCHEMA
