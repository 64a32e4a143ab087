// Talking to the carrier's control API, and small pieces of page that several files need.

export const LANGUAGES = {
  sv: "Svenska", en: "English", ar: "العربية", fa: "فارسی", so: "Soomaali", ti: "ትግርኛ", am: "አማርኛ", uk: "Українська",
  ru: "Русский", pl: "Polski", tr: "Türkçe", fi: "Suomi", es: "Español", fr: "Français", de: "Deutsch", zh: "中文",
};

/** The JSON answer; null when there is nothing new (204). Throws with the carrier's own words. */
export async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok && !said?.sent) throw new Error(said?.detail ?? `the carrier answered ${answer.status}`);
  return said;
}

export const get = (path) => ask("GET", `/phones/api${path}`);
export const post = (path, body = {}) => ask("POST", `/phones/api${path}`, body);
export const handsetPath = (number) => `/numbers/${encodeURIComponent(number)}`;

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Fill a language menu; language names stand in their own language and script. */
export function offerLanguages(menu, chosen) {
  for (const [code, name] of Object.entries(LANGUAGES)) {
    const option = make("option", { value: code, textContent: name, lang: code });
    option.selected = code === chosen;
    menu.append(option);
  }
}

export const clockTime = (iso) =>
  new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
