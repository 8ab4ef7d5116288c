// The explorer: two columns in one passage of held-out text, word by word. Texts are inserted as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent), { explorer } = data;
  if (!explorer) return;
  const { columns, passages, edges } = explorer;
  const at = (id) => document.getElementById("explorer-" + id);
  const make = (tag, text, kind) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const bits = (x) => (x < -0.05 ? "−" : "") + Math.abs(x).toFixed(1);
  const VISIBLE = { " ": "␣", "\n": "↵", "\t": "⇥" };
  const visible = (text) => text.replace(/[ \n\t]/g, (sign) => VISIBLE[sign]);
  const STRONGEST = 12, MOST = 0.45; // bits of difference with the deepest colour, and how deep that is
  const JUMP = at("jump").textContent;
  const state = { passage: 0, word: 0, jump: -1 };
  const chosen = () => columns.length < 2 ? [0] : [...new Set(["a", "b"].map((id) => Number(at(id).value)))];
  const here = () => passages[state.passage];
  passages.forEach((passage) => { passage.characters = Array.from(passage.text); }); // code points, as places count them
  const end = (passage, i) => passage.starts[i + 1] ?? passage.characters.length;
  const unit = (passage, i) => passage.characters.slice(passage.starts[i], end(passage, i)).join("");
  const difference = (passage, i) => { const [a, b] = chosen(); return passage.bits[b][i] - passage.bits[a][i]; };
  const chip = (column) => {
    const made = make("span", undefined, "chip"), swatch = make("b", undefined, "swatch");
    swatch.style.background = column.colour;
    made.append(swatch, column.name);
    return made;
  };

  // A lane: the passage in units that can be pointed at; the arrow keys go from one to the next.
  const lane = (heading, shade, name) => {
    const passage = here(), made = make("article", undefined, "lane"), text = make("div", undefined, "shaded");
    text.tabIndex = 0;
    text.dir = "auto";
    text.lang = document.querySelector("#passages .shaded").lang;
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", name + "; the arrow keys go from word to word");
    passage.starts.forEach((_, i) => {
      const word = make("i", unit(passage, i));
      if (!word.textContent.trim() && word.textContent.includes("\n")) word.classList.add("nl");
      word.dataset.i = i;
      shade(word, i);
      text.append(word);
    });
    const title = make("h4");
    title.append(...heading);
    made.append(title, text);
    return made;
  };
  const rate = (c) => here().bits[c].reduce((sum, x) => sum + x, 0) / here().characters.length;
  const draw = () => {
    const passage = here(), both = chosen(), apart = both.length > 1 && at("shade").value === "difference";
    at("place").replaceChildren(passage.document + " ", make("small", "from character " + passage.start.toLocaleString("en")));
    at("scale").hidden = apart;
    at("key").hidden = !apart;
    if (apart) {
      const [a, b] = both.map((c) => columns[c]);
      const colour = (d) => `color-mix(in srgb, ${(d > 0 ? a : b).colour} ${(100 * MOST * Math.min(1, Math.abs(d) / STRONGEST)).toFixed(0)}%, transparent)`;
      at("key").replaceChildren("Each word has the colour of the column that paid less for it, the stronger, the more it saved: ", chip(a), " ", chip(b));
      at("lanes").replaceChildren(lane([chip(a), " against ", chip(b)], (word, i) => { word.style.backgroundColor = colour(difference(passage, i)); }, a.name + " against " + b.name));
    } else {
      at("lanes").replaceChildren(...both.map((c) => lane(
        [chip(columns[c]), " ", make("small", rate(c).toFixed(2) + " bits per character here")],
        (word, i) => word.classList.add("b" + edges.filter((edge) => edge <= passage.bits[c][i]).length), "The passage under " + columns[c].name)));
    }
    select(Math.min(state.word, passage.starts.length - 1));
  };

  // What a column paid for a unit: its events there, each with its bits, its rank and what was likelier.
  const eventsIn = (reading, start, stop) => {
    const found = [];
    let place = 0;
    reading.widths.forEach((width, i) => {
      const share = width ? (Math.min(stop, place + width) - Math.max(start, place)) / width : start <= place && place < stop ? 1 : 0;
      if (share > 0) found.push({ i, share, covers: here().characters.slice(place, place + width).join("") });
      place += width;
    });
    return found;
  };
  const bill = (c) => {
    const passage = here(), reading = passage.readings[c], start = passage.starts[state.word];
    const stop = end(passage, state.word), total = passage.bits[c][state.word];
    const made = make("article", undefined, "lane bill"), title = make("h4");
    title.append(chip(columns[c]), " ", make("small", bits(total) + " bits"));
    made.append(title);
    const events = eventsIn(reading, start, stop);
    const moved = total - events.reduce((sum, { i, share }) => sum + share * reading.bits[i], 0);
    if (Math.abs(moved) >= 0.05) made.append(make("p", bits(moved) + " bits for where words end", "quiet"));
    const table = make("table", undefined, "compact"), head = make("tr"), body = make("tbody");
    [["token"], ["bits", "n"], ["rank", "n"], ["likeliest there"]].forEach(([text, kind]) => { const cell = make("th", text, kind); cell.scope = "col"; head.append(cell); });
    events.forEach(({ i, covers }) => {
      const row = make("tr"), token = make("th"), guesses = make("td", undefined, "guesses");
      token.scope = "row";
      const name = reading.tokens[reading.ids[i]];
      if (covers) token.append(make("bdi", visible(covers)));
      if (!covers || !name.endsWith(covers.trim())) token.append(" ", make("bdi", name, "quiet")); // a class, or a mark
      for (let k = 0; k < reading.likeliest[i].length; k += 2) {
        const id = reading.likeliest[i][k], guess = make(id === reading.ids[i] ? "b" : "span");
        guess.append(make("bdi", visible(reading.tokens[id])), " " + reading.likeliest[i][k + 1] + " %");
        guesses.append(guess, " ");
      }
      row.append(token, make("td", bits(reading.bits[i]), "n"), make("td", reading.ranks[i].toLocaleString("en"), "n"), guesses);
      body.append(row);
    });
    table.append(make("thead"), body);
    table.tHead.append(head);
    const frame = make("div", undefined, "scroll");
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Events of " + columns[c].name);
    frame.append(table);
    made.append(frame);
    return made;
  };
  const reveal = (word) => { // within its lane, which may scroll
    const text = word.parentElement, top = word.offsetTop - text.offsetTop, bottom = top + word.offsetHeight;
    text.scrollTop = Math.min(top, Math.max(text.scrollTop, bottom - text.clientHeight));
  };
  const select = (i) => {
    state.word = i;
    document.querySelectorAll("#explorer-lanes i").forEach((word) => word.classList.toggle("on", Number(word.dataset.i) === i));
    document.querySelectorAll("#explorer-lanes i.on").forEach(reveal);
    const both = chosen(), passage = here();
    at("word").textContent = "“" + visible(unit(passage, i)) + "” in bits: " + both.map((c) => columns[c].name + " " + bits(passage.bits[c][i])).join(" · ");
    at("bill").replaceChildren(...both.map(bill));
  };
  const show = (passage, word) => {
    state.passage = passage;
    state.word = word;
    at("passage").value = passage;
    at("jump").disabled = chosen().length < 2;
    draw();
  };
  const mostDifferent = () => passages.flatMap((passage, p) => passage.starts.map((_, i) => [p, i, Math.abs(difference(passage, i))])).sort((x, y) => y[2] - x[2]);
  const strongest = (p) => passages[p].starts.map((_, i) => i).reduce((best, i) => Math.abs(difference(passages[p], i)) > Math.abs(difference(passages[p], best)) ? i : best, 0);
  const first = (p) => chosen().length < 2 ? 0 : strongest(p);

  passages.forEach((passage, p) => {
    const option = make("option", passage.title);
    option.value = p;
    at("passage").append(option);
  });
  at("passage").addEventListener("change", () => show(Number(at("passage").value), first(Number(at("passage").value))));
  ["a", "b"].forEach((id) => at(id).addEventListener("change", () => { state.jump = -1; at("jump").textContent = JUMP; show(state.passage, first(state.passage)); }));
  at("shade").addEventListener("change", draw);
  at("jump").addEventListener("click", () => {
    const ranked = mostDifferent();
    state.jump = (state.jump + 1) % ranked.length;
    show(ranked[state.jump][0], ranked[state.jump][1]);
    at("jump").textContent = "Next difference";
  });
  const pointed = (event) => { const word = event.target.closest("i"); if (word && Number(word.dataset.i) !== state.word) select(Number(word.dataset.i)); };
  at("lanes").addEventListener("pointerover", pointed);
  at("lanes").addEventListener("click", pointed);
  at("lanes").addEventListener("keydown", (event) => {
    const last = here().starts.length - 1, to = { ArrowRight: state.word + 1, ArrowLeft: state.word - 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    select(Math.max(0, Math.min(last, to)));
  });
  document.querySelectorAll("#passages .scripted, #explorer-word").forEach((place) => { place.hidden = false; });
  if (columns.length < 2) ["a", "b", "shade", "jump"].forEach((id) => { (at(id).closest("label") || at(id)).hidden = true; });
  show(0, first(0));
})();
