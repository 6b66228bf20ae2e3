"""How padma says that something is wrong: what, where, why it matters, what to do, and the nearest valid name.

Floor 0. Every message a user can meet is built here, so that all of them sound like the same kind colleague.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class PadmaError(Exception):
    """Something a user can mend. ``code`` is the exit code of the command line.

    Parameters
    ----------
    what : what is wrong, in one clause
    where : ``file:line``, a key or an option
    why : why it matters
    how : what to do
    """

    code = 1

    def __init__(self, what: str, *, where: str = "", why: str = "", how: str = "") -> None:
        self.what, self.where, self.why, self.how = what, where, why, how
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The message in its four parts, on one to three lines."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        lines = [head if head.endswith((".", "?", "!")) else head + "."]
        if self.why:
            lines.append(f"  Why it matters: {self.why}")
        if self.how:
            lines.append(f"  What to do: {self.how}")
        return "\n".join(lines)


class InputError(PadmaError):
    """A file, an option or a name given by the user is wrong (exit code 2)."""

    code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "padma does not guess what was meant.",
        how: str = "correct it and try again.",
    ) -> None:
        super().__init__(what, where=where, why=why, how=how)


class TooFewRuns(PadmaError):
    """A number was asked for that so few runs cannot support (exit code 2)."""

    code = 2


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or the whole list when it is short.

    >>> nearest("risk_tolerence", ["risk_tolerance", "insecurity"])
    "did you mean 'risk_tolerance'?"
    """
    names = sorted(set(map(str, known)))
    close = get_close_matches(str(name), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    inside = [known for known in names if len(str(name)) > 2 and str(name).lower().replace(" ", "_") in known.lower()]
    if inside:
        return "did you mean " + " or ".join(f"'{known}'" for known in inside[:3]) + "?"
    parts = {part: known for known in names for part in known.lower().split("_") if len(part) > 3}
    if close := get_close_matches(str(name).lower(), parts, n=1, cutoff=0.65):
        return f"did you mean '{parts[close[0]]}'?"
    if not names:
        return "there is none yet."
    shown = ", ".join(names[:12]) + (" and others" if len(names) > 12 else "")
    return f"choose one of: {shown}."
