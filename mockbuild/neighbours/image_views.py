"""What a test sees of what images leave next door: ``mb.amis`` and ``mb.parameters``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime

from mockbuild.errors import ConfigurationError
from mockbuild.neighbours.base import SSM, NeighbourError
from mockbuild.neighbours.ec2 import EC2, MachineImage
from mockbuild.neighbours.views import missing, some


class AmisView(Mapping[str, MachineImage]):
    """The AMIs of all regions and accounts that images were brought to, by their ids.

    ``mb.amis["ami-0123456789abcdef0"].tags``. Those that somebody else has made there are among
    them.
    """

    def __init__(
        self, regions: Callable[[], Iterable[EC2]], before_read: Callable[[], None]
    ) -> None:
        self._regions = regions
        self._before_read = before_read

    def __getitem__(self, image_id: str) -> MachineImage:
        images = self._all()
        if image_id not in images:
            raise missing("AMI", image_id, "there", images)
        return images[image_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def named(self, name: str, region: str | None = None) -> list[MachineImage]:
        """Return the AMIs whose names begin with *name*, region by region, in the order made.

        :param region: only those of this region.
        """
        return [
            image
            for image in self._all().values()
            if image.name.startswith(name) and region in (None, image.region)
        ]

    def launched(self, image_id: str, at: float | datetime) -> None:
        """Say that somebody has launched an instance of an AMI, which lifecycle policies ask.

        :param at: when, in seconds since the epoch, or a datetime (without a time zone, it is UTC).
        :raises ConfigurationError: the AMIs are not in memory here, but in moto, say: there,
            instances can be launched.
        """
        self[image_id]
        if isinstance(at, datetime):
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        if not isinstance(at, int | float):
            raise TypeError(f"a time is a number or a datetime, not {type(at).__name__}")
        for region in self._regions():
            if region.find(image_id) is not None:
                try:
                    region.launched(image_id, at)
                except NeighbourError as error:
                    raise ConfigurationError(error.message) from None

    def _all(self) -> dict[str, MachineImage]:
        self._before_read()
        return {image.image_id: image for region in self._regions() for image in region.images()}

    def __repr__(self) -> str:
        return f"<AMIs: {some(self)}>"


class ParametersView:
    """The parameters of Systems Manager by region: ``mb.parameters["us-east-1"]["/base/ami"]``."""

    def __init__(self, ssm: Callable[[str], SSM], before_read: Callable[[], None]) -> None:
        self._ssm = ssm
        self._before_read = before_read

    def __getitem__(self, region: str) -> "Parameters":
        return Parameters(region, self._ssm, self._before_read)


class Parameters(MutableMapping[str, str]):
    """The parameters of one region: values by name; they can be written, too.

    :param region: the region.
    """

    def __init__(
        self, region: str, ssm: Callable[[str], SSM], before_read: Callable[[], None]
    ) -> None:
        self.region = region
        self._ssm = ssm
        self._before_read = before_read

    def __getitem__(self, name: str) -> str:
        self._before_read()
        found = self._ssm(self.region).get(name) if isinstance(name, str) and name else None
        if found is None:
            raise missing("parameter", name, f"in {self.region}", self)
        return found

    def __setitem__(self, name: str, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"a parameter's value is a text, not {type(value).__name__}")
        self._ssm(self.region).put(name, value)

    def __delitem__(self, name: str) -> None:
        self[name]
        self._ssm(self.region).delete(name)

    def __iter__(self) -> Iterator[str]:
        self._before_read()
        return iter(self._ssm(self.region).names())

    def __len__(self) -> int:
        self._before_read()
        return len(self._ssm(self.region).names())

    def __repr__(self) -> str:
        return f"<parameters of {self.region}: {some(self)}>"
