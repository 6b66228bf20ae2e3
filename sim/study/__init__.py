"""Studies: what moves an outcome of a design, and under which conditions it happens.

Floor 5. :mod:`sim.study.job` lays out points of a design of a sweep, has them simulated and analyses them;
:mod:`sim.study.folder` keeps what was found. How it is said and drawn is for the floors above.
"""
