"""The model as a likelihood: its rules in yearly steps, its unknowns, the fast core, samplers and their checks."""
