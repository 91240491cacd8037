"""A room's code, short enough to be typed, and the leader's secret, from which it is made.

Whoever has the secret can open the same room again on a server that knows nothing of it: one that was started anew,
or another replica.  The way from the code back to a secret is long: some 100,000 codes of 20 ms each.
"""

import secrets
from hashlib import pbkdf2_hmac, sha256

# Short, spelled as they sound, and none of them like another.
_WORDS = """
acorn amber apple april arrow badge baker basil beach berry birch bison bloom board brick brook bread cabin camel
candy cedar chalk cliff cloud cobra comet coral crane daisy delta drum eagle ember fable fern field flame flute fox
frost glass globe grape grass green hazel heron honey horn igloo ivory jade jelly kayak kiwi koala lake lemon light
lily lime lion linen lotus mango maple melon mint moon moss nest night oak oasis ocean olive onion opal orbit otter
owl panda paper peach pearl piano pilot pine plum pond poppy prism radio rain raven reef river robin ruby salt sand
sky snow spark spoon star stone storm sugar sun swan tango tiger toast torch tower tulip water whale wheat wind wolf
wood zebra
"""
WORDS = tuple(_WORDS.split())

# The rounds make a guess dear, not a visit.
ROUNDS = 50_000


def new_secret() -> str:
    """A leader's secret: 128 random bits."""
    return secrets.token_hex(16)


def code_of(secret: str) -> str:
    """The code of the room that this secret leads: a word and a number, such as oak-423."""
    drawn = int.from_bytes(pbkdf2_hmac("sha256", secret.encode(), b"vanish room", ROUNDS, 8))
    word, number = divmod(drawn % (len(WORDS) * 900), 900)
    return f"{WORDS[word]}-{100 + number}"


def seat(code: str, who: bytes) -> str:
    """The token of a browser in a room, by random bytes that only that browser brings along: it tells nothing of them,
    and another room has another one."""
    return sha256(code.encode() + b" " + who).hexdigest()[:16]


def new_seat() -> str:
    """The token of who brings nothing along: it lasts as long as the session does."""
    return secrets.token_hex(8)
