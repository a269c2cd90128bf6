"""The machine for people: a Mermaid diagram and a table."""

from secor_workflow.domain.case import UNREGISTERED
from secor_workflow.domain.roads import COMMANDS, STATES, Command


def diagram() -> str:
    """The roads between states as Mermaid; what stays inside a state is in the table."""
    lines = ["stateDiagram-v2", "    [*] --> Registered: register-employer"]
    between = [(c, r) for c in COMMANDS.values() for r in c.roads if not r.inside and r.source != UNREGISTERED]
    for command, road in between:
        if road.target != "Closed":
            lines.append(f"    {road.source} --> {road.target}: {command.slug}")
    closing = " or ".join(dict.fromkeys(command.slug for command, road in between if road.target == "Closed"))
    lines += ["    Closed --> [*]", f"    note right of Closed: from every open state, by {closing}"]
    return "\n".join(lines)


def table() -> str:
    """Each command: from, to, who, guards, event; as Markdown."""
    lines = ["| command | from → to | who | checked | event |", "|---|---|---|---|---|"]
    lines += [
        f"| `{command.slug}` | {_roads(command)} | {', '.join(command.roles)} | "
        f"{', '.join(f'`{guard.code}`' for guard in command.guards[1:])} | "
        f"{' or '.join(f'`{fact.__name__}`' for fact in command.facts)} |"
        for command in COMMANDS.values()
    ]
    return "\n".join(lines)


def guards_table() -> str:
    """Each refusal code and the rule behind it; as Markdown."""
    said = {
        (guard.code, " ".join((guard.__doc__ or "").split()))
        for command in COMMANDS.values()
        for guard in command.guards[1:]
    }
    return "\n".join(["| code | rule |", "|---|---|", *(f"| `{code}` | {rule} |" for code, rule in sorted(said))])


def _roads(command: Command) -> str:
    inside = [road.source for road in command.roads if road.inside]
    across: dict[str, list[str]] = {}
    for road in command.roads:
        if not road.inside:
            across.setdefault(road.target, []).append("–" if road.source == UNREGISTERED else road.source)
    said = [f"{_sources(sources)} → {target}" for target, sources in across.items()]
    if inside:
        said.append(f"inside {_sources(inside)}")
    return "; ".join(said)


def _sources(states: list[str]) -> str:
    anything_open = {*STATES} - {"Closed"}
    if anything_open <= set(states):
        return ", ".join(["any open", *(state for state in states if state not in anything_open)])
    return ", ".join(states)
