"""The demonstration: generated data, the SQL of a lake house's main job, and what runs it unattended."""

from boathouse.app.demo.access_logs import generate_access_logs
from boathouse.app.demo.customer_orders import generate_customer_orders
from boathouse.app.demo.ssb import generate_ssb
from boathouse.app.demo.tickit import generate_tickit

__all__ = ["generate_access_logs", "generate_customer_orders", "generate_ssb", "generate_tickit"]
