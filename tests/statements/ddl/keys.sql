-- Keys are informational: nothing refuses a repeated value.
-- source: t_Defining_constraints

CREATE TABLE p (id integer PRIMARY KEY, u integer UNIQUE);
CREATE TABLE f (id integer REFERENCES p (id), CONSTRAINT k UNIQUE (id), FOREIGN KEY (id) REFERENCES p (id));
INSERT INTO p VALUES (1, 1), (1, 1);
INSERT INTO f VALUES (99), (99);
SELECT count(*) FROM p;
--> count:int8
--> 2
INSERT INTO p VALUES (NULL, 2);
--> ERROR 23502: null value in column "id" violates not-null constraint
