"""The generated page of the commands: what `--help` says of each, and the numbers with which they end."""

import ast
import inspect
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Any

from typer.main import get_command

from pages import GENERATED
from secor_notifier.cli.program import cli as notifier
from secor_workflow.cli.exits import Exit
from secor_workflow.cli.program import main as workflow

PAGE = """\
# Commands

{generated}
With `--json` a command writes JSON to standard output, an object a line, and words to standard error alone. Progress is
shown at a terminal only. `--install-completion` teaches your shell to complete them; in a checkout they lie in
`.venv/bin`.

They work straight on the database and the store of their environment, so whoever may use them on the server may do all
this; what they do is on record as done by `command-line`. Give them the service's `SECOR_HOME`,
`WORKFLOW_DATABASE_URL`, `WORKFLOW_DOCUMENTS_URL`, `NOTIFIER_DATABASE_URL` and, in a sandbox, `SECOR_SANDBOX=1`. Those
that only read or mend make no database where there is none.

## How they end

| exit | meaning |
|---|---|
{exits}

Asked to stop by a signal, a program ends by that signal (143 for SIGTERM, in a shell); what it was writing then is
whole or not there at all.

## secor-workflow

{workflow}

## secor-notifier

{notifier}
"""


def commands_page() -> str:
    """Every command of both programs, with its arguments and options."""
    return PAGE.format(
        generated=GENERATED,
        exits="\n".join(_exits()),
        workflow="\n\n".join(_commands(get_command(workflow), "secor-workflow")),
        notifier="\n\n".join(_commands(get_command(notifier), "secor-notifier")),
    )


def _exits() -> Iterator[str]:
    """The sentences below the members."""
    [body] = (node.body for node in ast.parse(inspect.getsource(Exit)).body if isinstance(node, ast.ClassDef))
    for member, below in pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name) and isinstance(below, ast.Expr):
            yield f"| {Exit[member.targets[0].id].value} | {ast.literal_eval(below.value)} |"


def _commands(command: Any, name: str) -> Iterator[str]:  # noqa: ANN401 (the library keeps these types to itself)
    if hasattr(command, "commands"):
        for called, inner in command.commands.items():
            yield from _commands(inner, f"{name} {called}")
        return
    given = [one for one in command.params if one.param_type_name == "argument"]
    places = [one.name.upper() if one.required else f"[{one.name.upper()}]" for one in given]
    lines = [f"### `{' '.join([name, *places])}`", "", inspect.cleandoc(command.help or "")]
    rows = [f"| `{one.name.upper()}` | {one.help} |" for one in given]
    rows += [_option(one) for one in command.params if one.param_type_name == "option" and one.name != "help"]
    yield "\n".join([*lines, *(["", "| | |", "|---|---|", *rows] if rows else [])])


def _option(option: Any) -> str:  # noqa: ANN401 (see above)
    kind = option.type_descriptor.annotation
    choices = ", ".join(f"`{one}`" for one in kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else ""
    said = " ".join(filter(None, (option.help, f"One of {choices}." if choices else "")))
    default = "" if option.is_flag or option.default in {None, ""} else f" Default: {option.default}."
    must = " Must be given." if option.required else ""
    return f"| `{', '.join(option.opts)}` | {said}{default}{must} |"
