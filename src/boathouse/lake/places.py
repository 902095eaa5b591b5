"""Where lake files lie: one spelling per place, and the checks before a catalog entry names it."""

from __future__ import annotations

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.house import House
from boathouse.lake.storage import full_path, storage_for
from boathouse.sql.statements import Credentials


def absolute(house: House, place: str) -> str:
    """The place in the one spelling that the catalog keeps: an s3 URL or an absolute path, the closing slash kept."""
    if place.startswith(("s3a://", "s3n://")):
        return "s3://" + place[6:]
    return full_path(house, place)


def check_place(house: House, place: str, credentials: Credentials) -> None:
    """Refuse places outside the configured roots and schemes that nothing here reads."""
    scheme = place.partition("://")[0] if "://" in place else "file"
    if scheme not in ("file", "s3", "s3a", "s3n"):
        raise FeatureNotSupported(f"locations with {scheme}:// are not supported", hint="Use a path, file:// or s3://.")
    storage_for(house, absolute(house, place), credentials)


def folder_of(place: str) -> str:
    """The place with exactly one closing slash."""
    return place.rstrip("/") + "/"


def is_ignored(path: str) -> bool:
    """True for files that Spectrum leaves out: names that start with `_`, `.` or `#`, or end with `~`.

    Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE", LOCATION.
    """
    name = path.rsplit("/", 1)[-1]
    return not name or name[0] in "_.#" or name.endswith("~")
