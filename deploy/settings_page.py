"""The generated page of the settings: each variable of both services, from the classes that read them."""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import secor_notifier.settings as notifier
import secor_workflow.settings as workflow
from pages import GENERATED
from secor_notifier.cli.environment import variable as of_notifier
from secor_workflow.cli.environment import variable as of_workflow

PAGE = """\
# Settings

{generated}
They come from the environment or from files: with `SECOR_SECRETS_DIR=/run/secrets` a file
`/run/secrets/WORKFLOW_DATABASE_URL` is as good as the variable of that name, which wins if there are both. A wrong one
stops the start with a sentence. `secor-workflow config check` and `secor-notifier config check` tell all that is wrong,
`config show` what is in force, secrets masked. A name that looks like one of these and is none is told as a warning.

## Both services

{both}

## The workflow

{workflow}

A bucket for documents has its keys in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, which may be files too, and
`AWS_REGION`, `AWS_ENDPOINT_URL` and `AWS_ALLOW_HTTP`, from the environment alone. Temporary files go to `TMPDIR`.

## The notifier

{notifier}
"""
SECRETS_DIR = (
    f"`{workflow.SECRETS_DIR}`",
    "path",
    "–",
    "A folder of files, each named like a variable and holding its value: for secrets. From the environment alone.",
)
_KINDS = {str: "text", int: "whole number", float: "number", bool: "yes or no: `1`, `0`", Path: "path"}
_BOUNDS = ((Ge, "ge", "{} or more"), (Gt, "gt", "more than {}"), (Le, "le", "{} at most"), (Lt, "lt", "less than {}"))
Row = tuple[str, str, str, str]


def settings_page() -> str:
    """Name, type, default and meaning of every setting."""
    ours, others = dict(_rows(workflow.Settings, of_workflow)), dict(_rows(notifier.Settings, of_notifier))
    shared = [name for name in ours if name in others]
    return PAGE.format(
        generated=GENERATED,
        both=_table([*(ours[name] for name in shared), SECRETS_DIR]),
        workflow=_table(row for name, row in ours.items() if name not in shared),
        notifier=_table(row for name, row in others.items() if name not in shared),
    )


def _table(rows: Iterable[Row]) -> str:
    lines = ["| variable | type | default | meaning |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)])


def _rows(settings: type[BaseSettings], variable: Callable[[str], str]) -> Iterator[tuple[str, Row]]:
    meanings, known = _docstrings(settings), dict[str, Any]()
    for name, field in settings.model_fields.items():
        known[name] = field.get_default(call_default_factory=True, validated_data=known)
        secret = "SecretStr" in str(field.annotation) or "masked" in field.metadata
        kind = f"secret {_kind(field)}" if secret else _kind(field)
        yield variable(name), (f"`{variable(name)}`", kind, _default(known[name]), meanings[name])


def _docstrings(settings: type[BaseSettings]) -> dict[str, str]:
    """The sentences below the fields. Raises KeyError, when asked for, if a field has none."""
    [body] = (node.body for node in ast.parse(inspect.getsource(settings)).body if isinstance(node, ast.ClassDef))
    found = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            told = ast.literal_eval(below.value)
            found[field.target.id] = " ".join(str(told).split())
    return found


def _kind(field: FieldInfo) -> str:
    return _said(field.annotation, field.metadata)


def _said(kind: Any, bounds: Iterable[object]) -> str:  # noqa: ANN401 (any annotation)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _said(inner[0], [*bounds, *inner[1:]])
    if origin in {Union, UnionType}:
        return _said(next(one for one in inner if one is not type(None)), bounds)
    if origin is Literal:
        return " ".join(f"`{one}`" for one in inner)
    if origin is tuple:
        return "list"
    limits = ", ".join(_limits(bounds))
    return ", ".join(filter(None, (_KINDS.get(kind, "text"), limits)))


def _limits(bounds: Iterable[object]) -> Iterator[str]:
    for bound in bounds:
        nested = bound.metadata if isinstance(bound, FieldInfo) else [bound]
        for one in nested:
            for kind, name, told in _BOUNDS:
                if isinstance(one, kind):
                    yield told.format(getattr(one, name))


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return f"`{value:d}`"
    if isinstance(value, Path) and value.is_absolute():
        return "the packaged one"
    if isinstance(value, tuple):
        value = ",".join(map(str, value))
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value not in {None, ""} else "–"
