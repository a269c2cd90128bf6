"""What a change of a JSON Schema breaks: for those who send what it describes, and for those who read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
"""Whatever JSON says: documents are compared as they stand."""

Side = Literal["sent", "read"]
"""Whether the client sends such values or reads them."""

UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
EXACT = ("pattern", "multipleOf", "uniqueItems")


@dataclass(frozen=True)
class Pair:
    """The old document and the new one, of which the same places are compared; each resolves its own references."""

    side: Side
    old_document: Json
    new_document: Json
    _known: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """What was found in schemas that are referred to: each pair is compared once, and named by itself."""

    def breaks(self, old: Json, new: Json, at: str) -> Iterator[str]:
        """Everything that a client of the old schema would stumble over, each as a sentence that names the place."""
        if "$ref" not in old or "$ref" not in new:
            yield from self._of_alternatives(old, new, at)
            return
        key = (old["$ref"], new["$ref"])
        if key not in self._known:
            self._known[key] = []  # for a schema within itself
            self._known[key] = list(self._of_alternatives(old, new, new["$ref"].rpartition("/")[2]))
        yield from self._known[key]

    def _of_alternatives(self, old: Json, new: Json, at: str) -> Iterator[str]:
        olds, news = _alternatives(self.old_document, old), _alternatives(self.new_document, new)
        if len(olds) == len(news) == 1:
            yield from self._of_one(olds[0], news[0], at)
            return
        # A client sends any of the old alternatives and reads any of the new: each of these needs one that fits it.
        for one in olds if self.side == "sent" else news:
            found = [
                list(self._of_one(*((one, other) if self.side == "sent" else (other, one)), at))
                for other in (news if self.side == "sent" else olds)
            ]
            yield from min(found, key=len)

    def _of_one(self, old: Json, new: Json, at: str) -> Iterator[str]:
        if old.get("type") != new.get("type") and "type" in (old if self.side == "read" else new):
            yield f"{at}: the type was {_kind(old)} and is {_kind(new)}"
            return
        yield from self._of_values(old, new, at)
        yield from self._of_object(old, new, at)
        for part in ("items", "additionalProperties"):
            if isinstance(old.get(part), dict) and isinstance(new.get(part), dict):
                yield from self.breaks(old[part], new[part], f"{at}[]")
        for index, parts in enumerate(zip(old.get("prefixItems", []), new.get("prefixItems", []), strict=False)):
            yield from self.breaks(*parts, f"{at}[{index}]")

    def _of_values(self, old: Json, new: Json, at: str) -> Iterator[str]:
        before, after = _values(old), _values(new)
        if before and after:
            yield from (f"{at}: the value {value} is gone" for value in before if value not in after)
        if old.get("format") != new.get("format") and (self.side == "read" or "format" in new):
            yield f"{at}: the format was {old.get('format')} and is {new.get('format')}"
        if self.side == "read":
            return
        if after and not before:
            yield f"{at}: only some values are taken now"
        for bound in (*UPPER, *LOWER):
            narrower = new.get(bound) is not None and (
                old.get(bound) is None or (new[bound] < old[bound] if bound in UPPER else new[bound] > old[bound])
            )
            if narrower:
                yield f"{at}: {bound} was {old.get(bound)} and is {new[bound]}"
        for rule in EXACT:
            if rule in new and new[rule] != old.get(rule):
                yield f"{at}: {rule} was {old.get(rule)} and is {new[rule]}"

    def _of_object(self, old: Json, new: Json, at: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name in after:
                yield from self.breaks(schema, after[name], f"{at}/{name}")
            else:
                yield f"{at}/{name}: the field is gone"
        needed, was_needed = set(new.get("required", [])), set(old.get("required", []))
        if self.side == "sent":
            yield from (f"{at}/{name}: the field must be sent now" for name in sorted(needed - was_needed))
            if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
                yield f"{at}: other fields are refused now"
        else:
            gone = sorted((was_needed - needed) & after.keys())
            yield from (f"{at}/{name}: the field may be missing now" for name in gone)


def resolved(document: Json, part: Json) -> Json:
    """What a part of a document is, wherever it stands."""
    while "$ref" in part:
        found = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        part = found
    return part


def _alternatives(document: Json, schema: Json) -> list[Json]:
    """The schemas any of which a value may have, each of one type."""
    schema = resolved(document, schema)
    several = schema.get("anyOf") or schema.get("oneOf") or []
    if several and all("required" in one and len(one) == 1 for one in several):
        return [schema]  # says only which fields go together
    if several:
        return [found for one in several for found in _alternatives(document, one)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": one} for one in schema["type"]]
    return [schema]


def _values(schema: Mapping[str, Json]) -> list[Json]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))


def _kind(schema: Mapping[str, Json]) -> str:
    return str(schema.get("type", "anything"))
