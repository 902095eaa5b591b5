-- Types and definitions of PostgreSQL that Redshift has not.
-- source: c_unsupported-postgresql-datatypes

CREATE TABLE a (x int[]);
--> ERROR 0A000 at 19: array columns are not supported
CREATE TABLE a (x uuid);
--> ERROR 0A000 at 19: type uuid is not supported
CREATE TABLE a (x json);
--> ERROR 0A000 at 19: type json is not supported
CREATE TABLE a (x jsonb);
--> ERROR 0A000 at 19: type jsonb is not supported
CREATE TABLE a (x serial);
--> ERROR 0A000 at 19: type serial is not supported
CREATE TABLE a (x bytea);
--> ERROR 0A000 at 19: type bytea is not supported
CREATE TABLE a (x money);
--> ERROR 0A000 at 19: type money is not supported
CREATE TABLE a (x bit(3));
--> ERROR 0A000 at 19: type bit is not supported
CREATE TABLE a (x inet);
--> ERROR 0A000 at 19: type inet is not supported
CREATE TABLE a (x name);
--> ERROR 0A000 at 19: type name is not supported
CREATE TABLE a (x xml);
--> ERROR 0A000 at 19: type xml is not supported
CREATE TABLE a (x hllsketch);
--> ERROR 0A000 at 19: type hllsketch is not supported
CREATE TABLE a (x int CHECK (x > 0));
--> ERROR 42601 at 23: syntax error at or near "CHECK"
CREATE TABLE a (x int) INHERITS (b);
--> ERROR 42601 at 24: syntax error at or near "INHERITS"
CREATE TABLE a (x int) PARTITION BY RANGE (x);
--> ERROR 42601 at 24: syntax error at or near "PARTITION"
CREATE UNLOGGED TABLE a (x int);
--> ERROR 42601 at 8: syntax error at or near "UNLOGGED"
CREATE INDEX i ON a (x);
--> ERROR 42601 at 8: syntax error at or near "INDEX"
CREATE SEQUENCE s;
--> ERROR 42601 at 8: syntax error at or near "SEQUENCE"
CREATE TRIGGER x BEFORE INSERT ON a EXECUTE PROCEDURE f();
--> ERROR 42601 at 8: syntax error at or near "TRIGGER"
CREATE TYPE x AS (a int);
--> ERROR 42601 at 8: syntax error at or near "TYPE"
CREATE DOMAIN x AS int;
--> ERROR 42601 at 8: syntax error at or near "DOMAIN"
CREATE EXTENSION x;
--> ERROR 42601 at 8: syntax error at or near "EXTENSION"
CREATE RULE x AS ON INSERT TO a DO NOTHING;
--> ERROR 42601 at 8: syntax error at or near "RULE"
CREATE TABLESPACE x LOCATION 'y';
--> ERROR 42601 at 8: syntax error at or near "TABLESPACE"
CLUSTER a;
--> ERROR 42601 at 1: syntax error at or near "CLUSTER"
REINDEX TABLE a;
--> ERROR 42601 at 1: syntax error at or near "REINDEX"
LISTEN x;
--> ERROR 0A000 at 1: LISTEN is not supported
NOTIFY x;
--> ERROR 0A000 at 1: NOTIFY is not supported
