"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const make = (tag, text, kind) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
};

// Details of a mark under the pointer or finger, in the page's type.
(() => {
  const tip = at("tip");
  const show = (event) => {
    const mark = event.target.closest?.("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const box = mark.getBoundingClientRect(), width = tip.offsetWidth;
    tip.style.left = Math.max(6, Math.min(innerWidth - width - 6, box.left + box.width / 2 - width / 2)) + "px";
    tip.style.top = (box.top > 44 ? box.top - tip.offsetHeight - 8 : box.bottom + 8) + "px";
  };
  ["pointerover", "click"].forEach((kind) => document.addEventListener(kind, show));
  document.addEventListener("scroll", () => { tip.hidden = true; }, true);
})();

// Links lead into what is folded, and the contents mark the section in sight.
(() => {
  const unfold = () => {
    for (let place = at(location.hash.slice(1)); place; place = place.parentElement) if (place.matches("details")) place.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => document.querySelectorAll("#details details").forEach((fold) => { fold.open = true; }));
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const mark = () => {
    const sections = [...document.querySelectorAll("main > section")].filter((section) => section.getBoundingClientRect().top < 160);
    links.forEach((link, id) => link.classList.toggle("on", id === (sections.at(-1) ?? document.querySelector("main > section"))?.id));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
  document.querySelectorAll("button.copy").forEach((copy) => copy.addEventListener("click", async () => {
    const code = at(copy.dataset.of);
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      copy.textContent = "Selected";
    }
  }));
})();

// Two samples side by side, as chosen.
(() => {
  const [left, right, temperature, sample, prompt] = ["left", "right", "temperature", "sample", "prompt"].map((name) => at("text-" + name));
  if (!left) return;
  const show = () => {
    const chosen = [left, right].filter(Boolean).map((select) => select.value);
    temperature.disabled = prompt?.value > 0; // after another beginning there is one text
    sample.disabled = temperature.disabled || temperature.value !== ""; // and one at each other temperature
    const key = [prompt?.value ?? 0, temperature.disabled ? "" : temperature.value, sample.disabled ? 1 : sample.value].join("/");
    at("text-cards").querySelectorAll(".card").forEach((card) => {
      card.hidden = !chosen.includes(card.dataset.model) || card.dataset.key !== key;
      card.style.order = chosen.indexOf(card.dataset.model);
    });
  };
  [left, right, temperature, sample, prompt].filter(Boolean).forEach((select) => select.addEventListener("change", show));
  show();
})();

// Charts as SVG, PNG and CSV, and tables as CSV.
(() => {
  const WIDTH = 720, EDGE = 14, SCALE = 2;
  const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "opacity", "font-family", "font-size", "font-weight", "paint-order", "stroke-linejoin", "vector-effect"];
  const save = (name, url) => {
    const link = make("a");
    link.href = url;
    link.download = name;
    link.click();
  };
  const file = (type, content) => URL.createObjectURL(new Blob([content], { type }));
  const csv = (rows) => rows.map((row) => row.map((value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }).join(",")).join("\r\n") + "\r\n";
  const named = (title) => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const plain = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("small").forEach((note) => note.replaceWith(" " + note.textContent));
    return copy.textContent.replace(/\s+/g, " ").replace(/−/g, "-").replace(/(\d),(?=\d{3})/g, "$1").trim();
  };

  // A chart of its own: its title above, its legend and source below, its colours and letters as on the page.
  const drawing = (name) => {
    const svg = document.querySelector("#chart-" + name + " svg"), copy = svg.cloneNode(true), page = getComputedStyle(document.body);
    const before = [svg, ...svg.querySelectorAll("*")], { title, legend } = data.charts[name];
    [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
      const style = getComputedStyle(before[i]);
      KEPT.forEach((key) => element.setAttribute(key, style.getPropertyValue(key)));
    });
    const shape = (tag, facts, words = "") => {
      const element = document.createElementNS(svg.namespaceURI, tag);
      Object.entries(facts).forEach(([key, value]) => element.setAttribute(key, value));
      element.textContent = words;
      return element;
    };
    const text = (words, x, y, size, weight = 400) => shape("text", { x, y, "font-family": page.fontFamily, "font-size": size, "font-weight": weight, fill: page.color }, words);
    let x = EDGE, y = Number(svg.getAttribute("height")) + 54;
    const key = legend.flatMap(([label, colour]) => {
      const width = 26 + 7.5 * label.length;
      if (x + width > WIDTH) [x, y] = [EDGE, y + 20];
      const place = x;
      x += width;
      return [shape("rect", { x: place, y: y - 10, width: 11, height: 11, fill: colour }), text(label, place + 16, y, 13)];
    });
    const source = (document.querySelector(".kick")?.textContent ?? document.title) + " · " + document.querySelector("meta[name=generator]").content;
    const height = y + (legend.length ? 34 : 14), whole = shape("svg", { xmlns: svg.namespaceURI, width: WIDTH, height });
    Object.entries({ x: EDGE, y: 34, width: WIDTH - 2 * EDGE }).forEach(([name, value]) => copy.setAttribute(name, value));
    whole.append(shape("rect", { width: WIDTH, height, fill: page.backgroundColor }), text(title, EDGE, 24, 17, 600), copy, ...key, text(source, EDGE, height - 10, 11));
    return new XMLSerializer().serializeToString(whole);
  };
  const png = async (name) => {
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(drawing(name));
    await image.decode();
    const canvas = make("canvas");
    canvas.width = SCALE * image.width;
    canvas.height = SCALE * image.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png");
  };
  document.querySelectorAll(".export").forEach((place) => place.addEventListener("click", async (event) => {
    const name = place.dataset.chart, kind = event.target.closest("button")?.textContent, chart = data.charts[name];
    if (!kind) return;
    const url = kind === "PNG" ? await png(name) : kind === "SVG" ? file("image/svg+xml", drawing(name)) : file("text/csv", csv(chart.numbers));
    save(named(chart.title) + "." + kind.toLowerCase(), url);
  }));
  document.querySelectorAll("main .scroll").forEach((frame) => {
    const button = make("button", "CSV", "csv"), title = frame.getAttribute("aria-label") ?? frame.closest("section").querySelector("h2").textContent;
    Object.assign(frame, { role: "group", ariaLabel: title });
    button.type = "button";
    button.setAttribute("aria-label", "Save “" + title + "” as CSV");
    button.addEventListener("click", () => save(named(title) + ".csv", file("text/csv", csv([...frame.querySelector("table").rows].map((row) => [...row.cells].map(plain))))));
    frame.after(button);
  });
})();
