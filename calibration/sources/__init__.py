"""From raw public tables to the figures the project keeps: reading, arithmetic, one function per input or table."""
