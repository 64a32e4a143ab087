// What the page shows. Nothing here changes what is recorded.

import { peak } from "/static/sound.js";

const QUIET = -34, LOUD = -1; // decibels at the loudest of half a second
const FLOOR = -60; // where the level bar begins
const LATELY = 24; // pieces of sound: half a second
const STATES = { recorded: "Recorded", stale: "Changed since it was recorded", missing: "Not recorded" };
const BARS = 160;

export const $ = (id) => document.getElementById(id);
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export function progress(lines) {
  const done = lines.filter((line) => line.state === "recorded").length;
  Object.assign($("bar"), { max: lines.length, value: done });
  $("count").textContent = `${done} of ${lines.length} recorded`;
  $("finished").hidden = done < lines.length;
}

export function welcome({ lines, guess, facts, unsure }) {
  const left = lines.filter((line) => line.state !== "recorded").length;
  $("todo").textContent = left === lines.length ? `${left}` : `${left} of ${lines.length} still to do,`;
  $("authority").textContent = facts.authority;
  $("phone").textContent = facts.phone;
  $("unsure").textContent = unsure;
  $("unsure").hidden = !unsure;
  $("speaker").value = guess;
}

export function sentence(lines, at, phone) {
  const line = lines[at];
  $("place").textContent = `Sentence ${at + 1} of ${lines.length}`;
  $("state").textContent = STATES[line.state] + (line.state === "recorded" && line.speaker ? ` by ${line.speaker}` : "");
  $("state").className = `tag ${line.state}`;
  $("says").replaceChildren(...spelled(line.says, phone));
  $("when").textContent = line.heard_when;
  $("note").textContent = `The translator notes: ${line.note}`;
  $("note").hidden = !line.note;
  $("back").disabled = at === 0;
  $("forward").disabled = at === lines.length - 1;
}

// A phone number stands in one piece and in its own order, from right to left too.
function spelled(says, phone) {
  const parts = phone ? says.split(phone) : [says];
  return parts.flatMap((part, place) => (place ? [make("bdi", { dir: "ltr", className: "number", textContent: phone }), part] : [part]));
}

export function list(lines, at, go) {
  const { lang, dir } = $("says");
  const items = lines.map((line, place) => {
    const button = make("button", { type: "button" },
      make("span", { className: `dot ${line.state}`, ariaHidden: "true" }),
      make("span", { className: "words", lang, dir, textContent: line.says }),
      make("span", { className: "unseen", textContent: `, ${STATES[line.state].toLowerCase()}` }));
    button.addEventListener("click", () => go(place));
    if (place === at) button.setAttribute("aria-current", "true");
    return make("li", {}, button);
  });
  const top = $("list").scrollTop;
  $("list").replaceChildren(...items);
  $("list").scrollTop = top;
  const here = items[at], box = $("list");
  if (here.offsetTop < box.scrollTop || here.offsetTop + here.offsetHeight > box.scrollTop + box.clientHeight) {
    box.scrollTop = here.offsetTop - box.clientHeight / 3;
  }
}

export function devices(found, chosen) {
  const names = found.map((device, place) =>
    make("option", { value: device.deviceId, textContent: device.label || `Microphone ${place + 1}`, selected: device.deviceId === chosen }));
  $("device").replaceChildren(...names);
}

const lately = [];

/** The level bar, and in words what to do about it; judged by the loudest of the last half second. */
export function level(samples) {
  lately.push(peak(samples));
  if (lately.length > LATELY) lately.shift();
  const now = decibels(lately.at(-1)), most = decibels(Math.max(...lately));
  $("level").style.transform = `scaleX(${Math.max(0, 1 - now / FLOOR)})`;
  const verdict = most >= LOUD ? "too loud" : most >= QUIET ? "good" : "quiet";
  if ($("verdict").textContent === verdict) return;
  $("verdict").textContent = verdict;
  $("level").className = verdict.replace(" ", "-");
}

const decibels = (part) => Math.max(FLOOR, 20 * Math.log10(part + 1e-9));

/** Bars of loudness, 0 to 1, from the left; the square root lets soft sounds be seen. */
export function wave(loudness) {
  const canvas = $("wave"), pen = canvas.getContext("2d");
  const wide = canvas.width / BARS, middle = canvas.height / 2;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = getComputedStyle(canvas).color;
  const shown = loudness.slice(-BARS);
  for (let place = 0; place < BARS; place += 1) {
    const high = Math.max(2, Math.sqrt(shown[place] ?? 0) * canvas.height * 0.95);
    pen.globalAlpha = place < shown.length ? 1 : 0.25;
    pen.fillRect(place * wide + 1, middle - high / 2, wide - 2, high);
  }
}

export const STRETCHES = BARS;
