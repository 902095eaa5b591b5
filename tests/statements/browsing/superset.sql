-- What Superset asks, beside what SQLAlchemy does: databases, schemas, views, privileges, columns of a query, dates by their grain, cancels.
-- source: c_intro_catalog_views
CREATE TABLE visits (id integer NOT NULL, page varchar(40), at timestamp, spent numeric(10,2));
--> CREATE TABLE
INSERT INTO visits VALUES (1, 'home', '2026-01-31 23:59:59', 1.5), (2, 'rope''s end', '2026-02-01 08:30:00', 2.25), (3, 'home', '2026-02-02 10:00:00', NULL);
--> INSERT 0 3
CREATE VIEW busy AS SELECT page, count(*) AS visits FROM visits GROUP BY page;
--> CREATE VIEW
SELECT datname FROM pg_database WHERE NOT datistemplate;
--> datname:name
--> dev
SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' AND nspname = current_schema() ORDER BY nspname;
--> nspname:name
--> …
SELECT table_name FROM information_schema.views WHERE table_schema = current_schema();
--> table_name:name
--> busy
SELECT count(*) = 1 AS found FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE pg_table_is_visible(c.oid) AND c.relname = 'visits' AND n.nspname = current_schema();
--> found:bool
--> t
SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c WHERE c.table_schema = current_schema() AND c.table_name = 'visits' ORDER BY ordinal_position;
--> table_name:name | column_name:name | data_type:varchar
--> visits | id | integer
--> visits | page | character varying
--> visits | at | timestamp without time zone
--> visits | spent | numeric
SELECT id, page, at, spent FROM visits LIMIT 0;
--> id:int4 | page:varchar(40) | at:timestamp | spent:numeric(10,2)
SELECT DATE_TRUNC('week', at) AS __timestamp, sum(spent) AS "SUM(spent)" FROM visits WHERE at >= '2026-01-01 00:00:00.000000' AND at < '2026-03-01 00:00:00.000000' GROUP BY DATE_TRUNC('week', at) ORDER BY "SUM(spent)" DESC LIMIT 1000;
--> __timestamp:timestamp | sum(spent):numeric(38,2)
--> 2026-02-02 00:00:00 | NULL
--> 2026-01-26 00:00:00 | 3.75
SELECT DATE_TRUNC('second', at) + INTERVAL '0 second' AS s, DATE_TRUNC('quarter', at) AS q, DATE_TRUNC('year', at) AS y FROM visits WHERE id = 1;
--> s:timestamp | q:timestamp | y:timestamp
--> 2026-01-31 23:59:59 | 2026-01-01 00:00:00 | 2026-01-01 00:00:00
SELECT page AS page, count(*) AS count FROM (SELECT * FROM visits) AS virtual_table WHERE page IN ('home', 'rope''s end') GROUP BY page HAVING count(*) > 0 ORDER BY count DESC LIMIT 10000;
--> page:varchar(40) | count:int8
--> home | 2
--> rope's end | 1
SELECT page, count(distinct id) AS "COUNT_DISTINCT(id)" FROM visits JOIN (SELECT page AS page__, sum(spent) AS mme_inner__ FROM visits GROUP BY page ORDER BY mme_inner__ DESC LIMIT 5) AS series_limit ON page = page__ GROUP BY page ORDER BY 1;
--> page:varchar(40) | count_distinct(id):int8
--> home | 2
--> rope's end | 1
SELECT pg_backend_pid() > 0 AS has_pid;
--> has_pid:bool
--> t
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = 0;
--> pg_cancel_backend:int4
SET search_path TO 'public';
--> SET
SHOW search_path;
--> search_path:varchar
--> public
