"""The seccomp filter, run instruction by instruction: also for the architecture that the tests do not run on."""

import errno

import pytest
from sandbox_probe import NUMBERS, THREAD_FLAGS

from catdog_desktop.sandbox import seccomp

PROCESS = 4_321
COLUMNS = {"x86_64": 0, "aarch64": 1}
ALLOW = "allow"
KILL = "kill"


def decision(machine: str, number: int, *arguments: int, architecture: int | None = None) -> str:
    """Return what the filter decides about a call: "allow", "kill", or the name of the error."""
    lines = list(seccomp.filter_lines(machine, PROCESS))
    known = seccomp.ARCHITECTURES[machine]
    words = {0: number, 4: known if architecture is None else architecture}
    for index in range(6):
        argument = arguments[index] if index < len(arguments) else 0
        words[16 + 8 * index] = argument & 0xFFFFFFFF
        words[20 + 8 * index] = argument >> 32 & 0xFFFFFFFF
    accumulator = at = 0
    while True:
        code, if_true, if_false, operand = lines[at]
        at += 1
        match code:
            case seccomp.LOAD:
                accumulator = words[operand]
            case seccomp.AND:
                accumulator &= operand
            case seccomp.JUMP_IF_EQUAL:
                at += if_true if accumulator == operand else if_false
            case seccomp.JUMP_IF_AT_LEAST:
                at += if_true if accumulator >= operand else if_false
            case seccomp.RETURN:
                if operand == seccomp.ALLOW:
                    return ALLOW
                return KILL if operand == seccomp.KILL_PROCESS else errno.errorcode[operand & 0xFFFF]
            case _:
                raise AssertionError(f"no such instruction: {code:#x}")


@pytest.mark.parametrize("machine", COLUMNS)
def test_filter_has_jumps_that_the_kernel_accepts(machine: str) -> None:
    lines = list(seccomp.filter_lines(machine, PROCESS))
    assert len(lines) < 4_096
    for at, (_code, if_true, if_false, operand) in enumerate(lines):
        assert 0 <= if_true <= 255
        assert 0 <= if_false <= 255
        assert at + 1 + max(if_true, if_false) <= len(lines)
        assert 0 <= operand < 2**32


@pytest.mark.parametrize("machine", COLUMNS)
@pytest.mark.parametrize("name", seccomp.ALLOWED)
def test_filter_allowed_call_passes(machine: str, name: str) -> None:
    number = seccomp.ALLOWED[name][COLUMNS[machine]]
    if number is not None:
        assert decision(machine, number, 1, 2, 3) == ALLOW


@pytest.mark.parametrize("machine", COLUMNS)
@pytest.mark.parametrize("name", NUMBERS)
def test_filter_denied_call_fails(machine: str, name: str) -> None:
    number = NUMBERS[name][COLUMNS[machine]]
    if number is not None:
        assert decision(machine, number, PROCESS + 1, PROCESS + 1) == "EPERM"


@pytest.mark.parametrize("machine", COLUMNS)
def test_filter_numbers_are_unique(machine: str) -> None:
    column = COLUMNS[machine]
    conditional = (seccomp.CLONE, seccomp.TGKILL, seccomp.PRLIMIT64, seccomp.IOCTL, seccomp.PRCTL)
    numbers = [pair[column] for pair in (*seccomp.ALLOWED.values(), *conditional) if pair[column] is not None]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("machine", COLUMNS)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        (seccomp.CLONE, (THREAD_FLAGS,), ALLOW),
        (seccomp.CLONE, (17,), "EPERM"),  # a fork: SIGCHLD alone
        (seccomp.CLONE, (THREAD_FLAGS | 0x10000000,), "EPERM"),
        (seccomp.CLONE, (0x10000000 | 17,), "EPERM"),
        (seccomp.CLONE3, (0, 0), "ENOSYS"),
        (seccomp.TGKILL, (PROCESS, 5, 6), ALLOW),
        (seccomp.TGKILL, (PROCESS + 1, 5, 6), "EPERM"),
        (seccomp.PRLIMIT64, (0, 7), ALLOW),
        (seccomp.PRLIMIT64, (PROCESS, 7), ALLOW),
        (seccomp.PRLIMIT64, (1, 7), "EPERM"),
        (seccomp.IOCTL, (1, 0x5401), ALLOW),
        (seccomp.IOCTL, (1, 0x5412), "EPERM"),  # TIOCSTI, which types into the terminal
        (seccomp.PRCTL, (15, 0), ALLOW),
        (seccomp.PRCTL, (22, 2), "EPERM"),  # PR_SET_SECCOMP
        (seccomp.PRCTL, (1, 0), "EPERM"),  # PR_SET_PDEATHSIG
        (seccomp.SECCOMP, (0, 0), "EPERM"),
    ],
)
def test_filter_decides_by_arguments(
    machine: str, call: tuple[int, int], arguments: tuple[int, ...], expected: str
) -> None:
    assert decision(machine, call[COLUMNS[machine]], *arguments) == expected


@pytest.mark.parametrize("machine", COLUMNS)
def test_filter_other_architecture_kills(machine: str) -> None:
    assert decision(machine, 0, architecture=0x40000003) == KILL  # 32-bit calls on x86


def test_filter_second_numbering_of_x86_fails() -> None:
    assert decision("x86_64", seccomp.X32 | 1) == "EPERM"


@pytest.mark.parametrize("machine", COLUMNS)
def test_filter_newer_call_does_not_exist(machine: str) -> None:
    assert decision(machine, seccomp.LAST_KNOWN) == "ENOSYS"
    assert decision(machine, 500) == "ENOSYS"
