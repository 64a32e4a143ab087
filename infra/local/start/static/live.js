// The right half shows what is new by itself: its page is fetched again and, when it says something else, put in place.

const EVERY = 1500; // milliseconds
const frame = document.getElementById("results");
const reader = new DOMParser();

async function look() {
  const shown = frame.contentDocument;
  if (!shown || shown.readyState !== "complete" || busy(shown.activeElement)) return;
  const address = shown.location.href;
  if (!address.startsWith(location.origin)) return; // not there yet
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected || frame.contentDocument !== shown || shown.location.href !== address) return;
  const fresh = reader.parseFromString(await answer.text(), "text/html");
  for (const part of ["header", "main"]) replace(shown.querySelector(part), fresh.querySelector(part));
}

// Whoever is at a control in there by keyboard or mouse is not to lose the place.
function busy(element) {
  return element !== null && element.matches("input, select, button, a, summary");
}

function replace(old, fresh) {
  if (!old || !fresh || old.dataset.seen === fresh.innerHTML || old.innerHTML === fresh.innerHTML) return;
  const seen = fresh.innerHTML;
  const open = [...old.querySelectorAll("details")].map((each) => each.open);
  fresh.querySelectorAll("details").forEach((each, place) => { each.open ||= open[place] ?? false; });
  old.replaceChildren(...fresh.childNodes);
  old.dataset.seen = seen;
}

export async function keepLooking() {
  if (!document.hidden) await look().catch(() => {}); // the service is away for a moment: the next look will tell
  setTimeout(keepLooking, EVERY);
}

export function show(path) {
  frame.contentWindow.location.assign(path);
}
