// One handset: its texts, its call, and a call with the contact centre that ends on it.

import { clockTime, get, handsetPath, make, offerLanguages, post } from "/phones/api.js";
import { CallScreen } from "/phones/call.js";

const STATUS = {
  queued: "on its way", sent: "sent", delivered: "delivered", undelivered: "not delivered", failed: "not sent",
  receiving: "sending …", received: "sent",
};
const REASONS = {
  test: "a test call", outbound: "they were rung, they did not ring", unanswered: "nobody answered the call",
  excluded: "excluded from surveys", too_short: "the call was too short", no_number: "no number",
  invalid_number: "not a number", unsupported_number: "a number we do not serve", opted_out: "opted out",
  survey_open: "a survey is open already", quarantined: "asked not long ago", language_not_live: "language not offered",
  too_late: "too late", killed: "surveys are switched off", trial: "trial mode: not on the list",
  not_sampled: "not in the sample", ceiling: "the day's ceiling is reached",
};

export class Handset {
  constructor(handset, changed) {
    this.number = handset.number;
    this.changed = changed;
    this.bubbles = new Map();
    this.root = document.getElementById("handset").content.firstElementChild.cloneNode(true);
    this.find = (name) => this.root.querySelector(name);
    this.root.setAttribute("aria-label", handset.label || handset.number);
    this.find(".label").textContent = handset.label || "Handset";
    this.find(".number").textContent = handset.number;
    this.screen = new CallScreen(this.find(".call"), handset.number);
    offerLanguages(this.find("[data-languages]"), handset.language);
    this.language = handset.language;
    this.describe(handset);
    this.connect();
  }

  describe(handset) {
    const landline = handset.kind === "landline";
    this.find(".kind").textContent = handset.kind;
    this.find(".behaviour").value = handset.behaviour;
    this.find(".write").hidden = landline;
    this.find(".out").hidden = !handset.opted_out;
    this.root.classList.toggle("landline", landline);
  }

  connect() {
    this.find(".write").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = this.find("[name=body]");
      this.write(field.value);
      field.value = "";
    });
    for (const key of this.root.querySelectorAll(".digits button")) key.addEventListener("click", () => this.write(key.value));
    this.find(".ring").addEventListener("click", () => this.screen.act("ring").then(this.changed));
    this.find(".sound").addEventListener("change", (event) => { this.screen.speaker.enabled = event.target.checked; });
    this.find(".behaviour").addEventListener("change", (event) =>
      post("/numbers", { number: this.number, behaviour: event.target.value }).then(this.changed));
    this.find(".end-call form").addEventListener("submit", (event) => { event.preventDefault(); this.endCall(event.target); });
  }

  async write(body) {
    await post(`${handsetPath(this.number)}/texts`, { body });
    this.changed();
  }

  async endCall(form) {
    const handover = form.handover.checked;
    const call = { number: this.number, queue: form.queue.value, language: form.language.value, talk_seconds: Number(form.talk.value), handover };
    this.language = form.language.value;
    const status = this.find(".decision");
    status.textContent = "One moment …";
    const said = await post("/calls", call);
    if (handover) { this.screen.mine = true; this.screen.show(said.call); }
    status.textContent = handover ? "The agent has hung up; you are still on the line." : decision(said);
    this.changed();
  }

  /** Fetch and show what is new. */
  async refresh() {
    const handset = await get(handsetPath(this.number));
    this.describe(handset);
    const list = this.find(".texts");
    const before = this.bubbles.size;
    for (const text of handset.texts) this.bubble(list, text);
    if (before && !handset.texts.length) { list.replaceChildren(); this.bubbles.clear(); }
    if (this.bubbles.size > before) list.scrollTop = list.scrollHeight;
    this.root.classList.toggle("empty", !this.bubbles.size);
    this.screen.show(handset.call);
  }

  bubble(list, text) {
    if (!this.bubbles.has(text.sid)) {
      const mine = text.direction === "inbound";
      const note = make("small");
      const body = make("p", { dir: "auto", lang: this.language, textContent: text.body });
      list.append(make("li", { className: mine ? "mine" : text.by_carrier ? "carrier" : "" }, body, note));
      this.bubbles.set(text.sid, note);
    }
    const words = [clockTime(text.at), STATUS[text.status] ?? text.status, text.parts === 1 ? "1 part" : `${text.parts} parts`];
    if (text.by_carrier) words.push("from the carrier");
    if (text.copies > 1) words.push(`arrived ${text.copies} times`);
    this.bubbles.get(text.sid).textContent = words.join(" · ");
  }
}

function decision(said) {
  if (said.status === null) return "The service did not answer.";
  const answer = said.answer ?? {};
  if (answer.decision === "invited") return "Invited: the first question comes in a moment.";
  if (answer.decision === "not_invited") return `Not invited: ${REASONS[answer.reason] ?? answer.reason}.`;
  return `The service answered ${said.status}: ${answer.detail ?? ""}`;
}
