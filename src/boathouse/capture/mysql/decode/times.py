"""Dates and times as Arrow arrays, from the log's packed integers and from the chunk's texts alike.

Receives columns of integers (year, month, ... microsecond); hands Arrow arrays on. What no calendar has (`0000-00-00`,
`2015-00-21`, 30 February under ALLOW_INVALID_DATES) goes the way of the source's `ZeroDates`. Pure.

Source: MySQL Internals, "Date and Time Data Type Representation"; days of the civil calendar counted from 1 March.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from boathouse.capture.mysql.decode.columns import Column, Kind, ZeroDates, arrow_type
from boathouse.contracts.errors import InvalidDatetime

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Raw = npt.NDArray[Any]

DAY_MICROSECONDS = 86_400_000_000
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0], dtype=np.int64)


@dataclass(slots=True)
class Moments:
    """Parts of dates with time, one array each; `valid` is false where the value is NULL."""

    year: Ints
    month: Ints
    day: Ints
    second: Ints
    microsecond: Ints
    valid: Mask


def big_endian(content: Raw) -> Ints:
    """Rows of at most 8 bytes, most significant first, as integers."""
    number = np.zeros(len(content), dtype=np.int64)
    for column in range(content.shape[1]):
        number = number << 8 | content[:, column]
    return number


def little_endian(content: Raw) -> Ints:
    """Rows of at most 8 bytes, least significant first, as integers."""
    return big_endian(content[:, ::-1])


def _fraction(number: Ints, digits: int) -> Ints:
    """The stored fraction (hundredths, ten thousandths, millionths) in microseconds."""
    scale: int = (1, 10_000, 100, 1)[(digits + 1) // 2]
    return number * scale


def unpack_date(content: Raw, valid: Mask) -> Moments:
    """Three bytes: day 5 bits, month 4, year the rest."""
    number = little_endian(content)
    zero = np.zeros_like(number)
    return Moments(number >> 9, number >> 5 & 15, number & 31, zero, zero, valid)


def unpack_datetime(content: Raw, digits: int, valid: Mask) -> Moments:
    """Five bytes (year * 13 + month, day, hour, minute, second), then the fraction."""
    number = big_endian(content[:, :5]) - 0x8000000000
    months = number >> 22
    second = (number >> 12 & 31) * 3600 + (number >> 6 & 63) * 60 + (number & 63)
    microsecond = _fraction(big_endian(content[:, 5:]), digits)
    return Moments(months // 13, months % 13, number >> 17 & 31, second, microsecond, valid)


def unpack_timestamp(content: Raw, column: Column, valid: Mask, zero_dates: ZeroDates) -> pa.Array:
    """Four bytes of seconds since 1970, then the fraction; zero seconds is the zero date."""
    second = big_endian(content[:, :4])
    microsecond = _fraction(big_endian(content[:, 4:]), column.scale)
    zero = valid & (second == 0) & (microsecond == 0)
    total = second * 1_000_000 + microsecond
    if zero_dates is ZeroDates.TEXT:
        days, rest = np.divmod(total, DAY_MICROSECONDS)
        year, month, day = civil(days)
        moments = Moments(year, month, day, rest // 1_000_000, rest % 1_000_000, valid)
        for part in (moments.year, moments.month, moments.day):
            part[zero] = 0
        return _texts(column, moments)
    return pa.array(total, type=pa.int64(), mask=~_accept(column, valid, zero, zero_dates)).cast(arrow_type(column))


def unpack_time(content: Raw, column: Column, valid: Mask) -> pa.Array:
    """Three bytes with an offset for the sign, then the fraction; as one signed number."""
    fraction_bits = 8 * (content.shape[1] - 3)
    number = big_endian(content) - (0x800000 << fraction_bits)
    size = np.abs(number)
    whole = size >> fraction_bits
    second = (whole >> 12 & 0x3FF) * 3600 + (whole >> 6 & 63) * 60 + (whole & 63)
    microsecond = _fraction(size & (1 << fraction_bits) - 1, column.scale)
    parts = zip((number < 0).tolist(), second.tolist(), microsecond.tolist(), valid.tolist(), strict=True)
    return pa.array([_time(column.scale, *part[:3]) if part[3] else None for part in parts], type=pa.utf8())


def _time(scale: int, negative: bool, second: int, microsecond: int) -> str:
    """TIME as the server prints it; it reaches from -838 to 838 hours, so that no type of a time of day holds it."""
    text = f"{'-' if negative else ''}{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{text}.{f'{microsecond:06}'[:scale]}" if scale else text


def moments_array(column: Column, moments: Moments, zero_dates: ZeroDates) -> pa.Array:
    """DATE, DATETIME or (from text) TIMESTAMP.

    Raises:
        InvalidDatetime: a value that no calendar has, where the source refuses those.
    """
    if zero_dates is ZeroDates.TEXT:
        return _texts(column, moments)
    month, year = moments.month & 15, moments.year
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    bad = moments.valid & ((moments.day < 1) | (moments.day > _MONTH_DAYS[month] + leap))
    valid = _accept(column, moments.valid, bad, zero_dates)
    days = _days(year, month, moments.day)
    if column.kind is Kind.DATE:
        return pa.array(days.astype(np.int32), type=pa.int32(), mask=~valid).cast(pa.date32())
    total = days * DAY_MICROSECONDS + moments.second * 1_000_000 + moments.microsecond
    return pa.array(total, type=pa.int64(), mask=~valid).cast(arrow_type(column))


def _accept(column: Column, valid: Mask, bad: Mask, zero_dates: ZeroDates) -> Mask:
    if bad.any():
        if zero_dates is ZeroDates.REFUSE:
            raise InvalidDatetime(
                f'column "{column.name}" holds a date that no calendar has, as 0000-00-00',
                hint="Mend the rows, or choose zero_dates = null or text for this source.",
            )
        return valid & ~bad
    return valid


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 of a Gregorian date."""
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days


def civil(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01."""
    dates = days.astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    months = dates.astype("datetime64[M]")
    return year, months.astype(np.int64) % 12 + 1, (dates - months).astype(np.int64) + 1


def _texts(column: Column, moments: Moments) -> pa.Array:
    """The values as the server prints them, for sources that keep dates as text."""
    rows = zip(
        moments.year, moments.month, moments.day, moments.second, moments.microsecond, moments.valid, strict=True
    )
    return pa.array([_text(column, *row[:5]) if row[5] else None for row in rows], type=pa.utf8())


def _text(column: Column, year: int, month: int, day: int, second: int, microsecond: int) -> str:
    text = f"{year:04}-{month:02}-{day:02}"
    if column.kind is Kind.DATE:
        return text
    text += f" {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{text}.{microsecond:06}"[: len(text) + 1 + column.scale] if column.scale else text
