// Measured in the page: does it fit, is its text dark enough on its ground, are its targets large enough to hit.
globalThis.measures = (() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0, 255] : [255, 255, 255, 255];
  };
  const contrast = (element) => {
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(element.closest("svg") ? style.fill : style.color)), light(ground(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen, .skip");
  const texts = () => [...document.querySelectorAll("body *")].filter((element) =>
    element.tagName !== "OPTION" && seen(element) && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return {
    overflow: () => document.documentElement.scrollWidth - innerWidth,
    faint: () => texts().filter((element) => contrast(element) < 4.5).map((element) => `${contrast(element).toFixed(2)} ${element.textContent.trim().slice(0, 40)}`),
    tiny: () => [...document.querySelectorAll("button, input:not([type=hidden]), select, summary, .menu a, .periods a")].filter(seen)
      .filter((element) => Math.min(element.getBoundingClientRect().width, element.getBoundingClientRect().height) < 24)
      .map((element) => element.outerHTML.slice(0, 80)),
  };
})();
0;
