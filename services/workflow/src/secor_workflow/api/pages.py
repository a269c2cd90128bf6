"""The page for people at /docs: Swagger UI, served from here; without scripts, a plain list of all operations."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from secor_workflow.api.permissions import public
from secor_workflow.api.problems import Problem

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
"""What is taken from the package that carries Swagger UI, with its media types."""
A_DAY = "public, max-age=86400"
# The browser itself refuses to fetch anything from elsewhere; Swagger UI sets styles and draws its icons inline.
ONLY_FROM_HERE = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
});
"""

# Every address is relative, so that the page works behind a proxy which serves it under a prefix.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon.png">
</head>
<body>
<main id="operations">
<h1>{title}</h1>
{operations}
</main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""


def install(app: FastAPI) -> None:
    """Serve the page and what it loads."""
    documentation = [Depends(public("It says how to ask, and nothing about anybody."))]

    @app.get("/docs", include_in_schema=False, dependencies=documentation)
    async def page(request: Request) -> Response:
        served: FastAPI = request.app  # not `app`: the framework keeps a route, and with it all that it encloses
        html = PAGE.format(title=escape(served.title), operations="\n".join(_operations(served.openapi())))
        return HTMLResponse(html, headers={"Content-Security-Policy": ONLY_FROM_HERE, "Cache-Control": "no-cache"})

    @app.get("/docs/{name}", include_in_schema=False, dependencies=documentation)
    async def asset(name: str) -> Response:
        if name == "start.js":
            return Response(START, media_type="text/javascript", headers={"Cache-Control": A_DAY})
        if name not in ASSETS:
            raise Problem("not_found", "There is no such part of the page.")
        content = files("fastapi_offline").joinpath("static", name).read_bytes()
        return Response(content, media_type=ASSETS[name], headers={"Cache-Control": A_DAY})


def _operations(document: dict[str, Any]) -> Iterator[str]:
    """Each group in the order of the document's tags, each operation under the last of its tags."""
    groups: dict[str, list[str]] = {tag["name"]: [] for tag in document.get("tags", [])}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            line = f"<li><code>{method.upper()} {escape(path)}</code> {escape(operation.get('summary', ''))}</li>"
            groups.setdefault(operation.get("tags", ["more"])[-1], []).append(line)
    for name, lines in groups.items():
        if lines:
            yield "\n".join([f"<h2>{escape(name)}</h2>", "<ul>", *lines, "</ul>"])
