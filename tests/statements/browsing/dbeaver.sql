-- What DBeaver asks to fill its tree: databases, roles, schemas, types, relations with their keys and comments, sessions.
-- source: c_intro_catalog_views
CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'x', region integer);
CREATE TABLE orders (id bigint IDENTITY(1, 1), customer integer REFERENCES customers (id), price numeric(10,2), at timestamp, stamp timestamptz, ratio float8, body super) DISTKEY (customer) SORTKEY (at);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN orders.price IS 'in euros';
SELECT db.datname, pg_encoding_to_char(db.encoding) AS encoding, db.datallowconn, r.rolname AS owner, ts.spcname FROM pg_database db JOIN pg_roles r ON r.oid = db.datdba LEFT JOIN pg_tablespace ts ON ts.oid = db.dattablespace WHERE datallowconn AND NOT datistemplate;
--> datname:name | encoding:name | datallowconn:bool | owner:name | spcname:name
--> dev | UTF8 | t | admin | pg_default
SELECT n.nspname = current_schema() AS here, d.description FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass WHERE n.nspname = current_schema();
--> here:bool | description:text
--> t | NULL
SELECT t.typname, t.typlen, t.typtype, t.typcategory, c.relkind, b.typname AS element, d.description FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typelem LEFT JOIN pg_catalog.pg_description d ON d.objoid = t.oid WHERE t.typname IN ('int8', 'varchar', '_int4', 'timestamptz') AND (c.relkind IS NULL OR c.relkind = 'c') ORDER BY 1;
--> typname:name | typlen:int2 | typtype:"char" | typcategory:"char" | relkind:"char" | element:name | description:text
--> _int4 | -1 | b | A | NULL | int4 | NULL
--> int8 | 8 | b | N | NULL | NULL | NULL
--> timestamptz | 8 | b | D | NULL | NULL | NULL
--> varchar | -1 | b | S | NULL | NULL | NULL
SELECT c.relname, c.relkind, c.relpersistence, c.relhasindex, pg_get_userbyid(c.relowner) AS owner, d.description, c.relispartition, pg_catalog.pg_get_partkeydef(c.oid) AS partkey, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind NOT IN ('i', 'I', 'c') ORDER BY 1;
--> relname:name | relkind:"char" | relpersistence:"char" | relhasindex:bool | owner:name | description:text | relispartition:bool | partkey:text | bound:text
--> cheap | v | p | f | admin | NULL | f | NULL | NULL
--> customers | r | p | t | admin | NULL | f | NULL | NULL
--> orders | r | p | f | admin | what was ordered | f | NULL | NULL
SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, pg_get_expr(ad.adbin, ad.adrelid, true) LIKE '%identity%' AS counted, dsc.description, dep.objid FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON a.attrelid = c.oid LEFT JOIN pg_catalog.pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum LEFT JOIN pg_catalog.pg_description dsc ON c.oid = dsc.objoid AND a.attnum = dsc.objsubid LEFT JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid WHERE NOT a.attisdropped AND c.oid = 'orders'::regclass AND a.attnum > 0 ORDER BY a.attnum;
--> relname:name | attnum:int2 | attname:name | type:text | attnotnull:bool | counted:bool | description:text | objid:oid
--> orders | 1 | id | bigint | t | t | NULL | NULL
--> orders | 2 | customer | integer | f | NULL | NULL | NULL
--> orders | 3 | price | numeric(10,2) | f | NULL | in euros | NULL
--> orders | 4 | at | timestamp without time zone | f | NULL | NULL | NULL
--> orders | 5 | stamp | timestamp with time zone | f | NULL | NULL | NULL
--> orders | 6 | ratio | double precision | f | NULL | NULL | NULL
--> orders | 7 | body | super | f | NULL | NULL | NULL
SELECT k.conname, k.contype, k.conkey, k.confkey, t.relname AS tabrelname, rt.relname AS refrelname, d.description, pg_get_constraintdef(k.oid, true) AS text FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class t ON t.oid = k.conrelid LEFT JOIN pg_catalog.pg_class rt ON rt.oid = k.confrelid LEFT JOIN pg_catalog.pg_description d ON d.objoid = k.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) ORDER BY 1;
--> conname:name | contype:"char" | conkey:int2[] | confkey:int2[] | tabrelname:name | refrelname:name | description:text | text:text
--> customers_pkey | p | {1} | NULL | customers | NULL | NULL | PRIMARY KEY (id)
--> orders_customer_fkey | f | {2} | {1} | orders | customers | NULL | FOREIGN KEY (customer) REFERENCES customers(id)
SELECT i.indisprimary, c.relname, tc.relname AS tabrelname, am.amname, i.indkey, pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_expr(i.indexprs, i.indrelid, true) AS expression FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE i.indrelid = 'customers'::regclass;
--> indisprimary:bool | relname:name | tabrelname:name | amname:name | indkey:int2vector | predicate:text | expression:text
--> t | customers_pkey | customers | btree | 1 | NULL | NULL
SELECT p.proname, p.prokind, l.lanname, pg_get_expr(p.proargdefaults, 0) AS defaults, d.description FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang LEFT JOIN pg_catalog.pg_description d ON d.objoid = p.oid WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'pg_catalog') AND p.proname = 'substring' ORDER BY 1 LIMIT 1;
--> proname:name | prokind:"char" | lanname:name | defaults:text | description:text
--> substring | f | internal | NULL | NULL
SELECT count(*) AS triggers FROM pg_catalog.pg_trigger x JOIN pg_catalog.pg_class c ON c.oid = x.tgrelid WHERE NOT x.tgisinternal;
--> triggers:int8
--> 0
SELECT i.*, c.relnamespace FROM pg_catalog.pg_inherits i, pg_catalog.pg_class c WHERE i.inhrelid = 'orders'::regclass AND c.oid = i.inhparent ORDER BY i.inhseqno;
--> inhrelid:oid | inhparent:oid | inhseqno:int4 | inhdetachpending:bool | relnamespace:oid
SELECT pg_get_viewdef('cheap'::regclass, true) AS definition;
--> definition:text
--> SELECT id, price FROM orders WHERE price < 10
SELECT r.rolname, r.rolsuper, r.rolcanlogin FROM pg_catalog.pg_roles r WHERE r.rolname = current_user;
--> rolname:name | rolsuper:bool | rolcanlogin:bool
--> admin | t | t
SELECT datname, usename, application_name IS NOT NULL AS named, state FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid();
--> datname:name | usename:name | named:bool | state:text
--> dev | admin | f | active
SELECT x.* FROM orders x ORDER BY 1 LIMIT 200 OFFSET 0;
--> id:int8 | customer:int4 | price:numeric(10,2) | at:timestamp | stamp:timestamptz | ratio:float8 | body:super
SELECT n.nspname = current_schema() AS here, "column", encoding, distkey, sortkey FROM pg_table_def p JOIN pg_namespace n ON n.nspname = p.schemaname WHERE p.tablename = 'orders' AND (distkey OR sortkey <> 0) ORDER BY 2;
--> here:bool | column:name | encoding:varchar | distkey:bool | sortkey:int4
--> t | at | none | f | 1
--> t | customer | none | t | 0
SELECT schemaname = current_schema() AS here, viewname, definition FROM pg_views WHERE viewname = 'cheap' AND schemaname = current_schema();
--> here:bool | viewname:name | definition:text
--> t | cheap | SELECT id, price FROM orders WHERE price < 10
