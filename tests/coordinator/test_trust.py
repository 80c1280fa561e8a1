"""What Windows and Office allow, read from a registry that a test has filled, and from a file's other stream."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from xltiltak.coordinator import trust

USER, MACHINE = "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"
SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
GUARD = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
CHILDREN = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
Registry = dict[tuple[str, str, str], object]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The values there are, by hive, key and name. A key without any cannot be opened, as with Windows."""
    held: Registry = {}
    made = ModuleType("winreg")

    @contextmanager
    def opened(hive: str, key: str) -> Iterator[tuple[str, str]]:
        if not any(known[:2] == (hive, key) for known in held):
            raise FileNotFoundError(key)
        yield hive, key

    def value(at: tuple[str, str], name: str) -> tuple[object, int]:
        if (*at, name) not in held:
            raise FileNotFoundError(name)
        return held[*at, name], 1

    made.__dict__.update({USER: USER, MACHINE: MACHINE, "OpenKey": opened, "QueryValueEx": value})
    monkeypatch.setitem(sys.modules, "winreg", made)
    return held


def location(n: int, key: str = SECURITY) -> str:
    """The key of a trusted location."""
    return rf"{key}\Trusted Locations\Location{n}"


@pytest.mark.parametrize(
    ("said", "off"), [(1, False), (2, False), (3, True), (4, True), ("3", False)]
)
def test_macros_are_off_where_only_signed_ones_or_none_may_run(
    *, said: object, off: bool, registry: Registry
) -> None:
    registry[USER, SECURITY, "VBAWarnings"] = said
    assert trust.macros_are_off() is off


def test_macros_are_on_where_nobody_has_said_anything(registry: Registry) -> None:
    assert not registry
    assert not trust.macros_are_off()


def test_what_it_decides_goes_before_what_the_user_chose(registry: Registry) -> None:
    registry[USER, SECURITY, "VBAWarnings"] = 1
    registry[USER, POLICY, "VBAWarnings"] = 4
    assert trust.macros_are_off()


@pytest.mark.parametrize(
    ("place", "below", "trusted"),
    [
        ("C:\\Plan\\", 0, True),
        ("c:\\plan", 0, True),  # as Windows compares
        ("C:\\", 0, False),
        ("C:\\", 1, True),
        ("C:\\Plan\\Annet", 1, False),
        ("%XLT_PLANS%", 0, True),
    ],
)
def test_a_folder_is_trusted_by_its_name_or_one_above_with_all_below(
    *, place: str, below: int, trusted: bool, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.expandvars", lambda text: text.replace("%XLT_PLANS%", "C:\\Plan"))
    registry[USER, location(7), "Path"] = place  # they are numbered with gaps
    registry[USER, location(7), "AllowSubFolders"] = below
    assert trust.in_trusted_location(Path("C:\\Plan\\koordinator.xlsm")) is trusted


def test_a_location_that_it_has_set_is_trusted_too(registry: Registry) -> None:
    registry[USER, location(0, POLICY), "Path"] = "C:\\Plan"
    assert trust.in_trusted_location(Path("C:\\Plan\\koordinator.xlsm"))


def test_no_folder_is_trusted_where_none_is_named(registry: Registry) -> None:
    assert not registry
    assert not trust.in_trusted_location(Path("C:\\Plan\\koordinator.xlsm"))


@pytest.mark.parametrize(
    ("said", "blocked"), [("1", True), ("6", True), ("2", False), ("0", False), (1, True)]
)
def test_programs_are_blocked_where_the_rule_blocks_or_warns(
    *, said: object, blocked: bool, registry: Registry
) -> None:
    registry[MACHINE, GUARD, CHILDREN] = said
    assert trust.programs_are_blocked() is blocked


def test_programs_are_not_blocked_without_the_rule(registry: Registry) -> None:
    registry[MACHINE, GUARD, "another"] = "1"
    assert not trust.programs_are_blocked()


@pytest.mark.skipif(sys.platform == "win32", reason="there it is a stream of the file itself")
@pytest.mark.parametrize(("zone", "web"), [("3", True), ("4", True), ("2", False), ("0", False)])
def test_a_file_from_the_web_is_known_by_its_zone(*, zone: str, web: bool, tmp_path: Path) -> None:
    Path(f"{tmp_path}/k.xlsm:Zone.Identifier").write_text(
        f"[ZoneTransfer]\nZoneId={zone}\n", "utf-8"
    )
    assert trust.from_the_web(tmp_path / "k.xlsm") is web


def test_a_file_made_here_has_no_zone(tmp_path: Path) -> None:
    (tmp_path / "k.xlsm").write_bytes(b"")
    assert not trust.from_the_web(tmp_path / "k.xlsm")
