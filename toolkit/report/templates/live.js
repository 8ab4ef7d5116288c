// The living page: a text of the reader's own, read by every column as it is typed, and continued by each.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent).live, place = document.getElementById("live-room");
  if (!data || !place) return;
  const SLICE = 12; // milliseconds of work between two looks at what the reader does
  const LONGEST = 600; // characters that a column writes at a time
  const part = (name) => document.getElementById("live-" + name);
  const box = part("text"), status = part("status"), table = part("words");
  const lanes = [...place.querySelectorAll(".lane")].map((lane, i) => ({ ...data.columns[i], lane, of: (name) => lane.querySelector(".live-" + name) }));
  const element = (tag, text, kind) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const number = (bits, digits) => (bits < 0 ? "−" : "") + Math.abs(bits).toFixed(digits);
  const shown = (text) => "“" + text.trim().replace(/\n/g, "↵") + "”";
  const characters = (text) => Array.from(text).length;
  const shade = (bits) => "b" + data.edges.filter((edge) => bits >= edge).length;
  const HINT = part("readout").textContent;
  const rest = () => new Promise((resolve) => { setTimeout(resolve, 0); });

  // A lane: the text in pieces, each shaded by its bits; and what the column pays in all.
  const draw = (lane) => {
    const { reader } = lane, length = characters(reader.text);
    lane.pieces = reader.pieces();
    lane.of("shaded").replaceChildren(...lane.pieces.map(({ text, bits, word }) => element("i", text, shade(bits) + (word ? " word" : text.includes("\n") ? " nl" : ""))));
    lane.of("total").textContent = length ? `${number(reader.bits / length, 3)} bits per character, ${number(reader.bits, 1)} in all` : "";
  };

  // The columns that have read what is in the box; the others are still reading.
  const current = () => lanes.filter(({ shown }) => shown === live.canonical(box.value));
  // What these columns pay for one word, by its number.
  const bills = (n) => current().map(({ name, pieces }) => [name, pieces.filter(({ word }) => word)[n]]);
  const point = (n) => {
    place.querySelectorAll("i.on").forEach((piece) => piece.classList.remove("on"));
    current().forEach(({ lane }) => lane.querySelectorAll("i.word")[n]?.classList.add("on"));
    const paid = bills(n).filter(([, piece]) => piece);
    if (paid.length) part("readout").textContent = shown(paid[0][1].text) + " in bits: " + paid.map(([name, { bits }]) => `${name} ${number(bits, 1)}`).join(" · ");
  };
  lanes.forEach(({ lane, of }) => {
    const words = () => [...lane.querySelectorAll("i.word")];
    const pointed = ({ target }) => { if (target.matches("i.word")) point(words().indexOf(target)); };
    lane.addEventListener("pointerover", pointed);
    lane.addEventListener("click", pointed);
    of("shaded").addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const all = words();
      point(Math.min(all.length - 1, Math.max(0, all.findIndex((word) => word.classList.contains("on")) + step)));
    });
  });

  // The same numbers as a table: a row per word, a column per column.
  const tabulate = () => {
    const words = (current()[0]?.pieces || []).filter(({ word }) => word), read = current();
    table.querySelector("tbody").replaceChildren(...words.map(({ text }, n) => {
      const row = element("tr"), head = element("th", text.trim());
      head.scope = "row";
      row.append(head, ...lanes.map((lane) => element("td", read.includes(lane) ? number(lane.pieces.filter(({ word }) => word)[n].bits, 1) : "", "n")));
      return row;
    }));
  };

  // Read what is in the box in one column, a slice at a time; whether the box has not changed before the end.
  let reading = 0;
  const readIn = async (lane, mine) => {
    const text = live.canonical(box.value);
    lane.reader.take(text, lane.reader.column.tokenizer.prompt(text));
    while (!lane.reader.done) {
      lane.reader.advance(performance.now() + SLICE);
      if (!lane.reader.done) await rest();
      if (mine !== reading) return false;
    }
    draw(lane);
    lane.shown = text;
    return true;
  };
  const read = async () => {
    const mine = reading += 1, ready = lanes.filter(({ reader }) => reader);
    part("readout").textContent = HINT;
    ready.forEach((lane) => { lane.of("total").textContent = "reading …"; });
    for (const lane of ready) if (!await readIn(lane, mine)) return false;
    tabulate();
    return true;
  };
  const reread = () => {
    lanes.forEach(stop);
    live.reading = read();
  };
  box.addEventListener("input", reread);

  // Go on writing: a column's own continuation of the text, until it is stopped or long enough.
  const stop = (lane) => {
    lane.writing = null; // or an object that stands for one continuation
    lane.of("write").textContent = "Go on writing";
  };
  const write = async (lane) => {
    if (!current().includes(lane)) {
      status.textContent = `${lane.name} has to read the text first; ask again then.`;
      return;
    }
    const field = lane.of("temperature"), asked = parseFloat(field.value);
    const temperature = Math.min(2, Math.max(0.1, Number.isNaN(asked) ? lane.temperature : asked));
    field.value = temperature;
    const writer = new live.Writer(lane.reader, temperature), written = lane.of("written");
    const mine = lane.writing = {};
    lane.of("write").textContent = "Stop";
    status.textContent = `${lane.name} is writing.`;
    written.replaceChildren(element("strong", lane.reader.text));
    const added = document.createTextNode("");
    written.append(added);
    written.hidden = false;
    let next = performance.now() + SLICE;
    while (lane.writing === mine && characters(added.data) < LONGEST) {
      added.data += writer.next();
      if (performance.now() < next) continue;
      await rest();
      next = performance.now() + SLICE;
    }
    if (lane.writing === mine) stop(lane);
    status.textContent = `${lane.name} has written ${characters(added.data)} characters.`;
  };
  lanes.forEach((lane) => lane.of("write").addEventListener("click", () => { if (lane.writing) stop(lane); else write(lane); }));

  // The columns are unpacked when the reader comes near, one after another.
  const start = async () => {
    if (typeof DecompressionStream === "undefined") {
      status.textContent = "This browser cannot unpack the models; a newer one can.";
      return;
    }
    for (const lane of lanes) {
      status.textContent = `Unpacking ${lane.name} …`;
      await rest();
      lane.reader = new live.Reader(new live.Column(await live.unpacked(lane.packed)));
      lane.of("write").disabled = false;
      if (await readIn(lane, reading)) tabulate();
    }
    status.textContent = "";
  };
  const failed = (error) => { status.textContent = "The models could not be unpacked: " + error.message; };
  place.hidden = false;
  live.lanes = lanes;
  live.ready = new Promise((resolve) => {
    new IntersectionObserver((seen, observer) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      resolve(start().catch(failed));
    }, { rootMargin: "600px" }).observe(place);
  });
})();
