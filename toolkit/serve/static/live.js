// Curves of comparisons that are not finished. The list is loaded again when one begins or ends.
const SVG = "http://www.w3.org/2000/svg", HEIGHT = 240, LEFT = 44, RIGHT = 20, TOP = 28, BOTTOM = 30;
const kind = (cell) => cell.run.split("/").at(-1).split("-")[0];  // of the tokenizer, which has a colour

const element = (name, attributes = {}, text = "", space = null) => {
  const made = space ? document.createElementNS(space, name) : document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.textContent = text;
  return made;
};

const chart = (cells, width) => {
  const checks = cells.flatMap((cell) => cell.checks), bits = checks.map((check) => check[1]).sort((a, b) => a - b);
  const most = Math.max(...checks.map((check) => check[0])), usual = bits[Math.floor(0.9 * (bits.length - 1))];
  const low = Math.floor(10 * bits[0]) / 10, high = Math.max(low + 0.1, Math.ceil(10 * usual) / 10);
  const x = (characters) => LEFT + (width - LEFT - RIGHT) * characters / most;
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (high - Math.min(value, high)) / (high - low);
  const drawing = element("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": "Bits per character of validation text, by characters read. The table has the latest numbers." }, "", SVG);
  const add = (name, attributes, text) => drawing.append(element(name, attributes, text, SVG));
  for (const value of [low, (low + high) / 2, high]) {
    add("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) });
    add("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(2));
  }
  add("text", { x: 0, y: 12 }, "bits per character of validation text");
  add("text", { x: width - RIGHT, y: HEIGHT - 8, "text-anchor": "end" }, `${most.toLocaleString("en")} characters read`);
  for (const cell of cells.filter((cell) => cell.checks.length)) {
    const points = cell.checks.map(([characters, value]) => `${x(characters).toFixed(1)},${y(value).toFixed(1)}`);
    const [cx, cy] = points.at(-1).split(",");
    add("polyline", { points: points.join(" "), "data-tokenizer": kind(cell) });
    add("circle", { cx, cy, r: 4, "data-tokenizer": kind(cell) });
  }
  return drawing;
};

const table = (cells) => {
  const made = element("table");
  const row = (...entries) => { const line = element("tr"); line.append(...entries); return line; };
  made.append(row(...["model", "state", "bits per character"].map((text) => element("th", { scope: "col" }, text))));
  for (const cell of cells) {
    const name = element("th", { scope: "row", "data-tokenizer": kind(cell) });
    name.append(element("span", { class: "dot" }), cell.run.replaceAll("runs/", ""));
    const bits = cell.checks.length ? cell.checks.at(-1)[1].toFixed(3) : "–";
    made.append(row(name, element("td", {}, cell.state), element("td", {}, bits)));
  }
  return made;
};

new EventSource("/events").addEventListener("message", (message) => {
  const comparisons = JSON.parse(message.data), cards = [...document.querySelectorAll("[data-live]")];
  const names = (of) => of.sort().join("\n");
  if (names(comparisons.map((one) => one.name)) !== names(cards.map((card) => card.dataset.live))) location.reload();
  for (const { name, state, cells } of comparisons) {
    const card = cards.find((one) => one.dataset.live === name);
    if (!card) continue;
    const done = cells.filter((cell) => cell.state === "finished").length;
    card.querySelector(".state").textContent = cells.length ? `${state}, ${done} of ${cells.length} models finished` : state;
    const shown = cells.length ? [table(cells)] : [];
    if (cells.some((cell) => cell.checks.length)) shown.unshift(chart(cells, card.querySelector("header").clientWidth));
    card.querySelector(".live").replaceChildren(...shown);
  }
});
