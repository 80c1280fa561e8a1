"""Say what a file is that is not one of our workbooks: first by its content, then by its name.

A kind is a key of the texts under `why`. What to do with such a file is the text of the same key
under `remedy`. The tables below are the whole knowledge; the first line that fits decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_START = 4096  # bytes in which a signature is looked for
_HEADERS = 65_536  # bytes in which the header lines of an e-mail are looked for

# Kind, position and bytes. Weak signatures (two letters) are not here: a text can begin with them.
_SIGNATURES: tuple[tuple[str, int, bytes], ...] = (
    ("pdf", 0, b"%PDF"),
    ("rtf", 0, b"{\\rtf"),
    ("picture", 0, b"\xff\xd8"),  # .jpg
    ("picture", 0, b"\x89PNG"),
    ("picture", 0, b"GIF8"),
    ("picture", 0, b"II*\0"),  # .tiff
    ("picture", 0, b"MM\0*"),
    ("picture", 8, b"WEBP"),
    ("recording", 8, b"WAVE"),
    ("recording", 0, b"ID3"),
    ("winmail", 0, b"\x78\x9f\x3e\x22"),
    ("shortcut", 0, b"L\0\0\0\x01\x14\x02\0"),  # .lnk
    ("onenote", 0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"),
    ("protected_mail", 0, b"\x76\xe8\x04\x60\xc4\x11\xe3\x86"),  # .rpmsg
    ("packed", 0, b"Rar!\x1a\x07"),
    ("packed", 0, b"7z\xbc\xaf\x27\x1c"),
    ("packed", 0, b"\x1f\x8b\x08"),  # .gz
    ("mailbox", 0, b"!BDN"),  # .pst
)
_PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"jxl ")
_SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"  # what .p7m and .p7s hold (PKCS #7)
_OLE = b"\xd0\xcf\x11\xe0"
# Kind, and the name of a part in the outermost folder of an OLE file.
_OLE_PARTS = (
    ("msg", "__properties_version1.0"),
    ("msg", "__nameid_version1.0"),
    ("msg", "__substg1.0_"),
    ("encrypted", "EncryptedPackage"),
    ("xls", "Workbook"),
    ("xls", "Book"),
    ("doc", "WordDocument"),
    ("ppt", "PowerPoint Document"),
)
# Kind, and how the name of a part of a zip begins.
_ZIP_PARTS = (
    ("docx", "word/"),
    ("pptx", "ppt/"),
    ("xlsb", "xl/workbook.bin"),
    ("iwork", "index/document.iwa"),
    ("iwork", "index.zip"),
)
_OPENDOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."  # in the first entry of the zip
_OPENDOCUMENT_KINDS = ((b"text", "odt"), (b"presentation", "odp"))
# Kind, and what a text matches at its beginning.
_TEXTS = (
    ("link", re.compile(rb"\[(?:InternetShortcut|Desktop Entry)\]", re.IGNORECASE)),
    ("link", re.compile(rb"<\?xml.{0,400}<plist", re.DOTALL)),
    ("web_document", re.compile(rb'\{[^{}]*"(?:doc_id|resource_id|url)"\s*:')),
    ("signed", re.compile(rb"-----BEGIN (?:PKCS7|PGP|SMIME)")),
    ("html", re.compile(rb"<.{0,2000}?(?:<html|doctype html)|<html", re.DOTALL | re.IGNORECASE)),
    ("xml", re.compile(rb"<")),
)
_SUFFIXES = {
    **dict.fromkeys(("gsheet", "gdoc", "gslides", "gform", "gdraw"), "web_document"),
    **dict.fromkeys(("url", "webloc", "website", "desktop"), "link"),
    **dict.fromkeys(("heic", "heif", "webp", "tif", "tiff", "bmp", "avif", "svg"), "picture"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "emf", "wmf"), "picture"),
    **dict.fromkeys(("mp3", "m4a", "wav", "mp4", "mov", "ogg"), "recording"),
    **dict.fromkeys(("pst", "ost", "olm", "mbox"), "mailbox"),
    **dict.fromkeys(("rar", "7z", "gz", "tar", "cab"), "packed"),
    **dict.fromkeys(("numbers", "pages", "key"), "iwork"),
    **dict.fromkeys(("csv", "tsv"), "csv"),
    **dict.fromkeys(("mht", "mhtml"), "mht"),
    **dict.fromkeys(("vcf", "ics"), "card"),
    "eml": "mail",
    "icloud": "icloud",
    "lnk": "shortcut",
    "msg": "msg",
    "one": "onenote",
    "p7m": "signed",
    "p7s": "signature",
    "rpmsg": "protected_mail",
    "rtf": "rtf",
}
_HALF_DOWNLOADS = ("crdownload", "part", "partial", "download", "opdownload", "tmp", "filepart")
_SECOND_MAIL = re.compile(rb"From .*?\n\r?\nFrom [^\n]*\d{4}\r?\n", re.DOTALL)
_HEADER_LINE = re.compile(rb"(?:[!-9;-~]+:.*|[ \t].*|>?From .*)", re.DOTALL)
_LENGTH = re.compile(rb"\A\d{1,9}[ \t]*\r?\n")  # the first line of an e-mail of Apple Mail
_MAIL_HEADERS = frozenset(
    (b"from", b"to", b"date", b"subject", b"received", b"mime-version", b"message-id")
)
# The text under `remedy` that says what to do, for reasons with another one than their code.
REMEDIES = {
    **dict.fromkeys(("text", "csv", "html", "xml", "mht", "rtf", "docx", "doc", "odt"), "enter"),
    **dict.fromkeys(("pdf", "picture", "recording", "pptx", "ppt", "odp", "onenote"), "enter"),
    **dict.fromkeys(("web_document", "link", "shortcut"), "download"),
    **dict.fromkeys(("icloud", "empty"), "fetch"),
    **dict.fromkeys(("mail", "mail_alone", "archive_alone"), "attach"),
    **dict.fromkeys(("broken_mail", "msg", "mailbox"), "save_attachment"),
    **dict.fromkeys(("winmail", "signed", "protected_mail", "packed"), "send_plain"),
    **dict.fromkeys(("hidden_folder", "linked_folder", "deep_folder"), "move"),
    **dict.fromkeys(("internal_return", "internal_reminder"), "write"),
    "half_download": "download_again",
    "sheet_copied": "name_sheet",
}
FOLDERS_OF_DOCUMENTS = ("numbers", "pages", "key", "rtfd")  # documents that are folders on a Mac


def kind_of(content: bytes, name: str = "") -> str:
    """Return what a file is that is not a zip, "encrypted" for an encrypted workbook.

    The name counts where the content does not decide. "text" and "unknown" are the last resort.
    """
    start, suffix = content[:_START], suffix_of(name)
    if start.startswith(_OLE):
        return _kind_of_ole(content)
    if suffix == "icloud":
        return "icloud"
    if kind := _kind_by_signature(start, suffix):
        return kind
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix == "mbox" or _SECOND_MAIL.match(content[:_HEADERS]):
        return "mailbox"
    if kind := _kind_of_headers(content[:_HEADERS].lstrip(b"\xef\xbb\xbf\r\n"), suffix):
        return kind
    found = next((kind for kind, pattern in _TEXTS if pattern.match(text)), "")
    return found or _SUFFIXES.get(suffix) or ("unknown" if _is_binary(start) else "text")


def kind_of_zip(names: Collection[str], content: bytes) -> str:
    """Return what a zip with these entries is instead of a workbook; "" for a workbook.

    `names` are in lower case. "archive" is a zip of other files.
    """
    for kind, prefix in _ZIP_PARTS:
        if any(name.startswith(prefix) for name in names):
            return kind
    if content.startswith(_OPENDOCUMENT, 30) or "content.xml" in names:
        described = content[30 + len(_OPENDOCUMENT) :][:20]
        return next((k for word, k in _OPENDOCUMENT_KINDS if described.startswith(word)), "ods")
    return "" if "[content_types].xml" in names else "archive"


def suffix_of(name: str) -> str:
    """Return what stands after the last point of a file name, in lower case; "" without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_half_download(name: str) -> bool:
    """Return True if a browser gives such a name to a file while it is still fetching it."""
    return suffix_of(name) in _HALF_DOWNLOADS


def _kind_by_signature(start: bytes, suffix: str) -> str:
    """Return the kind that the first bytes tell; "" if they tell none."""
    for kind, position, signature in _SIGNATURES:
        if start.startswith(signature, position):
            return kind
    if start[4:8] == b"ftyp":
        return "picture" if start[8:12] in _PICTURE_BRANDS else "recording"
    if start.startswith(b"BM") and int.from_bytes(start[2:6], "little") and b"\0" in start[:16]:
        return "picture"
    if start.startswith(b"\x30") and _SIGNED_DATA in start[:64]:
        return "signature" if suffix == "p7s" else "signed"
    return "link" if start.startswith(b"bplist") else ""


def _kind_of_ole(content: bytes) -> str:
    names = _ole_names(content)
    for kind, prefix in _OLE_PARTS:
        if any(name.startswith(prefix) for name in names):
            return kind
    return "ole"


def _ole_names(content: bytes) -> list[str]:
    """Return the names in the outermost folder of an OLE file.

    Of a damaged file they are those that stand anywhere in it.
    """
    import olefile

    try:
        with olefile.OleFileIO(content) as ole:
            return [path[0] for path in ole.listdir(streams=True, storages=True)]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return [name for _, name in _OLE_PARTS if name.encode("utf-16-le") in content]


def _kind_of_headers(content: bytes, suffix: str) -> str:
    """Return "mail" or "mht" if a file begins with header lines of an e-mail; "" otherwise."""
    head = re.split(rb"\r?\n\r?\n", _LENGTH.sub(b"", content), maxsplit=1)[0]
    lines = head.splitlines()
    if not lines or not all(map(_HEADER_LINE.fullmatch, lines)):
        return ""
    names = {line.partition(b":")[0].lower() for line in lines}
    fewest = 1 if suffix == "eml" or b"mime-version" in names else 2
    if len(names & _MAIL_HEADERS) < fewest:
        return ""
    is_page = b"multipart/related" in head.lower() and not names & {b"to", b"received"}
    return "mht" if is_page or suffix in ("mht", "mhtml") else "mail"


def _is_binary(start: bytes) -> bool:
    """Return True if bytes are no text: they have a zero, and are not UTF-16."""
    return b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff"))
