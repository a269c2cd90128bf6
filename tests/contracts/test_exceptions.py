"""Whatever of ours is raised can say where that was; one that cannot makes the server hang up without an answer."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

import secor_notifier
import secor_workflow

NOT_READ = ("__main__", "migrations")
"""Programs and steps that act when they are imported."""


def exceptions(of: type[BaseException] = BaseException) -> Iterator[type[BaseException]]:
    """Every one of ours."""
    for kind in of.__subclasses__():
        if kind.__module__.startswith(("secor_workflow.", "secor_notifier.")):
            yield kind
        yield from exceptions(kind)


@pytest.fixture(scope="module")
def ours() -> set[type[BaseException]]:
    for package in (secor_workflow, secor_notifier):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not any(name in module.name for name in NOT_READ):
                import_module(module.name)
    return set(exceptions())


def test_each_exception_of_ours_takes_a_traceback(ours: set[type[BaseException]]) -> None:
    assert len(ours) > 50
    for kind in ours:
        raised = kind.__new__(kind)
        raised.__traceback__ = None
        raised.__cause__ = ValueError()
        assert hash(raised) is not None, kind
