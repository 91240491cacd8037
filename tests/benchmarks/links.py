"""Thousands of mistyped links: does any break the page?

    PYTHONPATH=.:tests python tests/benchmarks/links.py [parsed] [opened] [sent] [first]

``parsed`` go through the parser, ``opened`` through the page without a browser, ``sent`` over the socket to a server
of this checkout; ``first`` is the number of the first.  The links are those of ``tests/ui/links.py``; the suite asks
the same of a few.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from page import ROOT, Session, server
from ui.app import page
from ui.links import link, small
from ui.test_links import check_link, check_page


def opened(number: int) -> None:
    check_page(page(**small(number)), small(number))


async def sent(port: int, number: int) -> None:
    session = Session(port, "depth", urlencode(small(number), doseq=True))
    await session.open()
    await session.socket.close()


def failures(numbers: Iterable[int], check: Callable[[int], object]) -> Counter[str]:
    """What went wrong, and how often; the first of each is printed."""
    found: Counter[str] = Counter()
    for number in numbers:
        try:
            check(number)
        except Exception as error:  # all of them are counted
            kind = f"{type(error).__name__}: {str(error).splitlines()[0][:100] if str(error) else ''}"
            if not found[kind]:
                print(number, small(number), kind, flush=True)
            found[kind] += 1
    return found


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    parse, look, send, first = numbers + [10_000, 500, 500, 0][len(numbers) :]
    print(f"{parse} parsed:", dict(failures(range(first, first + parse), lambda n: check_link(link(n)))), flush=True)
    print(f"{look} opened:", dict(failures(range(first, first + look), opened)), flush=True)
    with server(ROOT / "streamlit_app.py") as (port, _):
        found = failures(range(first, first + send), lambda n: asyncio.run(sent(port, n)))
    print(f"{send} sent:", dict(found), flush=True)
