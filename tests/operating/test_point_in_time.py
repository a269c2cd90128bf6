"""A drill: the database goes back to a moment; readers are told what is gone, and no letter is sent twice."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from databases import PostgresServer, installations
from feed.commands import Employer, cursor
from feed.letters import Letters
from feed.processes import Process, a_place
from local import start, stop, wait_ready
from operating.programs import ran
from workflow.api.caller import refused


def test_back_to_a_moment_from_a_base_backup_and_the_write_ahead_log(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer(installations()[0]))
        server.keep_every_change()
        url = server.url(server.create_database())
        process = Process(a_place(tmp_path / "run", url))
        stack.enter_context(process)
        letters = Letters(process.at, process.keys["STAFF_KEY"])
        notifier = start(process.at, "notifier", NOTIFIER_WORKFLOW_KEY=process.keys["NOTIFIER_KEY"])
        stack.callback(stop, notifier)
        wait_ready(process.at, "notifier", notifier)
        staff = stack.enter_context(process.client("STAFF"))
        in_the_base, in_the_log, lost = (Employer(staff) for _ in range(3))
        assert in_the_base.do_next() == 1
        base = server.base_backup()
        assert in_the_log.do_next() == 2
        moment = datetime.now(UTC)
        assert lost.do_next() == 3
        stale = cursor(staff)
        sent = letters.of_all_up_to(stale, cases=3)

        process.terminate()
        server.go_back(base, moment)
        told = ran("workflow", "new-epoch", WORKFLOW_DATABASE_URL=url)
        process.start()

        assert (told.exit_code, "after position 2" in told.output) == (0, True), told.output
        problem = refused(staff.get("/v1/events", params={"after": stale}), 410, "stale_cursor")
        assert problem["last_common_position"] == 2
        assert letters.of_all_up_to(cursor(staff), cases=3) == sent
        assert Employer(staff).do_next() == 3
        assert letters.of_all_up_to(cursor(staff), cases=4) > sent
