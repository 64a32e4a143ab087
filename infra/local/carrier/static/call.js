// The call screen of one handset: answering, listening, keys, silence, hanging up.

import { handsetPath, make, post } from "/phones/api.js";
import { Speaker } from "/phones/speech.js";

const OVER = new Set(["completed", "busy", "no-answer", "canceled", "failed"]);
const STATES = {
  "ringing": "The survey number is calling", "in-progress": "On the line", "completed": "The call has ended",
  "busy": "Declined, or the line was busy", "no-answer": "Missed call", "canceled": "They hung up before you answered",
  "failed": "The call could not be put through",
};

export class CallScreen {
  constructor(root, number) {
    this.root = root;
    this.number = number;
    this.speaker = new Speaker();
    this.talk = null; // what is being said just now
    this.mine = false; // this page holds the receiver: it speaks, and it notices silence
    this.heard = 0; // lines spoken so far
    this.call = null;
    this.dismissed = new Set(); // calls whose end was seen
    this.find = (name) => root.querySelector(name);
    for (const key of "123456789*0#") {
      const button = make("button", { type: "button", textContent: key });
      button.addEventListener("click", () => this.press(key));
      this.find(".pad").append(button);
    }
    this.find(".talk").addEventListener("submit", (event) => { event.preventDefault(); this.say(); });
    this.find(".talk input").addEventListener("input", () => this.speaking());
    this.find(".yes").addEventListener("click", () => this.act("answer"));
    for (const button of root.querySelectorAll(".no")) button.addEventListener("click", () => this.act("hangup"));
    this.find(".listen").addEventListener("click", () => { this.mine = true; this.show(this.call); });
    this.find(".back").addEventListener("click", () => this.dismiss());
    root.addEventListener("keydown", (event) => this.typed(event));
  }

  get open() { return Boolean(this.call) && !OVER.has(this.call.status); }

  async act(action, body) {
    this.mine = true;
    if (action !== "silence") this.hush();
    try {
      this.show((await post(`${handsetPath(this.number)}/${action}`, body)).call);
    } catch (error) {
      this.find(".state").textContent = error.message;
    }
  }

  press(key) {
    return this.act("press", { digits: key });
  }

  say() {
    const field = this.find(".talk input");
    const words = field.value.trim();
    field.value = "";
    return words ? this.act("say", { words }) : null;
  }

  /** Who has begun to speak is not silent any more, however long it takes to type. */
  speaking() {
    clearTimeout(this.wait?.timer);
    this.root.classList.remove("waiting");
    this.find(".words").textContent = "";
  }

  /** Barge in: what is being said stops, what was not heard yet is skipped. */
  hush() {
    this.speaker.stop();
    this.talk = null;
    this.heard = this.call?.lines.length ?? 0;
    this.silent();
  }

  typed(event) {
    if (event.target.matches("input") || !this.open || this.call.status !== "in-progress" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9*#]$/.test(event.key)) { event.preventDefault(); this.press(event.key); }
  }

  dismiss() {
    this.dismissed.add(this.call.sid);
    this.root.hidden = true;
  }

  /** Show the handset's call, a new one or news of the same. */
  show(call) {
    if (!call) { this.root.hidden = true; return; }
    if (call.sid !== this.call?.sid) this.begin(call);
    else if (older(call, this.call)) return;
    this.call = call;
    const over = OVER.has(call.status);
    this.seen ||= this.mine || !over;
    this.root.hidden = over && (this.dismissed.has(call.sid) || !this.seen);
    this.root.dataset.status = over ? "over" : call.status;
    this.find(".state").textContent = STATES[call.status] ?? call.status;
    this.find(".answer").hidden = call.status !== "ringing";
    this.find(".pad").hidden = this.find(".hang").hidden = call.status !== "in-progress";
    this.find(".talk").hidden = !call.awaiting?.speech;
    this.find(".talk input").lang = call.awaiting?.speech ?? "";
    this.find(".listen").hidden = call.status !== "in-progress" || this.mine;
    this.find(".back").hidden = !over;
    this.write(call);
    if (this.mine) this.listen(call);
  }

  begin(call) {
    this.hush();
    Object.assign(this, { heard: 0, written: 0, mine: this.mine && call.status !== "ringing", seen: false });
    this.find(".lines").replaceChildren();
  }

  write(call) {
    for (const line of call.lines.slice(this.written)) {
      this.find(".lines").append(line.kind === "play" ? played(line) : make("li",
        { className: line.kind, dir: "auto", lang: line.language, textContent: line.text }));
    }
    this.written = call.lines.length;
    this.find(".lines").scrollTop = 1e6;
  }

  /** Say what is new; then, when keys are awaited, count the seconds of silence. */
  async listen(call) {
    const fresh = call.lines.slice(this.heard);
    if (fresh.length) {
      this.silent();
      this.heard = call.lines.length;
      const talk = (this.talk = {});
      const items = [...this.find(".lines").children].slice(-fresh.length);
      const aloud = [...fresh.keys()].filter((at) => fresh[at].kind === "say" || fresh[at].kind === "play");
      await this.speaker.say(aloud.map((at) => ({ ...fresh[at], audio: items[at].querySelector("audio") })),
        (index) => this.mark(items[aloud[index]]));
      if (this.talk !== talk) return; // somebody cut in
      this.talk = null;
      this.mark(null);
    }
    if (this.talk) return;
    this.count(this.call.awaiting);
    if (!this.open) this.mine = false;
  }

  mark(item) {
    for (const other of this.find(".lines").children) other.removeAttribute("aria-current");
    item?.setAttribute("aria-current", "true");
    item?.scrollIntoView({ block: "nearest" });
  }

  silent() {
    clearTimeout(this.wait?.timer);
    this.wait = null;
    this.root.classList.remove("waiting");
    this.find(".words").textContent = "";
  }

  count(awaiting) {
    const name = awaiting ? `${awaiting.turn}/${awaiting.keyed}` : null;
    if (this.wait?.name === name) return;
    this.silent();
    if (!awaiting) return;
    const timer = setTimeout(() => this.act("silence", { turn: awaiting.turn }), awaiting.seconds * 1000);
    this.wait = { name, timer };
    this.find(".words").textContent = `Waiting ${awaiting.seconds} s for a key${awaiting.speech ? " or a word" : ""}`;
    this.find(".bar").style.setProperty("--seconds", `${awaiting.seconds}s`);
    void this.root.offsetWidth; // lets the bar start anew
    this.root.classList.add("waiting");
  }
}

/** A recording, by its name, to be heard again: "/audio/so/welcome-3f2a9c01.wav" is "Play welcome". */
function played(line) {
  const name = line.text.split("/").pop().replace(/(-[0-9a-f]{8})?\.\w+$/, "");
  const sound = make("audio", { src: line.text, controls: true, preload: "none", ariaLabel: name });
  return make("li", { className: "play" }, make("span", { textContent: `Play ${name}` }), sound);
}

/** Whether an answer that took longer shows the call as it was before. */
function older(call, known) {
  return call.lines.length < known.lines.length || (OVER.has(known.status) && !OVER.has(call.status));
}
