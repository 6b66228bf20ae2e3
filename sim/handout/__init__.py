"""What a report or a deck says of finished results: question, answer, findings, causes, trust, sources; no layout.

Floor 6. :func:`sim.handout.reading.read` makes a :class:`sim.handout.parts.Handout` of any results folder it can tell about;
:mod:`sim.report` and :mod:`sim.deck` set it. Numbers come from stored tables, sentences are made from them.
"""
