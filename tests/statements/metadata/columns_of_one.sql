-- The columns of one relation, as rows or each as one text; a late-binding view's are those of the moment.
-- source: PG_GET_COLS

CREATE TABLE sales (salesid INTEGER, qtysold SMALLINT, pricepaid NUMERIC(8,2), saletime TIMESTAMP);
CREATE VIEW sales_vw AS SELECT * FROM sales;
CREATE VIEW late_vw AS SELECT saletime, salesid FROM sales WITH NO SCHEMA BINDING;
SELECT replace(pg_get_cols, current_schema(), 'public') AS pg_get_cols FROM (SELECT pg_get_cols('sales_vw')) AS c;
--> pg_get_cols:varchar
--> (public,sales_vw,salesid,integer,1)
--> (public,sales_vw,qtysold,smallint,2)
--> (public,sales_vw,pricepaid,"numeric(8,2)",3)
--> (public,sales_vw,saletime,"timestamp without time zone",4)
SELECT view_name, col_name, col_type, col_num FROM pg_get_cols('sales_vw') cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) WHERE col_num > 2;
--> view_name:name | col_name:name | col_type:varchar | col_num:int4
--> sales_vw | pricepaid | numeric(8,2) | 3
--> sales_vw | saletime | timestamp without time zone | 4
SELECT columnname, columnnum FROM pg_get_cols('late_vw') ORDER BY 2;
--> columnname:name | columnnum:int4
--> saletime | 1
--> salesid | 2
SELECT count(*) FROM pg_get_cols('sales');
--> count:int8
--> 4
SELECT pg_get_cols('nowhere');
--> ERROR 42P01: relation "nowhere" does not exist
-- source: PG_GET_LATE_BINDING_VIEW_COLS
SELECT count(*) FROM (SELECT pg_get_late_binding_view_cols()) AS c WHERE pg_get_late_binding_view_cols LIKE '(' || current_schema() || ',late_vw,saletime,"timestamp without time zone",1)';
--> count:int8
--> 1

-- pg_table_def lists the catalog's own tables too, as their schema is always on the path.
-- source: r_PG_TABLE_DEF
SELECT "column", type FROM pg_table_def WHERE schemaname = 'pg_catalog' AND tablename = 'stv_slices' ORDER BY 1;
--> column:name | type:varchar
--> localslice | integer
--> node | integer
--> slice | integer
--> type | character(1)
SELECT pg_get_viewdef('late_vw'::regclass) LIKE 'create view %.late_vw as SELECT saletime, salesid FROM sales%with no schema binding;' AS whole;
--> whole:bool
--> t
