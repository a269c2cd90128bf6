"""What the environment says, looked at before anything is opened: all that is wrong, each in a sentence."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, ValidationError

from secor_notifier import tracing
from secor_notifier.api.in_words import in_words, sentence
from secor_notifier.channels import open_channel, open_targets
from secor_notifier.domain.rules_text import RulesError
from secor_notifier.ledger.engine import read_url
from secor_notifier.main import load_rules
from secor_notifier.settings import SECRETS_DIR, Settings
from secor_notifier.zone import WrongZoneError, check_zone

_OURS, _BOTH, _THE_OTHERS = "NOTIFIER_", "SECOR_", "WORKFLOW_"
_NEAR = 0.88
_FOLLOWS = "default_factory_not_called"
"""Pydantic's word for a default that could not be made because another setting is wrong."""
_URL = (
    "It cannot be read. Write sqlite:///path, or postgresql://host:5432/name with user:password and an @ before the "
    "host; in a password write @ as %40, : as %3A, / as %2F and % as %25."
)
_NO_KEY = "is not set: the notifier needs a key of the workflow with its own role, or NOTIFIER_TOKEN_URL."


def variable(name: str) -> str:
    """The variable of a setting."""
    alias = Settings.model_fields[name].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{_OURS}{name.upper()}"


def faults(*, serving: bool = False) -> list[str]:
    """All that is wrong with the settings, of any command or of serving too; nobody's password is repeated."""
    return _faults(_of_serving if serving else _of_any, {})


def _faults(looks: Callable[[Settings], Iterator[str]], instead: Mapping[str, Any]) -> list[str]:
    try:
        settings = Settings(**instead)
    except ValidationError as error:
        wrong = error.errors(include_input=False)  # its own words repeat what was given, passwords too
        told = [_setting(one) for one in wrong if one["type"] != _FOLLOWS]
        defaults = _defaults(wrong)
        return told if instead or not defaults else [*told, *_faults(looks, defaults)]
    except UnicodeDecodeError:
        return [f"{SECRETS_DIR}: A file there is not text in UTF-8."]
    except OSError as error:
        return [f"{SECRETS_DIR}: {error.filename} cannot be read: {error.strerror}."]
    except ValueError as error:  # what is no folder of secrets says so itself
        return [sentence(str(error))]
    return list(looks(settings))


def _defaults(wrong: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What stands for settings that are wrong, so that the others can be looked at."""
    fields = {alias: field for name, field in Settings.model_fields.items() for alias in (name, variable(name))}
    names = {str(one["loc"][0]) for one in wrong if one["loc"]}
    have = {name: fields[name] for name in names if name in fields and not fields[name].is_required()}
    return {name: field.default for name, field in have.items() if field.default_factory is None}


def _of_any(settings: Settings) -> Iterator[str]:
    yield from _of(settings, "database_url", _database)


def _of_serving(settings: Settings) -> Iterator[str]:
    """All that would keep it from serving."""
    looks: dict[str, Callable[[Settings], None]] = {
        "workflow_key": _credential,
        "mail_url": _mail,
        "staff_targets": _targets,
        "rules": _rules,
        "otlp_url": _traces,
    }
    yield from _of_any(settings)
    for name, look in looks.items():
        yield from _of(settings, name, look)
    yield from _of_zone()


def _setting(error: Mapping[str, Any]) -> str:
    """The variable, the place in it, and what is wrong."""
    name, *place = map(str, error["loc"])
    told = name if name.startswith(_BOTH) else f"{_OURS}{name.upper()}"
    return f"{'.'.join((told, *place))}: {in_words(error)}"


def _of(settings: Settings, name: str, look: Callable[[Settings], None]) -> Iterator[str]:
    """What a room says of a setting that is for it."""
    told = variable(name)
    try:
        look(settings)
    except (ValueError, RulesError, OSError) as error:
        said = str(error)
        yield said if said.startswith(told) else f"{told}: {sentence(said)}"


def _database(settings: Settings) -> None:
    try:
        url = read_url(settings.database_url)
    except ValueError as error:
        raise ValueError(_URL if "invalid literal" in str(error) else str(error)) from None
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError("It names no file, and what is in memory is lost with the process. Write sqlite:///path.")


def _credential(settings: Settings) -> None:
    if not (settings.workflow_key.get_secret_value() or settings.token_url):
        raise ValueError(f"{variable('workflow_key')} {_NO_KEY}")


def _mail(settings: Settings) -> None:
    try:
        _ = urlsplit(settings.mail_url.get_secret_value()).port
    except ValueError:
        raise ValueError("Its port is no number; in a password write : as %3A, @ as %40 and / as %2F.") from None
    open_channel(settings.mail_url.get_secret_value())


def _targets(settings: Settings) -> None:
    open_targets([target.get_secret_value() for target in settings.staff_targets])


def _rules(settings: Settings) -> None:
    load_rules(settings.rules)


def _traces(settings: Settings) -> None:
    tracing.check(settings.otlp_url)


def _of_zone() -> Iterator[str]:
    try:
        check_zone()
    except WrongZoneError as error:
        yield str(error)


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
