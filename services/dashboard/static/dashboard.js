// What a page gains where JavaScript runs: news while it is open, the reader's own time zone, names as one types, and
// `/` to look for someone. Without it every page and form works as it stands.

const body = document.body;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

// Times in the reader's zone. The server writes UTC, which stays in the title.
const spoken = document.documentElement.lang;
const locale = navigator.languages.find((one) => one.split("-")[0] === spoken) ?? spoken;
const formats = {
  day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
  minute: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
};
function showTimes(root) {
  for (const time of root.querySelectorAll("time[data-show]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.valueOf())) time.textContent = formats[time.dataset.show].format(moment);
  }
}

// Forms: which zone a date is meant in, and no second sending.
function prepareForms() {
  for (const field of document.querySelectorAll("[data-fill-zone]")) field.value = zone;
  for (const hint of document.querySelectorAll("[data-zone]")) hint.textContent = `(${zone})`;
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  });
}

// The slider over the log says where it is, and looks as soon as a pointer lets go of it; Enter does so by keyboard.
function slide() {
  const form = document.querySelector("form[data-slide]");
  if (!form) return;
  const [range, said] = [form.querySelector("input[type=range]"), form.querySelector("output")];
  range.addEventListener("input", () => (said.textContent = Number(range.value).toLocaleString(locale)));
  range.addEventListener("pointerup", () => form.requestSubmit());
}

// Names as one types.
function suggest(input) {
  let last = "";
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = input.value.trim();
      if (typed === last || typed.length < 2) return;
      last = typed;
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || typed !== input.value.trim()) return;
      const options = (await answer.json()).map((one) => {
        const option = document.createElement("option");
        option.value = one.name;
        return option;
      });
      input.list.replaceChildren(...options);
    }, 150);
  });
}

// The keyboard: `/` looks for someone, Escape leaves the field.
function listen() {
  const search = document.getElementById("search");
  if (!search) return;
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search) {
      search.blur();
    }
  });
}

// News. One stream a browser: whoever holds the lock has it, and tells the other tabs. A message is a position; the
// page asks for itself again, and the panels that differ are put in place of the old ones.
let position = Number(body.dataset.position);
let asking = false;

function ask() {
  const request = new XMLHttpRequest(); // parses HTML by itself, so that no string ever becomes markup in here
  request.responseType = "document";
  request.open("GET", location.href);
  return new Promise((done) => {
    request.onloadend = () => done(request.status === 200 ? request.response : null);
    request.send();
  });
}

async function refresh(reached) {
  if (asking || document.hidden || reached <= position) return;
  if ((await look()) && latest > position) refresh(latest);
}

async function look() {
  asking = true;
  const fresh = await ask();
  asking = false;
  if (!fresh?.body?.dataset.position) return false;
  const before = position;
  position = Number(fresh.body.dataset.position);
  body.dataset.position = position;
  let changed = false;
  for (const panel of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${panel.dataset.live}"]`);
    if (next && exchange(panel, document.adoptNode(next))) changed = true;
  }
  if (changed) document.getElementById("news").textContent = `${body.dataset.liveSays} (${before} → ${position})`;
  return true;
}

// What goes on by itself is looked at again and again, until it has ended.
async function lookAgain() {
  const panel = document.querySelector("[data-again]");
  if (!panel) return;
  await new Promise((done) => setTimeout(done, Number(panel.dataset.again)));
  if (!asking && !document.hidden) await look();
  lookAgain();
}

// Puts a panel's new content in place of the old one, and leaves focus, what is typed and what is open as they are.
function exchange(panel, next) {
  const active = panel.contains(document.activeElement) ? document.activeElement : null;
  if (active?.matches("input, textarea, select")) return false;
  showTimes(next);
  if (panel.isEqualNode(next)) return false;
  const known = new Set([...panel.querySelectorAll("[data-key]")].map((row) => row.dataset.key));
  const open = [...panel.querySelectorAll("details")].map((one) => one.open);
  for (const row of next.querySelectorAll("[data-key]")) row.classList.toggle("fresh", !known.has(row.dataset.key));
  next.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? one.open));
  const place = active?.id ? `#${CSS.escape(active.id)}` : active?.getAttribute("href") && `[href="${CSS.escape(active.getAttribute("href"))}"]`;
  for (const name of panel.getAttributeNames()) if (!next.hasAttribute(name)) panel.removeAttribute(name);
  panel.replaceChildren(...next.childNodes);
  if (place) panel.querySelector(place)?.focus({ preventScroll: true });
  return true;
}

let latest = position;
let soon = 0;
function moved(reached) {
  latest = Math.max(latest, reached);
  clearTimeout(soon);
  soon = setTimeout(() => refresh(latest), 120); // a handful of events is one look
}

function follow() {
  if (!body.dataset.position || !("EventSource" in window)) return;
  const ledger = body.dataset.ledger;
  const tell = (message) => message.ledger === ledger && moved(message.position);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("requite-live") : null;
  if (channel) channel.onmessage = (event) => tell(event.data);
  let source = null;
  const open = () => {
    source = new EventSource("/live");
    source.addEventListener("moved", (event) => {
      const message = { ledger, position: Number(event.data) };
      tell(message);
      channel?.postMessage(message);
    });
  };
  const held = channel && navigator.locks;
  if (held) navigator.locks.request(`requite-live ${ledger}`, () => new Promise(() => open())).catch(() => {});
  else open();
  document.addEventListener("visibilitychange", () => document.hidden || refresh(latest));
  addEventListener("pagehide", () => source?.close());
}

showTimes(document);
prepareForms();
document.querySelectorAll("input[data-suggest]").forEach(suggest);
slide();
listen();
follow();
lookAgain();
