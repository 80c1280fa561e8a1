"""A workbook that seals itself when it is written, so that an untouched one is known (`untouched.py`)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.fingerprint import PROPERTY, fingerprint, has_fingerprint
from xltiltak.xlsx.packing import ByteChunks, PackedPart, Packer, pack, write_archive
from xltiltak.xlsx.row_writer import RowSheet, SharedStrings

_FORMATS: dict[tuple[object, ...], Format] = {}
_STYLES: dict[tuple[object, ...], PackedPart] = {}
_MADE: dict[
    tuple[object, ...], tuple[PackedPart, str]
] = {}  # parts that many workbooks have, and their names
_MOST_MADE = 64


class DeterministicWorkbook(Workbook):  # type: ignore[misc]
    """An XlsxWriter workbook that seals itself when it is closed; then `save` writes its parts."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(BytesIO(), options)
        self.str_table = SharedStrings()
        self.done: dict[Worksheet, PackedPart] = {}
        self.made: list[tuple[str, PackedPart]] = []

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """A format as XlsxWriter makes it, from one made before: a thousand forms have the same twenty."""
        wanted = properties or {}
        key = tuple(wanted.items())
        if key not in _FORMATS:
            _FORMATS[key] = Format({**self.default_format_properties, **wanted})
            _FORMATS[key]._get_format_key()  # noqa: SLF001 - worked out here, it is copied along
        made = Format.__new__(Format)  # a copy, without the call of all that makes a new one
        vars(made).update(vars(_FORMATS[key]))
        made.xf_format_indices, made.dxf_format_indices = (
            self.xf_format_indices,
            self.dxf_format_indices,
        )
        self.formats.append(made)
        return made

    def _check_sheetname(self, sheetname: str, is_chartsheet: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002 - XlsxWriter's
        """The name as it is: `Book.sheet_name` has made sure of it, once; here each is held against all others."""
        return sheetname

    @property
    def looks(self) -> tuple[object, ...]:
        """All that the part of the styles is made from."""
        return tuple(self.xf_format_indices), tuple(self.dxf_format_indices), self.has_comments

    def _prepare_format_properties(self) -> None:
        if self.looks not in _STYLES:
            super()._prepare_format_properties()

    def pack_sheet(self, sheet: Worksheet) -> None:
        """Pack a sheet that is written, before the next is: then it takes no more room than in the file.

        One with notes or charts has to wait; XlsxWriter numbers their drawings at the end.
        """
        if not sheet.has_comments and not sheet.charts:
            self.done[sheet] = _packed(sheet)
            if isinstance(sheet, RowSheet):
                sheet.let_go()

    def save(self, target: BinaryIO | ByteChunks) -> None:
        """Write the file; each part is let go of when it is written."""
        self.done.clear()
        made, self.made = self.made[::-1], []
        write_archive(target, (made.pop() for _ in range(len(made))))

    def _get_packager(self) -> Packager:
        return _FingerprintPackager()


class _FingerprintPackager(Packager):  # type: ignore[misc]
    """Writes the document properties when the parts they seal are there."""

    filenames: list[tuple[Any, str, bool]]

    def _create_package(self) -> list[Any]:
        """Hands the parts to the workbook, and nothing to XlsxWriter's own packing, whose level nobody can choose."""
        self.workbook.made = [(name, _part(file)) for file, name, _ in super()._create_package()]
        return []

    def _write_worksheet_files(self) -> None:
        known = self.workbook.done
        for number, sheet in enumerate(self.workbook.worksheets(), 1):
            part = known.get(sheet) or _packed(sheet)
            self.filenames.append((part, f"xl/worksheets/sheet{number}.xml", False))

    def _once(self, key: tuple[object, ...], write: Callable[[], None]) -> None:
        """A part that is made from nothing but the key: the same in every workbook that has this."""
        if key not in _MADE:
            if len(_MADE) >= _MOST_MADE:
                _MADE.clear()
            write()
            made, name, _ = self.filenames.pop()
            _MADE[key] = _part(made), name
        self.filenames.append((*_MADE[key], False))

    def _write_styles_file(self) -> None:
        looks = self.workbook.looks
        if looks not in _STYLES:
            super()._write_styles_file()
            made, *_ = self.filenames.pop()
            _STYLES[looks] = _part(made)
        self.filenames.append((_STYLES[looks], "xl/styles.xml", False))

    def _write_theme_file(self) -> None:
        self._once(("theme", self.workbook.theme_xml), super()._write_theme_file)

    def _write_core_file(self) -> None:
        self._once(("core", *self.workbook.doc_properties.items()), super()._write_core_file)

    def _write_content_types_file(self) -> None:
        self._once(("types", *self._counts()), super()._write_content_types_file)

    def _write_workbook_rels_file(self) -> None:
        self._once(("rels", *self._counts()), super()._write_workbook_rels_file)

    def _write_root_rels_file(self) -> None:
        self._once(("root", bool(self.workbook.custom_properties)), super()._write_root_rels_file)

    def _counts(self) -> tuple[object, ...]:
        """How many there are of what our workbooks are made of: no tables, pictures, chart sheets or tick boxes."""
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
        self.filenames = [(_part(file), name, binary) for file, name, binary in self.filenames]
        sums = {name: part.checksum for part, name, _ in self.filenames if has_fingerprint(name)}
        kept = [p for p in self.workbook.custom_properties if p[0] != PROPERTY]
        self.workbook.custom_properties = [*kept, (PROPERTY, fingerprint(sums), "text")]
        super()._write_custom_file()


def _packed(sheet: Worksheet) -> PackedPart:
    """A sheet's markup, packed as it is made."""
    packer = Packer()
    sheet._set_filehandle(packer)  # noqa: SLF001 - a subclass's own family
    sheet._assemble_xml_file()  # noqa: SLF001
    return packer.part()


def _part(made: PackedPart | StringIO | BytesIO) -> PackedPart:
    """What the packager has made, packed if it is not."""
    if isinstance(made, PackedPart):
        return made
    content = made.getvalue()
    return pack(content if isinstance(content, bytes) else content.encode())


def add_fingerprint_property(workbook: Workbook) -> None:
    """Announce the property, which gets its value at the end."""
    workbook.set_custom_property(PROPERTY, "", "text")
