-- ANALYZE COMPRESSION measures what each column could save; the first sort key stays raw.
-- source: r_ANALYZE_COMPRESSION

CREATE TABLE t (id integer, name varchar(40), same integer, s super) SORTKEY (id);
INSERT INTO t SELECT g, 'name number one', 7, json_parse('{"a":1}') FROM generate_series(1, 3000) g;
ANALYZE COMPRESSION t;
--> Table:varchar(128) | Column:varchar(128) | Encoding:varchar(32) | Est_reduction_pct:numeric(5,2)
--> t | id | raw | 0.00
--> t | name | zstd | …
--> t | same | zstd | …
--> t | s | zstd | …
ANALYZE COMPRESSION t (same, id) COMPROWS 2000;
--> Table:varchar(128) | Column:varchar(128) | Encoding:varchar(32) | Est_reduction_pct:numeric(5,2)
--> t | same | zstd | …
--> t | id | raw | 0.00
ANALYZE COMPRESSION t (other);
--> ERROR 42703: column "other" of relation "t" does not exist
ANALYZE COMPRESSION missing;
--> ERROR 42P01: relation "missing" does not exist
ANALYZE COMPRESSION t COMPROWS 5;
--> ERROR 42601 at 33: syntax error at end of input
