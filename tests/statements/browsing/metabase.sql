-- What Metabase asks through JDBC while it synchronises: schemas, tables with their comments, fields, foreign keys, privileges, samples.
-- source: c_intro_catalog_views
CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'x', region integer);
CREATE TABLE orders (id bigint IDENTITY(1, 1), customer integer REFERENCES customers (id), price numeric(10,2), at timestamp, stamp timestamptz, ratio float8, body super) DISTKEY (customer) SORTKEY (at);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN orders.price IS 'in euros';
SHOW timezone;
--> timezone:varchar
--> UTC
SELECT to_char(current_timestamp, 'YYYY-MM-DD HH24:MI:SS.MS TZ') LIKE '20% UTC' AS clock;
--> clock:bool
--> t
SELECT nspname FROM pg_namespace WHERE nspname !~ '^information_schema|catalog_history|pg_' AND has_schema_privilege(nspname, 'USAGE') AND nspname = current_schema();
--> nspname:name
--> …
SELECT n.nspname = current_schema() AS here, c.relname AS name, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' END AS kind, d.description, c.reltuples::bigint >= 0 AS estimated FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relkind IN ('r', 'p', 'v', 'f', 'm') AND n.nspname = ANY (current_schemas(false)) ORDER BY 2;
--> here:bool | name:name | kind:varchar | description:text | estimated:bool
--> t | cheap | VIEW | NULL | t
--> t | customers | TABLE | NULL | t
--> t | orders | TABLE | what was ordered | t
SELECT t.schemaname = current_schema() AS here, t.objectname, bool_or(has_table_privilege(current_user, quote_ident(t.schemaname) || '.' || quote_ident(t.objectname), 'select')) AS sel, bool_or(has_any_column_privilege(current_user, quote_ident(t.schemaname) || '.' || quote_ident(t.objectname), 'update')) AS upd FROM (SELECT schemaname, tablename AS objectname FROM pg_tables UNION ALL SELECT schemaname, viewname FROM pg_views) t WHERE t.schemaname !~ '^pg_' AND t.schemaname <> 'information_schema' AND t.schemaname = current_schema() GROUP BY 1, 2 ORDER BY 2;
--> here:bool | objectname:name | sel:bool | upd:bool
--> t | cheap | t | t
--> t | customers | t | t
--> t | orders | t | t
SELECT c.column_name AS name, c.udt_name AS type, c.ordinal_position - 1 AS place, coalesce(c.column_default LIKE '"identity"(%', false) OR c.is_identity = 'YES' AS counts, col_description(('"' || c.table_schema || '"."' || c.table_name || '"')::regclass::oid, c.ordinal_position) AS comment, pk.column_name IS NOT NULL AS key FROM information_schema.columns c LEFT JOIN (SELECT tc.table_schema, tc.table_name, kc.column_name FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kc ON kc.constraint_name = tc.constraint_name AND kc.table_schema = tc.table_schema AND kc.table_name = tc.table_name WHERE tc.constraint_type = 'PRIMARY KEY') pk ON pk.table_schema = c.table_schema AND pk.table_name = c.table_name AND pk.column_name = c.column_name WHERE c.table_schema !~ '^information_schema|catalog_history|pg_' AND c.table_schema = current_schema() AND c.table_name IN ('orders', 'customers') ORDER BY c.table_name, 3;
--> name:name | type:name | place:int4 | counts:bool | comment:text | key:bool
--> id | int4 | 0 | f | NULL | t
--> name | varchar | 1 | f | NULL | f
--> region | int4 | 2 | f | NULL | f
--> id | int8 | 0 | t | NULL | f
--> customer | int4 | 1 | f | NULL | f
--> price | numeric | 2 | f | in euros | f
--> at | timestamp | 3 | f | NULL | f
--> stamp | timestamptz | 4 | f | NULL | f
--> ratio | float8 | 5 | f | NULL | f
--> body | super | 6 | f | NULL | f
SELECT fc.relname AS own_table, fa.attname AS own_column, pc.relname AS their_table, pa.attname AS their_column FROM pg_constraint k JOIN pg_class fc ON fc.oid = k.conrelid JOIN pg_namespace fn ON fn.oid = fc.relnamespace JOIN pg_attribute fa ON fa.attrelid = k.conrelid AND fa.attnum = ANY (k.conkey) JOIN pg_class pc ON pc.oid = k.confrelid JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = ANY (k.confkey) WHERE k.contype = 'f' AND fn.nspname = current_schema() ORDER BY 1;
--> own_table:name | own_column:name | their_table:name | their_column:name
--> orders | customer | customers | id
SELECT x.t AS place FROM (SELECT unnest(indkey) AS t, indrelid FROM pg_index WHERE indrelid = 'customers'::regclass) x;
--> place:int2
--> 1
SELECT "source"."customer" AS "customer", date_trunc('month', "source"."at") AS "at", count(*) AS "count" FROM (SELECT "orders"."customer" AS "customer", "orders"."at" AS "at" FROM "orders") AS "source" WHERE "source"."at" >= date_trunc('month', dateadd(month, -1, getdate())) GROUP BY "source"."customer", date_trunc('month', "source"."at") ORDER BY 1 ASC, 2 ASC LIMIT 10;
--> customer:int4 | at:timestamp | count:int8
SELECT substring("name", 1, 1234) AS "substring", "id" FROM "customers" LIMIT 10000;
--> substring:varchar | id:int4
