"""Where a finished AMI goes: its names, its copies, and what is configured with them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mockbuild.domain.dates import iso_millis
from mockbuild.engine.image_job import ImageJob
from mockbuild.engine.image_outputs import (
    Ami,
    AmiChange,
    Export,
    FastLaunch,
    Licenses,
    Output,
    Parameter,
    Push,
    TemplateVersion,
)

if TYPE_CHECKING:
    from mockbuild.engine.image_run import ImageRun

Record = Mapping[str, Any]

#: How long things take, in seconds: guesses.
COPY_SECONDS: Final = 152.0
COPY_IN_REGION_SECONDS: Final = 48.0
SHARE_SECONDS: Final = 2.4
CONFIGURE_SECONDS: Final = 1.7
EXPORT_SECONDS: Final = 640.0
PUSH_SECONDS: Final = 58.0

_TOKEN = re.compile(r"\{\{\s*imagebuilder:(buildDate|buildVersion)(?::([^{}]*?))?\s*\}\}")
#: Which letters a format of dates knows is not documented; these are Java's.
_DATE_PARTS: Final = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
}  # fmt: skip
_DATE_PART = re.compile("|".join(_DATE_PARTS))


@dataclass(slots=True)
class Copy:
    """An AMI in one region and account, and how it got there.

    :param ami: the AMI; ``None`` if there is none.
    :param ends: ``FAILED``, ``CANCELLED`` or ``TIMED_OUT`` where something went wrong.
    :param configuration_step: what went wrong, if it was after the AMI was there.
    """

    region: str
    account_id: str
    name: str
    started: float
    stopped: float
    ami: Ami | None = None
    ends: str = ""
    message: str = ""
    configuration_step: str = ""

    def shown(self, step: str) -> dict[str, Any]:
        """Return it as the outputs of steps have it (documented).

        :param step: what it was at if it was not completed.
        """
        record = {
            "region": self.region,
            "name": self.name,
            "amiId": "" if self.ami is None else self.ami.image_id,
            "accountId": self.account_id,
            "dateStarted": iso_millis(self.started),
            "dateStopped": iso_millis(self.stopped),
            "status": _STATUSES[self.ends],
            "step": step if self.ends else "Completed",
        }
        return {**record, "errorMessage": self.message} if self.ends else record

    def failure(self, own_account: str) -> dict[str, Any]:
        """Return it as the failure context of an image has it."""
        record = {"region": self.region, "status": self.ends, "errorMessage": self.message[:1024]}
        if self.configuration_step:
            record["imageConfigurationStep"] = self.configuration_step
        if self.account_id != own_account:
            record["targetAccountId"] = self.account_id
        return record


#: What went wrong where the test author has not said it.
_NOT_COPIED: Final = "The AMI could not be copied to this Region."
_NOT_PUSHED: Final = "The container image could not be pushed to this Region."
_NOT_CONFIGURED: Final = "The image could not be configured."
_STATUSES: Final = {
    "": "Completed",
    "FAILED": "Failed",
    "CANCELLED": "Cancelled",
    "TIMED_OUT": "TimedOut",
}


def expand(text: str, at: float, build: int) -> str:
    """Put date and build number in the place of their tokens.

    Recorded: a date has a form that names of AMIs can have, ``2020-02-18T22-49-08.131Z``.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] == "buildVersion":
            return str(build)
        if not found[2]:
            return iso_millis(at).replace(":", "-")
        moment = datetime.fromtimestamp(at, UTC)
        return _DATE_PART.sub(lambda part: moment.strftime(_DATE_PARTS[part[0]]), found[2])

    return _TOKEN.sub(value, text)


def ami_name(job: ImageJob, settings: Record, at: float) -> str:
    """Return the name of an AMI; the form of one that nobody has named is recorded."""
    if settings.get("name"):
        return expand(settings["name"], at, job.build)
    moment = datetime.fromtimestamp(at, UTC)
    return f"{job.name} {moment:%Y-%m-%dT%H-%M-%S.%fZ}"


def ami_tags(job: ImageJob, settings: Record, at: float) -> dict[str, str]:
    """Return the tags of an AMI."""
    tags = {**job.recipe.get("amiTags", {}), **settings.get("amiTags", {})}
    return {key: expand(text, at, job.build) for key, text in tags.items()} | job.own_tags


def ami_settings(distribution: Record) -> Record | None:
    """Return what a distribution says of its AMI; ``None`` if it is about containers alone."""
    settings: Record | None = distribution.get("amiDistributionConfiguration")
    if settings is None and "containerDistributionConfiguration" in distribution:
        return None
    return settings or {}


def home_settings(job: ImageJob) -> Record:
    """Return what the distribution says of the AMI in the region in which it is built."""
    found = (one for one in job.distributions if one["region"] == job.region)
    return next((ami_settings(one) or {} for one in found), {})


def built_ami(job: ImageJob, image_id: str, at: float, description: str | None) -> Ami:
    """Return the AMI that a build makes.

    Documented: the distribution of its region names and describes it; without, it has the recipe's
    description.
    """
    settings = home_settings(job)
    text = settings.get("description") or description or job.recipe.get("description")
    return Ami(
        image_id=image_id,
        region=job.region,
        account_id=job.account_id,
        name=ami_name(job, settings, at),
        description=None if text is None else expand(text, at, job.build),
        tags={**job.recipe.get("amiTags", {}), **job.own_tags},
        kms_key_id=settings.get("kmsKeyId"),
        parent=job.base_image,
        platform=job.platform,
    )


class Distribution:
    """Brings an AMI where it is wanted.

    :param run: what it is part of.
    :param scope: what its outputs are named after, so that each has a name of its own.
    """

    def __init__(self, run: "ImageRun", scope: str = "") -> None:
        self._run = run
        self._job = run.job
        self._scope = scope

    def copy(self, at: float, plan: Iterable[tuple[str, Record]]) -> list[Copy]:
        """Copy the AMI to each region and account of *plan*, all at the same time.

        :param plan: regions, and what is said of the AMI there.
        """
        return [
            self._copy(at, region, account, settings)
            for region, settings in plan
            for account in self._accounts(region, settings)
        ]

    def _accounts(self, region: str, settings: Record) -> list[str]:
        """Return whose AMIs there are going to be: in the region of the build, always the own."""
        own = self._job.account_id
        wanted = settings.get("targetAccountIds") or [own]
        is_home = region == self._job.region and self._run.has_built
        return list(dict.fromkeys([own, *wanted] if is_home else wanted))

    def _copy(self, at: float, region: str, account: str, settings: Record) -> Copy:
        run, job = self._run, self._job
        name = ami_name(job, settings, run.stamp)
        copy = Copy(region, account, name, at, at)
        source = run.carried.ami
        told = run.scenario.failure_in("DISTRIBUTING", region, account)
        is_home = (region, account) == (job.region, job.account_id)
        if told is not None or source is None:
            copy.stopped = at + COPY_IN_REGION_SECONDS
            copy.ends = "FAILED" if told is None else told.ends
            copy.message = _NOT_COPIED if told is None else told.message or _NOT_COPIED
            return copy
        if is_home and run.has_built:
            copy.ami, copy.name = source, source.name
            copy.message = self._tag(at, source, settings)
            copy.ends = "FAILED" if copy.message else ""
            return copy
        key = f"{self._scope}copy/{region}/{account}"
        known = run.carried.copies.get((region, account))
        if known is not None and key in run.carried.keys:  # a retry has it already
            copy.ami = known
            return copy
        copy.stopped = at + (COPY_IN_REGION_SECONDS if region == job.region else COPY_SECONDS)
        text = settings.get("description") or (is_home and job.description) or None
        ami = Ami(
            image_id=run.names.ami(key),
            region=region,
            account_id=account,
            name=name,
            description=text and expand(text, run.stamp, job.build),
            tags=ami_tags(job, settings, run.stamp),
            kms_key_id=settings.get("kmsKeyId"),
            copied_from=source.image_id,
            copied_from_region=source.region,
            parent=job.base_image,
            platform=job.platform,
        )
        refusal = run.make(copy.stopped, key, ami)
        if refusal:
            copy.ends, copy.message = "FAILED", refusal
        else:
            copy.ami = ami
            run.carried.copies[region, account] = ami
        return copy

    def _tag(self, at: float, ami: Ami, settings: Record) -> str:
        """Give the AMI of the build its tags, and return what stands against it, if anything."""
        if not settings.get("amiTags"):
            return ""
        tags = ami_tags(self._job, settings, self._run.stamp)
        change = AmiChange(ami.image_id, ami.region, ami.account_id, tags)
        return self._run.make(at, f"{self._scope}tags/{ami.region}", change)

    def share(self, at: float, copies: Sequence[Copy], plan: Mapping[str, Record]) -> list[Copy]:
        """Let others launch the copies.

        :param plan: launch permissions by region.
        """
        shared = []
        for copy in copies:
            permission = plan.get(copy.region)
            if permission and copy.ami is not None:
                ami = copy.ami
                key = f"{self._scope}share/{copy.region}/{copy.account_id}"
                change = AmiChange(
                    ami.image_id, ami.region, ami.account_id, launch_permission=permission
                )
                shared.append(self._after(copy, at, SHARE_SECONDS, self._run.make(at, key, change)))
        return shared

    @staticmethod
    def _after(copy: Copy, at: float, seconds: float, refusal: str) -> Copy:
        return Copy(
            copy.region,
            copy.account_id,
            copy.name,
            at,
            at + seconds,
            copy.ami,
            "FAILED" if refusal else "",
            refusal,
        )

    def push(self, at: float, pushes: Iterable[Push]) -> list[Copy]:
        """Push a container image to each region, all at the same time."""
        run = self._run
        done = []
        for one in pushes:
            told = run.scenario.failure_in("DISTRIBUTING", one.region, one.account_id)
            key = f"{self._scope}push/{one.region}/{one.repository}"
            copy = Copy(one.region, one.account_id, one.repository, at, at)
            if told is not None:
                copy.ends, copy.message = told.ends, told.message or _NOT_PUSHED
            else:
                copy.message = run.make(at, key, one)
                copy.ends = "FAILED" if copy.message else ""
            done.append(copy)
        return done

    def configure(self, at: float, copies: Sequence[Copy], plan: Sequence[Record]) -> list[Copy]:
        """Do with the copies what is wanted in each region, in all regions at the same time.

        :param plan: distributions, each with the settings of a region.
        """
        return [
            self._configure(at, copy, configuration, is_first=number == 0)
            for configuration in plan
            for number, copy in enumerate(
                one for one in copies if one.region == configuration["region"]
            )
            if copy.ami is not None
        ]

    def _configure(self, at: float, copy: Copy, configuration: Record, *, is_first: bool) -> Copy:
        run = self._run
        done = Copy(copy.region, copy.account_id, copy.name, at, at, copy.ami)
        told = run.scenario.failure_in("INTEGRATING", copy.region, copy.account_id)
        wanted = list(self._configurations(copy, configuration, is_first=is_first))
        if told is not None and told.configuration_step not in {step for step, *_ in wanted}:
            done.ends, done.configuration_step = told.ends, told.configuration_step
            done.message = told.message or _NOT_CONFIGURED
            done.stopped = at + CONFIGURE_SECONDS
            return done
        for step, seconds, output in wanted:
            if told is not None and step == told.configuration_step:
                done.ends, done.configuration_step = told.ends, step
                done.message = told.message or _NOT_CONFIGURED
                done.stopped += seconds
                return done
            key = f"{self._scope}{step}/{copy.region}/{copy.account_id}/{_tail(output)}"
            if key in run.carried.keys:
                continue
            done.stopped += seconds
            refusal = run.make(done.stopped, key, output)
            if refusal:
                done.ends, done.message, done.configuration_step = "FAILED", refusal, step
                return done
        return done

    def _configurations(
        self, copy: Copy, configuration: Record, *, is_first: bool
    ) -> Iterator[tuple[str, float, Output]]:
        """Go through what is to be done with one copy, with the step it is and its seconds.

        Parameters hold the AMI of the account they name, by default the caller's own. Recorded:
        the launch template of another account gets the AMI of the caller's.
        """
        ami = copy.ami
        if ami is None:
            return
        image, region, account, own = (
            ami.image_id,
            copy.region,
            ami.account_id,
            self._job.account_id,
        )
        is_own = account == own or (is_first and not self._has_own(region))
        if is_own and (arns := configuration.get("licenseConfigurationArns")):
            licenses = Licenses(image, region, account, tuple(arns))
            yield "ASSOCIATE_LICENSES", CONFIGURE_SECONDS, licenses
        for one in configuration.get("launchTemplateConfigurations", ()) if is_own else ():
            version = TemplateVersion(
                image,
                region,
                one.get("accountId", own),
                one["launchTemplateId"],
                one.get("setDefaultVersion", True),
            )
            yield "UPDATE_LAUNCH_TEMPLATES", CONFIGURE_SECONDS, version
        for one in configuration.get("ssmParameterConfigurations", ()):
            if one.get("amiAccountId", account if is_own else own) == account:
                parameter = Parameter(
                    image, region, account, one["parameterName"], one.get("dataType", "text")
                )
                yield "PUT_SSM_PARAMETERS", CONFIGURE_SECONDS, parameter
        for one in configuration.get("fastLaunchConfigurations", ()):
            of = one.get("accountId", account if is_own else own)
            if of == account and one.get("enabled", True):  # documented: else nothing is done
                settings = FastLaunch(image, region, account, one)
                yield "UPDATE_FAST_LAUNCH_CONFIGURATIONS", CONFIGURE_SECONDS, settings
        export = configuration.get("s3ExportConfiguration")
        if export and is_own:
            yield (
                "EXPORT_AMI",
                EXPORT_SECONDS,
                Export(
                    image,
                    region,
                    account,
                    export["diskImageFormat"],
                    export["s3Bucket"],
                    export.get("s3Prefix", ""),
                    export["roleName"],
                ),
            )

    def _has_own(self, region: str) -> bool:
        copies = self._run.carried.copies
        return (region, self._job.account_id) in copies


def _tail(output: Output) -> str:
    for name in ("template_id", "name", "bucket"):
        found: str | None = getattr(output, name, None)
        if found:
            return found
    return ""


def end_of(copies: Iterable[Copy], at: float) -> float:
    """Return when the last of *copies* is done, *at* at the earliest."""
    return max((one.stopped for one in copies), default=at)


def summary(failed: Sequence[Copy]) -> str:
    """Return what a distribution that failed says of itself; the form is recorded."""
    return ", ".join(f"In region '{one.region}' - '{one.message}'" for one in failed)[:1024]
