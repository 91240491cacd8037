"""The running server: what it answers, what it writes, and what it makes of who speaks to its socket."""

import asyncio
import tomllib
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

import psutil
import pytest
import websockets
import websockets.exceptions
from browser.servers import ROOT, Server
from socket_client import Client
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from ui.links import small

from vanish.measure.remedies import REMEDIES
from vanish.ui.kit.cores import ALL
from vanish.ui.shell import process

pytestmark = pytest.mark.slow

# States of every kind, none of which a slider, a menu, a tab or a button of this page can take.
KINDS = {
    "string_value": "![x](http://beacon.invalid)",
    "double_value": float("nan"),
    "bytes_value": b"x",
    "json_value": "{",
    "int_array_value": [999, -999],
    "double_array_value": [float("inf"), 1.0, 3.0],
    "string_array_value": ["evil", "evil"],
}


def apart(coroutine):
    """What a coroutine comes to, in a thread of its own: the browser's tests leave a running loop in theirs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.mark.skipif(len(ALL) < 2, reason="there is one core, or none that is known")
def test_the_page_is_on_one_core_and_what_it_trains_on_any():
    async def trains(base):
        client = Client(base, "chapter=train&depth=3&width=4&steps=50")
        await client.open()
        await client.press("Train")

    with Server() as started:
        started.answers()
        process = psutil.Process(started.pid)
        assert set(process.cpu_affinity()) == ALL, "nobody has opened it yet"
        apart(trains(f"127.0.0.1:{started.port}"))
        (core,) = process.cpu_affinity()
        assert {psutil.Process(thread.id).cpu_affinity()[0] for thread in process.threads()} == {core}
        (worker,) = process.children()
        assert set(worker.cpu_affinity()) == ALL


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page's address, and its log; it has no home that anybody, root included, could write to."""
    log = tmp_path_factory.mktemp("server") / "log"
    homeless = {"HOME": "/proc/nowhere", "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("w") as lines, Server(environment=homeless, log=lines) as started:
        started.answers()
        yield f"127.0.0.1:{started.port}", log


async def visits(base, queries, states):
    """Errors of each query's first run, of one with each state, and of the one after."""
    errors = []
    for query in queries:
        client = Client(base, query)
        run = await client.open()
        errors += run.errors
        first = {name: element.id for name, element in run.elements if getattr(element, "id", "")}
        for identifier in first.values() if states else ():
            for kind, value in KINDS.items():
                errors += (await client.run((identifier, kind, value))).errors
        errors += (await client.run()).errors
        await client.close()
    return errors


def test_links_and_states_of_any_kind_leave_no_error_and_no_line_in_the_log(server):
    base, log = server
    links = [urlencode(small(number), doseq=True) for number in range(5)]
    assert apart(visits(base, links, states=False)) == []
    assert apart(visits(base, ["chapter=why"], states=True)) == []
    assert "Traceback" not in log.read_text()
    assert "Warning" not in log.read_text()


async def moves(base, key, values, query="chapter=why"):
    """The runs that follow the moves of a slider, until the browser is told of none."""
    client, runs = Client(base, query), []
    first = await client.open()
    (slider,) = (element.id for element in first.of("slider") if element.id.endswith(f"-{key}"))
    for value in values:
        runs.append(await client.run((slider, "double_array_value", [value])))
        if runs[-1].begun == 0:
            break
        # No reader is as quick: the last of a run has been sent before the run is gone.
        await asyncio.sleep(0.05)
    await client.close()
    return runs


def test_a_move_sends_what_it_changes_once_the_results_have_run_alone(server):
    runs = apart(moves(server[0], "depth", map(float, range(11, 50))))
    assert [run.errors for run in runs] == [[]] * len(runs)
    assert runs[0].begun == 2
    assert runs[-1].begun == 0
    assert len(runs[0].of("vega_lite_chart")) > len(runs[-1].of("vega_lite_chart")) > 0


def test_what_is_fixed_of_a_remedys_card_is_not_drawn_again_at_a_move(server):
    run, *_ = apart(moves(server[0], "depth", [11.0], "chapter=fixes"))
    # All that the results draw by themselves, as it is the first time.
    assert (run.errors, run.begun) == ([], 2)
    assert len(run.of("metric")) == len(REMEDIES)
    assert not [one.id for one in run.of("selectbox") if "-fix_" in one.id]
    words = [one.body for one in run.of("markdown")]
    assert words
    assert not [text for text in words for entry in REMEDIES.values() if entry.latex in text or entry.catch in text]


def test_cards_that_had_no_numbers_as_the_page_came_have_them_after_a_move_and_lose_them_again(server):
    query = "chapter=fixes&depth=100&width=256&activations=tanh&initializer=orthogonal"
    runs = apart(moves(server[0], "depth", [5.0, 100.0], query))
    assert [run.errors for run in runs] == [[], []]
    assert [len(run.of("metric")) for run in runs] == [len(REMEDIES), 0]
    assert ["st-key-cards { display: none" in str(run.of("html")) for run in runs] == [False, True]


class Keeper(Client):
    """Tells the server that it keeps all it was ever sent, as a browser does for a while; ``named``: what it was sent
    by name alone."""

    def __init__(self, base):
        super().__init__(base)
        self.kept, self.named = set(), []

    def message(self, *states, clock=""):
        message = BackMsg.FromString(super().message(*states, clock=clock))
        message.rerun_script.cached_message_hashes.extend(self.kept)
        return message.SerializeToString()

    def _note(self, run, sent):
        reply = ForwardMsg.FromString(sent)
        self.kept.add(reply.hash)
        self.named += [reply.ref_hash] if reply.ref_hash else []
        return super()._note(run, sent)


async def kept(base):
    client = Keeper(base)
    whole = [len((await client.open()).elements), len((await client.run()).elements)]
    await client.close()
    return len(client.kept), client.named, whole


def test_whatever_a_browser_says_it_keeps_is_sent_whole_as_it_may_be_gone_by_then(server):
    base, _ = server
    messages, named, (first, second) = apart(kept(base))
    assert messages > 50
    assert first == second
    assert named == []


async def dismissed(base):
    """The run that follows when a dialog is closed and a slider moved at the same moment."""
    client = Client(base, "chapter=why")
    first = await client.open()
    (slider,) = (element.id for element in first.of("slider") if element.id.endswith("-depth"))
    await client.press("Glossary")
    run = await client.run((client.dialogs["Glossary"], "trigger_value", True), (slider, "double_array_value", [11.0]))
    await client.close()
    return run


def test_a_dialog_that_is_closed_as_a_slider_moves_is_gone_from_the_page(server):
    run = apart(dismissed(server[0]))
    assert run.errors == []
    # All of the page is drawn again, and so without the dialog.
    assert "Glossary" in {button.label for button in run.of("button")}


# Seconds after which one who could not send is held up; bytes of a message, and more of them than buffers hold.
HELD_UP, LONG, MANY = 1.0, 2_000, 10_000


async def flooded(base):
    """Send what a reader may at once, and many messages more."""
    client = Client(base, "chapter=why")
    await client.open()
    short, long = BackMsg(app_heartbeat=True), BackMsg(file_urls_request={"request_id": "x" * LONG})
    try:
        for message in [short] * process.AT_ONCE + [long] * MANY:
            async with asyncio.timeout(HELD_UP):
                await client.socket.send(message.SerializeToString())
    finally:
        client.socket.transport.abort()


def test_who_floods_the_server_is_read_no_faster_and_others_are_served(server):
    base, log = server
    with pytest.raises(TimeoutError):
        apart(flooded(base))
    assert apart(visits(base, ["chapter=why"], states=False)) == []
    assert "Traceback" not in log.read_text()


async def guessed(base):
    """What a phone is sent for a guess, after some of the wrong kinds, and what the projector's next look shows."""
    projector = Client(base, "lesson=short&present=1")
    await projector.open()
    await projector.press("Open a room")
    code = parse_qs(projector.query)["room"][0]
    phone = Client(base, f"room={code}")
    opened = await phone.open()
    (slider,) = [one for one in opened.of("slider") if one.label.startswith("Your guess")]
    for kind, value in KINDS.items():
        refused = await phone.run((slider.id, kind, value))
        refused.errors += (await phone.press("Send my guess", (slider.id, kind, value))).errors
        assert refused.errors == []
    moved = (slider.id, "string_array_value", [slider.options[0]])
    await phone.run(moved)
    run = await phone.press("Send my guess", moved)
    look = await projector.run(clock=min(projector.clocks, key=projector.clocks.get))
    for client in (projector, phone):
        await client.close()
    return phone, run, look


def test_a_guess_after_hostile_ones_is_counted_once_and_draws_no_more_than_its_question_again(server):
    phone, run, look = apart(guessed(server[0]))
    assert "1 of 1 has answered" in [words.body for words in look.of("markdown")]
    said = [words.body for words in run.of("markdown")]
    assert any(words.startswith("Sent: ") for words in said)
    # The line on the room stands outside: a run of the whole page would have sent it.
    assert not [words for words in said if "answered" in words]
    assert parse_qs(phone.query)["sent"][0].startswith("decay.")
    assert run.errors == look.errors == []


def test_nothing_is_written(server):
    base, log = server
    before = seen_files()
    assert apart(visits(base, ["lesson=short&step=2", "chapter=fixes"], states=False)) == []
    assert seen_files() == before
    assert list(log.parent.iterdir()) == [log]
    assert "rror" not in log.read_text()


def seen_files():
    """Every file of the page's, and when it was changed."""
    files = [ROOT / "streamlit_app.py", *(ROOT / "vanish").rglob("*"), *(ROOT / ".streamlit").rglob("*")]
    return {path: path.stat().st_mtime_ns for path in [*files, *ROOT.glob("*")] if path.is_file()}


def test_other_sites_cannot_read_write_or_listen(server):
    base, _ = server
    foreign = {"Origin": "http://evil.invalid"}
    with urlopen(Request(f"http://{base}/_stcore/health", headers=foreign)) as reply:
        assert reply.headers.get("Access-Control-Allow-Origin") in (None, f"http://{base}")
    upload = Request(f"http://{base}/_stcore/upload_file/x/y", data=b"x", headers=foreign, method="PUT")
    with pytest.raises(HTTPError) as refused:
        urlopen(upload)
    assert refused.value.code == 403

    async def listen():
        async with websockets.connect(
            f"ws://{base}/_stcore/stream", subprotocols=["streamlit"], origin=foreign["Origin"]
        ):
            pass

    with pytest.raises(websockets.exceptions.WebSocketException):
        apart(listen())


def test_protections_are_on_and_uploads_are_small():
    given = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    for name, value in {
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.maxUploadSize": 5,
        "browser.gatherUsageStats": False,
    }.items():
        section, key = name.split(".")
        assert given[section][key] == value, name
        # Of a name that it does not know Streamlit says nothing.
        assert name in config.get_config_options()
