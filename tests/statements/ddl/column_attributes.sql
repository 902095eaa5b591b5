-- Column attributes come in any order and are kept without effect.
-- source: r_CREATE_TABLE_NEW

CREATE TABLE a (id integer NOT NULL DISTKEY SORTKEY, b varchar(10) ENCODE zstd DEFAULT 'x' NOT NULL, c integer SORTKEY ENCODE az64);
CREATE TABLE b (id integer DISTKEY NOT NULL ENCODE raw, b varchar(10)) SORTKEY (b);
CREATE TABLE c (id integer, b varchar(10)) DISTSTYLE KEY DISTKEY (id) COMPOUND SORTKEY (id, b) BACKUP NO;
CREATE TABLE d (id integer) DISTSTYLE AUTO SORTKEY AUTO ENCODE AUTO;
CREATE TABLE e (id integer) DISTSTYLE ALL INTERLEAVED SORTKEY (id);
INSERT INTO b VALUES (1, 'q');
SELECT * FROM b;
--> id:int4 | b:varchar(10)
--> 1 | q
CREATE TABLE f (id integer) DISTSTYLE SIDEWAYS;
--> ERROR 42601 at 39: syntax error at or near "SIDEWAYS"
CREATE TABLE f (id integer, id varchar(3));
--> ERROR 42701: column "id" specified more than once
CREATE TABLE f (id nonsense);
--> ERROR 42704 at 20: type "nonsense" does not exist
CREATE TABLE f (id integer) SORTKEY (nowhere);
--> ERROR 42703: column "nowhere" named in key does not exist
