"""Both services speak of the same problem by the same code, status and members, so that a client handles it once."""

import json
from typing import Any

from contracts.declared import NOTIFIER, WORKFLOW
from secor_notifier.api.documented import ProblemShape
from secor_notifier.api.problems import MEANINGS
from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.api.problems import ProblemView

OF_THE_NOTIFIER_ALONE = {
    "letter_not_yet",
    "letter_unwritable",
    "not_active",
    "not_resendable",
    "too_many_calendars",
    "too_many_webhooks",
    "workflow_away",
}


def test_what_both_know_has_one_name_and_one_status() -> None:
    assert {*MEANINGS} - {*CATALOGUE} == OF_THE_NOTIFIER_ALONE
    for code in {*MEANINGS} & {*CATALOGUE}:
        assert (code, MEANINGS[code].status) == (code, CATALOGUE[code].status)


def test_a_problem_has_the_same_members() -> None:
    theirs, ours = ProblemView.model_json_schema(), ProblemShape.model_json_schema()

    members = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"}
    assert members <= {*theirs["properties"]} & {*ours["properties"]}
    assert {*theirs["$defs"]["FieldError"]["properties"]} == {*ours["$defs"]["Place"]["properties"]}


def test_a_code_is_explained_in_the_same_words_for_the_same_members() -> None:
    def explained(document: dict[str, Any], schema: str) -> set[str]:
        return {*document["components"]["schemas"][schema]["properties"]}

    theirs = explained(WORKFLOW.document, "ProblemCodeView")
    assert theirs <= explained(NOTIFIER.document, "MeaningShape")


def test_every_code_of_the_notifier_is_told_where_it_may_come() -> None:
    told = json.dumps(NOTIFIER.document["paths"])

    everywhere = {"internal_error", "method_not_allowed"}
    assert {code for code in MEANINGS if f"`{code}`" not in told} == everywhere
