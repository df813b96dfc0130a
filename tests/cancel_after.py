"""A cancel token for tests that is set after a given number of polls."""

from catdog_desktop.cancellation import CancelToken


class CancelAfter(CancelToken):
    """Cancelled from the poll after the first `polls` on, as if the user had cancelled between the two."""

    def __init__(self, polls: int = 0) -> None:
        super().__init__()
        self.polls_left = polls
        self.polls = 0
        """How often the work has polled."""

    @property
    def cancelled(self) -> bool:
        self.polls += 1
        if self.polls_left == 0:
            self.cancel()
        else:
            self.polls_left -= 1
        return super().cancelled
