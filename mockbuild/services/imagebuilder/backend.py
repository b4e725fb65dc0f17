"""The Image Builder of one account in one region."""

from typing import TYPE_CHECKING

from mockbuild.services.backend import Backend, Means
from mockbuild.services.imagebuilder.shelves import Shelves

if TYPE_CHECKING:
    from collections.abc import Callable


class ImageBuilder(Backend):
    """The Image Builder of one account in one region."""

    service = "imagebuilder"

    def __init__(self, account_id: str, region: str, means: Means) -> None:
        super().__init__(account_id, region, means)
        self.shelves = Shelves()
        #: What :meth:`settle` and :meth:`abandon` call: stores whose things move add themselves.
        self.on_settle: list[Callable[[], None]] = []
        self.on_abandon: list[Callable[[], None]] = []

    def settle(self) -> None:
        """Let images do outside what they do, as far as somebody who looks would see it."""
        self.means.agenda.advance(self.now())
        for settle in list(self.on_settle):
            settle()

    def abandon(self) -> None:
        """Let nothing more happen here: nobody can ask for it any more."""
        for abandon in list(self.on_abandon):
            abandon()
