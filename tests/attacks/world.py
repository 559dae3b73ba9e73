"""Shows with everything in them, for a caller of one role to be let loose on: world.py URL ROLE FILE

Needs TURNOUT_ADMIN_TOKEN. Writes to FILE, as JSON, the caller's header and the ids of each show with what belongs to it, so that
what is asked reaches the rules behind the ids instead of ending at the first 404.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

SHOWS = 4
ROLES = ("nobody", "owner", "manager", "seller", "door", "auditor", "analyst", "session", "device")

# Sessions for those operations that end the one that asks.
SPARE_SESSIONS = 12
PASSWORD = "seven quiet lanterns"

# How often it comes again when it is told to.
TRIES_MAX = 20


class Caller:
    def __init__(self, url, token=None):
        self.url, self.token = url, token

    def ask(self, method, path, body=None, token=None):
        return self.answer(method, path, body, token)[0]

    def answer(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token or self.token:
            headers["Authorization"] = "Bearer " + (token or self.token)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/api/v1" + path, data, headers, method=method)
        for tries_left in reversed(range(TRIES_MAX)):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    text, cookie = answer.read(), answer.headers.get("Set-Cookie", "").split(";")[0]
                return json.loads(text) if text else {}, cookie
            except urllib.error.HTTPError as error:
                # Who came before from this address may have used up what it is allowed.
                if error.code != 429 or not tries_left:
                    sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")
                time.sleep(int(error.headers["Retry-After"]))

    def post(self, path, body=None, token=None):
        return self.ask("POST", path, {} if body is None else body, token)


def session(me, cookie):
    """What a browser sends that is signed in."""
    return {"Cookie": cookie, "X-CSRF-Token": me["csrf"]}


def signed_in(admin, anybody):
    """An owner who signed in: their headers, those of more sessions of theirs, the ids of these, and what is theirs to keep."""
    email = "signed.in@example.org"
    invited = admin.post("/members", {"email": email, "role": "owner"})
    body = {"token": invited["link"].split("#")[1], "name": "Ada Signedin", "password": PASSWORD}
    headers = session(*anybody.answer("POST", "/invitations/accept", body))
    spare = [session(*anybody.answer("POST", "/session", {"email": email, "password": PASSWORD})) for _ in range(SPARE_SESSIONS)]
    request = urllib.request.Request(anybody.url + "/api/v1/sessions", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        sessions = json.loads(answer.read())["items"]
    own = [one["id"] for one in sessions if one["current"]]
    return headers, spare, [one["id"] for one in sessions if not one["current"]], own + [invited["id"]]


def show(admin, anybody, number):
    made = admin.post("/shows", {
        "name": f"Attacked {number}", "description": "", "venue": {"name": "Hall", "address": "Market 1"},
        "timezone": "Europe/Berlin", "starts_at": "2041-05-04T18:00:00Z", "currency": "EUR"})
    path = "/shows/" + made["id"]
    rows = [{"label": str(row), "first": 1, "last": 20} for row in range(1, 6)]
    admin.ask("PUT", path + "/seating", {"sections": [{"name": "Hall", "rows": rows}, {"name": "Floor", "capacity": 500}]})
    pools = [admin.post(path + "/pools", {"name": name, "capacity": 400})["id"] for name in ("Day", "Workshop")]
    seated = admin.post(path + "/ticket-types", {"name": "Seat", "price": 2500, "sections": ["Hall"], "pools": pools[:1]})["id"]
    standing = admin.post(path + "/ticket-types", {"name": "Stand", "price": 1500, "sections": ["Floor"]})["id"]
    admin.ask("PUT", path + "/door", {
        "areas": [{"name": "main", "limit": 300}, {"name": "bar"}],
        "gates": [{"name": "North", "area": "main"}, {"name": "South", "area": "bar"}]})
    admin.post(path + "/publish")
    blocks = [admin.post(path + "/blocks", {"label": "Sponsors", "kind": "promoter", "places": [places]})["id"]
              for places in ({"seats": ["Hall-1-1", "Hall-1-2"]}, {"section": "Floor", "quantity": 5})]
    holds = [anybody.post(path + "/holds", {"items": [{"ticket_type": kind, "quantity": 2}]})
             for kind in (seated, standing, standing)]
    customer = {"name": "Ada Lovelace", "email": "ada@example.org"}
    orders = [anybody.post(path + "/orders", {"hold": hold["id"], "customer": customer}, hold["secret"]) for hold in holds[1:]]
    sales = [admin.post(path + "/tickets", {
        "items": [{"ticket_type": kind, "quantity": quantity}], "payment": {"method": "cash"}, "customer": customer})
        for kind, quantity in ((seated, 6), (standing, 8))]
    tickets = [ticket for sale in sales for ticket in sale["tickets"]]
    pairing = admin.post("/devices/pairings", {"name": "North gate", "shows": [made["id"]], "gates": ["North"]})["pairing"]
    device = anybody.post("/devices", {"pairing": pairing})["device"]
    scans = [admin.post(path + "/check-ins", {"ticket": ticket["id"], "gate": "North"})["scan"] for ticket in tickets[:4]]
    return {
        "show": [made["id"], made["slug"]],
        "ticket_type": [seated, standing],
        "pool": pools,
        "block": blocks,
        "hold": [hold["id"] for hold in holds[:1]],
        "order": [order["id"] for order in orders] + [sale["order"] for sale in sales],
        "ticket": [ticket["id"] for ticket in tickets],
        "scan": scans,
        "device": [device],
        "section": ["Hall", "Floor"],
        "category": [],
        "area": ["main", "bar"],
        "gate": ["North", "South"],
        "seat": [f"Hall-{row}-{seat}" for row in range(1, 6) for seat in range(1, 21, 3)],
        "short_code": [ticket["short_code"] for ticket in tickets],
        "token": [ticket["token"] for ticket in tickets],
        "secrets": {thing["id"]: thing["secret"] for thing in holds[:1] + orders},
    }


def main():
    url, role, file = sys.argv[1:]
    if role not in ROLES:
        sys.exit(f"no role: {role}")
    admin = Caller(url, os.environ["TURNOUT_ADMIN_TOKEN"])
    key = admin.post("/api-keys", {"name": "Website", "role": "seller"})["id"]
    member = admin.post("/members", {"email": f"{role}@example.org", "role": "door"})["id"]
    shows = [show(admin, Caller(url), number) for number in range(SHOWS)]
    for made in shows:
        made |= {"key": [key], "member": [member]}
    world = {"role": role, "authorization": "", "headers": {}, "spare": [], "kept": [], "shows": shows}
    if role == "owner":
        world["authorization"] = "Bearer " + admin.token
    elif role == "session":
        world["headers"], world["spare"], others, world["kept"] = signed_in(admin, Caller(url))
        for made in shows:
            made["session"] = others
    elif role == "device":
        # Bound to all shows but one, which it sees as the public does.
        bound = {"name": "Attacker's tablet", "shows": [made["show"][0] for made in shows[1:]]}
        device = Caller(url).post("/devices", {"pairing": admin.post("/devices/pairings", bound)["pairing"]})
        world |= {"authorization": "Bearer " + device["token"], "kept": [device["device"]]}
    elif role != "nobody":
        key = admin.post("/api-keys", {"name": f"Attack as {role}", "role": role})
        world |= {"authorization": "Bearer " + key["token"], "kept": [key["id"]]}
    with open(file, "w", encoding="utf-8") as out:
        json.dump(world, out)


main()
