"""A driver and a store in Python, on the public Socket.IO client as it comes and docs/PROTOCOL.md alone.

Its history and its store's database have the form of the other workers'. It publishes one event after the other, each until it is
answered, and some of them again; what it applies it has applied once, by queue and offset.
"""

import base64
import hashlib
import json
import os
import random
import sqlite3
import sys
import threading
import time

import socketio

with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)

ANSWER_S = 3
SILENT_S = 8
AGAIN_SHARE = 0.3
PARCEL_EVENTS = 6
AT = "2026-05-01T09:30:00+02:00"

lock = threading.Lock()
history_path = os.path.join(config["dir"], "history.jsonl")


def whole_lines():
    """Cuts off what the last life's death tore, and returns what is left."""
    if not os.path.exists(history_path):
        return []
    with open(history_path, "rb+") as past:
        content = past.read()
        whole = content[: content.rfind(b"\n") + 1]
        past.truncate(len(whole))
    return [json.loads(line) for line in whole.splitlines()]


life = sum("life" in line for line in whole_lines())
history = os.open(history_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


def write(record):
    with lock:
        os.write(history, (json.dumps(record, separators=(",", ":")) + "\n").encode())


def now_us():
    return time.monotonic_ns() // 1000


write({"life": life})
seat = config["vendors"][0]
driver = config["drivers"][0]
store = seat["stores"][0]
counts = {"confirmed": 0, "pending": 0, "applied": 0}
stopped = threading.Event()
dies_between = threading.Event()


def ordered(value):
    if not isinstance(value, dict):
        return value
    return [[key, ordered(value[key])] for key in sorted(value)]


def fingerprint(event):
    parts = [event["type"], event["parcel"], event["store"], event["at"], ordered(event["data"])]
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(hashlib.sha1(text.encode()).digest()).decode().rstrip("=")


effects = sqlite3.connect(os.path.join(config["effectsDir"], f"{store}.db"), isolation_level=None, check_same_thread=False)
effects.executescript(
    """
    PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS effects (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, at INTEGER NOT NULL, redrive INTEGER NOT NULL,
      id TEXT NOT NULL, parcel TEXT NOT NULL, producer TEXT NOT NULL, n INTEGER NOT NULL, print TEXT NOT NULL, vendor TEXT NOT NULL,
      UNIQUE (queue, at, redrive)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS tries (id TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """
)


def apply(event):
    load = event["data"]["extra"]
    row = (event["queue"], event["offset"], event.get("redrive", 0), event["id"], event["parcel"], load["producer"], load["n"])
    columns = "queue, at, redrive, id, parcel, producer, n, print, vendor"
    with lock:
        cursor = effects.execute(
            f"INSERT OR IGNORE INTO effects ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, fingerprint(event), seat["name"])
        )
        counts["applied"] += cursor.rowcount
    if dies_between.is_set():
        os.kill(os.getpid(), 9)


class Peer:
    """One connection that is always wanted: the client comes back by itself, and is replaced when it has not for long."""

    def __init__(self, namespace, token, on_event=None, greet=None):
        self.namespace = namespace
        self.token = token
        self.on_event = on_event
        self.greet = greet
        self.greeted = None
        self.client = None
        self.seen = time.monotonic()
        threading.Thread(target=self.keep, daemon=True).start()

    def connect(self):
        client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=1)
        if self.on_event:
            client.on("*", self.on_event, namespace=self.namespace)
        self.client = client
        client.connect(config["url"], namespaces=[self.namespace], auth={"token": self.token}, wait_timeout=ANSWER_S)

    def is_connected(self):
        client = self.client
        return client is not None and client.connected and self.namespace in client.namespaces

    def keep(self):
        while True:
            if self.is_connected():
                self.seen = time.monotonic()
                self.greet_once()
            elif self.client is None or time.monotonic() - self.seen > SILENT_S:
                self.replace()
            time.sleep(0.2)

    def greet_once(self):
        """Once on each connection; until it is answered."""
        connection = self.client.get_sid(self.namespace)
        if self.greet and connection != self.greeted and self.greet(self):
            self.greeted = connection

    def replace(self):
        old = self.client
        try:
            if old is not None:
                old.disconnect()
            self.connect()
        except Exception:  # The hub is away, or the network broken: later.
            self.client = None
        self.seen = time.monotonic()

    def call(self, name, body):
        """None: no answer, which is unknown."""
        try:
            return self.client.call(name, body, namespace=self.namespace, timeout=ANSWER_S) if self.is_connected() else None
        except Exception:  # The client raises many things when its connection goes; all of them mean: no answer.
            return None


def on_event(name, *data):
    if name in ("welcome", "presence", "position", "draining", "refused", "gap"):
        return None
    apply(data[0])
    return None


def subscribe(peer):
    answer = peer.call("subscribe", {"queue": f"store/{store}"})
    return (answer or {}).get("outcome") == "subscribed"


def send(peer, event):
    body = {key: value for key, value in event.items() if key != "type"}
    answer = peer.call(event["type"], body)
    if answer is not None and answer["outcome"] != "refused":
        place = {"queue": answer["queue"], "offset": answer["offset"]}
        write({"kind": "answer", "t": now_us(), "id": event["id"], "outcome": answer["outcome"], **place})
    return answer


def produce(peer):
    chance = random.Random(f"{config['seed']}/{driver['name']}/{life}")
    made = 0
    while True:
        time.sleep(1 / config["rate"])
        if stopped.is_set():
            continue
        made += 1
        parcel = f"{driver['name']}-{life}-{made // PARCEL_EVENTS}"
        load = {"producer": driver["name"], "n": life * 1_000_000 + made, "fate": "ok", "fails": 0, "pad": "x" * chance.randint(20, 200)}
        event = {"type": "in-transit", "id": f"{driver['name']}-{life}-{made}", "parcel": parcel, "store": store, "at": AT}
        event["data"] = {"extra": load}
        known = {"id": event["id"], "producer": driver["name"], "parcel": parcel, "store": store, "n": load["n"]}
        write({"kind": "intent", "t": now_us(), **known, "print": fingerprint(event)})
        counts["pending"] = 1
        while True:
            answer = send(peer, event)
            if answer is not None and answer["outcome"] != "refused":
                break
            if answer is not None and answer["error"]["retry"] == "never":
                write({"kind": "refused", "t": now_us(), "id": event["id"], "code": answer["error"]["code"]})
                break
            time.sleep(0.1)
        counts["pending"] = 0
        counts["confirmed"] += 1
        if chance.random() < AGAIN_SHARE:
            send(peer, event)


def say(line):
    print(json.dumps(line), flush=True)


def listen():
    for line in sys.stdin:
        if "stop" in json.loads(line):
            stopped.set()
        else:
            dies_between.set()
    os._exit(1)  # The supervisor holds the other end: it is gone.


threading.Thread(target=listen, daemon=True).start()
peers = [Peer("/vendor", seat["token"], on_event, subscribe), Peer("/driver", driver["token"])]
threading.Thread(target=produce, args=(peers[1],), daemon=True).start()
say({"msg": "ready"})
while True:
    # A client that does not come back by itself is replaced: it is always going to connect.
    say({"msg": "progress", **counts, "active": True, "connected": all(peer.is_connected() for peer in peers)})
    time.sleep(0.1)
