-- Keys are informational, and told of by pg_constraint, pg_index and information_schema.
-- source: t_Defining_constraints

CREATE TABLE customers (id integer PRIMARY KEY, code varchar(5), region varchar(3), UNIQUE (code, region));
--> CREATE TABLE
CREATE TABLE sales (id integer, customer integer, CONSTRAINT sold_to FOREIGN KEY (customer) REFERENCES customers (id));
--> CREATE TABLE
SELECT c.conname, c.contype, c.conkey, c.confkey, c.confrelid::regclass AS other, pg_get_constraintdef(c.oid) AS def FROM pg_constraint c WHERE c.conrelid IN ('customers'::regclass, 'sales'::regclass) ORDER BY 1;
--> conname:name | contype:"char" | conkey:int2[] | confkey:int2[] | other:regclass | def:text
--> customers_code_region_key | u | {2,3} | NULL | - | UNIQUE (code, region)
--> customers_pkey | p | {1} | NULL | - | PRIMARY KEY (id)
--> sold_to | f | {2} | {1} | customers | FOREIGN KEY (customer) REFERENCES customers(id)
SELECT i.indexrelid::regclass AS index, i.indkey, i.indkey[0] AS first, i.indisprimary, pg_get_indexdef(i.indexrelid, 1, true) AS column FROM pg_index i WHERE i.indrelid = 'customers'::regclass ORDER BY 4;
--> index:regclass | indkey:int2vector | first:int2 | indisprimary:bool | column:text
--> customers_code_region_key | 2 3 | 2 | f | code
--> customers_pkey | 1 | 1 | t | id
SELECT a.attname, keys.n FROM (SELECT i.indrelid, (information_schema._pg_expandarray(i.indkey)).x AS x, (information_schema._pg_expandarray(i.indkey)).n AS n FROM pg_catalog.pg_index i WHERE i.indrelid = 'customers'::regclass AND NOT i.indisprimary) keys JOIN pg_attribute a ON a.attrelid = keys.indrelid AND a.attnum = keys.x ORDER BY 2;
--> attname:name | n:int4
--> code | 1
--> region | 2
SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_name IN ('customers', 'sales') AND table_schema = current_schema() ORDER BY 1;
--> constraint_name:name | constraint_type:varchar
--> customers_code_region_key | UNIQUE
--> customers_pkey | PRIMARY KEY
--> sold_to | FOREIGN KEY
SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage WHERE table_schema = current_schema() ORDER BY 1, 3;
--> constraint_name:name | column_name:name | ordinal_position:int4
--> customers_code_region_key | code | 1
--> customers_code_region_key | region | 2
--> customers_pkey | id | 1
--> sold_to | customer | 1
SELECT constraint_name, unique_constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = current_schema();
--> constraint_name:name | unique_constraint_name:name
--> sold_to | customers_pkey
ALTER TABLE sales DROP CONSTRAINT sold_to;
--> ALTER TABLE
SELECT count(*) FROM pg_constraint WHERE conrelid = 'sales'::regclass;
--> count:int8
--> 0
