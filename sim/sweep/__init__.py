"""Sweeps: many points of one design, each an ensemble with the same luck, kept chunk by chunk.

Floor 5. :mod:`sim.sweep.design` reads what is asked, :mod:`sim.sweep.points` computes it, :mod:`sim.sweep.store` keeps it,
:mod:`sim.sweep.job` does all of it in a folder, and :mod:`sim.sweep.variance` splits what is not known over its causes.
"""
