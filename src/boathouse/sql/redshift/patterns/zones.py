"""Time zones that are offsets: abbreviations and POSIX-style specifications.

Received: a zone as a user writes it. Handed to `sql.rewrites.functions.dates`: minutes east of Greenwich, or None where
it is the name of a place, whose offset depends on the day and is the engine's to know.

Source: Redshift Developer Guide, "CONVERT_TIMEZONE" (an abbreviation is an offset that knows no summer; POSIX offsets
count west), "Time zone names and abbreviations".
"""

from __future__ import annotations

import re

from boathouse.contracts.errors import FeatureNotSupported

ABBREVIATIONS: dict[str, int] = {
    "ACDT": 630, "ACST": 570, "ADT": -180, "AEDT": 660, "AEST": 600, "AFT": 270, "AKDT": -480, "AKST": -540, "ALMT": 360,
    "AMT": -240, "ART": -180, "AST": -240, "AWST": 480, "AZT": 240, "BRST": -120, "BRT": -180, "BST": 60, "CDT": -300,
    "CEST": 120, "CET": 60, "CLST": -180, "CLT": -180, "COT": -300, "CST": -360, "EAT": 180, "EDT": -240, "EEST": 180,
    "EET": 120, "EGST": 0, "EST": -300, "GET": 240, "GMT": 0, "HKT": 480, "HST": -600, "ICT": 420, "IDT": 180, "IRKT": 480,
    "IRT": 210, "IST": 120, "JST": 540, "KRAT": 420, "KST": 540, "MAGT": 660, "MDT": -360, "MMT": 390, "MSD": 240,
    "MSK": 180, "MST": -420, "NDT": -150, "NOVT": 420, "NPT": 345, "NST": -210, "NZDT": 780, "NZST": 720, "OMST": 360,
    "PDT": -420, "PET": -300, "PETT": 720, "PHT": 480, "PKT": 300, "PST": -480, "SAST": 120, "SGT": 480, "UT": 0, "UTC": 0,
    "UYT": -180, "UZT": 300, "VET": -240, "VLAT": 600, "WADT": 480, "WAST": 420, "WAT": 60, "WET": 0, "YAKT": 540,
    "YEKT": 300, "Z": 0, "ZULU": 0,
}  # fmt: skip
"""Minutes east of Greenwich."""

_POSIX = re.compile(r"<?[A-Za-z][A-Za-z_/]*>?\s*([+-]?)(\d{1,2})(?::(\d{2}))?(?::\d{2})?")
_ISO = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")


def offset_minutes(zone: str) -> int | None:
    """Minutes east of Greenwich; None for a name, or for what is no zone at all."""
    zone = zone.strip()
    known = ABBREVIATIONS.get(zone.upper())
    if known is not None:
        return known
    east = _ISO.fullmatch(zone)
    west = None if east or zone.upper().startswith("ETC/") else _POSIX.fullmatch(zone)
    found = east or west
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return -minutes if (found[1] == "-") == (east is not None) else minutes


def engine_zone(zone: str) -> str:
    """A session's time zone as the engine names it: offsets, ISO and POSIX, as zones of their own.

    Raises:
        FeatureNotSupported: an offset that is no whole number of hours, of which the engine knows none.
    """
    zone = zone.strip().strip("'")
    if zone.upper() in ABBREVIATIONS or offset_minutes(zone) is None:
        return zone
    hours, rest = divmod(offset_minutes(zone) or 0, 60)
    if rest:
        raise FeatureNotSupported(
            f'the time zone "{zone}" is not supported', hint="Name a place with that offset: Asia/Kolkata."
        )
    return f"Etc/GMT{-hours:+}"


_SPAN = re.compile(r"\s*([+-]?)\s*(\d{1,2})(?::(\d{2})(?::00)?|\s*hours?|\s*minutes?)?\s*", re.IGNORECASE)


def zone_of_interval(text: str) -> str | None:
    """`-8 hours`, `30 minutes`, `-8:00` as an ISO offset; None for another interval."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    minutes = int(found[2]) if "minute" in text.lower() else int(found[2]) * 60 + int(found[3] or 0)
    return f"{found[1] or '+'}{minutes // 60:02}:{minutes % 60:02}"


_ABBREVIATED = re.compile(r"(.*\d)\s*([A-Za-z]{1,5})")


def with_offset(text: str) -> str:
    """`12:00 PST` as `12:00-08:00`; any other text as it is."""
    found = _ABBREVIATED.fullmatch(text.strip())
    minutes = ABBREVIATIONS.get(found[2].upper()) if found else None
    if found is None or minutes is None:
        return text
    return f"{found[1]}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
