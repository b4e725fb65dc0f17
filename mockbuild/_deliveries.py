"""How test authors let providers tell projects of pushes and pull requests."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from mockbuild.errors import ConfigurationError
from mockbuild.services.backend import Backend
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.deliveries import Delivery, deliver
from mockbuild.webhook_events import WebhookEvent

__all__ = ["Deliveries", "Delivery"]


class Deliveries:
    """Delivers events to webhooks: ``mb.deliver("web", push("main"))``.

    What happened is a value of its own, from :mod:`mockbuild.webhook_events`, and not a method
    here for each kind of event: so a test can have events as its parameters, and one event can
    go to several projects.

    :param enter: makes what is held while something in the mock changes.
    :param backends: gives the backends of CodeBuild there are.
    """

    def __init__(
        self,
        enter: Callable[[], AbstractContextManager[object]],
        backends: Callable[[], Iterable[Backend]],
    ) -> None:
        self._enter = enter
        self._backends = backends

    def __call__(
        self,
        project: str,
        event: WebhookEvent,
        *,
        region: str | None = None,
        account_id: str | None = None,
    ) -> Delivery:
        """Tell the webhook of *project* of *event*, as its provider would.

        Filters decide whether it builds; what they let through starts at once, and is looked at
        like any other build.

        :param project: its name or ARN.
        :param event: what happened: ``push("main")``, ``pull_request(7)``, ``tag("v1")``,
            ``release("v1")``.
        :param region: where the project is; needed where several regions have one of that name.
        :param account_id: the same, for accounts.
        :returns: what it has started, or why nothing; a project without a webhook is a reason.
        :raises ConfigurationError: there is no such project, or more than one; its provider has
            no such events.
        """
        if not isinstance(event, WebhookEvent):
            raise ConfigurationError(
                f"an event is made with push(), tag(), pull_request() or release() from "
                f"mockbuild.webhook_events; {event!r} is none"
            )
        with self._enter():
            here, found = self._find(project, region, account_id)
            return deliver(here, found, event)

    def _find(
        self, name: str, region: str | None, account_id: str | None
    ) -> tuple[CodeBuild, Project]:
        found = [
            (backend, project)
            for backend in self._backends()
            if isinstance(backend, CodeBuild)
            and region in (None, backend.region)
            and account_id in (None, backend.account_id)
            and (project := backend.projects.find(name)) is not None
        ]
        if not found:
            place = " of ".join(filter(None, (region, account_id))) or "any region or account"
            raise ConfigurationError(f"there is no project {name!r} in {place}")
        if len(found) > 1:
            places = ", ".join(f"{here.region} of {here.account_id}" for here, _ in found)
            raise ConfigurationError(
                f"there are several projects {name!r}, in {places}: say which, with region or "
                "account_id"
            )
        return found[0]
