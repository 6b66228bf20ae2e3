"""The claims of the two source texts: named tests on the record and on what was learned."""
