// Talking to the simulated carrier and to this service's local controls.

export const { carrier, zone } = document.body.dataset;

export async function ask(method, address, body) {
  const sent = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address, { method, ...sent });
  const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(said.detail ?? `answered ${answer.status}`), { status: answer.status });
  return said;
}

export const phones = (method, path, body) => ask(method, `${carrier}/phones/api${path}`, body);
export const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// Numbers kept free for fiction, in the order they are handed out: head, first and last of four more digits.
const RANGES = {
  mobile: [["+4670174", 605, 698], ["+44770090", 100, 999]],
  landline: [["+4631390", 601, 699]],
};

// A number nobody has used yet: each caller is asked once in 30 days.
export async function freshNumber(kind) {
  const used = new Set((await phones("GET", "/numbers")).numbers.map((handset) => handset.number));
  for (const [head, first, last] of RANGES[kind]) {
    for (let n = first; n <= last; n += 1) {
      const number = head + String(n).padStart(4, "0");
      if (!used.has(number)) return number;
    }
  }
  throw new Error("every fictitious number is used; start afresh with make clean-local");
}

export const textsOf = async (number) => (await phones("GET", `/numbers/${encodeURIComponent(number)}`)).texts;
export const write = (number, body) => phones("POST", `/numbers/${encodeURIComponent(number)}/texts`, { body });
