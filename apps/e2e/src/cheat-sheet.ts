/**
 * The lines of docs/socket-io.md: every form of Socket.IO's emit cheat sheet, and where Waybill uses it. The page is written from here
 * (`npm run docs -w @waybill/e2e`); each line has one test, on a running hub, that says what another socket received or did not receive.
 */
type Line = { form: string; means: string; here: string };

export const cheatSheet = {
  "The hub to one client": {
    emit: {
      form: '`socket.emit("welcome", {…})`',
      means: "to this client alone",
      here: "`welcome`, `refused`, `draining`, and with frames `deliver`, `delivers`, `lost`, `reset`, `gap`",
    },
    "emit-ack": {
      form: "`socket.emit(type, event, (answer) => …)`",
      means: "with an acknowledgement",
      here: "each delivery to a plain client: what it answers settles the event, and no other consumer of the group gets it",
    },
    "emit-timeout": {
      form: "`socket.timeout(ms).emit(type, event, (timedOut, answer) => …)`",
      means: "an acknowledgement that may be late",
      here: "the same delivery: without an answer within `leaseMs` it goes to another consumer",
    },
    volatile: {
      form: '`….volatile.emit("position", {…})`',
      means: "dropped when the client cannot take it at once",
      here: "`position`: an old place is of no use to anybody",
    },
    compress: {
      form: "`socket.compress(false).emit(…)`",
      means: "without compression",
      here: "for everything: compression is off in the hub (it costs more than short JSON gains, and opens attacks), so the flag is not needed",
    },
  },
  "The hub to many": {
    "to-room": {
      form: '`socket.to("room").emit(…)`',
      means: "to all in a room, but not to the sender",
      here: '`presence`: all at a store hear who came and who went, but the newcomer. With the SDK: `client.listen("presence", …)`, and `client.who()` for who is there',
    },
    broadcast: {
      form: '`socket.broadcast.to("room").emit(…)`',
      means: "to all but the sender",
      here: '`typing`: all who have to do with the parcel hear that somebody types, but who does. With the SDK: `client.typing({…})`, `client.listen("typing", …)`',
    },
    several: {
      form: '`io.of("/driver").to(["room1", "room2"]).emit(…)`',
      means: "to all in one or more of several rooms, once each",
      here: 'an operator\'s `notice` to the drivers of several zones. With the SDK: `admin.notice({…})`, `client.listen("notice", …)`',
    },
    except: {
      form: '`io.of("/driver").to(["room1", "room2"]).except("room3").emit(…)`',
      means: "to all in some rooms, but not to those in another",
      here: "a `notice` to several zones, but not to who also reads that one; or to all stores but one",
    },
    "socket-id": {
      form: '`io.of("/vendor").to(socketId).emit("word", {…})`',
      means: "to one client by its id",
      here: 'a `word` in private, to a connection that `who` or `presence` has shown. With the SDK: `client.word({…})`, `client.listen("word", …)`',
    },
    "acks-of-many": {
      form: '`io.of("/driver").timeout(ms).to("room").emit("roll-call", {…}, (timedOut, answers) => …)`',
      means: "an acknowledgement from each of many",
      here: "an operator's roll call: who answers in time is counted. With the SDK: `admin.rollCall({…})`; its drivers and vendors answer by themselves",
    },
    local: {
      form: '`io.of("/driver").local.emit(…)`',
      means: "to the clients of this process only, where there are several",
      here: "a `notice` or a roll call with `thisNode`: to those who are connected to the hub that is about to be restarted",
    },
    "io-emit": {
      form: "`io.emit(…)`",
      means: "to all clients of the root namespace",
      here: "never: nobody can be in it. A `notice` to all goes to the rooms of the tenant's drivers and vendors",
    },
    "of-to-room": {
      form: '`io.of("/vendor").to("room").emit(…)`',
      means: "to all in a room of another namespace",
      here: "`position`: from a driver's socket to those of the store whose parcel it holds",
    },
    "of-emit": {
      form: '`io.of("/admin").emit(…)`',
      means: "to all in a namespace",
      here: "never so: tenants share a namespace, and what happens at one is no other's business. `presence` goes to a room of the tenant's operators",
    },
  },
  Rooms: {
    join: {
      form: '`socket.join("room")`',
      means: "enter a room",
      here: "by the hub alone, from the token and from what a socket reads: no client's packet names a room",
    },
    leave: {
      form: '`socket.leave("room")`',
      means: "leave it",
      here: "who stops reading a zone's pool (`unsubscribe`) hears no notices to the zone any more",
    },
    disconnecting: {
      form: '`socket.on("disconnecting")`',
      means: "a connection ends; its rooms are left right after",
      here: "`presence` with `online: false`; `who` tells since when",
    },
  },
  Namespaces: {
    handlers: {
      form: '`io.of("/driver").on("connection")`',
      means: "each namespace has handlers of its own",
      here: "`/driver`, `/vendor`, `/admin`: what a driver may ask, a vendor may not",
    },
    middleware: {
      form: '`io.of("/admin").use(…)`',
      means: "who may enter",
      here: "every namespace checks the token before anything of it is heard; `/admin` opens for operators alone",
    },
    dynamic: {
      form: "`io.of((name, auth, next) => …)`",
      means: "namespaces that come into being when somebody enters",
      here: "with `--tenant-namespaces`, one of each role for each tenant (`/acme/driver`): opened by a good token of the tenant alone, gone when it is empty",
    },
    "own-rooms": {
      form: '`io.of("/driver").to("room")`',
      means: "each namespace has rooms of its own",
      here: "what is said in a store's room is not heard in `/driver`, nor by another tenant's store of the same name",
    },
  },
  "The client to the hub": {
    "client-emit": {
      form: '`socket.emit("position", {…})`',
      means: "no answer is asked for",
      here: "`position`, and with frames `settle`, `settles` and `credit`; kept by the client while it is offline",
    },
    "client-ack": {
      form: '`socket.emit("delivered", {…}, (answer) => …)`',
      means: "with an acknowledgement",
      here: "every publish and every request: the answer to a publish comes when the event is on disk",
    },
    "client-timeout": {
      form: '`socket.timeout(ms).emit("delivered", {…}, (error, answer) => …)`',
      means: "an answer that may not come",
      here: "how a client learns that it must send again, with the same `id`: the hub removes the repeat",
    },
    "client-volatile": {
      form: '`socket.volatile.emit("position", {…})`',
      means: "dropped when it cannot go out at once",
      here: "what the SDK's `driver.position()` and `client.typing()` do",
    },
    "client-compress": {
      form: '`socket.compress(false).emit("delivered", {…}, ack)`',
      means: "without compression",
      here: "as without the flag: the hub agrees to no compression",
    },
  },
  "Reserved names": {
    "reserved-client": {
      form: '`socket.emit("disconnect")` by a client',
      means: "refused by the client's library, and by the hub where another one sends it",
      here: "the connection of who does it closes; nobody else notices",
    },
    "reserved-hub": {
      form: '`socket.emit("connect")` by the hub',
      means: "thrown by the library",
      here: "an event's type is what the hub emits, and no event type can have a reserved name: a publish under one is refused",
    },
  },
  Transports: {
    polling: {
      form: '`io(url, { transports: ["polling"] })`',
      means: "long-polling alone",
      here: "publish, delivery and presence, as over websocket; an operator may switch polling off",
    },
    websocket: {
      form: '`io(url, { transports: ["websocket"] })`',
      means: "websocket alone",
      here: "what the SDK uses",
    },
    upgrade: {
      form: "`io(url)`",
      means: "polling first, then websocket",
      here: "what a plain client does; what is said to it meanwhile arrives, once and in order",
    },
  },
} as const satisfies Record<string, Record<string, Line>>;

type Sections = typeof cheatSheet;
export type LineId = { [S in keyof Sections]: keyof Sections[S] }[keyof Sections];

export const lines: ReadonlyMap<string, Line> = new Map(Object.values<Record<string, Line>>(cheatSheet).flatMap(Object.entries));

/** The title of the line's test. */
export function line(id: LineId): string {
  const found = lines.get(id);
  if (!found) throw new Error(`The cheat sheet has no line "${id}".`);
  return `[${id}] ${found.form.replaceAll("`", "")}: ${found.means}`;
}
