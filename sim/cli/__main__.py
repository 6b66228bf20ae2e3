"""The command ``padma``, called as ``python -m sim.cli``. Part of the door."""

from sim.cli import main

main()
