-- Beneath a view its owner's privileges apply; whoever queries it needs SELECT on the view alone.
-- source: r_CREATE_VIEW
CREATE SCHEMA guard_views;
CREATE TABLE guard_views.base (id integer, secret integer);
INSERT INTO guard_views.base VALUES (1, 10);
CREATE USER viewer1 PASSWORD 'Viewer1Pass';
CREATE USER maker1 PASSWORD 'Maker1Pass';
GRANT USAGE ON SCHEMA guard_views TO viewer1, maker1;
GRANT CREATE ON SCHEMA guard_views TO maker1;
CREATE VIEW guard_views.shown AS SELECT id FROM guard_views.base;
CREATE VIEW guard_views.late AS SELECT id FROM guard_views.base WITH NO SCHEMA BINDING;
CREATE MATERIALIZED VIEW guard_views.kept AS SELECT id FROM guard_views.base;
GRANT SELECT ON guard_views.shown, guard_views.late, guard_views.kept TO viewer1;
SET SESSION AUTHORIZATION viewer1;
SELECT * FROM guard_views.shown;
--> id:int4
--> 1
SELECT * FROM guard_views.late;
--> id:int4
--> 1
SELECT * FROM guard_views.kept;
--> id:int4
--> 1
SELECT * FROM guard_views.base;
--> ERROR 42501: permission denied for relation base
REFRESH MATERIALIZED VIEW guard_views.kept;
--> ERROR 42501: must be owner of relation kept
CREATE OR REPLACE VIEW guard_views.shown AS SELECT 1 AS id;
--> ERROR 42501: must be owner of relation shown
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION maker1;
CREATE VIEW guard_views.stolen AS SELECT secret FROM guard_views.base;
--> ERROR 42501: permission denied for relation base
CREATE MATERIALIZED VIEW guard_views.stolen AS SELECT secret FROM guard_views.base;
--> ERROR 42501: permission denied for relation base
CREATE TABLE guard_views.stolen AS SELECT secret FROM guard_views.base;
--> ERROR 42501: permission denied for relation base
CREATE VIEW guard_views.later AS SELECT secret FROM guard_views.base WITH NO SCHEMA BINDING;
--> CREATE VIEW
SELECT * FROM guard_views.later;
--> ERROR 42501: permission denied for relation base
RESET SESSION AUTHORIZATION;
SELECT * FROM guard_views.later;
--> ERROR 42501: permission denied for relation base
GRANT SELECT ON guard_views.base TO maker1;
SELECT * FROM guard_views.later;
--> secret:int4
--> 10
SET SESSION AUTHORIZATION maker1;
CREATE VIEW guard_views.own AS SELECT * FROM guard_views.base;
GRANT SELECT ON guard_views.own TO viewer1;
RESET SESSION AUTHORIZATION;
REVOKE SELECT ON guard_views.base FROM maker1;
SET SESSION AUTHORIZATION viewer1;
SELECT * FROM guard_views.own;
--> ERROR 42501: permission denied for relation base
RESET SESSION AUTHORIZATION;
ALTER TABLE guard_views.own OWNER TO admin;
SET SESSION AUTHORIZATION viewer1;
SELECT * FROM guard_views.own;
--> id:int4 | secret:int4
--> 1 | 10
RESET SESSION AUTHORIZATION;
DROP SCHEMA guard_views CASCADE;
DROP USER viewer1, maker1;
