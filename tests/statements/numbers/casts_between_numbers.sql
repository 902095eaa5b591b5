-- Casts to integer round, casts to a numeric round to its scale.
-- source: r_CAST_function

SELECT 2.5::integer AS half, -2.5::numeric(3,1)::integer AS negative, 2.4::integer AS down, 3.5::float8::integer AS even;
--> half:int4 | negative:int4 | down:int4 | even:int4
--> 3 | -3 | 2 | 4
SELECT 2.345::numeric(5,2) AS rounded, 7::numeric(5,2) AS padded, 1.5::float8::numeric(5,2) AS of_float;
--> rounded:numeric(5,2) | padded:numeric(5,2) | of_float:numeric(5,2)
--> 2.35 | 7.00 | 1.50
SELECT CAST(5 AS float8) AS f, 5::real AS r, '5.25'::numeric(6,3) AS t, CONVERT(integer, 7.6) AS c;
--> f:float8 | r:float4 | t:numeric(6,3) | c:int4
--> 5 | 5 | 5.250 | 8
