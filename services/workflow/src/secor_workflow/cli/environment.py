"""What the environment says, looked at before anything is opened: all that is wrong, each in a sentence."""

import os
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from obstore.exceptions import BaseError
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError

from secor_workflow import tracing
from secor_workflow.api.in_words import in_words, sentence
from secor_workflow.database.engine import driver_url
from secor_workflow.documents.places import bucket_of, folder_of
from secor_workflow.documents.scanner import Scanner
from secor_workflow.policy_file import PolicyFileError, read_policy
from secor_workflow.settings import SECRETS_DIR, Settings

_OURS, _BOTH, _THE_OTHERS = "WORKFLOW_", "SECOR_", "NOTIFIER_"
_NEAR = 0.88
_FOLLOWS = "default_factory_not_called"
"""Pydantic's word for a default that could not be made because another setting is wrong."""
_URL = (
    "It cannot be read. Write sqlite:///path, or postgresql://host:5432/name with user:password and an @ before the "
    "host; in a password write @ as %40, : as %3A, / as %2F and % as %25."
)


def variable(name: str) -> str:
    """The variable of a setting."""
    return str(Settings.model_fields[name].validation_alias or f"{_OURS}{name.upper()}")


def faults(*, with_policy: bool = True) -> list[str]:
    """All that is wrong with the settings; nobody's password is repeated."""
    return _faults({}, with_policy=with_policy)


def _faults(instead: Mapping[str, Any], *, with_policy: bool) -> list[str]:
    try:
        settings = Settings(**instead)
    except ValidationError as error:
        wrong = error.errors(include_input=False)  # its own words repeat what was given, passwords too
        told = [_setting(one) for one in wrong if one["type"] != _FOLLOWS]
        defaults = _defaults(wrong)
        return told if instead or not defaults else [*told, *_faults(defaults, with_policy=with_policy)]
    except UnicodeDecodeError:
        return [f"{SECRETS_DIR}: A file there is not text in UTF-8."]
    except OSError as error:
        return [f"{SECRETS_DIR}: {error.filename} cannot be read: {error.strerror}."]
    except ValueError as error:  # what is no folder of secrets says so itself
        return [str(error)]
    return [*_of_places(settings), *(_of_policy(settings) if with_policy else ())]


def _defaults(wrong: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What stands for settings that are wrong, so that the others can be looked at."""
    fields = {alias: field for name, field in Settings.model_fields.items() for alias in (name, variable(name))}
    names = {str(one["loc"][0]) for one in wrong if one["loc"]}
    have = {name: fields[name] for name in names if name in fields and not fields[name].is_required()}
    return {name: field.default for name, field in have.items() if field.default_factory is None}


def _setting(error: Mapping[str, Any]) -> str:
    """The variable, the place in it, and what is wrong."""
    name, *place = map(str, error["loc"])
    told = name if name.startswith(_BOTH) else f"{_OURS}{name.upper()}"
    return f"{'.'.join((told, *place))}: {in_words(error)}"


def _of_places(settings: Settings) -> Iterator[str]:
    """Addresses of database, store, scanner and collector, as their rooms read them."""
    looks = {"database_url": _database, "documents_url": _documents, "clamd": _scanner, "otlp_url": _traces}
    for name, look in looks.items():
        try:
            look(settings)
        except (ArgumentError, ValueError, BaseError) as error:
            told = _URL if isinstance(error, ArgumentError) or "invalid literal" in str(error) else str(error)
            yield f"{variable(name)}: {sentence(told.removeprefix(f'{variable(name)} '))}"


def _database(settings: Settings) -> None:
    url = driver_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError("It names no file, and what is in memory is lost with the process. Write sqlite:///path.")


def _documents(settings: Settings) -> None:
    if folder_of(settings.documents) is None:
        bucket_of(settings.documents)


def _scanner(settings: Settings) -> None:
    Scanner(settings.clamd)


def _traces(settings: Settings) -> None:
    tracing.check(settings.otlp_url)


def _of_policy(settings: Settings) -> Iterator[str]:
    if settings.policy_file:
        try:
            read_policy(settings.policy_file)
        except PolicyFileError as error:
            yield f"{variable('policy_file')}: {error}"


def unknown(given: Mapping[str, str] | None = None) -> Iterator[tuple[str, str | None]]:
    """Variables, and files of secrets, that look like ours and are none; each with the nearest that is one."""
    known = [*map(variable, Settings.model_fields), SECRETS_DIR]
    for name in sorted({*(os.environ if given is None else given), *_secrets()}):
        told = name.upper()
        if told in known or told.startswith(_THE_OTHERS):
            continue
        if told.startswith(_OURS):  # what all of them begin with makes none of them nearer
            ends = [one.removeprefix(_OURS) for one in known if one.startswith(_OURS)]
            near = [f"{_OURS}{end}" for end in get_close_matches(told.removeprefix(_OURS), ends, 1)]
            yield name, near[0] if near else None
        elif near := get_close_matches(told, known, 1, _NEAR):
            yield name, near[0]


def _secrets() -> Iterator[str]:
    folder = Path(os.environ.get(SECRETS_DIR) or "")
    if os.environ.get(SECRETS_DIR) and folder.is_dir():
        yield from (file.name for file in folder.iterdir() if file.is_file())
