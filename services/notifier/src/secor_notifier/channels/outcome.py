"""How an attempt to send can end when it does not succeed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """The letter was not taken. `error` names a code and a class of error, never an address.

    `unknown`: it may have been taken all the same, since the line broke when all had been said.
    """

    error: str
    for_good: bool = False
    nobody_there: bool = False
    unknown: bool = False
