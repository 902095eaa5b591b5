"""Plain files: those that the engine's own reader takes to mean what Redshift would.

Receives a local, uncompressed file; answers with the SQL that reads its fields as texts, or None where it must be read
precisely. On uneven line ends and empty lines the engine's reader drops lines, or gives up and takes the transaction
with it, so that all of that is looked for first.
"""

from __future__ import annotations

from pathlib import Path

from boathouse.lake.copy.literals import literal_path, quoted
from boathouse.lake.copy.options import LoadOptions

_PIECE_BYTES = 4 << 20
_BUFFER_BYTES = 8 << 20
"""What the engine reads at once; its own 32 MB, twice for each thread, are too much for a small memory limit."""


def plain_reader(path: Path, columns: int, options: LoadOptions) -> tuple[str, str] | None:
    """SQL to stand in FROM with fields `r0`, `r1`, …, and the condition of rows that need a closer look."""
    if options.format not in ("text", "csv") or options.escape or options.remove_quotes or options.fill_record:
        return None
    if options.replacement is not None or options.ignore_blank_lines or path.stat().st_size == 0:
        return None
    if not _even_lines(path):
        return None
    extra = _ends_in_delimiter(path, columns, options)
    return _text_reader(path, columns, options, extra), "coalesce(extra, '') <> ''" if extra else "false"


def _text_reader(path: Path, columns: int, options: LoadOptions, extra: bool) -> str:
    names = [f"r{place}" for place in range(columns)] + (["extra"] if extra else [])
    declared = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
    quote = quoted(options.quote) if options.format == "csv" else "''"
    return (
        f"read_csv({literal_path(path)}, columns={declared}, auto_detect=false, header=false, "
        f"skip={options.header_lines}, delim={quoted(options.delimiter)}, quote={quote}, escape={quote}, "
        f"nullstr={quoted(_no_null(options))}, compression='none', hive_partitioning=false, ignore_errors=true, "
        f"buffer_size={_BUFFER_BYTES}, store_rejects=true, rejects_table='copy_rejects', rejects_scan='copy_scans', "
        "rejects_limit=1)"
    )


def _even_lines(path: Path) -> bool:
    """True where no line is empty and all end the same way."""
    feeds = returns = pairs = 0
    last = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            if not last and piece[:1] in (b"\n", b"\r"):
                return False
            joined = last + piece
            if b"\n\n" in joined or b"\n\r" in joined:
                return False
            feeds += piece.count(b"\n")
            if b"\r" in joined:
                returns += piece.count(b"\r")
                pairs += joined.count(b"\r\n")
                if returns not in (pairs, pairs + 1):
                    return False
            last = piece[-1:]
    return returns == pairs and returns in (0, feeds)


def _ends_in_delimiter(path: Path, columns: int, options: LoadOptions) -> bool:
    if options.format != "text":
        return False
    with path.open("rb") as file:
        for _ in range(options.header_lines):
            file.readline()
        first = file.readline().rstrip(b"\r\n")
    return first.endswith(options.delimiter.encode()) and first.count(options.delimiter.encode()) == columns


def _no_null(options: LoadOptions) -> str:
    """A NULL text for the engine's reader that no file holds, so that it makes none: our own rules decide on NULLs."""
    used = {options.delimiter, options.quote}
    mark = next(mark for mark in "\x01\x02\x03" if mark not in used)
    letters = "".join(letter for letter in "no-null" if letter not in used)
    return f"{mark}{letters}{mark}"
