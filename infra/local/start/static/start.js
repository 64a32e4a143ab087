// What the buttons of /start do. Each says in the status line what to watch.

import { ask, carrier, freshNumber, pause, phones, textsOf, write, zone } from "/start/api.js";
import { keepLooking, show } from "/start/live.js";

const OUTBURST = "I waited two hours and then nobody could tell me anything at all. This is the third time this month, " +
  "you always say the same. Does anybody ever read this?";
const handset = document.getElementById("handset");
const said = document.getElementById("said");
const say = (words) => { said.textContent = words; };

// A new caller's call has ended; the handset on the left is theirs.
async function endCall(kind = "mobile", queue = "residence-permits") {
  const language = document.getElementById("language").value;
  const number = await freshNumber(kind);
  await phones("POST", "/numbers", { number, language, label: "A new caller" });
  handset.src = `${carrier}/phones?embed=1&number=${encodeURIComponent(number)}`;
  const told = await phones("POST", "/calls", { number, language, queue, team: "north" });
  if (told.answer?.decision !== "invited") throw new Error(`the call was not invited: ${told.answer?.reason ?? told.status}`);
  return number;
}

// How many texts from the service are on the handset, once there are more than `seen`.
async function nextText(number, seen = 0) {
  for (let tries = 0; tries < 60; tries += 1) {
    const texts = (await textsOf(number)).filter((text) => text.direction !== "inbound");
    if (texts.length > seen) return texts.length;
    await pause(0.5);
  }
  throw new Error("no text came within half a minute");
}

async function answer(...bodies) {
  const number = await endCall();
  say("A new caller’s call has ended. Waiting for the text …");
  let seen = await nextText(number);
  for (const body of bodies) {
    await pause(1);
    await write(number, body);
    seen = await nextText(number, seen);
  }
}

async function morning() {
  const { now } = await ask("GET", "/_local/clock");
  const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: zone });
  const next = new Date(Math.ceil((Date.parse(now) + 1) / 3_600_000) * 3_600_000);
  while (hour.format(next) !== "08") next.setTime(next.getTime() + 3_600_000);
  await ask("POST", "/_local/clock", { now: next.toISOString() });
  await ask("POST", "/_local/tick");
}

async function fill() {
  say("400 callers are ringing …");
  await ask("POST", "/_local/demo", { calls: 400 });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { running, calls, done, doing, problem } = await ask("GET", "/_local/demo");
    if (problem) throw new Error(problem);
    if (!running) return;
    say(`${doing} ${done} of ${calls} calls.`);
  }
}

const DOINGS = {
  end: [() => endCall(), "The call has ended. The text comes in 3 seconds; then answer on the handset."],
  callbacks: [() => show("/callbacks"), "Take next: the number appears. Then say what happened."],
  voice: [() => endCall("landline"), "The landline rings in a few seconds. Press Answer."],
  rude: [() => answer(OUTBURST).then(() => show("/remarks")), "Told that it is saved, and asked again. A person finds it under Remarks."],
  stop: [() => answer("STOP").then(() => show("/calls")), "One confirmation; this number is never asked again. Calls says how each call ended."],
  arabic: [() => answer("٢"), "Understood as no: question 2 has come."],
  words: [() => answer("yes thanks", "maybe tomorrow"), "The first counted; the second was asked once more."],
  fault: [async () => {
    await ask("POST", `${carrier}/_carrier/faults`, { on: "send", do: "500_after" });
    const number = await endCall();
    await nextText(number);
  }, "The text arrived once, although the carrier reported an error."],
  tomorrow: [morning, "It is 08:00. What was due has been done."],
  tick: [() => ask("POST", "/_local/tick"), "Done: whatever was due."],
  now: [() => ask("POST", "/_local/clock", { now: null }), "Real time again."],
  fill: [fill, "They have rung: see the right side."],
};

async function press(button) {
  const [doing, words] = DOINGS[button.dataset.do];
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  scrollTo({ top: 0 }); // to the two halves, where it happens
  try {
    await doing();
    say(words);
  } catch (error) {
    say(`That did not work: ${error.message}`);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) press(button);
});
if (!handset) for (const button of document.querySelectorAll("[data-do]")) {
  button.disabled = !["callbacks", "tomorrow", "tick", "now"].includes(button.dataset.do);
}
keepLooking();
