"""Write a workbook with XlsxWriter: the same content gives the same bytes, with a fingerprint.

It overrides private methods of XlsxWriter to pack each sheet when it is finished, and to build
parts that many workbooks have only once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO, StringIO
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.fingerprint import PROPERTY, fingerprint, is_covered
from xltiltak.xlsx.packing import ByteChunks, PackedPart, Packer, pack, write_archive
from xltiltak.xlsx.row_writer import RowSheet, SharedStrings

_MOST_CACHED = 64  # entries of each cache below
_STYLES: dict[tuple[object, ...], PackedPart] = {}
_PARTS: dict[tuple[object, ...], tuple[PackedPart, str]] = {}  # with their names


@lru_cache(maxsize=512)
def _format_template(
    properties: tuple[tuple[str, Any], ...], defaults: tuple[tuple[str, Any], ...]
) -> Format:
    """Return a format to copy; a thousand workbooks have the same twenty."""
    template = Format({**dict(defaults), **dict(properties)})
    template._get_format_key()  # noqa: SLF001 - its result is stored, and so copied too
    return template


class DeterministicWorkbook(Workbook):  # type: ignore[misc]
    """An XlsxWriter workbook that adds its fingerprint when it is closed; then `save` writes it."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(BytesIO(), options)
        self.str_table = SharedStrings()
        self.packed_sheets: dict[Worksheet, PackedPart] = {}
        self.packed_parts: list[tuple[str, PackedPart]] = []

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """Return a new format, as a copy of one with the same properties: that is faster."""
        defaults = tuple(self.default_format_properties.items())
        template = _format_template(tuple((properties or {}).items()), defaults)
        new_format = Format.__new__(Format)
        vars(new_format).update(vars(template))
        new_format.xf_format_indices = self.xf_format_indices
        new_format.dxf_format_indices = self.dxf_format_indices
        self.formats.append(new_format)
        return new_format

    def _check_sheetname(
        self,
        sheetname: str,
        is_chartsheet: bool = False,  # noqa: ARG002, FBT001, FBT002 - as in XlsxWriter
    ) -> str:
        """Return the name unchecked: the caller has checked it. XlsxWriter compares all names."""
        return sheetname

    @property
    def styles_key(self) -> tuple[object, ...]:
        """Return everything that the part of the styles depends on."""
        return tuple(self.xf_format_indices), tuple(self.dxf_format_indices), self.has_comments

    def _prepare_format_properties(self) -> None:
        if self.styles_key not in _STYLES:
            super()._prepare_format_properties()

    def pack_sheet(self, sheet: Worksheet) -> None:
        """Compress a finished sheet now, to free its memory before the next is written.

        A sheet with notes or charts waits until the workbook is closed: XlsxWriter numbers their
        drawings then.
        """
        if not sheet.has_comments and not sheet.charts:
            self.packed_sheets[sheet] = _packed_sheet(sheet)
            if isinstance(sheet, RowSheet):
                sheet.free_buffers()

    def save(self, target: BinaryIO | ByteChunks) -> None:
        """Write the file. The memory of each part is freed when it is written."""
        self.packed_sheets.clear()
        parts, self.packed_parts = self.packed_parts[::-1], []
        write_archive(target, (parts.pop() for _ in range(len(parts))))

    def _get_packager(self) -> Packager:
        return _FingerprintPackager()


class _FingerprintPackager(Packager):  # type: ignore[misc]
    """Builds the parts of a workbook; the fingerprint is added after the parts it covers."""

    filenames: list[tuple[Any, str, bool]]

    def _create_package(self) -> list[Any]:
        """Give the parts to the workbook. Return none: XlsxWriter has no option for the level."""
        parts = super()._create_package()
        self.workbook.packed_parts = [(name, _packed_part(file)) for file, name, _ in parts]
        return []

    def _write_worksheet_files(self) -> None:
        packed_sheets = self.workbook.packed_sheets
        for number, sheet in enumerate(self.workbook.worksheets(), 1):
            part = packed_sheets.get(sheet) or _packed_sheet(sheet)
            self.filenames.append((part, f"xl/worksheets/sheet{number}.xml", False))

    def _add_cached_part(self, key: tuple[object, ...], write: Callable[[], None]) -> None:
        """Add a part from the cache, or build it; `key` has everything the part depends on."""
        if key not in _PARTS:
            if len(_PARTS) >= _MOST_CACHED:
                _PARTS.clear()
            write()
            part, name, _ = self.filenames.pop()
            _PARTS[key] = _packed_part(part), name
        self.filenames.append((*_PARTS[key], False))

    def _write_styles_file(self) -> None:
        key = self.workbook.styles_key
        if key not in _STYLES:
            if len(_STYLES) >= _MOST_CACHED:
                _STYLES.clear()
            super()._write_styles_file()
            part, *_ = self.filenames.pop()
            _STYLES[key] = _packed_part(part)
        self.filenames.append((_STYLES[key], "xl/styles.xml", False))

    def _write_theme_file(self) -> None:
        self._add_cached_part(("theme", self.workbook.theme_xml), super()._write_theme_file)

    def _write_core_file(self) -> None:
        self._add_cached_part(
            ("core", *self.workbook.doc_properties.items()), super()._write_core_file
        )

    def _write_content_types_file(self) -> None:
        self._add_cached_part(("types", *self._counts()), super()._write_content_types_file)

    def _write_workbook_rels_file(self) -> None:
        self._add_cached_part(("rels", *self._counts()), super()._write_workbook_rels_file)

    def _write_root_rels_file(self) -> None:
        self._add_cached_part(
            ("root", bool(self.workbook.custom_properties)), super()._write_root_rels_file
        )

    def _counts(self) -> tuple[object, ...]:
        """Return the numbers of parts of each kind, as far as our workbooks have that kind.

        They have no tables, pictures, chart sheets or check boxes.
        """
        book = self.workbook
        has = (
            bool(book.str_table),
            bool(book.custom_properties),
            bool(book.vba_project),
            book.has_metadata,
        )
        drawn = self.chart_count, self.drawing_count, self.num_vml_files, self.num_comment_files
        return self.worksheet_count, *drawn, *has

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table:
            packer = Packer()
            for piece in self.workbook.str_table.markup():
                packer.write(piece)
            self.filenames.append((packer.part(), "xl/sharedStrings.xml", False))

    def _write_custom_file(self) -> None:
        self.filenames = [
            (_packed_part(file), name, binary) for file, name, binary in self.filenames
        ]
        checksums = {name: part.checksum for part, name, _ in self.filenames if is_covered(name)}
        others = [p for p in self.workbook.custom_properties if p[0] != PROPERTY]
        self.workbook.custom_properties = [*others, (PROPERTY, fingerprint(checksums), "text")]
        super()._write_custom_file()


def _packed_sheet(sheet: Worksheet) -> PackedPart:
    """Return the part of a sheet, compressed while it is written."""
    packer = Packer()
    sheet._set_filehandle(packer)  # noqa: SLF001 - a subclass's own family
    sheet._assemble_xml_file()  # noqa: SLF001
    return packer.part()


def _packed_part(part: PackedPart | StringIO | BytesIO) -> PackedPart:
    """Return a part of the packager, compressed if it is not yet."""
    if isinstance(part, PackedPart):
        return part
    content = part.getvalue()
    return pack(content if isinstance(content, bytes) else content.encode())


def add_fingerprint_property(workbook: Workbook) -> None:
    """Add the property of the fingerprint; it gets its value when the workbook is closed."""
    workbook.set_custom_property(PROPERTY, "", "text")
