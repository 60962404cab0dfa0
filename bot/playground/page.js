// The playground's page. Whatever people or Pacer say enters the document as text, never as markup.

const $ = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

function icon(path, size = 16) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(ns, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

const ICONS = {
  eye: "M1.5 10s3-5.5 8.5-5.5 8.5 5.5 8.5 5.5-3 5.5-8.5 5.5S1.5 10 1.5 10Zm8.5 2.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  code: "m7 5-5 5 5 5m6-10 5 5-5 5",
  chat: "M3 4.5h14v9.5H9l-4 3v-3H3Z",
  channel: "M7.5 3 6 17m8-14-1.5 14M3.5 7.5h14m-15 5h14",
  file: "M5 2.5h6.5l4 4v11H5ZM11.5 2.5v4h4",
  cross: "m5.5 5.5 9 9m0-9-9 9",
  home: "M3 9.5 10 3.5l7 6V16.5H3ZM8 16.5v-5h4v5",
};

// ---------------------------------------------------------------- what the page knows

const start = await (await fetch("/api/start")).json();
const ROLES = ["rep", "manager", "leader", "admin"];
start.people.sort((one, other) => ROLES.indexOf(one.role) - ROLES.indexOf(other.role));
const page = {
  who: start.people[0],
  place: "direct",
  messages: new Map(),
  home: null,
  unread: { direct: 0, channel: 0, home: 0 },
  withSource: new Set(), // messages whose JSON is shown
  shownAs: "", // whose JSON was looked at last
  ahead: 0, // the playground's clock minus this machine's, in ms
  events: null,
};
const PLACES = {
  direct: { label: "Pacer", icon: "chat", about: "Your direct chat: only you and Pacer read it" },
  channel: { label: `#${start.channel.split(":")[1]}`, icon: "channel", about: "Everybody in the team reads along" },
  home: { label: "Home", icon: "home", about: "Your week, kept up to date by Pacer" },
};

const mayUse = ({ roles }) => roles.includes(page.who.role);
const conversation = (place = page.place) => (place === "channel" ? start.channel : `direct:${page.who.external_id}`);
const placeOf = (message) => (message.conversation === start.channel ? "channel" : "direct");
const personById = (id) => start.people.find((person) => person.external_id === id);
const now = () => new Date(Date.now() + page.ahead);
const inZone = (options) => new Intl.DateTimeFormat(start.locale, { timeZone: page.who.zone, ...options });
const timeOf = (date) => inZone({ hour: "numeric", minute: "2-digit" }).format(date);
const dayOf = (date) => inZone({ weekday: "long", day: "numeric", month: "long" }).format(date);

// ---------------------------------------------------------------- asking the server

const tried = new Map(); // what was tried -> its key: trying again after a lost answer is the same event

async function act(path, body) {
  const whole = { ...body, who: page.who.external_id };
  const attempt = path + JSON.stringify(whole, (name, value) => (name === "content" ? fingerprint(value) : value));
  const key = tried.get(attempt) ?? crypto.randomUUID();
  tried.set(attempt, key);
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Pacer-Playground": "1" },
      body: JSON.stringify({ ...whole, key }),
    });
  } catch {
    throw new Error("Pacer cannot be reached, so this was not sent. Try again once it is back.");
  }
  const back = await response.json();
  if (!response.ok) throw new Error(back.error);
  tried.delete(attempt);
  return back; // what Pacer says arrives with the events, in its order
}

/** A number that another text would hardly have. */
function fingerprint(text) {
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) seen = (Math.imul(seen, 31) + text.charCodeAt(index)) | 0;
  return seen;
}

/** Do something that may open a form, and say so when it fails. */
async function perform(path, body, opener = {}) {
  trouble("");
  awaited = Infinity;
  const done = waiting();
  try {
    const back = await act(path, body);
    if (back.form) openForm(back, opener);
    return back;
  } catch (error) {
    trouble(error.message);
    return null;
  } finally {
    awaited = Math.min(awaited, Date.now() + LATE);
    done();
  }
}

function trouble(sentence) {
  $("trouble").textContent = sentence;
}

/** Show that Pacer is at work, once it takes long enough to be noticed. */
function waiting() {
  const place = page.place;
  const timer = setTimeout(() => {
    if (place !== page.place || place === "home") return;
    const follow = atBottom();
    $("messages").append(make("li", { class: "typing" }, make("span"), make("span"), make("span")));
    if (follow) toBottom();
  }, 300);
  return () => {
    clearTimeout(timer);
    stopTyping();
  };
}

const stopTyping = () => document.querySelectorAll(".typing").forEach((node) => node.remove());

// ---------------------------------------------------------------- what arrives

function listen() {
  page.events?.close();
  page.events = new EventSource(`/api/events?who=${encodeURIComponent(page.who.external_id)}`);
  page.events.onopen = () => ($("offline").hidden = true);
  page.events.onerror = () => ($("offline").hidden = false);
  page.events.onmessage = ({ data }) => {
    const { now: serverNow, change } = JSON.parse(data);
    page.ahead = new Date(serverNow) - Date.now();
    drawClock();
    receive(change);
  };
}

function receive(change) {
  switch (change.event) {
    case "everything":
      page.messages = new Map(change.messages.map((message) => [message.id, message]));
      page.home = change.home;
      drawPlace();
      break;
    case "message":
      put(change.message);
      break;
    case "removed":
      page.messages.delete(change.id);
      drawMessages();
      break;
    case "home":
      drawHome(change.home);
      break;
    case "clock":
      break;
    default:
      trouble(`This page does not know what “${change.event}” is. Reload it.`);
  }
}

function put(message) {
  const before = page.messages.get(message.id);
  if (before && JSON.stringify(before) === JSON.stringify(message)) return;
  page.messages.set(message.id, message);
  const place = placeOf(message);
  if (message.author === "pacer") announce(message, place);
  if (place !== page.place) {
    if (message.author !== page.who.external_id) page.unread[place] += 1;
    drawPlaces();
    return;
  }
  const old = document.getElementById(`message-${message.id}`);
  if (old) {
    const hadFocus = old.contains(document.activeElement);
    const fresh = drawMessage(message, old.classList.contains("follows"));
    old.replaceWith(fresh);
    if (hadFocus) fresh.firstElementChild.focus();
    return;
  }
  if (message.author === "pacer") stopTyping();
  const mine = message.author === page.who.external_id;
  const answers = message.author === "pacer" && Date.now() < awaited;
  const follow = mine || answers || atBottom();
  append(message, [...page.messages.values()].filter((each) => placeOf(each) === place).at(-2));
  if (answers) awaited = 0;
  if (!follow) return;
  if (mine || !(answers && followsMine())) beginning = message.id;
  scroll(toBeginning);
}

/** The latest message but one is one's own: what comes now answers it. */
function followsMine() {
  const before = [...document.querySelectorAll("#messages > .message")].at(-2);
  return before !== undefined && before.id === `message-${beginning}`
    && page.messages.get(beginning)?.author === page.who.external_id;
}

function announce(message, place) {
  const where = place === page.place ? "" : ` in ${place === "direct" ? "your direct chat" : PLACES[place].label}`;
  $("announcer").append(make("p", {}, `Pacer${where}: ${message.text}`));
  while ($("announcer").childElementCount > 3) $("announcer").firstElementChild.remove();
}

const atBottom = () => $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < 120;
const LATE = 1500; // ms that an answer may come after the response that it belongs to
let awaited = 0; // until when what Pacer says is taken for the answer to what was done last; ms since 1970
let beginning = ""; // the message that an answer is read from: one's own line, or the answer where there is none

/** To the bottom, but no further than to the beginning of what is to be read. */
function toBeginning() {
  const first = document.getElementById(`message-${beginning}`);
  if (!first) return toBottom();
  const answer = first.nextElementSibling;
  // Of a line so long that it would hide its answer only the end stays in view.
  const from = answer && first.offsetHeight > $("log").clientHeight / 2
    ? answer.offsetTop - $("log").clientHeight / 4 : first.offsetTop - 8;
  $("log").scrollTop = Math.min($("log").scrollHeight, from);
}
const toBottom = () => ($("log").scrollTop = $("log").scrollHeight);

let again = null; // how the log was scrolled, to be done again when a picture has come; until somebody scrolls it
function scroll(how) {
  again = how;
  how();
}
for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  $("log").addEventListener(kind, () => {
    again = null;
    awaited = 0;
  }, { passive: true });
}

// ---------------------------------------------------------------- drawing: the frame

function initials(name) {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

function avatar(person) {
  if (!person) return make("img", { class: "avatar", src: "/mark.svg", alt: "" });
  const hue = start.people.indexOf(person) % 6;
  return make("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, initials(person.name));
}

function personLines(person) {
  return make(
    "span", { class: "lines" },
    make("span", {}, make("strong", {}, person.name), make("span", { class: "role" }, person.role)),
    make("small", {}, person.title),
  );
}

function drawPeople() {
  $("people-list").replaceChildren(
    ...start.people.map((person) => {
      const mine = person === page.who;
      return make(
        "button",
        { type: "button", role: "radio", "aria-checked": String(mine), tabindex: mine ? "0" : "-1",
          "data-person": person.external_id, click: () => become(person, true) },
        avatar(person),
        personLines(person),
      );
    }),
  );
  // Of thirty not all fit beside the conversation.
  document.querySelector('[role="radio"][aria-checked="true"]')?.scrollIntoView({ block: "nearest" });
  $("whoami").replaceChildren(avatar(page.who), personLines(page.who));
  $("whoami").setAttribute("aria-label", `You are ${page.who.name}, ${page.who.role}. Choose another person`);
}

function drawPlaces() {
  $("places").replaceChildren(
    ...Object.entries(PLACES).map(([place, { label, icon: name }]) => {
      const unread = page.unread[place];
      return make("li", {}, make(
        "button",
        { type: "button", "aria-current": place === page.place ? "page" : undefined, "data-place": place,
          click: () => go(place) },
        icon(ICONS[name], 18),
        make("span", {}, label),
        unread ? make("span", { class: "unread" }, String(unread), make("span", { class: "unseen" }, " new")) : null,
      ));
    }),
  );
}

function drawClock() {
  const city = page.who.zone.split("/").at(-1).replaceAll("_", " ");
  const date = inZone({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).formatToParts(now());
  const year = date.findIndex(({ type }) => type === "year"); // last in both locales, with what parts it from the month
  const words = (parts) => parts.map(({ value }) => value).join("");
  $("clock").dateTime = now().toISOString();
  $("clock").replaceChildren(make("strong", {}, timeOf(now())), make(
    "span", {}, words(date.slice(0, year - 1)), make("span", { class: "year" }, words(date.slice(year - 1))), ` · ${city}`,
  ));
}

/** Where the clock can be taken; what comes up on the way arrives as it would have. */
async function offerLeaps() {
  let words = [];
  try {
    words = await (await fetch(`/api/leaps?who=${encodeURIComponent(page.who.external_id)}`)).json();
  } catch {
    // Pacer is away; the page says so already.
  }
  $("leap").hidden = !words.length;
  $("leap").replaceChildren(
    make("option", { value: "", selected: true }, "Move time"),
    ...words.map((each) => make("option", { value: each }, each)),
  );
}

async function leap() {
  const to = $("leap").value;
  if (!to) return;
  $("leap").disabled = true;
  const back = await perform("/api/leap", { to });
  $("leap").disabled = false;
  if (back) page.ahead = new Date(back.now) - Date.now();
  drawClock();
  await offerLeaps();
  $("leap").focus();
}

function drawPlace() {
  const { label, about } = PLACES[page.place];
  page.unread[page.place] = 0;
  $("title").textContent = label;
  $("subtitle").textContent = about;
  $("composer").hidden = page.place === "home";
  $("skip").hidden = page.place === "home";
  const name = page.place === "direct" ? "Message Pacer" : `Message ${label}`;
  $("text-label").textContent = name;
  $("text").placeholder = page.place === "direct" ? "Say what you did, or type /" : `${name} or @Pacer`;
  drawPlaces();
  suggest();
  if (page.place === "home") drawHome(page.home);
  else drawMessages();
  const address = new URL(location);
  address.searchParams.set("as", page.who.external_id);
  address.searchParams.set("in", page.place);
  history.replaceState(null, "", address);
  document.title = `${label} · Pacer playground`;
}

// ---------------------------------------------------------------- drawing: messages

function drawMessages() {
  $("messages").replaceChildren();
  const here = [...page.messages.values()].filter((message) => placeOf(message) === page.place);
  if (!here.length) $("messages").append(welcome());
  here.forEach((message, index) => append(message, here[index - 1]));
  scroll(toBottom);
}

function append(message, before) {
  const list = $("messages");
  if (!before) list.querySelector(".welcome")?.remove();
  const at = new Date(message.at);
  if (!before || dayOf(new Date(before.at)) !== dayOf(at)) {
    list.append(make("li", { class: "day" }, make("span", {}, dayOf(at))));
    before = undefined;
  }
  const follows = message.author !== "pacer" && before?.author === message.author
    && before.only_to === message.only_to && at - new Date(before.at) < 5 * 60_000;
  list.append(drawMessage(message, follows));
}

function drawMessage(message, follows) {
  const person = personById(message.author);
  const name = person?.name ?? "Pacer";
  const at = timeOf(new Date(message.at));
  const article = make(
    "article",
    { tabindex: "-1", "aria-label": `${name}, ${at}` },
    make("div", { class: "gutter" }, follows ? make("time", {}, at) : avatar(person)),
    make(
      "div",
      { class: "body" },
      follows ? null : make(
        "header", {}, make("strong", {}, name), person ? null : make("span", { class: "app" }, "app"), make("time", {}, at),
        message.edited ? make("span", { class: "edited" }, "edited") : null,
        message.only_to ? make("span", { class: "only-you" }, icon(ICONS.eye, 14), "Only visible to you") : null,
      ),
      make(
        "div",
        { class: message.reply ? "reply" : "said" },
        ...(message.reply ? drawReply(message.reply, message.id) : drawSaid(message)),
      ),
    ),
    tools(message),
  );
  const item = make(
    "li", { class: `message${follows ? " follows" : ""}${message.only_to ? " private" : ""}`, id: `message-${message.id}` },
    article,
  );
  if (page.withSource.has(message.id)) showSource(item, message.id);
  return item;
}

/** A person's words, and the names of the files beside them. */
function drawSaid({ text, files }) {
  const names = files.map((name) => make("li", {}, icon(ICONS.file), make("span", {}, name)));
  return [
    text || !files.length ? mentions(text) : null,
    files.length ? make("ul", { class: "files", "aria-label": "Files" }, ...names) : null,
  ].filter(Boolean);
}

/** A person's words, with @Pacer marked as the platforms mark it. */
function mentions(text) {
  const words = make("p", { class: "text" });
  for (const piece of text.split(/(@pacer\b)/i)) {
    words.append(/^@pacer$/i.test(piece) ? make("span", { class: "mention" }, piece) : piece);
  }
  return words;
}

function tools(message) {
  if (message.author === "pacer") return make("div", { class: "tools" }, sourceButton(message.id));
  if (!start.shortcuts.length) return null;
  const name = personById(message.author)?.name ?? message.author;
  return make("div", { class: "tools" }, make(
    "button",
    { type: "button", class: "tool", "aria-haspopup": "menu", "aria-expanded": "false",
      "aria-label": `More for the message of ${name}`, click: (event) => openShortcuts(event.currentTarget, message) },
    icon(ICONS.more, 18),
  ));
}

function openShortcuts(button, message) {
  const close = (focus) => {
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    if (focus) button.focus();
  };
  const outside = (event) => {
    if (!menu.contains(event.target) && !button.contains(event.target)) close(false);
  };
  if (button.getAttribute("aria-expanded") === "true") {
    button.nextElementSibling?.remove();
    button.setAttribute("aria-expanded", "false");
    return;
  }
  const items = start.shortcuts.map(({ command, label, summary }) => make(
    "button",
    { type: "button", role: "menuitem", tabindex: "-1", click: () => {
      close(true);
      perform("/api/shortcut", { message: message.id, command }, { conversation: message.conversation });
    } },
    make("strong", {}, label), make("small", {}, summary),
  ));
  const menu = make("div", { class: "popup", role: "menu", "aria-label": "Message", keydown: (event) => {
    if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (!rove(event, items)) return;
    event.preventDefault();
  } }, ...items);
  button.after(menu);
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside);
  items[0].focus();
  menu.scrollIntoView({ block: "nearest" });
}

/** Move the focus among `items` by arrow, Home and End; the item that it moved to. */
function rove(event, items) {
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  if (!(event.key in steps)) return null;
  const target = items.at(steps[event.key] % items.length);
  target.focus();
  return target;
}

function welcome() {
  const [title, words] = page.place === "channel"
    ? [`This is ${PLACES.channel.label}`,
       "Everybody in the team reads along. Pacer hears you when you mention @Pacer or use a slash command, " +
       "and answers what is private to you alone."]
    : page.who.role === "rep"
      ? ["Say what you did, in your own words", "Pacer keeps it, counts it, and asks when it is not sure. Try one of these:"]
      : ["Ask, in your own words", "Pacer answers from the plan, the deals and what was logged. Try one of these:"];
  const examples = start.examples.filter(mayUse).map(({ line }) => line).slice(0, 6);
  const theirs = page.who.chips.length ? page.who.chips : examples;
  const lines = page.place === "direct" ? theirs : [`@Pacer ${bare(examples[0])}`, examples[0]];
  return make(
    "li", { class: "welcome" },
    make("img", { src: "/mark.svg", alt: "", width: "44", height: "44" }),
    make("h2", {}, title),
    make("p", {}, words),
    make("div", { class: "chips" }, ...lines.map((line) => make(
      "button", { type: "button", click: () => { setText(line); } }, line,
    ))),
  );
}

const bare = (line) => line.replace(/^\//, "");

// ---------------------------------------------------------------- drawing: a reply and its parts

function drawReply(reply, on) {
  if (!reply.parts.length) return [make("p", { class: "text" }, reply.text)];
  return reply.parts.map((part, at) => drawPart(part, on, at));
}

function drawPart(part, on, at) {
  switch (part.type) {
    case "text":
      return make("p", { class: `text ${part.style}` }, part.text);
    case "facts":
      return make("dl", { class: "facts" }, ...part.rows.map(({ label, value }) =>
        make("div", {}, make("dt", {}, label), make("dd", {}, value))));
    case "table":
      return drawTable(part);
    case "chart":
      return drawChart(part, on, at);
    case "document":
      return drawDocument(part, on, at);
    case "buttons":
      return make("div", { class: "buttons" }, ...part.buttons.map((button) =>
        pressable(button.label, button.style, on, button.token)));
    case "choice":
      return drawChoice(part, on);
    default:
      return make("p", { class: "problem" }, `This page cannot draw a part of kind “${part.type}” yet.`);
  }
}

function drawTable({ columns, rows, numeric }) {
  const align = (index) => (numeric.includes(index) ? "number" : undefined);
  return make(
    "div", { class: "table", tabindex: "0", role: "region", "aria-label": `Table: ${columns.join(", ")}` },
    make(
      "table", {},
      make("thead", {}, make("tr", {}, ...columns.map((name, index) =>
        make("th", { scope: "col", class: align(index) }, name)))),
      make("tbody", {}, ...rows.map((row) =>
        make("tr", {}, ...row.map((cell, index) => make("td", { class: align(index) }, cell))))),
    ),
  );
}

/** The server's picture of it; where that does not come, its words. */
function drawChart(part, on, at) {
  const seen = fingerprint(JSON.stringify(part)); // another content is another picture, under another address
  const query = new URLSearchParams({ who: page.who.external_id, message: on, part: String(at), seen: String(seen) });
  return make("figure", { class: "chart" }, make("img", {
    src: `/api/chart?${query}`, alt: part.alt, width: "360",
    load: () => again?.(),
    error: ({ target }) => target.replaceWith(make("p", { class: "text" }, `${part.title}\n${part.alt}`)),
  }));
}

/** A file to keep: fetched from this page's own listener. */
function drawDocument({ name, size }, on, at) {
  const query = new URLSearchParams({ who: page.who.external_id, message: on, part: String(at) });
  const kilobytes = size < 1000 ? `${size} bytes` : `${Math.round(size / 1000).toLocaleString("en-US")} KB`;
  return make("p", { class: "text" }, make("a", { href: `/api/document?${query}`, download: name }, name), `, ${kilobytes}`);
}

const FEW = 10; // options that are buttons; more are a menu

function drawChoice({ prompt, token, options }, on) {
  if (options.length <= FEW) {
    return make(
      "div", { class: "choice", role: "group", "aria-label": prompt },
      make("p", { class: "text" }, prompt),
      make("div", { class: "buttons" }, ...options.map(({ label, value }) => pressable(label, "plain", on, token, value))),
    );
  }
  const id = `choice-${crypto.randomUUID()}`;
  const choose = pressable("Choose", "plain", on, token, () => options[select.selectedIndex - 1].value);
  choose.disabled = true;
  const select = make(
    "select", { id, change: () => (choose.disabled = select.selectedIndex === 0) },
    make("option", {}, "One of these …"), ...options.map(({ label }) => make("option", {}, label)),
  );
  return make("div", { class: "choice" }, make("label", { for: id, class: "text" }, prompt), make("div", { class: "buttons" }, select, choose));
}

function pressable(label, style, on, token, value = "") {
  return make("button", { type: "button", class: `press ${style}`, click: async (event) => {
    const button = event.currentTarget;
    const row = button.closest("article, .home");
    if (row.getAttribute("aria-busy") === "true") return;
    row.setAttribute("aria-busy", "true");
    const chosen = typeof value === "function" ? value() : value;
    await perform("/api/press", { message: on, token, value: chosen }, { message: on });
    row.removeAttribute("aria-busy");
  } }, label);
}

// ---------------------------------------------------------------- the JSON beside a message

function sourceButton(id) {
  return make(
    "button",
    { type: "button", class: "tool source-button", "aria-expanded": String(page.withSource.has(id)),
      title: "What the platforms are sent", "aria-label": "JSON of this message", click: (event) => {
        const item = event.currentTarget.closest("li, .home");
        const shown = !page.withSource.delete(id);
        if (shown) page.withSource.add(id);
        event.currentTarget.setAttribute("aria-expanded", String(shown));
        if (shown) showSource(item, id);
        else hideSource(item);
      } },
    icon(ICONS.code, 15), "JSON",
  );
}

function hideSource(item) {
  item.classList.remove("with-source");
  item.querySelector(".source")?.remove();
}

async function showSource(item, id) {
  item.classList.add("with-source");
  const panel = make("section", { class: "source", "aria-label": "JSON of this message" });
  item.append(panel);
  const query = new URLSearchParams({ who: page.who.external_id, message: id });
  let sources;
  try {
    sources = await (await fetch(`/api/source?${query}`)).json();
  } catch {
    panel.append(make("p", { class: "problem" }, "Pacer cannot be reached."));
    return;
  }
  fillSource(panel, sources);
}

/** The JSON of each platform, one at a time: first that of the platform which was looked at last. */
function fillSource(panel, sources) {
  const code = make("pre", { tabindex: "0" });
  const platform = (name) => name.split(" ")[0];
  const tabs = sources.map(({ name, json }) => make("button", { type: "button", "aria-pressed": "false", click: () => {
    page.shownAs = platform(name);
    tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.textContent === name)));
    code.replaceChildren(...coloured(JSON.stringify(json, shortened, 2)));
    code.scrollTop = 0;
  } }, name));
  panel.replaceChildren(make("div", { class: "tabs", role: "group", "aria-label": "Shown as" }, ...tabs), code);
  (tabs.find((tab) => platform(tab.textContent) === page.shownAs) ?? tabs[0])?.click();
  panel.scrollIntoView({ block: "nearest" });
}

/** A picture's own bytes are nothing to read. */
const shortened = (_, value) => (typeof value === "string" && value.startsWith("data:") && value.length > 200
  ? `${value.slice(0, 60)}… (${value.length} characters)` : value);

/** JSON text in pieces: keys and strings set apart. */
function coloured(text) {
  return text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?)/).map((piece) => {
    if (!piece.startsWith('"')) return piece;
    return make("span", { class: piece.endsWith(":") ? "key" : "string" }, piece);
  });
}

// ---------------------------------------------------------------- Home

function drawHome(home) {
  page.home = home;
  if (page.place !== "home") return;
  again = null;
  const item = make(
    "li", { class: "home" },
    make("div", { class: "reply", tabindex: "-1" }, ...(home ? drawReply(home, start.home) : [make("p", { class: "text quiet" }, "One moment …")])),
    home ? make("div", { class: "tools" }, sourceButton(start.home)) : null,
  );
  const hadFocus = $("messages").contains(document.activeElement);
  $("messages").replaceChildren(item);
  if (hadFocus) item.firstElementChild.focus();
  if (home && page.withSource.has(start.home)) showSource(item, start.home);
}

// ---------------------------------------------------------------- forms

function openForm({ form, sources }, opener) {
  const dialog = $("dialog");
  const source = make("section", { class: "source", id: "form-source", "aria-label": "JSON of this form", hidden: true });
  const tool = make("button", { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": "form-source",
    title: "What the platforms are sent", "aria-label": "JSON of this form", click: () => {
      source.hidden = !source.hidden;
      tool.setAttribute("aria-expanded", String(!source.hidden));
      if (!source.hidden) fillSource(source, sources);
    } }, icon(ICONS.code, 15), "JSON");
  const fields = form.fields.map((field, index) => drawField(field, `field-${index}`));
  const note = make("p", { class: "problem", role: "alert" });
  const send = make("button", { type: "submit", class: "press primary" }, form.submit);
  const problems = (found) => {
    const unplaced = Object.entries(found).filter(([name]) => !form.fields.some((field) => field.name === name));
    note.textContent = unplaced.map(([, sentence]) => sentence).join(" ");
    fields.forEach((field) => field.problem(found[field.name] ?? ""));
    fields.find((field) => found[field.name])?.input.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    const missing = fields.filter((field) => field.required && !field.input.value.trim());
    problems(Object.fromEntries(missing.map((field) => [field.name, "Please fill this in."])));
    if (missing.length || send.disabled) return;
    send.disabled = true;
    const values = Object.fromEntries(fields.map((field) => [field.name, field.input.value]));
    try {
      const back = await act("/api/submit", { token: form.token, values, ...opener });
      if (back.form) openForm(back, opener);
      else if (Object.keys(back.problems).length) problems(back.problems);
      else dialog.close();
    } catch (error) {
      note.textContent = error.message;
    } finally {
      send.disabled = false;
    }
  };
  dialog.replaceChildren(make(
    "form", { novalidate: true, submit },
    make("div", { class: "dialog-head" }, make("h2", { id: "dialog-title" }, form.title), tool),
    source,
    form.intro ? make("p", { class: "text" }, form.intro) : null,
    ...fields.map((field) => field.node),
    note,
    make(
      "div", { class: "buttons end" },
      make("button", { type: "button", class: "press", click: () => dialog.close() }, "Cancel"),
      send,
    ),
  ));
  if (!dialog.open) dialog.showModal();
  fields[0]?.input.focus();
}

function drawField(field, id) {
  const about = [field.hint ? `${id}-hint` : "", `${id}-problem`].join(" ").trim();
  const shared = { id, name: field.name, "aria-describedby": about, "aria-required": String(!field.optional) };
  const input = drawInput(field, shared);
  const problem = make("p", { class: "problem", id: `${id}-problem` });
  const short = ["date_field", "time_field", "choice_field"].includes(field.type) || field.max_length <= 40;
  const node = make(
    "div", { class: `field ${short ? "short" : ""}` },
    make("label", { for: id }, field.label, field.optional ? make("span", { class: "optional" }, " optional") : null),
    input,
    field.hint ? make("p", { class: "hint", id: `${id}-hint` }, field.hint) : null,
    problem,
  );
  return { name: field.name, node, input, required: !field.optional, problem: (sentence) => {
    problem.textContent = sentence;
    input.setAttribute("aria-invalid", String(Boolean(sentence)));
  } };
}

function drawInput(field, shared) {
  const filled = (node) => {
    node.value = field.value;
    return node;
  };
  switch (field.type) {
    case "text_field":
      return filled(field.multiline
        ? make("textarea", { ...shared, rows: "3", maxlength: String(field.max_length) })
        : make("input", { ...shared, type: "text", maxlength: String(field.max_length) }));
    case "choice_field":
      return filled(make(
        "select", shared,
        field.optional || !field.value ? make("option", { value: "" }, field.optional ? "None" : "Choose …") : null,
        ...field.options.map(({ label, value }) => make("option", { value }, label)),
      ));
    case "date_field":
      return filled(make("input", { ...shared, type: "date" }));
    case "time_field":
      return filled(make("input", { ...shared, type: "time" }));
    default:
      return make("input", { ...shared, disabled: true, value: `This page cannot draw a field of kind “${field.type}” yet.` });
  }
}

$("dialog").addEventListener("close", () => {
  if (document.activeElement === document.body && page.place !== "home") $("text").focus();
});

// ---------------------------------------------------------------- the composer and its menu

let sending = false;

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("text").value;
  const files = [...attached];
  if ((!text.trim() && !files.length) || sending) return;
  sending = true;
  const here = conversation();
  try {
    const body = { conversation: here, text, ...(files.length ? { files: await Promise.all(files.map(whole)) } : {}) };
    const back = await perform("/api/say", body, { conversation: here });
    if (!back) return;
    // What was typed or attached while the line was on its way stays.
    setAttached(attached.filter((file) => !files.includes(file)));
    if ($("text").value.startsWith(text)) setText($("text").value.slice(text.length), false);
  } catch (error) {
    trouble(error.message);
  } finally {
    sending = false;
  }
});

// ---------------------------------------------------------------- files

let attached = []; // to be sent with the next line

function setAttached(files) {
  attached = files;
  $("attached").hidden = !files.length;
  $("attached").replaceChildren(...files.map((file) => make(
    "li", {}, icon(ICONS.file), make("span", {}, file.name),
    make("button", { type: "button", "aria-label": `Remove ${file.name}`, click: () => {
      setAttached(attached.filter((other) => other !== file));
      $("text").focus();
    } }, icon(ICONS.cross, 12)),
  )));
  suggest();
}

function attach(files) {
  const all = [...attached, ...files];
  const size = all.filter((file) => file.size <= start.files.limit).reduce((sum, file) => sum + file.size, 0);
  trouble("");
  if (size > start.files.together) {
    trouble(`A message carries up to ${start.files.together / 1e6} MB of files here. Send them one by one.`);
    return;
  }
  setAttached(all);
  $("text").focus();
}

/** A file as it is sent; of one that is too large only what it is called, and Pacer says what to do. */
async function whole(file) {
  const { name, size } = file;
  if (size > start.files.limit) return { name, size };
  const content = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error(`${name} cannot be read any more. Remove it, or attach it again.`));
    reader.readAsDataURL(file);
  });
  return { name, size, content: size ? content : "" };
}

$("file").accept = start.files.types.join(",");
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => {
  attach($("file").files);
  $("file").value = ""; // so that the same file can be chosen again
});

const main = document.querySelector("main");
const dragged = ({ dataTransfer }) => page.place !== "home" && dataTransfer.types.includes("Files");
for (const kind of ["dragenter", "dragover"]) {
  main.addEventListener(kind, (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    main.classList.add("drop");
  });
}
main.addEventListener("dragleave", (event) => {
  if (!main.contains(event.relatedTarget)) main.classList.remove("drop");
});
main.addEventListener("drop", (event) => {
  main.classList.remove("drop");
  if (!dragged(event)) return;
  event.preventDefault();
  attach(event.dataTransfer.files);
});

$("text").addEventListener("input", suggest);
$("text").addEventListener("blur", () => closeMenu());
$("text").addEventListener("focus", suggest);
$("text").addEventListener("keydown", (event) => {
  const options = [...$("menu").children];
  if (options.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    select(options.at((at + (event.key === "ArrowDown" ? 1 : -1)) % options.length));
  } else if (options.length && takes(event)) {
    options.find((option) => option.getAttribute("aria-selected") === "true").click();
  } else if (options.length && event.key === "Escape") {
    closeMenu();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    $("composer").requestSubmit();
  } else {
    return;
  }
  event.preventDefault();
});

/** Tab takes what the menu offers; so does Enter, unless a whole command stands there already: that is sent. */
function takes({ key, shiftKey }) {
  const whole = start.commands.some(({ name }) => `/${name}` === $("text").value.toLowerCase());
  return !shiftKey && (key === "Tab" || (key === "Enter" && !whole));
}

function setText(text, focus = true) {
  $("text").value = text;
  if (focus) $("text").focus();
  suggest();
}

function suggest() {
  const text = $("text").value;
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight}px`;
  $("send").disabled = !text.trim() && !attached.length;
  $("hint").textContent = hint(text) ?? "Enter sends · Shift+Enter starts a new line · / lists the commands";
  $("hint").classList.toggle("keys", hint(text) === null);
  const suggestions = document.activeElement === $("text") ? suggestionsFor(text) : [];
  $("menu").hidden = !suggestions.length;
  $("menu").replaceChildren(...suggestions.map(({ line, label, usage, summary }, index) => make(
    "li",
    { role: "option", id: `option-${index}`, "aria-selected": "false",
      pointerdown: (event) => event.preventDefault(), click: () => setText(line) },
    make("span", { class: "name" }, label, " ", make("span", { class: "usage" }, usage)),
    make("small", {}, summary),
  )));
  if (suggestions.length) select($("menu").firstElementChild);
  else $("text").removeAttribute("aria-activedescendant");
}

function suggestionsFor(text) {
  const slash = /^\/(\S*)$/.exec(text);
  if (slash) {
    const typed = slash[1].toLowerCase();
    return start.commands.filter((each) => mayUse(each) && each.name.startsWith(typed)).map(({ name, usage, summary }) => (
      { line: `/${name} `, label: `/${name}`, usage, summary }));
  }
  const mention = /(^|\s)@(\w*)$/.exec(text);
  if (mention && page.place === "channel" && "pacer".startsWith(mention[2].toLowerCase())) {
    const line = `${text.slice(0, text.length - mention[2].length)}Pacer `;
    return [{ line, label: "@Pacer", usage: "", summary: "Pacer answers when it is mentioned" }];
  }
  return [];
}

function hint(text) {
  const slash = /^\/(\S+)/.exec(text);
  const command = slash && start.commands.find(({ name }) => name === slash[1].toLowerCase());
  if (command) return `/${command.name} ${command.usage} – ${command.summary}`;
  if (page.place === "channel" && text.trim() && !/@pacer\b/i.test(text)) {
    return "Your colleagues will read this. Pacer listens when you mention @Pacer.";
  }
  return null;
}

function select(option) {
  for (const each of $("menu").children) each.setAttribute("aria-selected", String(each === option));
  $("text").setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function closeMenu() {
  $("menu").replaceChildren();
  $("menu").hidden = true;
  $("text").removeAttribute("aria-activedescendant");
}

// ---------------------------------------------------------------- who and where

function become(person, focus = false) {
  const onPhone = $("whoami").offsetParent !== null;
  if (person !== page.who) {
    page.who = person;
    page.messages = new Map();
    page.home = null;
    page.unread = { direct: 0, channel: 0, home: 0 };
    page.withSource.clear();
    trouble("");
    setAttached([]);
    listen();
    drawClock();
    drawPlace();
    if (page.place === "home") openHome();
  }
  drawPeople();
  if (onPhone) showPeople(false);
  if (focus) (onPhone ? $("whoami") : document.querySelector(`[data-person="${CSS.escape(person.external_id)}"]`)).focus();
}

function go(place) {
  page.place = place;
  trouble("");
  drawPlace();
  if (place === "home") openHome();
  document.querySelector(`[data-place="${place}"]`).focus();
}

const openHome = () => perform("/api/home", {});

function showPeople(shown) {
  $("people").classList.toggle("open", shown);
  $("whoami").setAttribute("aria-expanded", String(shown));
  if (shown) document.querySelector('[role="radio"][aria-checked="true"]').focus();
}

$("whoami").addEventListener("click", () => showPeople(!$("people").classList.contains("open")));
$("people-list").addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    showPeople(false);
    $("whoami").focus();
    return;
  }
  const target = rove(event, [...$("people-list").children]);
  if (!target) return;
  event.preventDefault();
  if ($("whoami").offsetParent === null) target.click(); // in the open sidebar an arrow chooses, as radio buttons do
});
$("places").addEventListener("keydown", (event) => {
  if (rove(event, [...document.querySelectorAll("[data-place]")])) event.preventDefault();
});
$("skip").addEventListener("click", () => $("text").focus());
$("leap").addEventListener("change", leap);

const asked = new URL(location).searchParams;
page.who = personById(asked.get("as")) ?? page.who;
page.place = asked.get("in") in PLACES ? asked.get("in") : "direct";
page.ahead = new Date(start.now) - Date.now();
$("company").textContent = start.company;
drawPeople();
drawPlace();
drawClock();
offerLeaps();
listen();
if (page.place === "home") openHome();
else if (matchMedia("(hover: hover)").matches) $("text").focus();
setInterval(drawClock, 5000);
