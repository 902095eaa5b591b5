-- Questions about nested data that Spectrum's guide names as limits, answered: each one is a point of that page.
-- source: nested-data-restrictions
-- file nested_limits/c/a.json: {"id": 1, "name": {"given": "Ada"}, "phones": ["858-1", "858-2"], "grid": [[1, 2], [3]], "orders": [{"item": 1, "qty": 5}, {"item": 2, "qty": 7}]}\n{"id": 2, "name": {"given": "Bo"}, "phones": [], "grid": [], "orders": [{"item": 1, "qty": 1}]}\n

CREATE EXTERNAL SCHEMA lk_limits FROM DATA CATALOG DATABASE 'lk_limits' CREATE EXTERNAL DATABASE IF NOT EXISTS;
--> CREATE SCHEMA
CREATE EXTERNAL TABLE lk_limits.c (id integer, name struct<given:varchar(20)>, phones array<varchar(20)>, grid array<array<int>>, orders array<struct<item:int,qty:int>>) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE LOCATION 'nested_limits/c/';
--> CREATE EXTERNAL TABLE
CREATE TABLE items (item integer, label varchar(10));
--> CREATE TABLE
INSERT INTO items VALUES (1, 'rope'), (2, 'oar');
--> INSERT 0 2
-- An array may hold arrays.
SELECT c.id, cell FROM lk_limits.c c, c.grid r, r cell ORDER BY 1, 2;
--> id:int4 | cell:int4
--> 1 | 1
--> 1 | 2
--> 1 | 3
-- A result may be nested: it is SUPER.
SELECT id, name, orders FROM lk_limits.c ORDER BY id;
--> id:int4 | name:super | orders:super
--> 1 | {"given":"Ada"} | [{"item":1,"qty":5},{"item":2,"qty":7}]
--> 2 | {"given":"Bo"} | [{"item":1,"qty":1}]
-- An outer join over a nested table may refer to other tables.
SELECT c.id, o.item, i.label FROM lk_limits.c c LEFT JOIN c.orders o ON true LEFT JOIN items i ON i.item = o.item AND i.item > 1 ORDER BY 1, 2;
--> id:int4 | item:int4 | label:varchar(10)
--> 1 | 1 | NULL
--> 1 | 2 | oar
--> 2 | 1 | NULL
-- A sub-query over a nested table may read other tables, and use the parent anywhere.
SELECT c.id, (SELECT sum(o.qty * length(i.label)) FROM c.orders o JOIN items i ON i.item = o.item) AS total FROM lk_limits.c c ORDER BY 1;
--> id:int4 | total:int8
--> 1 | 41
--> 2 | 4
SELECT c.name.given FROM lk_limits.c c WHERE (SELECT count(c.id || p) FROM c.phones p WHERE p LIKE '858%') > 1;
--> given:varchar(20)
--> Ada
SELECT c.id, (SELECT max(c.id * 10 + o.qty) FROM c.orders o WHERE o.qty > c.id) AS most FROM lk_limits.c c ORDER BY 1;
--> id:int4 | most:int4
--> 1 | 17
--> 2 | NULL
-- IN and NOT IN over children.
SELECT id FROM lk_limits.c c WHERE 2 IN (SELECT o.item FROM c.orders o);
--> id:int4
--> 1
SELECT id FROM lk_limits.c c WHERE 2 NOT IN (SELECT o.item FROM c.orders o);
--> id:int4
--> 2
-- An aggregate over an external table inside a sub-query that stands beside nested data.
SELECT c.id, (SELECT count(*) FROM lk_limits.c d WHERE d.id <= c.id) AS place FROM lk_limits.c c, c.orders o WHERE o.item = 1 ORDER BY 1;
--> id:int4 | place:int8
--> 1 | 1
--> 2 | 2
-- Pseudo-columns beside nested data.
SELECT DISTINCT split_part("$path", '/', regexp_count("$path", '/') + 1) AS file, "$size" > 100 AS big FROM lk_limits.c c, c.orders o;
--> file:varchar | big:bool
--> a.json | t
