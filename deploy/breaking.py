"""What a change of an OpenAPI document breaks for its clients. Additions break nothing."""

from collections.abc import Iterator

from breaking_schemas import Json, Pair, resolved

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def breaks(old: Json, new: Json) -> Iterator[str]:
    """Every promise of the old document that the new one no longer keeps, each as a sentence that names the place."""
    yield from dict.fromkeys(_breaks(old, new))


def _breaks(old: Json, new: Json) -> Iterator[str]:
    sent, read = Pair("sent", old, new), Pair("read", old, new)
    for path, operations in old["paths"].items():
        if path not in new["paths"]:
            yield f"{path}: the path is gone"
            continue
        for method in METHODS:
            if method not in operations:
                continue
            at = f"{method.upper()} {path}"
            if method not in new["paths"][path]:
                yield f"{at}: the method is gone"
            else:
                yield from _Operation(sent, read, at).breaks(operations[method], new["paths"][path][method])


class _Operation:
    """One operation in both documents."""

    def __init__(self, sent: Pair, read: Pair, at: str) -> None:
        self._sent, self._read, self._at = sent, read, at
        self._old, self._new = sent.old_document, sent.new_document

    def breaks(self, old: Json, new: Json) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{self._at}: the operation was {old.get('operationId')} and is {new.get('operationId')}"
        yield from self._of_access(old, new)
        yield from self._of_parameters(old, new)
        yield from self._of_body(old, new)
        yield from self._of_responses(old["responses"], new["responses"])

    def _of_access(self, old: Json, new: Json) -> Iterator[str]:
        if new.get("security") and not old.get("security"):
            yield f"{self._at}: a key is needed now"
        if "x-roles" in new:
            gone = [role for role in old.get("x-roles", []) if role not in new["x-roles"]]
            yield from (f"{self._at}: the role {role} may no longer" for role in gone)

    def _of_parameters(self, old: Json, new: Json) -> Iterator[str]:
        before, after = _parameters(self._old, old), _parameters(self._new, new)
        for key, parameter in before.items():
            at = f"{self._at} {key}"
            if key not in after:
                yield f"{at}: the parameter is gone"
                continue
            yield from self._sent.breaks(parameter["schema"], after[key]["schema"], at)
            if after[key].get("required") and not parameter.get("required"):
                yield f"{at}: the parameter must be sent now"
        for key, parameter in after.items():
            if key not in before and parameter.get("required"):
                yield f"{self._at} {key}: a parameter that must be sent is new"

    def _of_body(self, old: Json, new: Json) -> Iterator[str]:
        before, after = (
            resolved(document, operation.get("requestBody", {}))
            for document, operation in ((self._old, old), (self._new, new))
        )
        if after.get("required") and not before.get("required"):
            yield f"{self._at}: a body must be sent now"
        yield from self._of_content(before, after, f"{self._at} body", self._sent)

    def _of_responses(self, old: Json, new: Json) -> Iterator[str]:
        """A success stays what it is; a refusal may become another of its class."""
        for status, response in old.items():
            before = resolved(self._old, response)
            if status in new:
                after = resolved(self._new, new[status])
                at = f"{self._at} {status}"
                yield from self._of_content(before, after, at, self._read)
                gone = [name for name in before.get("headers", {}) if name not in after.get("headers", {})]
                yield from (f"{at}: the header {name} is gone" for name in gone)
            elif status.startswith("2"):
                yield f"{self._at}: {status} is gone"
            elif not any(other[0] == status[0] for other in new):
                yield f"{self._at}: no {status[0]}xx is left"

    @staticmethod
    def _of_content(old: Json, new: Json, at: str, pair: Pair) -> Iterator[str]:
        before, after = old.get("content", {}), new.get("content", {})
        for media_type, content in before.items():
            if media_type not in after:
                yield f"{at}: {media_type} is gone"
            else:
                yield from pair.breaks(content.get("schema", {}), after[media_type].get("schema", {}), at)


def _parameters(document: Json, operation: Json) -> dict[str, Json]:
    found = [resolved(document, parameter) for parameter in operation.get("parameters", [])]
    return {f"{parameter['in']} parameter {parameter['name']}": parameter for parameter in found}
