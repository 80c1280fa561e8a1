"""Build a document with everything that a renderer must show, about a made-up municipality."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from xltiltak.publishing.document import (
    SIGNS,
    AnchorLink,
    Bar,
    BarPart,
    Bars,
    BulletList,
    CardBlock,
    Chart,
    Document,
    DocumentLabels,
    Excerpt,
    FactList,
    Figure,
    History,
    Lead,
    LeadPart,
    Legend,
    MeasureItem,
    MeasureList,
    Move,
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
    "Innhold",
    "Hopp til innholdet",
    "Side {page} av {pages}",
    "side {page}",
    "{name} (forts.)",
    "Figurer",
    "Tabeller",
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
    TableColumn("Status", 0.18, note="30.04 · 31.08 · 31.12.2020"),
    TableColumn("Endring", 0.12),
    TableColumn("Merknader", 0.43),
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
            Lead(
                (LeadPart("Siden sist: "), LeadPart("7", "fall"), LeadPart(" tilbake.")), main=True
            ),
            FactList((("Tiltak", str(2 * measures)), ("Besvart", "20"), ("Gjennomsnitt", "3,2"))),
            bars("words"),
        ),
        news=(_news(extra),),
        sections=(*areas, _cards(extra)),
    )


def landscape(document: Document) -> Document:
    """Return the document with landscape pages."""
    return replace(document, landscape=True)


def headings(document: Document) -> list[tuple[int, str]]:
    """Return every heading with its level; the title has level 1."""
    return [
        (1, document.title),
        *(
            found
            for section in (*document.news, *document.sections)
            for found in _below(section, 2)
        ),
    ]


def _below(section: Section, level: int) -> list[tuple[int, str]]:
    cards = [
        (level + 1, block.title)
        for block in section.blocks
        if isinstance(block, CardBlock) and block.title
    ]
    return [
        (level, _title(section)),
        *cards,
        *(found for part in section.sections for found in _below(part, level + 1)),
    ]


def _title(section: Section) -> str:
    sign = SIGNS.get(section.sign, "")
    return f"{sign} {section.full_title}".strip()


def _news(extra: str) -> Section:
    """Return a section with everything that stands before the list of contents."""
    first, last = STEPS[4], STEPS[0]
    move = Move(first, last, Trend("down", "ned 4", by=Decimal(-4)))
    link = AnchorLink(f"Lys ved skolen {extra}".strip(), "rad-0-1", "Oppvekst · nr. 1", paged=True)
    columns = (
        TableColumn("31.08.2020 → 31.12.2020", 0.25),
        TableColumn("Tiltak", 0.35, head=True),
        TableColumn("Begrunnelse", 0.4),
    )
    reason = Excerpt(f"Det gikk ikke {extra}", "rad-0-1", "les mer")
    falls = Table("Gått tilbake", "Alle", columns, (TableRow((move, link, reason)),), quiet=True)
    items = (MeasureItem(link), MeasureItem(link, move), MeasureItem(link))
    still = MeasureList("Står stille", 4, items, (STEPS[1],) * 3, left="1 til")
    return Section("Nytt", "nytt", (_overview(), falls, still, _lines()), sign="down", count=1)


def bars(labels: Literal["", "dates", "words"] = "") -> Bars:
    """Return bars with every step and a missing answer."""
    missing = StepLabel("–", "Ikke besvart", missing=True)
    now = (*(BarPart(step, n + 1) for n, step in enumerate(reversed(STEPS))), BarPart(missing, 2))
    shown = (Bar(DATES[2], now), Bar(DATES[1], now[:3]))
    return Bars(shown, "Fordelingen i ord", labels)


def _history(steps: tuple[StepLabel, ...]) -> History:
    text = ", ".join(f"{d}: {s.value} {s.word}" for d, s in zip(DATES, steps, strict=False))
    return History(steps, tuple(int(step.value) - 1 for step in steps), 4, text)


def _area(n: int, name: str, measures: int, extra: str) -> Section:
    rows = tuple(_row(k, n, extra) for k in range(1, measures + 1))
    total = TableRow(("", "Gjennomsnitt", "3,2", "", ""), total=True)
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
        name, f"omrade-{n}", (facts, bars("dates"), Legend("Skala", STEPS), table), chapter=True
    )


def _row(k: int, n: int, extra: str) -> TableRow:
    statuses = tuple(STEPS[(k + n + d) % 5] for d in range(3))
    remark = REMARKS[k % len(REMARKS)]
    content = (
        Paragraphs((*remark.texts, extra)) if extra and isinstance(remark, Paragraphs) else remark
    )
    trend = (
        Trend("up", "opp 1", "blitt ferdig", Decimal(1))
        if statuses[2].value > statuses[1].value
        else Trend("down", "ned 4")
    )
    return TableRow(
        (
            str(k),
            f"Lys ved gang- og sykkelvei nr. {k} {extra}".strip(),
            _history(statuses),
            trend,
            content,
        ),
        f"rad-{n}-{k}",
    )


def _lines() -> Chart:
    values = {"Oppvekst": ("2.6", "3.0", "3.2"), "Alle": ("2.1", "2.9", "3.1")}
    series = tuple(Series(n, tuple(map(Decimal, v)), n == "Alle") for n, v in values.items())
    ends = (Decimal(1), Decimal(5))
    return Chart("Gjennomsnitt", "Oppvekst: 2,6, 3,0, 3,2.", DATES, series, ends)


def _overview() -> Table:
    columns = (
        TableColumn("Område", 0.5, head=True),
        TableColumn("Tiltak", 0.25, numeric=True),
        TableColumn("Fordeling", 0.25),
    )
    rows = (
        TableRow((AnchorLink("Oppvekst", "omrade-0", "Tiltak 12"), "12", bars())),
        TableRow(("Helse og omsorg", "12", Figure("3,1", "opp 0,2", "av 12", "(av 12)"))),
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
        "Programmer", "programmer", (Paragraphs(("Kort fortalt.",)),), (group,), chapter=True
    )
