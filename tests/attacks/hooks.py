"""Takes what schemathesis made to where it hurts: most requests name things that exist, all of one show.

Deterministic: which things is a hash of the operation and of how many requests it has had. Reads the file that world.py wrote.
"""

import hashlib
import json
import os

import schemathesis

with open(os.environ["TURNOUT_ATTACK_WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)

# Of ten requests, so many keep what schemathesis put into them.
UNTOUCHED = 3

# Only the last show is cancelled or closed, so that the others stay worth asking.
LAST_SHOW_ONLY = {"cancel_show", "close_sales"}

# They end the session that asks: they are asked with another one of the same account, for as long as there is one.
ENDS_THE_SESSION = {"sign_out", "end_sessions"}

# A long poll waits for so long at most, or the run would be waiting most of its time.
WAIT_SECONDS_MAX = 1

asked = {}


def choice(operation, number, what, among):
    digest = hashlib.sha256(f"{operation}/{number}/{what}".encode()).digest()
    return among[int.from_bytes(digest[:4], "big") % len(among)]


def filled(value, pick, name=""):
    """The same body with the names and ids in it replaced by such as exist."""
    if isinstance(value, dict):
        return {key: filled(part, pick, key) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, pick, name.removesuffix("s")) for part in value]
    if isinstance(value, str):
        return pick(name, value)
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = context.operation.definition.raw.get("operationId", context.operation.label)
    number = asked[operation] = asked.get(operation, -1) + 1
    case.headers = case.headers or {}
    # Whoever asks without a key sends no such header at all: a bad one is 401 everywhere, and nothing behind that is met.
    case.headers.pop("Authorization", None)
    # A header that is set has schemathesis look at the request anew: one that it made wrong by an unknown header is right.
    case.headers["User-Agent"] = f"schemathesis as {WORLD['role']}"
    if WORLD["authorization"]:
        case.headers["Authorization"] = WORLD["authorization"]

    if WORLD["headers"]:
        ending = operation in ENDS_THE_SESSION
        case.headers.update(choice(operation, number, "session", WORLD["spare"]) if ending else WORLD["headers"])

    query = case.query or {}
    if str(query.get("wait", "")).isdigit() and WAIT_SECONDS_MAX < int(query["wait"]) <= 60:
        query["wait"] = WAIT_SECONDS_MAX

    shows = WORLD["shows"]
    show = shows[-1] if operation in LAST_SHOW_ONLY else choice(operation, number, "show", shows[:-1])

    def pick(name, instead):
        known = show.get(name)
        return choice(operation, number, name, known) if known and name != "secrets" else instead

    path = case.path_parameters or {}
    # Whoever asks must not take away their own credentials.
    for name, value in path.items():
        if value in WORLD["kept"]:
            path[name] = "00000000-0000-7000-8000-000000000000"
    if choice(operation, number, "untouched", range(10)) < UNTOUCHED:
        return
    case.headers.pop("Turnout-Organization", None)
    for name, value in path.items():
        path[name] = pick(name, value)
    # Commands take a show's id alone.
    if "show" in path and case.method.upper() != "GET":
        path["show"] = show["show"][0]
    if isinstance(case.body, (dict, list)):
        case.body = filled(case.body, pick)
    secret = next((show["secrets"][value] for value in path.values() if value in show["secrets"]), None)
    if secret and not WORLD["authorization"] and not WORLD["headers"]:
        case.headers["Authorization"] = "Bearer " + secret
