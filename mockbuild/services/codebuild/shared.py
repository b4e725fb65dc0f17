"""What accounts share with each other: ListSharedProjects and ListSharedReportGroups.

What is shared, and with whom, follows from resource policies.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from typing import Final

from mockbuild.domain.ordered import Ordered
from mockbuild.domain.policies import ANYBODY, Policy
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.operations import operation

#: What others can be allowed, by what it is done to (documented).
_ACTIONS: Final = {
    "project": ("BatchGetProjects", "BatchGetBuilds", "ListBuildsForProject"),
    "report-group": (
        "BatchGetReportGroups",
        "BatchGetReports",
        "ListReportsForReportGroup",
        "DescribeTestCases",
    ),
}
#: Parts of a project and of a report group, which its policy counts for.
_WHOLES: Final = {"build": "project", "report": "report-group"}


@dataclass(slots=True)
class Share:
    """A resource policy in its place.

    :param arn: the ARN of the resource.
    :param kind: ``project`` or ``report-group``.
    :param policy: the policy.
    :param changed: when it was put.
    :param holds: whether the resource is still there, and no other one of the same name.
    """

    arn: str
    kind: str
    policy: Policy
    changed: float
    holds: Callable[[], bool]
    _allowed: dict[str, frozenset[str]] = field(default_factory=dict)

    def allowed(self, account: str) -> frozenset[str]:
        """Return what *account* may do to the resource and its parts."""
        actions = self._allowed.get(account)
        if actions is None:
            actions = self._allowed[account] = frozenset(
                action
                for action in _ACTIONS[self.kind]
                if self.policy.allows(account, f"codebuild:{action}", self.arn)
            )
        return actions


@dataclass(slots=True)
class _Orders:
    """ARNs in the two orders that lists of what is shared know."""

    by_arn: Ordered[str] = field(default_factory=Ordered)
    by_change: Ordered[float] = field(default_factory=Ordered)


class Shares:
    """The resource policies of a region: one for each resource that has any."""

    def __init__(self, _: CodeBuild) -> None:
        self._shares: dict[str, Share] = {}
        self._orders: dict[tuple[str, str], _Orders] = {}

    def find(self, arn: str) -> Share | None:
        """Return the policy of the resource of that ARN, if it has one."""
        share = self._shares.get(arn)
        if share is not None and not share.holds():
            self.discard(arn)
            return None
        return share

    def put(self, share: Share) -> None:
        """Add a policy in place of the one that the resource had."""
        self.discard(share.arn)
        self._shares[share.arn] = share
        for account in share.policy.accounts:
            orders = self._orders.setdefault((share.kind, account), _Orders())
            orders.by_arn.put(share.arn, share.arn)
            orders.by_change.put(share.arn, share.changed)

    def discard(self, arn: str) -> None:
        """Remove the policy of the resource of that ARN, if it has one."""
        share = self._shares.pop(arn, None)
        if share is None:
            return
        for account in share.policy.accounts:
            orders = self._orders[share.kind, account]
            orders.by_arn.discard(arn)
            orders.by_change.discard(arn)

    def shared_with(
        self, account: str, kind: str, *, by_change: bool, backwards: bool
    ) -> Iterable[Iterator[tuple[str | float, str]]]:
        """Return what of a *kind* is shared with an account, and with all: sort keys and ARNs."""
        for named in (account, ANYBODY):
            orders = self._orders.get((kind, named))
            if orders is not None:
                order = orders.by_change if by_change else orders.by_arn
                names = order.names(backwards=backwards)
                yield self._visible(names, account, by_change=by_change)

    def _visible(
        self, arns: Iterable[str], account: str, *, by_change: bool
    ) -> Iterator[tuple[str | float, str]]:
        for arn in arns:
            share = self._shares[arn]
            if share.allowed(account) and share.holds():
                yield share.changed if by_change else arn, arn


def policy_of(here: CodeBuild, arn: str) -> Policy | None:
    """Return the resource policy of a project or report group here, if it has one."""
    share = here.store(Shares).find(arn)
    return share.policy if share is not None else None


def owner_of(here: CodeBuild, name_or_arn: str, action: str) -> CodeBuild:
    """Return the backend to look for something in.

    :param name_or_arn: a project, a report group, or a build or report of one; only an ARN can be
        another account's.
    :param action: what is to be done there, such as ``BatchGetBuilds``.
    :return: that of the account the ARN names, if its resource policy lets this account do that;
        else this one, where it will not be found.
    """
    parts = name_or_arn.split(":", 5)
    if len(parts) < 6 or parts[4] == here.account_id:
        return here
    kind, _, name = parts[5].partition("/")
    if kind in _WHOLES:
        kind, name = _WHOLES[kind], name.rpartition(":")[0]
    for peer in here.peers():
        if peer.account_id == parts[4]:
            share = peer.store(Shares).find(peer.arn(f"{kind}/{name}"))
            return peer if share is not None and action in share.allowed(here.account_id) else here
    return here


@operation
def list_shared_projects(
    here: CodeBuild, *, sort_by: str = "ARN", sort_order: str = "ASCENDING"
) -> Record:
    """List the ARNs of the projects that other accounts share with this one.

    Which order is the default is a guess, and so is that the time is that of the sharing.
    """
    return {"projects": _Shared(here, "project", sort_by, sort_order)}


@operation
def list_shared_report_groups(
    here: CodeBuild, *, sort_by: str = "ARN", sort_order: str = "ASCENDING"
) -> Record:
    """List the ARNs of the report groups that other accounts share with this one.

    The orders are those of :func:`list_shared_projects`.
    """
    return {"reportGroups": _Shared(here, "report-group", sort_by, sort_order)}


class _Shared:
    """ARNs of what others share, in order, of which no more are found than are asked for."""

    def __init__(self, here: CodeBuild, kind: str, sort_by: str, sort_order: str) -> None:
        self._here = here
        self._kind = kind
        self._by_change = sort_by == "MODIFIED_TIME"
        self._backwards = sort_order == "DESCENDING"

    def __iter__(self) -> Iterator[str]:
        ordered = merge(*self._parts(), reverse=self._backwards)
        return map(itemgetter(1), ordered)

    def _parts(self) -> Iterator[Iterator[tuple[str | float, str]]]:
        for peer in self._here.peers():
            if peer is not self._here:
                yield from peer.store(Shares).shared_with(
                    self._here.account_id,
                    self._kind,
                    by_change=self._by_change,
                    backwards=self._backwards,
                )
