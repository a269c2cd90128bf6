"""Every variable that one of the two services reads as a setting."""

from secor_notifier.settings import Settings as NotifierSettings
from secor_workflow.settings import Settings as WorkflowSettings

SHARED = {"home", "sandbox", "log_level"}


def known_settings() -> set[str]:
    names = {"SECOR_SECRETS_DIR"}
    for prefix, settings in (("WORKFLOW_", WorkflowSettings), ("NOTIFIER_", NotifierSettings)):
        names |= {("SECOR_" if field in SHARED else prefix) + field.upper() for field in settings.model_fields}
    return names
