-- What PostgreSQL has and Redshift has not is an error on user tables, with a hint in the message's fields.
-- source: c_unsupported-postgresql-functions

CREATE TABLE t (id integer, name varchar(10));
INSERT INTO t VALUES (1, 'a'), (2, 'b');
SELECT array_agg(id) FROM t;
--> ERROR 42883 at 8: function array_agg is not supported
SELECT string_agg(name, ',') FROM t;
--> ERROR 42883 at 8: function string_agg is not supported
SELECT every(id > 1) FROM t;
--> ERROR 42883 at 8: function every is not supported
SELECT corr(id, id) FROM t;
--> ERROR 42883 at 8: function corr is not supported
SELECT regr_slope(id, id) FROM t;
--> ERROR 42883 at 8: function regr_slope is not supported
SELECT string_to_array(name, ',') FROM t;
--> ERROR 42883 at 8: function string_to_array is not supported
SELECT clock_timestamp() FROM t;
--> ERROR 42883 at 8: function clock_timestamp is not supported
SELECT pg_sleep(1);
--> ERROR 42883 at 8: function pg_sleep is not supported
SELECT div(id, 2) FROM t;
--> ERROR 42883 at 8: function div is not supported
SELECT width_bucket(id, 1, 5, 2) FROM t;
--> ERROR 42883 at 8: function width_bucket is not supported
SELECT overlay(name placing 'x' from 1) FROM t;
--> ERROR 42883 at 16: function overlay is not supported
SELECT regexp_matches(name, 'a') FROM t;
--> ERROR 42883 at 8: function regexp_matches is not supported
SELECT nextval('s');
--> ERROR 42883 at 8: function nextval is not supported
SELECT id IS DISTINCT FROM 1 FROM t;
--> ERROR 0A000 at 8: IS DISTINCT FROM is not supported
SELECT id BETWEEN SYMMETRIC 2 AND 1 FROM t;
--> ERROR 0A000 at 8: BETWEEN SYMMETRIC is not supported
SELECT id BETWEEN ASYMMETRIC 1 AND 2 FROM t;
--> ERROR 0A000 at 8: BETWEEN ASYMMETRIC is not supported
SELECT sum(id) FILTER (WHERE id > 1) FROM t;
--> ERROR 0A000 at 8: FILTER (WHERE …) after an aggregate is not supported
SELECT DISTINCT ON (id) id, name FROM t;
--> ERROR 0A000 at 21: SELECT DISTINCT ON is not supported
SELECT ARRAY[1, 2];
--> ERROR 42601 at 14: syntax error at or near "["
SELECT count(DISTINCT id, name) FROM t;
--> ERROR 42883 at 8: function count(integer, character varying(10)) does not exist
SELECT name::uuid FROM t;
--> ERROR 0A000 at 8: type uuid is not supported
SELECT name::json FROM t;
--> ERROR 0A000 at 8: type json is not supported
SELECT '{1,2}'::int[];
--> ERROR 0A000 at 8: type array is not supported
SELECT TOP 50 PERCENT id FROM t;
--> ERROR 0A000 at 12: PERCENT and WITH TIES are not supported
SELECT id FROM t LIMIT 1 WITH TIES;
--> ERROR 0A000 at 24: PERCENT and WITH TIES are not supported
SELECT g, id FROM generate_series(1, 2) g, t;
--> ERROR 0A000 at 19: Specified types or functions (one per INFO message) not supported on Redshift tables: generate_series
SELECT generate_series(1, 2), id FROM t;
--> ERROR 0A000 at 8: Specified types or functions (one per INFO message) not supported on Redshift tables: generate_series
SELECT * FROM generate_series(1, 2);
--> generate_series:int4
--> 1
--> 2
SELECT * FROM t, LATERAL (SELECT t.id) q;
--> ERROR 0A000 at 34: LATERAL is not supported
SELECT id FROM t TABLESAMPLE BERNOULLI (10);
--> ERROR 0A000 at 16: SAMPLE in FROM is not supported
SELECT id FROM t FOR UPDATE;
--> ERROR 0A000 at 18: SELECT FOR UPDATE is not supported
SELECT * FROM t FOR SYSTEM_TIME AS OF '2020-01-01';
--> ERROR …
SELECT * FROM t FOR SYSTEM_TIME AS OF ;
--> ERROR 42601 …
INSERT INTO t VALUES (1, 'a') ON CONFLICT DO NOTHING;
--> ERROR 0A000: INSERT … CONFLICT is not supported
INSERT INTO t VALUES (1, 'a') RETURNING id;
--> ERROR 42601 at 31: syntax error at or near "RETURNING"
SELECT "table" FROM svv_table_info WHERE "table" IS NOT DISTINCT FROM 'none';
--> table:varchar
