"""CSV files as people and programs write them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bulk.dirty_case import ALL, ENDS, GOOD, HEAD, Case, among, lines

ONE, TWO, THREE = GOOD
PLAIN = lines(*GOOD)


def encodings() -> Iterator[Case]:
    """Texts in encodings that people have."""
    plain = PLAIN.encode()
    yield Case("plain.csv", plain, ALL)
    yield Case("bom.csv", b"\xef\xbb\xbf" + plain, ALL)
    for name in ("utf-16", "utf-16-le", "utf-16-be"):
        content = PLAIN.encode(name)
        if name == "utf-16":
            yield Case("utf16.csv", content, ALL, how="UTF-16")
            yield Case("utf16-odd.csv", content + b"x", ALL, {5: "1 cells"})
        else:
            yield Case(f"{name}-no-bom.csv", content, refused="not UTF-8")
    yield Case("utf32.csv", PLAIN.encode("utf-32"), refused="not UTF-8")
    yield Case(
        "latin1-id.csv",
        among("ü,1,One year,5").encode("latin-1"),
        refused="latin1-id.csv:3: not UTF-8",
    )
    late = lines(*[f"c{n},1,One year,5" for n in range(5000)], "ü,1,One year,5")
    yield Case("latin1-late.csv", late.encode("latin-1"), refused="latin1-late.csv:5002: not UTF-8")
    yield Case(
        "surrogate.csv",
        among("c-2,1,One year\ud800,5").encode("utf-8", "surrogatepass"),
        refused=":3: not UTF-8",
    )
    yield Case("overlong.csv", plain.replace(b"c-2", b"c\xc0\xad2"), refused=":3: not UTF-8")
    yield Case("nul-cell.csv", among("c-2,1\0,One year,5").encode(), ENDS, {3: "tenure"})
    yield Case("nul-id.csv", among("c\0-2,1,One year,5").encode(), ENDS, {3: "id"})
    yield Case("nul-padding.csv", plain + bytes(5000), ALL, {5: "cells"})
    yield Case("nul-first.csv", b"\0" + plain, refused="not UTF-8")
    yield Case("ctrl-z.csv", plain + b"\x1a", ALL, {5: "1 cells"})


def line_ends() -> Iterator[Case]:
    """Lines that end in every way."""
    yield Case("crlf.csv", lines(*GOOD, end="\r\n").encode(), ALL)
    yield Case("cr.csv", lines(*GOOD, end="\r").encode(), ALL, how="CR line ends")
    yield Case("mixed.csv", f"{HEAD}\r\n{ONE}\n{TWO}\r{THREE}\r\n".encode(), ALL)
    yield Case("no-end.csv", PLAIN.rstrip("\n").encode(), ALL)
    yield Case("doubled.csv", f"{HEAD}\r\r\n{ONE}\r\r\n{TWO}\r\r\n{THREE}".encode(), ALL)
    yield Case(
        "blank.csv",
        f"\n\n{HEAD}\n\n{ONE}\n  \n,,,\n{TWO}\n{THREE}\n\n\n".encode(),
        ALL,
        how="blank lines",
    )
    yield Case("unicode-ends.csv", among("c-2,1\u2028,One year,5").encode(), ALL)
    yield Case("form-feed.csv", among("c-2,1,One\x0cyear,5").encode(), ALL)


def quotes() -> Iterator[Case]:
    """Quoted cells."""
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in (HEAD, *GOOD))
    yield Case("quoted.csv", quoted.encode(), ALL)
    yield Case("open-quote.csv", among('c-2,1,"One year,5').encode(), ENDS, {3: "not CSV"})
    yield Case("quote-inside.csv", among('c-2,1,One "year",5').encode(), ENDS, {3: "contract"})
    yield Case("quote-after.csv", among('c-2,1,"One year"x,5').encode(), ENDS, {3: "not CSV"})
    yield Case("doubled-quote.csv", among('c-2,1,"One ""year""",5').encode(), ENDS, {3: "contract"})
    yield Case("blank-before-quote.csv", among('c-2, 1, "Two year", 5').encode(), ALL)
    yield Case("quoted-comma.csv", among('"c,2",1,One year,5').encode(), ENDS, {3: "id"})
    yield Case(
        "quoted-break.csv", among('c-2,1,"One\nyear",5').encode(), ENDS, {3: "not CSV", 4: "cells"}
    )
    yield Case("single-quotes.csv", among("'c-2','1','One year','5'").encode(), ENDS, {3: "tenure"})
    yield Case("header-quote.csv", f'"{PLAIN}'.encode(), refused="header-quote.csv:1: not CSV")


def headers() -> Iterator[Case]:
    """Headers, right and wrong."""
    yield Case("empty.csv", b"", refused="the file is empty")
    yield Case("blanks.csv", b" \n\n \t \n", refused="the file is empty")
    yield Case("bom-only.csv", b"\xef\xbb\xbf", refused="the file is empty")
    yield Case("header.csv", f"{HEAD}\n".encode())
    yield Case("header-no-end.csv", HEAD.encode())
    yield Case("no-header.csv", "\n".join(GOOD).encode(), refused="no-header.csv:1:")
    yield Case(
        "twice.csv",
        lines(*GOOD, head=HEAD.replace("contract", "tenure")).encode(),
        refused="tenure",
    )
    yield Case(
        "twice-spelled.csv",
        lines(*(f"{row},1" for row in GOOD), head=f"{HEAD},Tenure").encode(),
        refused="tenure",
    )
    yield Case(
        "extra.csv",
        lines(*(f"{row},1" for row in GOOD), head=f"{HEAD},shoe_size").encode(),
        refused="shoe_size",
    )
    yield Case(
        "missing.csv",
        lines(*(row.rpartition(",")[0] for row in GOOD), head=HEAD.rpartition(",")[0]).encode(),
        refused="no column monthly_charges",
    )
    yield Case(
        "no-id-column.csv",
        lines(*(row.partition(",")[2] for row in GOOD), head=HEAD.partition(",")[2]).encode(),
        refused="--id",
    )
    yield Case(
        "two-ids.csv",
        lines(*(f"{row},x" for row in GOOD), head=f"{HEAD},id").encode(),
        refused="id",
    )
    yield Case(
        "spelled.csv",
        lines(*GOOD, head=" Customer ID ,TENURE,Contract,monthly-charges").encode(),
        ALL,
    )
    yield Case("nbsp.csv", lines(*GOOD, head=HEAD.replace("_", "\u00a0")).encode(), ALL)
    yield Case("sep.csv", f"sep=;\n{PLAIN.replace(',', ';')}".encode(), ALL, how="semicolon")
    yield Case(
        "wide.csv",
        lines("x", head=",".join(f"c{n}" for n in range(20_001))).encode(),
        refused="more than 20000 columns",
    )
    yield Case(
        "long-name.csv",
        lines(*(f"{row},1" for row in GOOD), head=f"{HEAD},{'x' * 900_000}").encode(),
        refused="long-name.csv:1: not CSV",
    )
    yield Case(
        "html.csv",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        refused="an HTML or XML document",
    )
    yield Case("words.csv", b"Dear colleague\nplease find attached\n", refused="words.csv:1:")
