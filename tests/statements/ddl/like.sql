-- LIKE copies columns and NOT NULL; defaults only when asked.
-- source: r_CREATE_TABLE_NEW

CREATE TABLE parent (a integer DEFAULT 4 NOT NULL, b varchar(10) ENCODE lzo);
CREATE TABLE plain (LIKE parent);
CREATE TABLE with_defaults (LIKE parent INCLUDING DEFAULTS);
INSERT INTO with_defaults (b) VALUES ('x');
INSERT INTO plain (b) VALUES ('x');
--> ERROR 23502: null value in column "a" violates not-null constraint
SELECT * FROM with_defaults;
--> a:int4 | b:varchar(10)
--> 4 | x
CREATE TABLE orphan (LIKE nowhere);
--> ERROR 42P01: relation "nowhere" does not exist
