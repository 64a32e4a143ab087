// One sentence at a time: record, stop, hear it as callers will, keep it or read it again.

import { Microphone, microphones } from "/static/microphone.js";
import { outline, peak, telephone } from "/static/sound.js";
import { $, STRETCHES, devices, level, list, progress, sentence, wave, welcome } from "/static/view.js";

const LONGEST = 16; // seconds: more than may be kept, so that a pause before and after costs nothing
const VERBS = { ready: "Record", recording: "Stop", working: "One moment", heard: "Again" };

let lines = [], at = 0, doing = "ready", take = null, ending = 0, drawn = [];
const microphone = new Microphone((samples) => {
  level(samples);
  if (doing !== "recording") return;
  drawn.push(peak(samples));
  wave(drawn);
});

function reach(path, how = {}) {
  return fetch(path, how).catch(() => {
    throw new Error("The recorder has stopped. Start it again in its window, then reload this page; what you kept is saved.");
  });
}

async function ask(method, path, body, type = "application/json") {
  const sent = body === undefined ? {} : { headers: { "Content-Type": type }, body: type === "application/json" ? JSON.stringify(body) : body };
  const answer = await reach(path, { method, ...sent });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.problem ?? `The recorder answered ${answer.status}.`);
  return said;
}

function become(next) {
  doing = next;
  $("verb").textContent = VERBS[next];
  $("record").className = `record ${next}`;
  $("record").setAttribute("aria-disabled", next === "working");
  $("keep").hidden = next !== "heard";
  $("listen").hidden = next !== "heard" && !(next === "ready" && lines[at].state === "recorded");
}

const say = (words) => { $("said").textContent = words; };
function complain(words) {
  if (words) say("");
  $("problem").textContent = words;
}

// Another sentence; a take that was not kept is dropped, as is one under way.
function go(place, words = "") {
  microphone.drop();
  clearTimeout(ending);
  $("player").pause();
  [at, take, drawn] = [place, null, []];
  sentence(lines, at, state.facts.phone);
  list(lines, at, go);
  wave([]);
  complain("");
  say(words);
  become("ready");
  $("record").focus();
}

function start() {
  $("player").pause();
  complain("");
  say("Recording. Press again when you have read it.");
  [take, drawn] = [null, []];
  try {
    microphone.start();
  } catch (error) {
    say("");
    complain(error.message);
    return;
  }
  become("recording");
  ending = setTimeout(stop, LONGEST * 1000);
}

async function stop() {
  clearTimeout(ending);
  become("working");
  say("");
  const place = at;
  try {
    const sound = telephone(await microphone.stop(), microphone.rate);
    const heard = await ask("POST", `/takes/${lines[place].name}`, sound, "audio/wav");
    if (place !== at) return; // somewhere else by now
    take = heard.take;
    become("heard");
    say(`${heard.seconds} seconds. This is how callers hear it.`);
    await play(`/takes/${take}.wav`);
    $("keep").focus();
  } catch (error) {
    if (place !== at) return;
    become("ready");
    wave([]);
    complain(error.message);
    $("record").focus();
  }
}

async function play(address) {
  const answer = await reach(address);
  if (!answer.ok) throw new Error("This recording is not there any more: read it again.");
  const sound = await microphone.context.decodeAudioData(await answer.arrayBuffer());
  wave(outline(sound.getChannelData(0), STRETCHES));
  $("player").src = address;
  await $("player").play().catch(() => say("Press Listen to hear it.")); // a browser that plays nothing unasked
}

async function keep() {
  if (doing !== "heard") return; // pressed twice
  become("working");
  try {
    ({ lines } = await ask("PUT", `/recordings/${lines[at].name}`, { take }));
  } catch (error) {
    become("heard");
    complain(error.message);
    return;
  }
  progress(lines);
  const next = following(at);
  if (next === undefined) go(at, "Kept. Every sentence is recorded: thank you!");
  else go(next, "Kept. Here is the next one.");
}

// The next sentence that is not recorded, from the beginning again after the last.
function following(place) {
  const order = lines.map((_, step) => (place + 1 + step) % lines.length);
  return order.find((each) => lines[each].state !== "recorded");
}

async function begin(event) {
  event.preventDefault();
  $("refused").textContent = "";
  try {
    ({ lines } = await ask("PUT", "/speaker", { speaker: $("speaker").value, agrees: $("agrees").checked }));
    await microphone.open();
    devices(await microphones(), microphone.id);
  } catch (error) {
    $("refused").textContent = error.message;
    return;
  }
  [$("welcome").hidden, $("studio").hidden] = [true, false];
  go(following(lines.length - 1) ?? 0);
}

const TURN = { ready: start, heard: start, recording: stop, working: () => {} };
$("record").addEventListener("click", () => TURN[doing]());
$("keep").addEventListener("click", keep);
$("listen").addEventListener("click", () => {
  play(take ? `/takes/${take}.wav` : `/recordings/${lines[at].name}.wav`).catch((error) => complain(error.message));
});
$("back").addEventListener("click", () => go(at - 1));
$("forward").addEventListener("click", () => go(at + 1));
$("device").addEventListener("change", () => {
  go(at); // half a take by one microphone and half by another is none
  microphone.open($("device").value).catch((error) => complain(error.message));
});
$("who").addEventListener("submit", begin);

// The space bar records and stops from anywhere, except where a space already means something; it never drops a take.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.repeat || $("studio").hidden || event.target.closest("button, input, select")) return;
  event.preventDefault();
  if (doing !== "heard") $("record").click();
});

const state = await ask("GET", "/state");
lines = state.lines;
progress(lines);
welcome(state);
$("welcome").hidden = false;
