"""What a disk refuses, told in one sentence."""

import contextlib
from collections.abc import Iterator


def reason_of(error: OSError) -> str:
    """Return why and of which file, to stand in brackets: `No space left on device: /home/ada/x.jsonl`."""
    return f"{error.strerror or error}: {error.filename or 'no name'}"


@contextlib.contextmanager
def reraise_oserror_as(kind: type[Exception], what: str) -> Iterator[None]:
    """Raise an `OSError` of the block as `kind`, whose message says `what` could not be done, and why."""
    try:
        yield
    except OSError as error:
        raise kind(f"{what} ({reason_of(error)}).") from error
