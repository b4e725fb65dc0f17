"""A Docker container."""

import contextlib
import fnmatch
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from requests.exceptions import RequestException

from mockbuild.machines import archives, folders
from mockbuild.machines.base import (
    Command,
    File,
    ImageError,
    Killed,
    MachineError,
    MachineSpec,
    Output,
)
from mockbuild.machines.containers import SCRIPTS, Container, Stream
from mockbuild.machines.shell import Shells, quote

if TYPE_CHECKING:
    from mockbuild.clock import Clock

ImageFor = Mapping[str, str] | Callable[[str], str]


class DockerMachine:
    """Runs commands in a container of its own, on the engine that ``DOCKER_HOST`` names.

    See :class:`~mockbuild.machines.base.Machine`. Nothing of this machine is mounted into the
    container. What holds it up is a shell with process number 1, which no command can kill.

    :param clock: gives the time, and ends the machine at its deadline.
    :param image_for: which image to use for what a project calls its image: a mapping of
        patterns (as in :mod:`fnmatch`; the first that matches counts), or a function. An image
        that no pattern matches is used by its own name.
    """

    #: A container has a file system of its own.
    root = ""

    def __init__(self, clock: "Clock", image_for: ImageFor | None = None) -> None:
        self._clock = clock
        self._image_for = image_for if image_for is not None else {}
        self._container = Container()
        self._end = weakref.finalize(self, Container.close, self._container)
        self._folder = "/"
        self._shells = Shells(self._connect, SCRIPTS)

    def start(self, spec: MachineSpec) -> None:
        """Create and start the container; its image is pulled if it is not there.

        :raises ImageError: the image cannot be pulled. The message is as AWS words it.
        :raises MachineError: no engine answers, or it cannot start the container.
        :raises Killed: the machine has been ended.
        """
        self._check()
        self._folder = "/" + "/".join(folders.absolute(spec.folder))
        self._container.alarm = self._clock.alarm(spec.deadline, self._container.kill)
        with self._engine("start the container"):
            self._container.connect()
            self._create(self._image(spec.image), spec)
            self._check()
            self._container.start()
            self._check()

    def begin(self, step: str, commands: int = 0) -> None:  # noqa: ARG002 - nothing to do
        """Do nothing, unless the machine has been ended."""
        self._check()

    def put(self, files: Iterable[File], folder: str) -> None:
        """Write files, which then belong to root; special bits of their modes are left out.

        :raises MachineError: a path leads out of *folder*, or cannot be written.
        """
        self._check()
        place = "/" + "/".join(folders.absolute(folder))
        spool, paths = archives.pack(files, self._clock.now())
        self._prepare(place, paths)
        if paths:
            with self._engine("copy files into the container"):
                self._container.api.put_archive(self._container.name, place, spool.file)

    def run(self, command: Command, output: Output) -> int:
        """Run a command; see :class:`~mockbuild.machines.shell.Shells` for how.

        :raises MachineError: the container has no such user or shell, or has died.
        """
        self._check()
        with self._engine("run a command"):
            return self._shells.run(command, output)

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        """Ask the shell of the last command that was not ``fresh``."""
        self._check()
        with self._engine("read variables"):
            return self._shells.variables(names)

    def files(self, folder: str) -> Iterator[File]:
        """Go through a folder as it is now: all of it is copied before the first file comes."""
        self._check()
        place = "/" + "/".join(folders.absolute(folder))
        with self._engine("copy files out of the container"):
            spool = self._fetch(place)
        for file in archives.unpack(spool):
            self._check()
            yield file

    def now(self) -> float:
        """Return the clock's time."""
        return self._clock.now()

    def kill(self) -> None:
        """Kill the container."""
        self._container.kill()

    def close(self) -> None:
        """Remove the container and its volumes.

        :raises MachineError: the engine could not be asked to; only the first time.
        """
        self._end()

    def _image(self, wanted: str) -> str:
        if not isinstance(self._image_for, Mapping):
            return self._image_for(wanted)
        for pattern, image in self._image_for.items():
            if fnmatch.fnmatchcase(wanted, pattern):
                return image
        return wanted

    def _create(self, image: str, spec: MachineSpec) -> None:
        if not image:
            raise ImageError("CannotPullContainerError: the project names no image")
        try:
            self._container.create(image, self._folder, spec)
        except ImageNotFound:
            self._pull(image, spec.image)
            self._container.create(image, self._folder, spec)

    def _pull(self, image: str, wanted: str) -> None:
        try:
            for news in self._container.api.pull(image, stream=True, decode=True):
                self._check()
                if "error" in news:
                    raise _cannot_pull(news["error"], image, wanted)
        except APIError as error:
            raise _cannot_pull(error.explanation, image, wanted) from error

    def _prepare(self, place: str, paths: Sequence[str]) -> None:
        """Make the folders that *paths* need, unless a link or a file is in the way."""
        below = dict.fromkeys(folder for path in paths for folder in archives.above(path))
        script = _PREPARE.format(
            place=quote(place).decode(errors="surrogateescape"),
            folders=" ".join(map(_here, below)),
            files=" ".join(map(_here, paths)),
        )
        said: list[str] = []
        if self.run(Command(script, fresh=True), said.append):
            raise MachineError(f"cannot write to {place}: {''.join(said).strip()}")

    def _fetch(self, place: str) -> archives.Spool:
        spool = archives.Spool()
        try:
            chunks, _ = self._container.api.get_archive(self._container.name, f"{place}/.")
        except NotFound:
            raise FileNotFoundError(f"there is no folder {place}") from None
        except APIError as error:
            if "not a directory" in (error.explanation or ""):
                raise FileNotFoundError(f"{place} is not a folder") from None
            raise
        for chunk in chunks:
            self._check()
            spool.file.write(chunk)
        spool.file.seek(0)
        return spool

    def _connect(self, user: str | None) -> Stream:
        return self._container.attach(user, self._folder)

    def _check(self) -> None:
        if self._container.ended:
            raise Killed

    @contextlib.contextmanager
    def _engine(self, what: str) -> Iterator[None]:
        """Make the engine's errors ours, and whatever comes of being killed :class:`Killed`."""
        try:
            yield
        except FileNotFoundError:
            raise
        except MachineError:
            self._check()
            raise
        except APIError as error:
            self._check()
            raise MachineError(f"cannot {what}: {error.explanation or error}") from error
        except (DockerException, RequestException, OSError) as error:
            self._check()
            raise MachineError(f"cannot {what}: {error}") from error
        self._check()


_PREPARE = """\
mkdir -p {place} && cd {place} || exit
for path in {folders}; do
  if [ -L "$path" ] || {{ [ -e "$path" ] && [ ! -d "$path" ]; }}; then
    printf '%s is a link or not a folder' "$path"; exit 1
  fi
  [ -d "$path" ] || mkdir "$path" || exit
done
for path in {files}; do
  if [ -d "$path" ] && [ ! -L "$path" ]; then printf '%s is a folder' "$path"; exit 1; fi
done
"""


def _here(path: str) -> str:
    return quote(f"./{path}").decode(errors="surrogateescape")


def _cannot_pull(reason: str | None, image: str, wanted: str) -> ImageError:
    error = ImageError(f"CannotPullContainerError: Error response from daemon: {reason}")
    error.add_note(
        f"The project's image {wanted!r} is {image!r} here. To use an image of yours for it, give "
        f'the Docker machine a mapping such as images={{"{wanted}": "debian:bookworm-slim"}}.'
    )
    return error
