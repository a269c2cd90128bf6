"""With which number a command ends, so that a script or an orchestrator knows what kind of end it was."""

from enum import IntEnum


class Exit(IntEnum):
    """In `docs/commands.md` too; what a number means never changes."""

    DONE = 0
    """It is done, or all is well."""
    FAULTS = 1
    """Something is wrong with what was looked at, or what was asked for is not there; nothing was changed."""
    WRONG = 2
    """The command or a setting is wrong: to repeat it changes nothing."""
    UNAVAILABLE = 3
    """What is needed is not there or does not answer: the database, a free port, room on the disk."""
    SCHEMA = 4
    """The database is of another version than this program: `migrate`, or run the newer program."""
