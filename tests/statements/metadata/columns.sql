-- Columns are listed with their declared types taken apart, defaults as they were written, keys and encodings.
-- source: r_SVV_ALL_COLUMNS

CREATE TABLE orders (id bigint IDENTITY(5,2) NOT NULL SORTKEY, note varchar(20) DEFAULT 'none' ENCODE zstd, price numeric(10,2) DISTKEY, at timestamp, data super);
COMMENT ON COLUMN orders.note IS 'free text';
CREATE VIEW bound AS SELECT id, note FROM orders;
CREATE VIEW late AS SELECT id, note FROM orders WITH NO SCHEMA BINDING;
SELECT table_name, column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length AS length, numeric_precision, numeric_scale, remarks FROM svv_all_columns WHERE schema_name = current_schema() ORDER BY 1 DESC, 3;
--> table_name:varchar(128) | column_name:varchar(128) | ordinal_position:int4 | column_default:varchar(4000) | is_nullable:varchar(3) | data_type:varchar(128) | length:int4 | numeric_precision:int4 | numeric_scale:int4 | remarks:varchar(256)
--> orders | id | 1 | "identity"(…, 0, '5,2'::text) | NO | bigint | NULL | 64 | 0 | NULL
--> orders | note | 2 | 'none' | YES | character varying | 20 | NULL | NULL | free text
--> orders | price | 3 | NULL | YES | numeric | NULL | 10 | 2 | NULL
--> orders | at | 4 | NULL | YES | timestamp without time zone | NULL | NULL | NULL | NULL
--> orders | data | 5 | NULL | YES | super | NULL | NULL | NULL | NULL
--> bound | id | 1 | NULL | YES | bigint | NULL | 64 | 0 | NULL
--> bound | note | 2 | NULL | YES | character varying | 20 | NULL | NULL | NULL
SELECT column_name, numeric_precision_radix, datetime_precision, domain_name FROM svv_columns WHERE table_schema = current_schema() AND table_name = 'orders' ORDER BY ordinal_position;
--> column_name:varchar(128) | numeric_precision_radix:int4 | datetime_precision:int4 | domain_name:varchar
--> id | 2 | NULL | NULL
--> note | NULL | NULL | NULL
--> price | 10 | NULL | NULL
--> at | NULL | 6 | NULL
--> data | NULL | NULL | NULL
SELECT column_name, data_type, encoding, distkey, sortkey, column_acl FROM svv_redshift_columns WHERE schema_name = current_schema() AND table_name = 'orders' ORDER BY ordinal_position;
--> column_name:varchar(128) | data_type:varchar(128) | encoding:varchar(128) | distkey:bool | sortkey:int4 | column_acl:varchar(128)
--> id | bigint | none | f | 1 | NULL
--> note | character varying(20) | zstd | f | 0 | NULL
--> price | numeric(10,2) | none | t | 0 | NULL
--> at | timestamp without time zone | none | f | 0 | NULL
--> data | super | none | f | 0 | NULL
