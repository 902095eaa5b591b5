"""PL/pgSQL: a procedure's body to a tree. Pure: no SQL is read here but its place, nothing runs."""
