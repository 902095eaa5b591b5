// Drives the server through node-postgres and prints one line for each thing seen: `what: JSON`.
const { Client, Pool, types } = require("pg");
const Cursor = require("pg-cursor");

const say = (what, value) => console.log(`${what}: ${JSON.stringify(value)}`);
types.setTypeParser(1082, (text) => text);

async function main() {
  const client = new Client();
  const notices = [];
  client.on("notice", (notice) => notices.push(notice.message));
  await client.connect();

  const simple = await client.query("SELECT 1 AS one, 'b'::varchar AS two, date '2024-02-29' AS day, 1.50::numeric(10,2) AS price, NULL AS none");
  say("simple", [simple.rows, simple.fields.map((field) => [field.name, field.dataTypeID])]);

  await client.query("CREATE TABLE node_rows (id integer, name varchar(20))");
  const inserted = await client.query("INSERT INTO node_rows VALUES ($1, $2), ($3, $4)", [1, "it's", 2, null]);
  say("inserted", [inserted.command, inserted.rowCount]);
  const named = { name: "by-id", text: "SELECT name FROM node_rows WHERE id = $1", values: [1], rowMode: "array" };
  say("named", [(await client.query(named)).rows, (await client.query(named)).rows]);

  say("several", (await client.query("SELECT 1 AS a; SELECT 2 AS b")).map((result) => result.rows));

  await client.query("INSERT INTO node_rows SELECT id + 10, name FROM node_rows");
  const cursor = client.query(new Cursor("SELECT id FROM node_rows ORDER BY id"));
  const portions = [await cursor.read(3), await cursor.read(3), await cursor.read(3)];
  await cursor.close();
  say("cursor", portions.map((rows) => rows.map((row) => row.id)));

  await client.query("BEGIN");
  await client.query("INSERT INTO node_rows VALUES (99, 'gone')");
  await client.query("ROLLBACK");
  say("after rollback", (await client.query("SELECT count(*) AS n FROM node_rows")).rows);

  try {
    await client.query("SELECT * FROM no_such_table");
  } catch (error) {
    say("error", [error.code, error.position, error.severity]);
  }
  await client.query("DROP TABLE IF EXISTS node_never_there");
  say("notice", notices);
  await client.end();

  const pool = new Pool({ max: 3 });
  const found = await Promise.all([...Array(12).keys()].map((n) => pool.query("SELECT $1::integer * 2 AS twice", [n])));
  say("pool", found.map((result) => result.rows[0].twice));
  await pool.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
