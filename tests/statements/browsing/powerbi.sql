-- What Npgsql, Power BI's driver, loads when it connects: types with their elements, attributes of composites, labels of enums; then tables and keys.
-- source: c_intro_catalog_views
CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'x', region integer);
CREATE TABLE orders (id bigint IDENTITY(1, 1), customer integer REFERENCES customers (id), price numeric(10,2), at timestamp, stamp timestamptz, ratio float8, body super) DISTKEY (customer) SORTKEY (at);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN orders.price IS 'in euros';
SELECT version() LIKE 'PostgreSQL%' AS postgres, current_setting('integer_datetimes') AS integers;
--> postgres:bool | integers:varchar
--> t | on
SELECT n.nspname, t.typname, t.oid, t.kind, e.typname AS element FROM (SELECT y.oid, y.typnamespace, y.typname, y.typrelid, CASE WHEN p.proname = 'array_recv' THEN 'a' ELSE y.typtype END AS kind, CASE WHEN p.proname = 'array_recv' THEN y.typelem WHEN y.typtype = 'r' THEN g.rngsubtype WHEN y.typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = y.oid) WHEN y.typtype = 'd' THEN y.typbasetype END AS element FROM pg_type y LEFT JOIN pg_class c ON c.oid = y.typrelid LEFT JOIN pg_proc p ON p.oid = y.typreceive LEFT JOIN pg_range g ON g.rngtypid = y.oid) t LEFT JOIN pg_type e ON e.oid = t.element LEFT JOIN pg_class ec ON ec.oid = e.typrelid LEFT JOIN pg_proc ep ON ep.oid = e.typreceive JOIN pg_namespace n ON n.oid = t.typnamespace WHERE (t.kind IN ('b', 'r', 'm', 'e', 'd') OR (t.kind = 'a' AND e.typtype IN ('b', 'e', 'd'))) AND t.typname IN ('int4', '_int4', 'numeric', 'varchar', '_text', 'timestamptz', 'super') ORDER BY CASE WHEN t.kind IN ('b', 'e', 'p') THEN 0 WHEN t.kind = 'a' THEN 5 END, t.oid;
--> nspname:name | typname:name | oid:oid | kind:"char" | element:name
--> pg_catalog | int4 | 23 | b | NULL
--> pg_catalog | varchar | 1043 | b | NULL
--> pg_catalog | timestamptz | 1184 | b | NULL
--> pg_catalog | numeric | 1700 | b | NULL
--> pg_catalog | super | 4000 | b | NULL
--> pg_catalog | _int4 | 1007 | a | int4
--> pg_catalog | _text | 1009 | a | text
SELECT y.oid, a.attname, a.atttypid FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace JOIN pg_class c ON c.oid = y.typrelid JOIN pg_attribute a ON a.attrelid = y.typrelid WHERE y.typtype = 'c' AND c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY y.oid, a.attnum;
--> oid:oid | attname:name | atttypid:oid
SELECT y.oid, e.enumlabel FROM pg_enum e JOIN pg_type y ON y.oid = e.enumtypid ORDER BY y.oid, e.enumsortorder;
--> oid:oid | enumlabel:name
SELECT typname, oid FROM pg_type WHERE typreceive::oid = (SELECT oid FROM pg_proc WHERE proname = 'int4recv') OR typinput = 'int8in'::regproc ORDER BY 1;
--> typname:name | oid:oid
--> int4 | 23
--> int8 | 20
SELECT table_schema = current_schema() AS here, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'pg_catalog') AND table_schema = current_schema() ORDER BY 2;
--> here:bool | table_name:name | table_type:varchar
--> t | cheap | VIEW
--> t | customers | BASE TABLE
--> t | orders | BASE TABLE
SELECT c.column_name, c.ordinal_position, c.is_nullable, CASE WHEN c.udt_schema <> 'pg_catalog' THEN c.udt_name ELSE c.data_type END AS data_type FROM information_schema.columns c WHERE c.table_schema = current_schema() AND c.table_name = 'orders' ORDER BY 2;
--> column_name:name | ordinal_position:int4 | is_nullable:varchar(3) | data_type:varchar
--> id | 1 | NO | bigint
--> customer | 2 | YES | integer
--> price | 3 | YES | numeric
--> at | 4 | YES | timestamp without time zone
--> stamp | 5 | YES | timestamp with time zone
--> ratio | 6 | YES | double precision
--> body | 7 | YES | super
SELECT i.constraint_name AS index_name, ii.column_name, ii.ordinal_position, CASE WHEN i.constraint_type = 'PRIMARY KEY' THEN 'Y' ELSE 'N' END AS is_primary FROM information_schema.table_constraints i JOIN information_schema.key_column_usage ii ON ii.constraint_schema = i.constraint_schema AND ii.constraint_name = i.constraint_name AND ii.table_name = i.table_name WHERE i.table_schema = current_schema() AND i.table_name = 'customers' AND i.constraint_type IN ('PRIMARY KEY', 'UNIQUE') ORDER BY 1, 3;
--> index_name:name | column_name:name | ordinal_position:int4 | is_primary:varchar
--> customers_pkey | id | 1 | Y
SELECT pk.column_name AS their_column, fk.table_name AS own_table, fk.column_name AS own_column, rc.constraint_name FROM information_schema.referential_constraints rc JOIN information_schema.key_column_usage fk ON fk.constraint_schema = rc.constraint_schema AND fk.constraint_name = rc.constraint_name JOIN information_schema.key_column_usage pk ON pk.constraint_schema = rc.unique_constraint_schema AND pk.constraint_name = rc.unique_constraint_name AND pk.ordinal_position = fk.position_in_unique_constraint WHERE fk.table_schema = current_schema() ORDER BY rc.constraint_name, fk.ordinal_position;
--> their_column:name | own_table:name | own_column:name | constraint_name:name
--> id | orders | customer | orders_customer_fkey
SELECT character_set_name FROM information_schema.character_sets;
--> character_set_name:name
--> UTF8
SELECT "_"."customer", sum("_"."price") AS "a0" FROM (SELECT "$Table"."customer" AS "customer", "$Table"."price" AS "price" FROM "orders" "$Table") "_" GROUP BY "_"."customer" LIMIT 1000001;
--> customer:int4 | a0:numeric(38,2)
