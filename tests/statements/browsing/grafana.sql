-- What Grafana's query builder asks: its version, time columns and numbers beside them, names for the search path.
-- source: c_intro_catalog_views
CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'x', region integer);
CREATE TABLE orders (id bigint IDENTITY(1, 1), customer integer REFERENCES customers (id), price numeric(10,2), at timestamp, stamp timestamptz, ratio float8, body super) DISTKEY (customer) SORTKEY (at);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN orders.price IS 'in euros';
SELECT current_setting('server_version_num')::int / 100 AS version;
--> version:int4
--> 800
SELECT extname, extversion FROM pg_extension WHERE extname = 'timescaledb';
--> extname:name | extversion:text
SELECT trim(part[place]) AS schema FROM string_to_array(current_setting('search_path'), ',') AS part, generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS place ORDER BY place;
--> schema:varchar
--> …
SELECT CASE WHEN quote_ident(table_schema) IN (SELECT trim(part[place]) FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS place, string_to_array(current_setting('search_path'), ',') part) THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS shown FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog') AND table_schema = current_schema() ORDER BY 1;
--> shown:varchar
--> cheap
--> customers
--> orders
SELECT quote_ident(column_name) AS "column", data_type AS type FROM information_schema.columns WHERE CASE WHEN array_length(parse_ident('orders'), 1) = 2 THEN quote_ident(table_schema) = (parse_ident('orders'))[1] ELSE quote_ident(table_name) = 'orders' AND table_schema = current_schema() END ORDER BY ordinal_position;
--> column:varchar | type:varchar
--> id | bigint
--> customer | integer
--> price | numeric
--> at | timestamp without time zone
--> stamp | timestamp with time zone
--> ratio | double precision
--> body | super
SELECT t.table_name, (SELECT c.column_name FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.udt_name IN ('timestamp', 'timestamptz') ORDER BY c.ordinal_position LIMIT 1) AS moment FROM information_schema.tables t WHERE t.table_schema = current_schema() AND EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.udt_name = 'float8');
--> table_name:name | moment:name
--> orders | at
SELECT extract(epoch FROM at) AS time, price AS value FROM orders WHERE at BETWEEN '2024-01-01T00:00:00Z' AND '2024-01-02T00:00:00Z' ORDER BY 1;
--> time:int8 | value:numeric(10,2)
SELECT floor(extract(epoch FROM stamp) / 300) * 300 AS time, avg(ratio) AS value FROM orders WHERE stamp >= '2024-01-01T00:00:00Z' GROUP BY 1 ORDER BY 1;
--> time:float8 | value:float8
