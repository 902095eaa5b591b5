-- The information schema lists local tables, views and their columns; three-part names may name it.
-- source: r_SVV_COLUMNS

CREATE TABLE orders (id bigint IDENTITY(5,2), note varchar(20) DEFAULT 'none' NOT NULL, price numeric(10,2), at timestamp);
CREATE VIEW bound AS SELECT id FROM orders;
CREATE VIEW late AS SELECT id FROM orders WITH NO SCHEMA BINDING;
SELECT table_name, table_type, is_insertable_into FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1;
--> table_name:… | table_type:… | is_insertable_into:varchar(3)
--> bound | VIEW | NO
--> late | VIEW | NO
--> orders | BASE TABLE | YES
SELECT table_name, column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length AS length, numeric_precision, udt_name, is_identity FROM "dev".INFORMATION_SCHEMA.columns WHERE table_schema = current_schema() ORDER BY 1 DESC, 3;
--> table_name:… | column_name:… | ordinal_position:int4 | column_default:… | is_nullable:varchar(3) | data_type:… | length:int4 | numeric_precision:int4 | udt_name:… | is_identity:varchar(3)
--> orders | id | 1 | "identity"(…, 0, '5,2'::text) | NO | bigint | NULL | 64 | int8 | YES
--> orders | note | 2 | 'none' | NO | character varying | 20 | NULL | varchar | NO
--> orders | price | 3 | NULL | YES | numeric | NULL | 10 | numeric | NO
--> orders | at | 4 | NULL | YES | timestamp without time zone | NULL | NULL | timestamp | NO
--> bound | id | 1 | NULL | YES | bigint | NULL | 64 | int8 | NO
SELECT view_definition FROM information_schema.views WHERE table_schema = current_schema() AND table_name = 'bound';
--> view_definition:varchar
--> SELECT id FROM orders
SELECT count(*) FROM information_schema.schemata WHERE schema_name = current_schema();
--> count:int8
--> 1
