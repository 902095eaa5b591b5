"""`python -m boathouse.app.demo [--keep] [--home DIR]`."""

import argparse
import sys
from pathlib import Path

from boathouse.app.demo.run import run_demo

parser = argparse.ArgumentParser(prog="python -m boathouse.app.demo", description="Run the main job on generated data.")
parser.add_argument("--home", type=Path, default=None, help="where (default: a temporary folder)")
parser.add_argument("--keep", action="store_true", help="leave the servers running until Ctrl-C")
parsed = parser.parse_args()
sys.exit(run_demo(parsed.home, keep=parsed.keep))
