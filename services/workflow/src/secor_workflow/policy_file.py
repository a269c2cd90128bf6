"""Reading the programme's numbers from a file as the service does at start; what is wrong is told with its line."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from secor_workflow.api.in_words import in_words
from secor_workflow.domain.policy import Policies


class PolicyFileError(Exception):
    """A sentence for whoever wrote the file: which file, which line, what is wrong there."""


def read_policy(path: Path) -> Policies:
    """The editions in the file. Raises PolicyFileError."""
    try:
        policies = Policies.load(path)
    except OSError as error:
        raise PolicyFileError(f"{path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise PolicyFileError(f"{path} is not TOML: {error}.") from error
    except ValidationError as error:
        raise PolicyFileError(_sentence(path, error)) from error
    except KeyError as error:
        raise PolicyFileError(f"{path} has no [[edition]] in it.") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, or brackets in brackets without end
        raise PolicyFileError(
            f"{path} is not TOML that can be read: it must be UTF-8, and nothing too deep."
        ) from error
    if not policies.editions:
        raise PolicyFileError(f"{path} has no [[edition]] in it.")
    return policies


def _sentence(path: Path, error: ValidationError) -> str:
    errors = error.errors(include_url=False, include_input=False)
    # A misspelt name is also missing: the misspelling is what its writer looks for.
    first = next(
        (one for one in errors if one["type"] in {"extra_forbidden", "unexpected_keyword_argument"}), errors[0]
    )
    line = _line(path.read_text("utf-8"), first["loc"])
    place = ".".join(str(part) for part in first["loc"][1:]) or "edition"
    return f"{path}, line {line}, {place}: {in_words(first)}"


def _line(text: str, place: Sequence[str | int]) -> int:
    """The line on which the place stands; if it stands nowhere, the one of the table it should be in."""
    edition, names = (place[0] if place and isinstance(place[0], int) else 0), [str(part) for part in place[1:]]
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if re.match(r"\s*\[\[\s*edition\s*\]\]", line)]
    begin = starts[edition] if edition < len(starts) else 0
    end = starts[edition + 1] if edition + 1 < len(starts) else len(lines)
    found, table = begin, "edition"
    for number in range(begin, end):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", lines[number]):
            table = header[1]
            if table == ".".join(("edition", *names[: table.count(".")])):
                found = number
        key = re.match(r"\s*([\w-]+)\s*=", lines[number])
        if key and f"{table}.{key[1]}" == ".".join(("edition", *names[: table.count(".") + 1])):
            return number + 1
    return found + 1
