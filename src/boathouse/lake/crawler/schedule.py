"""Crawlers that run by themselves, when their schedule comes due.

Receives the house and the way to run a statement as a crawler's owner. A moment that passed while the house was stopped is
not made up for; one that comes while the crawler still runs is left out, as in Glue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs
from boathouse.lake.crawler import runs
from boathouse.lake.crawler.crawlers import find_crawlers
from boathouse.lake.crawler.cron import read_schedule
from boathouse.sql.statements import StartCrawler

log = logging.getLogger(__name__)


def watch(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Go on until `pause` says that the house stops."""
    looked = house.clock.now()
    while not pause(house.settings["lake"].crawl_poll_seconds):
        now = house.clock.now()
        for name, owner in due(house, looked, now):
            if pause(0):
                return
            try:
                run(owner, StartCrawler(text=f'START CRAWLER "{name}"', name=name, scheduled=True))
            except BoathouseError as failure:
                log.warning("crawler %s, started by its schedule: %s", name, failure.message)
        looked = now


def due(house: House, after: datetime, until: datetime) -> list[tuple[str, str]]:
    """Names and owners of the crawlers whose schedule fell between two moments, the second included."""
    engine = house.engine.session()
    try:
        crawlers = find_crawlers(engine)
    finally:
        engine.close()
    found = []
    for crawler in crawlers:
        if crawler.options.schedule and not runs.is_running(house, crawler.name):
            moment = read_schedule(crawler.options.schedule).next_after(after)
            if moment is not None and moment <= until:
                found.append((crawler.name, crawler.owner))
    return found
