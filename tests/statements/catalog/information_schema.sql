-- information_schema speaks PostgreSQL's type names, also under three-part names.
-- source: c_intro_catalog_views

CREATE TABLE facts (id integer NOT NULL IDENTITY(1, 1), name varchar(20) DEFAULT 'x', amount numeric(12,3), seen timestamp, data super);
--> CREATE TABLE
CREATE VIEW shown AS SELECT name, amount FROM facts;
--> CREATE VIEW
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1;
--> table_name:…
--> facts | BASE TABLE
--> shown | VIEW
SELECT column_name, ordinal_position, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default, is_identity FROM "dev".INFORMATION_SCHEMA.columns WHERE table_schema = current_schema() AND table_name = 'facts' ORDER BY 2;
--> column_name:…
--> id | 1 | integer | NULL | 32 | 0 | NO | "identity"(…, 0, '1,1'::text) | YES
--> name | 2 | character varying | 20 | NULL | NULL | YES | 'x' | NO
--> amount | 3 | numeric | NULL | 12 | 3 | YES | NULL | NO
--> seen | 4 | timestamp without time zone | NULL | NULL | NULL | YES | NULL | NO
--> data | 5 | super | NULL | NULL | NULL | YES | NULL | NO
SELECT view_definition FROM information_schema.views WHERE table_schema = current_schema();
--> view_definition:…
--> SELECT name, amount FROM facts
SELECT count(*) FROM information_schema.triggers;
--> count:int8
--> 0
SELECT catalog_name, schema_name FROM information_schema.schemata WHERE schema_name IN ('public', 'pg_catalog') ORDER BY 2;
--> catalog_name:…
--> dev | pg_catalog
--> dev | public
