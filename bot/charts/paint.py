"""SVG to PNG, as a process of its own: pictures.py starts it for one picture, which goes out where the JSON came in.

resvg holds Python's lock while it draws (50 ms and more), so a thread would hold up every turn of the process; and
whatever it might trip over stays here. Nothing of Pacer is imported: starting takes less than drawing.
"""

from __future__ import annotations

import json
import sys

import resvg_py

if __name__ == "__main__":
    sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(**json.load(sys.stdin.buffer))))
