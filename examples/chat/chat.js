/** The page: bare socket.io-client, as it comes, and the hub's words from docs/PROTOCOL.md. */
const $ = (id) => document.getElementById(id);
const name = decodeURIComponent(location.hash.slice(1)) || (await ask());
const store = "lobby";
const parcel = "chat"; // What keeps its order is a parcel: here, the conversation.

const { url, token } = await (await fetch(`/enter?name=${name}`)).json();
// With `retries` the library sends one thing after the other, each again and again until it is answered: nothing that is said is lost or out of order.
const socket = window.io(`${url}/vendor`, {
  auth: { token },
  retries: Number.POSITIVE_INFINITY,
  ackTimeout: 5_000,
  reconnectionDelayMax: 2_000,
});

/** What this page has read. It is kept before the hub is told: a message whose acknowledgement was lost comes again, and is known by its id. */
const key = `read by ${name}`;
const read = JSON.parse(localStorage.getItem(key) ?? "[]");
for (const message of read) show(message);

socket.on("connect", () => {
  status("connected", true);
  // A group of one's own: the hub remembers for each name how far it has read.
  socket.emit("subscribe", { group: `chat-${name}`, from: "start", types: ["message"] }, (_, answer) => report(answer));
  look();
});
socket.on("disconnect", () => status("no connection: what you say is sent when it is back", false));
socket.on("connect_error", ({ message, data }) => data && status(message, false));

socket.on("message", (message, acknowledge) => {
  if (!read.some(({ id }) => id === message.id)) {
    read.push(message);
    localStorage.setItem(key, JSON.stringify(read.slice(-500)));
    show(message);
  }
  hush(message.data.from);
  acknowledge();
});

/** To everybody, or to one alone: a word in private reaches a connection that is there now, and is kept nowhere. */
let only = null;
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (text === "") return;
  const id = `${name}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const data = { text, from: name };
  if (only) {
    const { subject, socket: to } = only;
    socket.emit("word", { to, text }, (_, answer) => report(answer) && show({ id, data, whispered: `only to ${subject}` }));
  } else {
    show({ id, data, isPending: true }); // Until it comes back from the hub, which has it on disk by then.
    socket.emit("message", { id, store, parcel, data }, (_, answer) => report(answer));
  }
});
socket.on("word", ({ subject, text }, acknowledge) => {
  show({ id: `word-${Date.now()}`, data: { text, from: subject }, whispered: "only to you" });
  acknowledge();
});

// Who is here: asked when the page comes, and whenever somebody comes or goes.
const look = () => socket.emit("who", {}, (_, { people = [] }) => showPeople(people));
socket.on("presence", ({ subject, online, sockets }) => {
  if (online && sockets === 1) note(`${subject} is here`);
  if (sockets === 0) note(`${subject} has left`);
  look();
});

// Who is typing: said at most once a second, and forgotten after three.
let saidMs = 0;
$("text").addEventListener("input", () => {
  if (only || Date.now() - saidMs < 1_000) return;
  saidMs = Date.now();
  socket.volatile.emit("typing", { parcel, typing: true });
});
const typists = new Map();
socket.on("typing", ({ subject }) => {
  clearTimeout(typists.get(subject));
  typists.set(
    subject,
    setTimeout(() => hush(subject), 3_000),
  );
  showTypists();
});
function hush(subject) {
  clearTimeout(typists.get(subject));
  typists.delete(subject);
  showTypists();
}

// What follows only paints.
function ask() {
  $("door").showModal();
  return new Promise((resolve) => {
    $("enter").addEventListener("submit", () => {
      location.hash = $("name").value;
      resolve($("name").value);
    });
  });
}

function status(text, isGood) {
  $("status").textContent = text;
  document.body.classList.toggle("away", !isGood);
}

function report({ outcome, error }) {
  if (outcome === "refused") note(`${error.code}: ${error.message}`);
  return outcome !== "refused";
}

function note(text) {
  const line = document.createElement("li");
  line.className = "note";
  line.textContent = text;
  append(line);
}

function show({ id, at, data: { text, from = "somebody" }, whispered = "", isPending = false }) {
  const item = document.getElementById(id) ?? document.createElement("li");
  item.id = id;
  item.className = [from === name ? "mine" : "", whispered && "private", isPending && "pending"].filter(Boolean).join(" ");
  item.style.setProperty("--hue", hueOf(from));
  const head = document.createElement("small");
  const time = new Date(at ?? Date.now()).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  head.textContent = [from === name ? "you" : from, isPending ? "sending …" : time, whispered].filter(Boolean).join(" · ");
  const body = document.createElement("span");
  body.textContent = text;
  item.replaceChildren(head, body);
  append(item); // In the hub's order: what was sent meanwhile stands before what is still on its way.
}

function append(item) {
  const list = $("messages");
  const pending = item.classList.contains("pending") ? null : list.querySelector(".pending");
  list.insertBefore(item, pending === item ? null : pending);
  list.scrollTop = list.scrollHeight;
}

function showPeople(people) {
  const rows = new Map(people.toReversed().map((person) => [person.subject, person]));
  const items = [...rows.values()]
    .sort((a, b) => b.online - a.online || a.subject.localeCompare(b.subject))
    .map((person) => {
      const { subject, online, at } = person;
      const button = document.createElement("button");
      button.textContent = subject === name ? `${subject} (you)` : subject;
      button.disabled = !online || subject === name;
      button.title = online ? `A word to ${subject} alone` : `Seen last at ${new Date(at).toLocaleTimeString()}`;
      button.addEventListener("click", () => turnTo(person));
      const item = document.createElement("li");
      item.className = online ? "online" : "";
      item.style.setProperty("--hue", hueOf(subject));
      item.append(button);
      return item;
    });
  $("people").replaceChildren(...items);
  if (only) turnTo(people.find(({ online, socket: id }) => online && id === only.socket) ?? null);
}

function turnTo(person) {
  only = person;
  $("only").hidden = !person;
  $("only").textContent = person ? `only ${person.subject} ✕` : "";
  $("text").focus();
}
$("only").addEventListener("click", () => turnTo(null));

function showTypists() {
  const names = [...typists.keys()];
  $("typing").textContent = names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing …`;
}

function hueOf(text) {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + letter.charCodeAt(0)) % 360;
  return (hash * 137) % 360; // Names that are alike get colours that are not.
}
