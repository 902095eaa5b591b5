-- The columns of late-binding views are those of the moment; a view over a table that is gone has none.
-- source: PG_GET_LATE_BINDING_VIEW_COLS

CREATE TABLE orders (id integer, note varchar(20));
CREATE VIEW late AS SELECT * FROM orders WITH NO SCHEMA BINDING;
CREATE VIEW bound AS SELECT * FROM orders;
SELECT view_name, col_name, col_type, col_num FROM pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) WHERE view_schema = current_schema() ORDER BY col_num;
--> view_name:name | col_name:name | col_type:varchar | col_num:int4
--> late | id | integer | 1
--> late | note | character varying(20) | 2
DROP TABLE orders CASCADE;
SELECT count(*) FROM pg_get_late_binding_view_cols() WHERE schemaname = current_schema();
--> count:int8
--> 0
CREATE TABLE orders (at date);
SELECT columnname, columntype FROM pg_catalog.pg_get_late_binding_view_cols() WHERE schemaname = current_schema();
--> columnname:name | columntype:varchar
--> at | date
SELECT * FROM pg_get_late_binding_view_cols;
--> ERROR 42P01 at 15: relation "pg_get_late_binding_view_cols" does not exist
SELECT * FROM pg_get_early_binding_view_cols();
--> ERROR 42883 at 15: function pg_get_early_binding_view_cols does not exist in FROM
