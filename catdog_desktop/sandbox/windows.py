"""Windows: a job object, fewer privileges and low integrity for the calling process.

Low integrity forbids to change whatever a usual program may change: files, the registry, other programs' windows and
processes. It does not forbid to read, and there is no means here against the network. Constants are those of winnt.h.
"""

import ctypes
import errno
from pathlib import Path
from typing import Any, Final

EXTENDED_LIMITS: Final = 9
"""JobObjectExtendedLimitInformation."""
UI_RESTRICTIONS: Final = 4
"""JobObjectBasicUIRestrictions."""
LIMIT_ACTIVE_PROCESSES: Final = 0x8
LIMIT_PROCESS_MEMORY: Final = 0x100
LIMIT_DIE_ON_EXCEPTION: Final = 0x400
LIMIT_KILL_ON_CLOSE: Final = 0x2000
ALL_UI_RESTRICTIONS: Final = 0xFF
TOKEN_ACCESS: Final = 0x0080 | 0x0020 | 0x0008
"""TOKEN_ADJUST_DEFAULT, TOKEN_ADJUST_PRIVILEGES, TOKEN_QUERY."""
TOKEN_PRIVILEGES: Final = 3
TOKEN_INTEGRITY_LEVEL: Final = 25
PRIVILEGE_REMOVED: Final = 0x4
CHANGE_NOTIFY: Final = 23
"""SeChangeNotifyPrivilege, to walk through folders: the one privilege that every program needs."""
GROUP_INTEGRITY: Final = 0x20
LOW_INTEGRITY: Final = "S-1-16-4096"
LOW_INTEGRITY_LABEL: Final = "S:(ML;OICI;NW;;;LW)"
"""For the work folder and what is created in it: programs of low integrity may write."""
LABEL_INFORMATION: Final = 0x10
FILE_OBJECT: Final = 1
IMAGE_LOAD_POLICY: Final = 10
NO_REMOTE_AND_NO_LOW_IMAGES: Final = 0b11


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class _SidAndAttributes(ctypes.Structure):
    _fields_ = (("sid", ctypes.c_void_p), ("attributes", ctypes.c_uint32))


class _LuidAndAttributes(ctypes.Structure):
    _fields_ = (("low", ctypes.c_uint32), ("high", ctypes.c_int32), ("attributes", ctypes.c_uint32))


def enter_job(memory_bytes: int | None) -> None:
    """Put this process into a job: no other processes, `memory_bytes` at most (None: no limit), no desktop access.

    Raises `OSError`.
    """
    kernel = _library("kernel32")
    job = kernel.CreateJobObjectW(None, None)
    _check(job)
    limits = _ExtendedLimits()
    limits.basic.flags = LIMIT_ACTIVE_PROCESSES | LIMIT_DIE_ON_EXCEPTION | LIMIT_KILL_ON_CLOSE
    limits.basic.active_processes = 1
    if memory_bytes is not None:
        limits.basic.flags |= LIMIT_PROCESS_MEMORY
        limits.process_memory = memory_bytes
    _check(kernel.SetInformationJobObject(job, EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)))
    restrictions = ctypes.c_uint32(ALL_UI_RESTRICTIONS)
    _check(kernel.SetInformationJobObject(job, UI_RESTRICTIONS, ctypes.byref(restrictions), 4))
    # The handle stays open: to close the last one would end the job, and this process with it.
    _check(kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess()))


def drop_privileges() -> None:
    """Remove all privileges but the one to walk through folders, for good. Raises `OSError`."""
    security = _library("advapi32")
    token = _own_token()
    size = ctypes.c_uint32()
    security.GetTokenInformation(token, TOKEN_PRIVILEGES, None, 0, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    _check(security.GetTokenInformation(token, TOKEN_PRIVILEGES, buffer, size, ctypes.byref(size)))
    count = ctypes.c_uint32.from_buffer(buffer).value
    for privilege in (_LuidAndAttributes * count).from_buffer(buffer, ctypes.sizeof(ctypes.c_uint32)):
        if privilege.low != CHANGE_NOTIFY:
            privilege.attributes = PRIVILEGE_REMOVED
    _check(security.AdjustTokenPrivileges(token, False, buffer, 0, None, None))


def refuse_remote_libraries() -> None:
    """Load no libraries from network shares or from files of low integrity, the work folder's. Raises `OSError`."""
    policy = ctypes.c_uint32(NO_REMOTE_AND_NO_LOW_IMAGES)
    _check(_library("kernel32").SetProcessMitigationPolicy(IMAGE_LOAD_POLICY, ctypes.byref(policy), 4))


def lower_integrity(work: Path) -> None:
    """Lower this process to low integrity, for good, after `work` was labelled as writable for it. Raises `OSError`."""
    security = _library("advapi32")
    descriptor = ctypes.c_void_p()
    convert = security.ConvertStringSecurityDescriptorToSecurityDescriptorW
    _check(convert(ctypes.c_wchar_p(LOW_INTEGRITY_LABEL), 1, ctypes.byref(descriptor), None))
    present, defaulted, label = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p()
    found = (ctypes.byref(present), ctypes.byref(label), ctypes.byref(defaulted))
    _check(security.GetSecurityDescriptorSacl(descriptor, *found))
    name = ctypes.c_wchar_p(str(work))
    failed = security.SetNamedSecurityInfoW(name, FILE_OBJECT, LABEL_INFORMATION, None, None, None, label)
    if failed:
        raise _error(failed)
    sid = ctypes.c_void_p()
    _check(security.ConvertStringSidToSidW(ctypes.c_wchar_p(LOW_INTEGRITY), ctypes.byref(sid)))
    level = _SidAndAttributes(sid, GROUP_INTEGRITY)
    size = ctypes.sizeof(level) + security.GetLengthSid(sid)
    _check(security.SetTokenInformation(_own_token(), TOKEN_INTEGRITY_LEVEL, ctypes.byref(level), size))


def _own_token() -> ctypes.c_void_p:
    token = ctypes.c_void_p()
    process = _library("kernel32").GetCurrentProcess()
    _check(_library("advapi32").OpenProcessToken(process, TOKEN_ACCESS, ctypes.byref(token)))
    return token


def _library(name: str) -> Any:
    load = getattr(ctypes, "WinDLL", None)
    if load is None:
        raise OSError(errno.ENOSYS, "only Windows has it")
    library = load(name, use_last_error=True)
    handle = ctypes.c_void_p
    if name == "kernel32":
        for function in (library.CreateJobObjectW, library.GetCurrentProcess):
            function.restype = handle
        library.SetInformationJobObject.argtypes = (handle, ctypes.c_int, handle, ctypes.c_uint32)
        library.AssignProcessToJobObject.argtypes = (handle, handle)
    else:
        library.OpenProcessToken.argtypes = (handle, ctypes.c_uint32, handle)
        library.GetLengthSid.argtypes = (handle,)
    return library


def _check(succeeded: Any) -> None:
    if not succeeded:
        raise _error(getattr(ctypes, "get_last_error")())  # noqa: B009  mypy knows it on Windows only.


def _error(number: int) -> OSError:
    text = getattr(ctypes, "FormatError")(number).strip()  # noqa: B009
    return OSError(errno.EPERM, f"{text} (error {number})")
