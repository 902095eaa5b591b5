"""Single values in PostgreSQL's text and binary formats, written and parsed."""
