-- Arithmetic with SUPER values is exact as with NUMERIC, and NULL where a value is no number.
-- source: query-super

CREATE TABLE s (id integer, data super);
INSERT INTO s VALUES (1, json_parse('{"n":7,"d":12.50,"f":1e3,"t":"x","big":12345678901234567890123}'));
SELECT data.n + 1 AS a, data.d * 3 AS b, data.d / 4 AS c, data.n / 2 AS d, data.n % 4 AS e, -data.d AS f, data.t + 1 AS g, data.f + 0.5 AS h FROM s;
--> a:super | b:super | c:super | d:super | e:super | f:super | g:super | h:super
--> 8 | 37.50 | 3.1250 | 3 | 3 | -12.50 | NULL | 1000.5
SELECT 0.1 + json_parse('0.2') AS sum, json_parse('0.1') * json_parse('0.1') AS product, json_parse('9007199254740993') AS odd, json_parse('18446744073709551615') + 1 AS beyond FROM s;
--> sum:super | product:super | odd:super | beyond:super
--> 0.3 | 0.01 | 9007199254740993 | 18446744073709551616
SELECT data.big AS big, data.big = 12345678901234567890123 AS same, data.big > 12345678901234567890122 AS more FROM s;
--> big:super | same:bool | more:bool
--> 12345678901234567890123 | t | t
SELECT data.d AS kept, decimal_precision(data.d) AS p, decimal_scale(data.d) AS scale, is_decimal(data.d) AS d, is_float(data.f) AS f, is_float(data.d) AS not_f FROM s;
--> kept:super | p:int4 | scale:int4 | d:bool | f:bool | not_f:bool
--> 12.50 | 4 | 2 | t | t | f
SELECT data.n / 0 FROM s;
--> ERROR 22012: Divide by zero
SELECT data.t || 'y' AS joined, data.n || 'y' AS none, upper(data.t) AS up, round(data.d) AS r FROM s;
--> joined:super | none:super | up:varchar | r:float8
--> "xy" | NULL | X | 13
