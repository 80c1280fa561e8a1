"""Build a document with everything that a renderer must show, about a made-up municipality."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from xltiltak.publishing.document import (
    BulletList,
    CardBlock,
    Chart,
    Document,
    DocumentLabels,
    FactList,
    Legend,
    Paragraphs,
    Section,
    Series,
    StepLabel,
    Table,
    TableColumn,
    TableRow,
    Trend,
)

LABELS = DocumentLabels(
    "Innhold", "Hopp til innholdet", "Side {page} av {pages}", "Figurer", "Tabeller"
)
DATES = ("30.04.2020", "31.08.2020", "31.12.2020")
STEPS = (
    StepLabel("1", "Ikke påbegynt", "○", "#FBE0CC", "#1B2430"),
    StepLabel("2", "Såvidt startet", "◔", "#E9BC82", "#1B2430"),
    StepLabel("3", "Godt i gang", "◑", "#79AAA3", "#1B2430"),
    StepLabel("4", "Snart ferdig", "◕", "#32709F", "#FFFFFF"),
    StepLabel("5", "Fullført", "●", "#0C3464", "#FFFFFF"),
)
COLUMNS = (
    TableColumn("Nr", 0.05, numeric=True),
    TableColumn("Tiltak", 0.22, head=True),
    *(TableColumn(f"Status {date}", 0.12) for date in DATES),
    TableColumn("Endring", 0.09),
    TableColumn("Merknader", 0.28),
)
REMARKS: tuple[Paragraphs | str, ...] = (
    Paragraphs(
        (
            "Gjerdet er bestilt, og leverandøren kommer i uke 14.",
            "Sju lekeplasser står igjen.\nTo er uten strøm.",
        )
    ),
    "",
    Paragraphs(("Arbeidet hviler til budsjettet er vedtatt. " * 9,)),
    Paragraphs(("Ferdig.",)),
)


def sample(measures: int = 12, extra: str = "") -> Document:
    """Return two areas with `measures` measures each, and a chapter of cards.

    `extra` is added to texts in every kind of place.
    """
    areas = tuple(
        _area(n, name, measures, extra) for n, name in enumerate(("Oppvekst", "Helse og omsorg"))
    )
    return Document(
        title=f"Vedlegg – status for tiltak {extra}".strip(),
        subtitle="Rapporteringsdato 31.12.2020",
        organisation="Nordvik kommune",
        language="nb-NO",
        labels=LABELS,
        front=(
            FactList((("Tiltak", str(2 * measures)), ("Besvart", "20"), ("Gjennomsnitt", "3,2"))),
            _lines(),
            _overview(),
        ),
        sections=(*areas, _cards(extra)),
    )


def portrait(document: Document) -> Document:
    """Return the document with portrait pages."""
    return replace(document, landscape=False)


def headings(document: Document) -> list[tuple[int, str]]:
    """Return every heading with its level; the title has level 1."""
    return [
        (1, document.title),
        *(found for section in document.sections for found in _below(section, 2)),
    ]


def _below(section: Section, level: int) -> list[tuple[int, str]]:
    cards = [
        (level + 1, block.title)
        for block in section.blocks
        if isinstance(block, CardBlock) and block.title
    ]
    return [
        (level, section.title),
        *cards,
        *(found for part in section.sections for found in _below(part, level + 1)),
    ]


def _area(n: int, name: str, measures: int, extra: str) -> Section:
    rows = tuple(_row(k, n, extra) for k in range(1, measures + 1))
    total = TableRow(("", "Gjennomsnitt", "2,6", "3,0", "3,2", "", ""), total=True)
    group = TableRow((f"Drift {extra}".strip(),), heading=True)
    table = Table(
        f"Tiltak i {name}",
        f"Tabell over {measures} tiltak",
        COLUMNS,
        (group, *rows, total),
        filters=True,
    )
    facts = FactList(
        (("Tiltak", str(measures)), ("Besvart", str(measures)), ("Gjennomsnitt", "3,2"))
    )
    return Section(
        name, f"omrade-{n}", (Legend("Skala", STEPS), facts, _shares(name), table), page=True
    )


def _row(k: int, n: int, extra: str) -> TableRow:
    statuses = tuple(STEPS[(k + n + d) % 5] for d in range(3))
    remark = REMARKS[k % len(REMARKS)]
    content = (
        Paragraphs((*remark.texts, extra)) if extra and isinstance(remark, Paragraphs) else remark
    )
    trend = (
        Trend("up", "opp 1") if statuses[2].value > statuses[1].value else Trend("down", "ned 4")
    )
    return TableRow(
        (str(k), f"Lys ved gang- og sykkelvei nr. {k} {extra}".strip(), *statuses, trend, content),
        f"rad-{n}-{k}",
    )


def _lines() -> Chart:
    values = {"Oppvekst": ("2.6", "3.0", "3.2"), "Helse og omsorg": ("2.1", "2.9", "3.1")}
    series = tuple(Series(name, tuple(map(Decimal, v))) for name, v in values.items())
    return Chart(
        "lines", "Gjennomsnitt", "Oppvekst: 2,6, 3,0, 3,2.", DATES, series, (Decimal(1), Decimal(5))
    )


def _shares(name: str) -> Chart:
    counts = ((4, 1, 0), (3, 4, 2), (3, 4, 5), (1, 2, 3), (1, 1, 2))
    parts = zip(STEPS, counts, strict=True)
    series = tuple(
        Series(f"{m.value} {m.word}", tuple(map(Decimal, c)), m.fill, m.ink) for m, c in parts
    )
    return Chart("shares", f"Fordeling i {name}", f"Fordelingen i {name} i ord", DATES, series)


def _overview() -> Table:
    columns = (
        TableColumn("Område", 0.5, head=True),
        TableColumn("Tiltak", 0.25, numeric=True),
        TableColumn("Snitt", 0.25, numeric=True),
    )
    rows = (
        TableRow(("Oppvekst", "12", "3,2")),
        TableRow(("Helse og omsorg", "12", "3,1")),
        TableRow(("I alt", "24", "3,2"), total=True),
    )
    return Table("Områdene", "Antall og gjennomsnitt for hvert område", columns, rows)


def _cards(extra: str) -> Section:
    rows = (
        ("Oppstart", "mars 2017"),
        (
            "Om prosjektet",
            Paragraphs(("Et prosjekt som skal gi tryggere skoleveier i hele kommunen. " * 4,)),
        ),
        (
            "Forventet effekt",
            BulletList(("Flere går til skolen.", "Færre ulykker.", *([extra] if extra else []))),
        ),
        ("Tilstand", STEPS[2]),
    )
    cards = tuple(
        CardBlock(f"Prosjekt {n} {extra}".strip(), rows, (STEPS[n % 5],), f"kort-{n}")
        for n in range(1, 7)
    )
    group = Section("Trygge skoleveier", "gruppe", cards)
    return Section(
        "Programmer", "programmer", (Paragraphs(("Kort fortalt.",)),), (group,), page=True
    )
