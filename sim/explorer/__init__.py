"""The explorer: a page in the browser on which a scenario is changed by hand and answers at once.

Floor 6. The server is stateless: every request carries the whole state, so tabs cannot disturb each other and a link restores
a view. Nothing in this room simulates; :mod:`sim.live` plays ensembles and :mod:`sim.walk` single runs.
"""
