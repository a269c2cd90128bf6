"""How many examples a property is tried on: few, always the same, in `make test`, many new ones in `make fuzz`."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

TIMES = int(os.environ.get("SECOR_EXAMPLES", "1"))
"""So many times the examples of `make test`."""

PATIENT = pytest.mark.timeout(180 * TIMES)
"""A mark for tests that try so much more then."""


def walk(machine: Callable[[], RuleBasedStateMachine], *, walks: int, steps: int) -> None:
    """So many random walks of so many steps; nobody holds a stopwatch, for the machine may be busy.

    One that fails is told as it is: to look for a shorter one would take longer than to read it.
    """
    how = settings(
        max_examples=walks * TIMES,
        stateful_step_count=steps,
        derandomize=TIMES == 1,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        phases=(Phase.generate,),
        print_blob=True,
    )
    run_state_machine_as_test(machine, settings=how)  # type: ignore[arg-type]  # it takes whatever makes one
