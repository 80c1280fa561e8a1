"""Read what Windows and Office allow from a registry that a test has filled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from xltiltak.coordinator import excel_policies

USER, MACHINE = "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"
SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
GUARD = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
CHILDREN = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
Registry = dict[tuple[str, str, str], object]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Replace the registry; its values are by hive, key and name.

    As on Windows, a key without values cannot be opened.
    """
    values: Registry = {}
    module = ModuleType("winreg")

    @contextmanager
    def open_key(hive: str, key: str) -> Iterator[tuple[str, str]]:
        if not any(entry[:2] == (hive, key) for entry in values):
            raise FileNotFoundError(key)
        yield hive, key

    def query_value(at: tuple[str, str], name: str) -> tuple[object, int]:
        if (*at, name) not in values:
            raise FileNotFoundError(name)
        return values[*at, name], 1

    module.__dict__.update(
        {USER: USER, MACHINE: MACHINE, "OpenKey": open_key, "QueryValueEx": query_value}
    )
    monkeypatch.setitem(sys.modules, "winreg", module)
    return values


def location(n: int, key: str = SECURITY) -> str:
    """Return the key of a trusted location."""
    return rf"{key}\Trusted Locations\Location{n}"


@pytest.mark.parametrize(
    ("value", "off"), [(1, False), (2, False), (3, True), (4, True), ("3", False)]
)
def test_macros_are_off_if_only_signed_ones_or_none_may_run(
    *, value: object, off: bool, registry: Registry
) -> None:
    registry[USER, SECURITY, "VBAWarnings"] = value
    assert excel_policies.are_macros_off() is off


def test_macros_are_on_without_a_setting(registry: Registry) -> None:
    assert not registry
    assert not excel_policies.are_macros_off()


def test_a_policy_overrides_the_choice_of_the_user(registry: Registry) -> None:
    registry[USER, SECURITY, "VBAWarnings"] = 1
    registry[USER, POLICY, "VBAWarnings"] = 4
    assert excel_policies.are_macros_off()


@pytest.mark.parametrize(
    ("place", "below", "trusted"),
    [
        ("C:\\Plan\\", 0, True),
        ("c:\\plan", 0, True),  # Windows ignores case
        ("C:\\", 0, False),
        ("C:\\", 1, True),
        ("C:\\Plan\\Annet", 1, False),
        ("%XLT_PLANS%", 0, True),
    ],
)
def test_a_folder_is_trusted_by_its_own_location_or_one_with_subfolders(
    *, place: str, below: int, trusted: bool, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.expandvars", lambda text: text.replace("%XLT_PLANS%", "C:\\Plan"))
    registry[USER, location(7), "Path"] = place  # the numbers have gaps
    registry[USER, location(7), "AllowSubFolders"] = below
    assert excel_policies.is_in_trusted_location(Path("C:\\Plan\\koordinator.xlsm")) is trusted


def test_a_location_set_by_a_policy_is_trusted(registry: Registry) -> None:
    registry[USER, location(0, POLICY), "Path"] = "C:\\Plan"
    assert excel_policies.is_in_trusted_location(Path("C:\\Plan\\koordinator.xlsm"))


def test_no_folder_is_trusted_without_locations(registry: Registry) -> None:
    assert not registry
    assert not excel_policies.is_in_trusted_location(Path("C:\\Plan\\koordinator.xlsm"))


@pytest.mark.parametrize(
    ("value", "blocked"), [("1", True), ("6", True), ("2", False), ("0", False), (1, True)]
)
def test_programs_are_blocked_if_the_rule_blocks_or_warns(
    *, value: object, blocked: bool, registry: Registry
) -> None:
    registry[MACHINE, GUARD, CHILDREN] = value
    assert excel_policies.are_programs_blocked() is blocked


def test_programs_are_not_blocked_without_the_rule(registry: Registry) -> None:
    registry[MACHINE, GUARD, "another"] = "1"
    assert not excel_policies.are_programs_blocked()


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows it is a stream of the file")
@pytest.mark.parametrize(("zone", "web"), [("3", True), ("4", True), ("2", False), ("0", False)])
def test_a_file_from_the_web_is_recognised_by_its_zone(
    *, zone: str, web: bool, tmp_path: Path
) -> None:
    Path(f"{tmp_path}/k.xlsm:Zone.Identifier").write_text(
        f"[ZoneTransfer]\nZoneId={zone}\n", "utf-8"
    )
    assert excel_policies.is_from_the_web(tmp_path / "k.xlsm") is web


def test_a_file_without_a_zone_is_not_from_the_web(tmp_path: Path) -> None:
    (tmp_path / "k.xlsm").write_bytes(b"")
    assert not excel_policies.is_from_the_web(tmp_path / "k.xlsm")
