"""Who speaks Streamlit's protocol to a server as a browser does, and draws nothing: for tests and benchmarks."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 120.0

# A widget's identifier, the kind of its state, and the state.
State = tuple[str, str, Any]


@dataclass
class Run:
    """What one run has sent: ``elements`` are their kinds with what they hold; ``begun`` counts the runs that it took
    to come to it, of which all but the last ended early; ``seconds`` until it ended."""

    elements: list[tuple[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    begun: int = 0
    messages: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def of(self, kind: str) -> list[Any]:
        """All elements of a kind."""
        return [element for name, element in self.elements if name == kind]


class Client:
    """A session of its own at ``address`` (host and port), opened by a link's ``query``.

    ``buttons`` and ``dialogs``: identifiers by label; ``clocks``: the seconds after which the server wants each
    fragment to run again.
    """

    # Seconds that a run may take.
    patience = PATIENCE

    def __init__(self, address: str, query: str = "", cookie: str = "") -> None:
        self.address, self.query, self.cookie = address, query, cookie
        self.buttons: dict[str, str] = {}
        self.dialogs: dict[str, str] = {}
        self.clocks: dict[str, float] = {}
        self._page = ""
        # Of each widget the fragment in which it stands.
        self._fragments: dict[str, str] = {}
        # A browser asks for nothing more before it has been answered.
        self._turn = asyncio.Lock()

    async def connect(self) -> "Client":
        """Only the connection."""
        self.socket = await websockets.connect(
            f"ws://{self.address}/_stcore/stream",
            open_timeout=PATIENCE,
            subprotocols=["streamlit"],
            max_size=None,
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
        )
        return self

    async def open(self) -> Run:
        """The page's first run."""
        await self.connect()
        return await self.run()

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()

    def message(self, *states: State, clock: str = "") -> bytes:
        """What asks for a run: of the whole page, of the fragment where the last of the widgets stands, or of the one
        that a clock runs."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = self.query, self._page
        rerun.fragment_id = clock or (self._fragments.get(states[-1][0], "") if states else "")
        rerun.is_auto_rerun = bool(clock)
        for identifier, kind, value in states:
            state = rerun.widget_states.widgets.add(id=identifier)
            if isinstance(value, list):
                getattr(state, kind).data.extend(value)
            else:
                setattr(state, kind, value)
        return message.SerializeToString()

    async def run(self, *states: State, clock: str = "") -> Run:
        """Set widgets, and take what the page answers."""
        async with self._turn:
            run, begin = Run(), time.perf_counter()
            await self.socket.send(self.message(*states, clock=clock))
            # Not ``wait_for``, which forgets that it was cancelled when an answer comes at that moment.
            async with asyncio.timeout(self.patience):
                while not self._note(run, await self.socket.recv()):
                    pass
            run.seconds = time.perf_counter() - begin
            return run

    async def press(self, label: str, *states: State) -> Run:
        """Press a button, with what else is set."""
        return await self.run(*states, (self.buttons[label], "trigger_value", True))

    def _note(self, run: Run, sent: bytes) -> bool:
        """Take down one message; whether it was the last one."""
        reply = ForwardMsg.FromString(sent)
        run.messages, run.bytes = run.messages + 1, run.bytes + len(sent)
        kind = reply.WhichOneof("type")
        if kind == "new_session":
            self._page, run.begun = reply.new_session.page_script_hash, run.begun + 1
        elif kind == "page_info_changed":
            self.query = reply.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.clocks[reply.auto_rerun.fragment_id] = reply.auto_rerun.interval
        elif kind == "session_event" and reply.session_event.HasField("script_compilation_exception"):
            run.errors.append(reply.session_event.script_compilation_exception.message)
        elif kind == "delta" and reply.delta.add_block.HasField("dialog"):
            self.dialogs[reply.delta.add_block.dialog.title] = reply.delta.add_block.dialog.id
        elif kind == "delta" and reply.delta.WhichOneof("type") == "new_element":
            name = reply.delta.new_element.WhichOneof("type")
            element = getattr(reply.delta.new_element, name)
            run.elements.append((name, element))
            if name == "exception":
                run.errors.append(element.message)
            if name == "button":
                # What one label says in brackets, such as how long it takes, is another thing each time.
                self.buttons[element.label.partition(" (")[0]] = element.id
            if identifier := getattr(element, "id", ""):
                self._fragments[identifier] = reply.delta.fragment_id
        return kind == "script_finished" and reply.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
