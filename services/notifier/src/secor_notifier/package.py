"""The package of an audit on its way to WorkSafeBC: within the letter, or at an address that the letter tells."""

from dataclasses import dataclass

from secor_notifier.channels.envelope import Attachment
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.letters import Linked
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Enclosing
from secor_notifier.workflow import NotThereError, Reads

PACKAGE_LETTER = "worksafebc_package"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class PackageByRule:
    """What the rule makes of a package; `url` leads to it on the web, with {case_id} in it."""

    reads: Reads
    rule: Enclosing
    url: str

    async def linked(self, decision: Owed) -> Linked | None:
        """Where the documents are to be fetched; nothing if they go with the letter, or if the letter has none."""
        if decision.letter != PACKAGE_LETTER:
            return None
        try:
            size = (await self.reads.package(decision.case_id)).documents_bytes
        except NotThereError:  # a preview, of a case whose review is not passed
            return None
        if self.rule.attaches(size):
            return None
        url = self.url.replace("{case_id}", decision.case_id)
        return Linked(url, -(-size // MEGABYTE), too_large=self.rule.attach)

    async def attachment(self, decision: Owed, case: CaseNow) -> Attachment:
        """The archive with the documents in it; the details alone if these are linked."""
        name = f"secor-{case.employer.worksafebc_account}"
        package = await self.reads.package(decision.case_id)
        if self.rule.attaches(package.documents_bytes):
            content = await self.reads.package_zip(decision.case_id)
            return Attachment(f"{name}.zip", content, "application/zip")
        return Attachment(f"{name}.json", package.details)
