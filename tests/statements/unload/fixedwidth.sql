-- UNLOAD FIXEDWIDTH gives each value its width and cuts nothing; COPY FIXEDWIDTH reads it back.
-- source: r_UNLOAD

CREATE TABLE wide (id integer, name varchar(10), price numeric(6,2));
INSERT INTO wide VALUES (1, 'rope', 9.50), (22, 'långt', 100), (3, NULL, NULL);
UNLOAD ('SELECT * FROM wide ORDER BY id') TO 'statements_fixed/wide_' FIXEDWIDTH 'id:3,name:10,price:7' PARALLEL OFF CLEANPATH;
--> INFO: UNLOAD completed, 3 record(s) unloaded successfully.
--> UNLOAD
CREATE TABLE back (id integer, name varchar(10), price numeric(6,2));
COPY back FROM 'statements_fixed/wide_' FIXEDWIDTH 'id:3,name:10,price:7' TRIMBLANKS EMPTYASNULL;
--> INFO: …
--> COPY
SELECT * FROM back ORDER BY id;
--> id:int4 | name:varchar(10) | price:numeric(6,2)
--> 1 | rope | 9.50
--> 3 | NULL | NULL
--> 22 | långt | 100.00
UNLOAD ('SELECT id, name FROM wide') TO 'statements_fixed/narrow_' FIXEDWIDTH 'id:3,name:3';
--> ERROR 22001: a value of column "name" is wider than the 3 characters of its field
UNLOAD ('SELECT id FROM wide') TO 'statements_fixed/two_' FIXEDWIDTH 'id:3,name:3';
--> ERROR 22023: FIXEDWIDTH names 2 fields where the query returns 1 columns
UNLOAD ('SELECT id FROM wide') TO 'statements_fixed/both_' FIXEDWIDTH 'id:3' DELIMITER ',';
--> ERROR 22023 at …: UNLOAD options FIXEDWIDTH and DELIMITER cannot be used together
UNLOAD ('SELECT id FROM wide') TO 'statements_fixed/bad_' FIXEDWIDTH 'id';
--> ERROR 22023: "id" does not say how wide the fields are
