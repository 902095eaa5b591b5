-- What a snapshot has of a table has the types that the table had, those of a file alone too.
-- source: c_SELECT_synopsis

CREATE TABLE many (s super, i interval day to second, v varbyte, n numeric(38, 10), c char(3), z timestamptz, x varchar(9) COLLATE CASE_INSENSITIVE);
INSERT INTO many SELECT JSON_PARSE('{"a": [1.50, "x"]}'), INTERVAL '1 day', to_varbyte('ab', 'hex'), 1.5, 'a', '2026-01-02 03:04:05+00', 'Oar';
CREATE MATERIALIZED VIEW stored AS SELECT c, x FROM many;
CREATE SNAPSHOT "as-of-types";
DELETE FROM many;
INSERT INTO many (s) VALUES (JSON_PARSE('{"a": [2]}'));
REFRESH MATERIALIZED VIEW stored;
ALTER TABLE many ALTER COLUMN x TYPE varchar(20);

SELECT s, i, v, n, c, z, x FROM many FOR VERSION AS OF 'as-of-types';
--> s:super | i:interval | v:varbyte | n:numeric(38,10) | c:char(3) | z:timestamptz | x:varchar(9)
--> {"a":[1.50,"x"]} | 1 day | ab | 1.5000000000 | 'a  ' | 2026-01-02 03:04:05+00 | Oar
SELECT m.s.a[0] AS first, e FROM many FOR VERSION AS OF 'as-of-types' AS m, m.s.a AS e WHERE m.x = 'OAR';
--> first:super | e:super
--> 1.50 | 1.50
--> 1.50 | "x"
SELECT c, x FROM stored FOR VERSION AS OF 'as-of-types';
--> c:char(3) | x:varchar(9)
--> 'a  ' | Oar
SELECT c, x FROM stored;
--> c:char(3) | x:varchar(9)
--> NULL | NULL
CREATE TABLE same AS SELECT * FROM many FOR VERSION AS OF 'as-of-types';
SELECT "column", type FROM pg_table_def WHERE tablename = 'same';
--> column:name | type:varchar
--> s | super
--> i | interval
--> v | varbyte
--> n | numeric(38,10)
--> c | character(3)
--> z | timestamp with time zone
--> x | character varying(9)
DROP SNAPSHOT "as-of-types";
