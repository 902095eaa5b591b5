-- A cast to VARCHAR(n) cuts to n bytes; storing too much is an error, unless only blanks go beyond.
-- source: r_Character_types

SELECT 'abcdef'::varchar(3) AS cut, 'abcdef'::char(3) AS cut_char, 'ab'::varchar(3) AS whole;
--> cut:varchar(3) | cut_char:char(3) | whole:varchar(3)
--> abc | abc | ab
SELECT 'äöü'::varchar(3) AS two_bytes_each;
--> two_bytes_each:varchar(3)
--> ä
CREATE TABLE v (t varchar(3), c char(3));
INSERT INTO v VALUES ('abcd', 'a');
--> ERROR 22001: value too long for type character varying(3)
INSERT INTO v VALUES ('ab', 'abcd');
--> ERROR 22001: value too long for type character(3)
INSERT INTO v VALUES ('äö', 'a');
--> ERROR 22001: value too long for type character varying(3)
INSERT INTO v VALUES ('ab    ', 'cd    ');
SELECT t, len(t) AS t_len, c, len(c) AS c_len, octet_length(t) AS bytes FROM v;
--> t:varchar(3) | t_len:int4 | c:char(3) | c_len:int4 | bytes:int4
--> 'ab ' | 3 | 'cd ' | 2 | 3
UPDATE v SET t = 'four';
--> ERROR 22001: value too long for type character varying(3)
DELETE FROM v;
--> DELETE 1
INSERT INTO v SELECT NULL, NULL::varchar(100);
INSERT INTO v SELECT NULL::varchar(100), 'x';
SELECT t, c FROM v ORDER BY c;
--> t:varchar(3) | c:char(3)
--> NULL | 'x  '
--> NULL | NULL
