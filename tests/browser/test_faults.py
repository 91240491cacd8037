"""What a reader meets when something fails: servers, sockets, processes, disks, and what lies in between."""

import re
import shutil
import subprocess
import time
from contextlib import ExitStack, suppress
from itertools import count
from urllib.request import Request, urlopen

import psutil
import pytest
from browser.pages import CHART, TRAIN, called, move_depth, painted, settled
from browser.servers import ROOT, SERVER_STARTS_WITHIN, Server, free_port, missing
from playwright.sync_api import expect

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit import numbers
from vanish.ui.shell.settings import DEFAULTS

pytestmark = pytest.mark.browser

# Milliseconds until a page has found its server again: it asks every few seconds, and the machine may be busy.
AGAIN = 90_000
# Moves while the page still draws what came of the first ones.
MANY = 25
LONG = "?chapter=train&dataset=spirals&activations=tanh&width=128&depth={}&steps=4000&train_batch=128&seed={}"
SHORT = "?chapter=train&dataset=spirals&activations=tanh&width=8&depth=3&steps=100&seed={}"
PROGRESS, STOP = "[data-testid=stProgress]", ".st-key-stop_train button"
DEPTH, HEAT = ".st-key-depth input[type=range]", f"{CHART}[aria-label*='of each layer of the tanh network over']"
# What the theme gives a look of its own.
THEMED = "[data-testid=stApp], [data-testid=stSidebar], h1, [role=tab][aria-selected=true]"
LOOKS = "all => all.map(getComputedStyle).map(s => [s.color, s.backgroundColor, s.fontSize, s.fontWeight])"
PREFIXES = ("vanish", "passed/on")


@pytest.fixture
def reader(somebody):
    """``reader(link)``: a page whose browser may complain about what has failed; the page itself never may."""
    pages = []

    def open_page(link, sockets=None):
        page = somebody().new_page()
        pages.append(page)
        if sockets:
            page.route_web_socket("**/_stcore/stream", sockets)
        page.set_default_timeout(AGAIN)
        page.goto(link)
        return painted(page)

    yield open_page
    for page in pages:
        traces = page.locator("[data-testid=stException]").all_inner_texts()
        page.close()
        assert traces == []


@pytest.fixture(scope="module")
def servers(browser):
    """One to be killed; and one far from home, without a home, on a disk that is full, below a path."""
    far = {"cwd": "/", "prefix": ("prlimit", "--fsize=0"), "environment": {"HOME": None, "XDG_CACHE_HOME": None}}
    with ExitStack() as stack:
        made = [Server(), Server("--server.baseUrlPath=vanish", path="vanish/", **far)]
        for server in made:
            stack.enter_context(server)
        yield [server.answers() for server in made]


@pytest.fixture(scope="module")
def nginx(servers, server, tmp_path_factory):
    """nginx before the one to be killed and everybody's, as the README has it; below paths; and what it has logged."""
    program = shutil.which("nginx", path=f"{ROOT}:/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not program:
        missing("no nginx: apt-get install nginx")
    folder, port, other = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    (ours,) = re.findall(r"<!-- nginx -->\n```nginx\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    for written, used in (("8501", servers[0].port), ("8502", server.port), ("listen 80", f"listen {port}")):
        assert written in ours
        ours = ours.replace(written, f"listen 127.0.0.1:{port}" if "listen" in written else str(used))
    (below,) = re.findall(r"location / {.*?\n    }", ours, re.DOTALL)
    far, plain = (f"http://127.0.0.1:{one.port}" for one in (servers[1], server))
    paths = [
        below.replace("location /", f"location /{path}/").replace("http://vanish", where)
        for path, where in zip(PREFIXES, (far, f"{plain}/"), strict=True)
    ]
    temporary = [f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    log = folder / "log"
    lines = [
        "daemon off; master_process off;",
        f"pid {folder}/pid; error_log {folder}/errors;",
        "events {}",
        "http {",
        *temporary,
        f"log_format who '$reader $upstream_addr $status'; access_log {log} who;",
        ours,
        f"server {{ listen 127.0.0.1:{other};",
        *paths,
        "}",
        "}",
    ]
    (folder / "conf").write_text("\n".join(lines))
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "conf"], stderr=subprocess.DEVNULL)
    try:
        base, below = f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{other}/"
        wait_until(lambda: answers(base) and answers(f"{below}vanish/"))
        yield base, below, log
    finally:
        process.kill()
        process.wait()


def answers(base):
    try:
        with urlopen(f"{base}_stcore/health", timeout=5):
            return True
    except OSError:
        return False


def wait_until(true):
    deadline = time.monotonic() + SERVER_STARTS_WITHIN
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def connected(page):
    """The page, with a server: its controls can be moved."""
    expect(page.get_by_text("CONNECTING")).to_have_count(0, timeout=AGAIN)
    return settled(page)


def sizes(page):
    """What is on screen, in short."""
    settled(page)
    return page.locator("h1:visible").all_inner_texts(), page.locator("[data-testid=stMetric]").all_inner_texts()


def finished(page, within=60_000):
    """The page, with what came of a training."""
    expect(page.locator(HEAT)).to_have_count(1, timeout=within)
    expect(page.locator(PROGRESS)).to_have_count(0)
    return painted(page)


def workers(server):
    found = []
    for one in psutil.Process(server.pid).children(True):
        # One that has just ended has no command any more.
        with suppress(psutil.NoSuchProcess):
            found += [one] if "vanish.ui.kit.worker" in one.cmdline() else []
    return found


def kill_workers(server):
    for worker in workers(server):
        with suppress(psutil.NoSuchProcess):
            worker.kill()


def moved(page, to):
    """The page, with another depth in what it says."""
    old = page.locator("h1:visible").inner_text()
    move_depth(page, to)
    expect(page.locator("h1:visible")).not_to_have_text(old, timeout=AGAIN)
    return painted(page)


def trained(page):
    """The page, once its network has been trained."""
    page.locator(TRAIN).click()
    return finished(page)


def test_a_server_that_is_started_anew_gives_back_what_was_on_every_page(reader, servers):
    server = servers[0].start().answers()
    # The lesson's question is in chapter flow; from there a tab goes to chapter updates.
    links = {name: f"?chapter={name}&depth=12&width=9" for name in CHAPTERS if name != "flow"} | {
        "updates": "?depth=12&width=9&pin=depth%3D5",
        "train": SHORT.format(1),
        "fixes": "?chapter=fixes&fixes_view=ladder&depth=12&width=9",
        "lesson": "?lesson=short&step=2&guesses=decay.1e-4~rank.tanh",
    }
    pages = {name: reader(f"{server.base}{link}") for name, link in links.items()}
    trained(pages["train"])
    # In one tab, a setting of another chapter, which the address leaves out.
    tab = pages["updates"]
    tab.locator(".st-key-scale").get_by_text("linear").click()
    expect(tab).to_have_url(re.compile("scale=linear"))
    settled(tab).get_by_role("tab", name=called("chapter", "updates"), exact=True).click()
    for name in CHAPTERS.keys() - {"flow"}:
        expect(pages[name].get_by_role("heading", name=CHAPTERS[name].question)).to_be_visible()
    expect(pages["lesson"].get_by_role("heading", name=CHAPTERS["flow"].question)).to_be_visible()
    painted(tab)
    before = {name: (page.url, sizes(page)) for name, page in pages.items()}
    server.kill()
    for name, page in pages.items():
        expect(page.get_by_text("CONNECTING")).to_be_visible(timeout=AGAIN)
        # Nothing that was there has gone.
        assert sizes(page) == before[name][1]
    server.start().answers()
    lesson = connected(pages["lesson"])
    # The first press of a button among the results counts.
    lesson.get_by_role("button", name="Pin this").click()
    expect(lesson.get_by_role("button", name="Unpin")).to_be_visible()
    finished(pages["train"])
    for name, page in pages.items():
        assert sizes(connected(page)) == before[name][1]
        assert page.url == before[name][0] or page is lesson
    expect(lesson.locator(f"{CHART}[aria-label^='First / last layer']")).to_have_count(1)
    # And the page works: a move changes what it shows, and the other settings are still there.
    moved(pages["why"], 13)
    tab.get_by_role("tab", name=called("chapter", "flow"), exact=True).click()
    expect(tab).to_have_url(re.compile(r"[?&]scale=linear"))
    expect(tab).to_have_url(re.compile(r"[?&]width=9\b"))
    expect(tab.get_by_role("button", name="Unpin")).to_be_visible()


def test_many_moves_in_a_second_end_at_the_last_value_and_another_tab_that_is_cut_off_keeps_its_own(reader, address):
    sockets = []

    def pass_on(socket):
        socket.connect_to_server()
        sockets.append(socket)

    page = reader(f"{address}?chapter=why")
    page.locator(DEPTH).focus()
    for _ in range(MANY):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    last = DEFAULTS["depth"] + MANY
    expect(page.locator(DEPTH)).to_have_value(str(last))
    expect(page).to_have_url(re.compile(rf"depth={last}\b"), timeout=AGAIN)
    expect(page.locator("h1:visible")).to_contain_text(f"{last} layers", timeout=AGAIN)
    before, other = sizes(page), reader(page.url, sockets=pass_on)
    assert sizes(other) == before
    after = sizes(moved(page, last + 1))
    assert sizes(other) == before
    sockets[-1].close(code=4000, reason="dropped")
    wait_until(lambda: other.wait_for_timeout(100) or len(sockets) == 2)
    assert sizes(connected(other)) == before
    assert f"depth={last}" in other.url
    # It is opened again, and the page works.
    moved(other, last - 1)
    assert sizes(page) == after
    for tab, depth in ((page, last + 1), (other, last - 1)):
        expect(tab.locator("h1:visible")).to_contain_text(f"{depth} layers")


def step_of(page):
    """How far the training on the page is, once it is under way."""
    bar = page.locator(PROGRESS)
    expect(bar).to_contain_text("loss", timeout=AGAIN)
    return int(re.search(r"Step\s([\d,]+)", bar.inner_text())[1].replace(",", ""))


def test_a_training_outlives_one_death_of_its_process_and_a_reload_and_ends_when_it_is_left(reader, server):
    # What others have trained leaves workers that wait for more.
    kill_workers(server)
    link = f"{server.base}{LONG.format(12, 5)}"
    page = reader(link)
    page.locator(TRAIN).click()
    for words, where in ((numbers.RESTARTED, PROGRESS), (numbers.DIED, "[data-testid=stAlert]")):
        step, before = step_of(page), page.locator("h1:visible").all_inner_texts()
        # Whoever has reloaded has pressed nothing.
        page.reload()
        assert step_of(page) >= step
        assert (page.url, page.locator("h1:visible").all_inner_texts()) == (link, before)
        expect(page.locator(TRAIN)).to_have_count(0)
        kill_workers(server)
        expect(page.locator(where)).to_contain_text(words, timeout=AGAIN)
    # And another press tries anew: the bar no longer shows what came of the last try.
    over = settled(page).locator(PROGRESS).inner_text()
    page.locator(TRAIN).click()
    expect(page.locator(PROGRESS)).not_to_have_text(over, timeout=AGAIN)
    step = step_of(page)
    page.goto("about:blank")
    page.go_back()
    assert step_of(page) >= step
    page.go_forward()
    # Nobody watches any more.
    wait_until(lambda: page.wait_for_timeout(100) or not workers(server))
    page.go_back()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("was left before its end", timeout=AGAIN)
    assert (page.url, page.locator("h1:visible").all_inner_texts()) == (link, before)
    expect(page.locator(TRAIN)).to_be_visible()


def test_far_from_home_on_a_full_disk_below_a_path_behind_nginx_the_page_looks_and_works_as_always(reader, nginx):
    bases = [f"{nginx[1]}{prefix}/" for prefix in PREFIXES]
    pages = [reader(f"{base}{SHORT.format(4)}") for base in bases]
    for scheme in ("light", "dark"):
        looks = []
        for page in pages:
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", scheme)
            looks.append(page.locator(THEMED).evaluate_all(LOOKS))
        assert looks[0] == looks[1]
        assert len(looks[0]) == 4
    for page, base in zip(pages, bases, strict=True):
        moved(page, 4)
        assert page.url.startswith(f"{base}?")
        before = sizes(page)
        page.reload()
        assert sizes(painted(page)) == before
        page.get_by_role("button", name="Copy link").click()
        expect(page.locator("[data-testid=stCode]")).to_contain_text(f"{base}?")
        page.keyboard.press("Escape")
    far = trained(pages[0])
    # A run that is over can be played: it begins anew, and comes to its end.
    cells = far.locator(f"{HEAT} .mark-rect.role-mark path")
    whole = cells.count()
    far.get_by_role("button", name="Play the run").click()
    expect(cells).not_to_have_count(whole)
    expect(cells).to_have_count(whole, timeout=AGAIN)


def test_behind_nginx_a_room_is_on_one_replica(nginx):
    base, _, log = nginx

    def introduced(link, **headers):
        """The cookie that nginx gives to who opens a link."""
        with urlopen(Request(f"{base}{link}", headers=headers), timeout=5) as reply:
            given = [cookie.split(";")[0] for cookie in reply.headers.get_all("Set-Cookie") or []]
        return [cookie for cookie in given if cookie.startswith("vanish=")]

    for link in ["?room=oak-423"] * 3 + ["?room=oak-423&lead=0"]:
        assert introduced(link) == introduced(link, Cookie="vanish=me") == ["vanish=oak-423"]
    for link in ("?room=x;Path=y", ""):
        (other,) = introduced(link)
        assert re.fullmatch("vanish=[0-9a-f]{32}", other)
    assert introduced("", Cookie="vanish=me") == []
    taken = [line.split() for line in log.read_text().splitlines() if line.startswith("oak-423 ")]
    assert len(taken) == 8
    assert len({upstream for _, upstream, _ in taken}) == 1


def taken_to(log, who):
    """Where nginx has taken a reader, every time."""
    lines = [line.split() for line in log.read_text().splitlines()]
    return {part.strip(",") for one, *parts, _status in lines if one == who for part in parts}


def test_who_trains_on_a_replica_that_is_killed_goes_on_with_the_other(somebody, reader, server, servers, nginx):
    base, _, log = nginx
    replica = servers[0].start().answers()
    home = f"127.0.0.1:{replica.port}"
    names = (f"reader-{number}" for number in count())

    def lives_there(who):
        with urlopen(Request(base, headers={"Cookie": f"vanish={who}"}), timeout=5):
            wait_until(lambda: taken_to(log, who))
        return taken_to(log, who) == {home}

    who = next(filter(lives_there, names))
    somebody().add_cookies([{"name": "vanish", "value": who, "url": base}])
    page = reader(f"{base}{LONG.format(12, 1)}")
    page.locator(TRAIN).click()
    step_of(page)
    before = page.url, page.locator("h1:visible").all_inner_texts()
    assert taken_to(log, who) == {home}
    # What others have trained there leaves workers that wait for more.
    kill_workers(server)
    replica.kill()
    expect(page.get_by_text("CONNECTING")).to_be_visible(timeout=AGAIN)
    # The training begins again by itself.
    wait_until(lambda: page.wait_for_timeout(100) or workers(server))
    expect(page.get_by_text("CONNECTING")).to_have_count(0, timeout=AGAIN)
    expect(page.locator(PROGRESS)).to_contain_text("loss", timeout=AGAIN)
    assert (page.url, page.locator("h1:visible").all_inner_texts()) == before
    page.locator(STOP).click()
    expect(page.locator(TRAIN)).to_be_visible()
    moved(page, 11)
    assert len(taken_to(log, who)) == 2
    # Who comes now does not notice.
    somebody().clear_cookies(name="vanish")
    reader(base)
