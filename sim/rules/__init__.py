"""The theory: pure rules, one file for each step from the system to the act, and the turn that puts them in order.

Floor 2. Rules import array functions, shapes and the ``rule`` decorator, nothing else. Importing this package registers
all of them.
"""

from sim.rules import decision, domestic, implementation, observation, perception, system

__all__ = ["decision", "domestic", "implementation", "observation", "perception", "system"]
