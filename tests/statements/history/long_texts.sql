-- A long statement is kept in pieces that come together again; a line's end is shown as \n.
-- source: r_STL_QUERYTEXT
SELECT 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeaaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee' ||
'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeaaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee' AS long_one;
SELECT sequence, length(text) AS size, position('\\n' IN text) > 0 AS has_line_end FROM stl_querytext
WHERE query = pg_last_query_id() ORDER BY sequence;
--> sequence:int4 | size:int4 | has_line_end:bool
--> 0 | 200 | t
--> 1 | 28 | f
