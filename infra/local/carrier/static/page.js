// The page of handsets: which are shown, what is added, what is to go wrong.

import { ask, get, handsetPath, make, offerLanguages, post } from "/phones/api.js";
import { Handset } from "/phones/handset.js";

const SOON = 600, LATER = 4000; // milliseconds between looks, shown and hidden
const { only, embed } = document.body.dataset;
const shown = new Map();
let version = -1;

const FAULTS = [
  ["Lose the next answer of the service", { on: "reply", do: "drop" }],
  ["Lose one answer in ten", { on: "reply", do: "drop", one_in: 10, seed: 1 }],
  ["Lose one message to the service in ten", { on: "webhook", do: "drop", one_in: 10, seed: 2 }],
  ["Tell the service the next thing twice", { on: "webhook", do: "duplicate" }],
  ["Too busy for the next text", { on: "send", do: "429" }],
  ["Take the next text, then answer with an error", { on: "send", do: "500_after" }],
  ["Take the next text, then say nothing", { on: "send", do: "timeout_after" }],
  ["Lose the next text on its way", { on: "send", do: "drop" }],
  ["The next text meets a landline", { on: "send", do: "undelivered:30006" }],
  ["The next text arrives twice", { on: "send", do: "duplicate" }],
];

function add(handset) {
  if (shown.has(handset.number)) return;
  const phone = new Handset(handset, () => { version = -1; return look(); });
  shown.set(handset.number, phone);
  document.getElementById("handsets").append(phone.root);
}

async function look() {
  const now = await get("/numbers");
  if (now.version === version) return;
  version = now.version;
  for (const handset of now.numbers) if (only ? handset.number === only : handset.shown) add(handset);
  const there = new Set(now.numbers.map((handset) => handset.number));
  for (const [number, phone] of shown) if (!there.has(number)) { phone.root.remove(); shown.delete(number); }
  await Promise.all([...shown.values()].map((phone) => phone.refresh()));
  if (!embed) await Promise.all([offerOthers(now.numbers), listErrors(), listFaults()]);
}

async function keepLooking() {
  try {
    await look();
    document.body.classList.remove("lost");
  } catch (error) {
    document.body.classList.add("lost"); // the carrier is away: the page says so and tries again
    version = -1;
  }
  setTimeout(keepLooking, document.hidden ? LATER : SOON);
}

function offerOthers(numbers) {
  const menu = document.getElementById("others");
  for (const handset of numbers.slice(-200)) {
    if (![...menu.options].some((option) => option.value === handset.number)) {
      menu.append(make("option", { value: handset.number, textContent: `${handset.number} ${handset.label}` }));
    }
  }
}

async function listErrors() {
  const { errors } = await get("/errors");
  document.getElementById("count").textContent = errors.length;
  if (!errors.length) return;
  const items = errors.slice(-20).reverse().map((error) =>
    make("li", {}, make("strong", { textContent: error.code }), ` ${error.text} `, make("small", { textContent: error.url.split("#")[0] })));
  document.getElementById("errors").replaceChildren(...items);
}

async function listFaults() {
  const { faults } = await ask("GET", "/_carrier/faults");
  const items = faults.map((rule) => {
    const words = FAULTS.find(([, known]) => known.on === rule.on && known.do === rule.do && (known.one_in ?? 1) === rule.one_in);
    return make("li", { textContent: `${words ? words[0] : `${rule.on}: ${rule.do}`} — happened ${rule.hits} ×${rule.times === 0 ? ", done" : ""}` });
  });
  document.getElementById("rules").replaceChildren(...items);
}

function setUp() {
  const form = document.getElementById("add");
  offerLanguages(form.querySelector("[data-languages]"), "sv");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = { number: form.number.value.replace(/[\s()-]/g, ""), language: form.language.value, shown: true };
    if (form.kind.value) wanted.kind = form.kind.value;
    const said = await post("/numbers", wanted).catch((error) => ({ problem: error.message }));
    form.querySelector("[role=status]").textContent = said.problem ?? "Added.";
    if (!said.problem) form.number.value = "";
    version = -1;
    await look();
  });
  document.getElementById("others").addEventListener("change", async (event) => {
    if (event.target.value) await post("/numbers", { number: event.target.value, shown: true });
    version = -1;
    await look();
  });
  const board = document.getElementById("faults");
  for (const [words, rule] of FAULTS) {
    const button = make("button", { type: "button", className: "plain", textContent: words });
    button.addEventListener("click", () => ask("POST", "/_carrier/faults", rule).then(listFaults));
    board.append(button);
  }
  const mend = make("button", { type: "button", textContent: "Everything works again" });
  mend.addEventListener("click", () => ask("DELETE", "/_carrier/faults").then(listFaults));
  board.append(mend);
}

if (embed) document.body.classList.add("embed");
else setUp();
if (only) {
  const handset = await get(handsetPath(only)).catch((error) => ({ problem: error.message }));
  if (handset.problem) document.getElementById("handsets").textContent = handset.problem;
  else add(handset);
}
keepLooking();
