// The explorer: one passage under two models, word by word. Texts are inserted as text, never as markup.
(() => {
  const { explorer } = data;
  if (!explorer || !at("explorer-a")) return;
  const { columns, passages, bands } = explorer, part = (name) => at("explorer-" + name);
  const SIGNS = { " ": "␣", "\n": "↵", "\t": "⇥" };
  const visible = (text) => text.replace(/[ \n\t]/g, (sign) => SIGNS[sign]);
  const bits = (x) => (x < -0.05 ? "−" : "") + Math.abs(x).toFixed(1);
  const language = document.querySelector("#explorer .txt").lang;
  const state = { passage: 0, word: 0 };
  const here = () => passages[state.passage];
  const chosen = () => [...new Set(["a", "b"].slice(0, columns.length).map((id) => Number(part(id).value)))];
  passages.forEach((passage) => { passage.characters = Array.from(passage.text); }); // code points, as places count them
  const end = (i) => here().starts[i + 1] ?? here().characters.length;
  const unit = (i) => here().characters.slice(here().starts[i], end(i)).join("");

  // The events of a model that cover a word, or stand before it, each with its share of the word.
  const events = (column, i) => {
    const reading = here().readings[column], start = here().starts[i], stop = end(i), list = [];
    let place = 0;
    reading.widths.forEach((width, event) => {
      const share = width ? (Math.min(stop, place + width) - Math.max(start, place)) / width : start <= place && place < stop ? 1 : 0;
      if (share > 0) list.push({ event, share, covers: here().characters.slice(place, place + width).join("") });
      place += width;
    });
    return list;
  };
  const shade = (column, i) => {
    const kind = part("shade").value, reading = here().readings[column];
    // A class is only the first guess of two: the word behind it is not among the model's tokens.
    const rank = ({ event, covers }) => covers.trim() && /^<.*>$/.test(reading.tokens[reading.ids[event]]) ? Infinity : reading.ranks[event] - 1;
    const value = kind === "bits" ? here().bits[column][i] : Math.max(...events(column, i).map(rank), 0);
    return "b" + bands[kind].filter((edge) => edge <= value).length;
  };
  const card = (column, heading, ...content) => {
    const element = make("article", undefined, "card"), title = make("header");
    element.style.setProperty("--k", columns[column].colour);
    title.append(make("b", columns[column].name), make("span", heading));
    element.append(title, ...content);
    return element;
  };
  const lane = (column) => {
    const text = make("div", undefined, "txt");
    Object.assign(text, { tabIndex: 0, lang: language, dir: "auto", role: "group", ariaLabel: "The passage as " + columns[column].name + " reads it; the arrow keys go from word to word" });
    here().starts.forEach((_, i) => {
      const whole = unit(i), space = whole.length > 1 && whole.startsWith(" ") ? " " : "", word = make("i", whole.slice(space.length), shade(column, i));
      word.dataset.i = i;
      text.append(space, word);
    });
    return card(column, (here().bits[column].reduce((sum, x) => sum + x, 0) / here().characters.length).toFixed(2) + " bits per character here", text);
  };
  const bill = (column) => {
    const reading = here().readings[column], total = here().bits[column][state.word], paid = events(column, state.word);
    const table = make("table"), head = make("tr"), body = make("tbody");
    [["token"], ["bits", "n"], ["rank", "n"], ["it expected"]].forEach(([text, kind]) => { const cell = make("th", text, kind); cell.scope = "col"; head.append(cell); });
    paid.forEach(({ event, share, covers }) => {
      const row = make("tr"), token = make("th"), guesses = make("td", undefined, "guesses"), name = reading.tokens[reading.ids[event]];
      token.scope = "row";
      if (covers) token.append(make("bdi", visible(covers)));
      if (!covers || !name.endsWith(covers.trim())) token.append(" ", make("bdi", name, "quiet")); // a class, or a mark
      for (let k = 0; k < reading.likeliest[event].length; k += 2) {
        const id = reading.likeliest[event][k], guess = make(id === reading.ids[event] ? "b" : "span");
        guess.append(make("bdi", visible(reading.tokens[id])), " " + reading.likeliest[event][k + 1] + " %");
        guesses.append(guess, " ");
      }
      row.append(token, make("td", bits(share * reading.bits[event]), "n"), make("td", reading.ranks[event].toLocaleString("en"), "n"), guesses);
      body.append(row);
    });
    table.append(make("thead"), body);
    table.tHead.append(head);
    const moved = total - paid.reduce((sum, { event, share }) => sum + share * reading.bits[event], 0);
    const content = Math.abs(moved) < 0.05 ? [table] : [table, make("p", bits(moved) + " bits for where words end", "quiet")];
    return card(column, bits(total) + " bits for this word", ...content);
  };
  const select = (i) => {
    state.word = i;
    part("lanes").querySelectorAll("i").forEach((word) => word.classList.toggle("on", Number(word.dataset.i) === i));
    part("word").textContent = "“" + visible(unit(i)) + "”: " + chosen().map((column) => columns[column].name + " " + bits(here().bits[column][i]) + " bits").join(" · ");
    part("bill").replaceChildren(...chosen().map(bill));
  };
  const draw = () => {
    const kind = part("shade").value, [a, b, c] = bands[kind];
    part("lanes").replaceChildren(...chosen().map(lane));
    part("place").replaceChildren(make("bdi", here().document), ", from character " + here().start.toLocaleString("en"));
    const labels = kind === "bits" ? [`under ${a} bits`, `${a}–${b}`, `${b}–${c}`, `over ${c}`] : [`among the first ${a} guesses`, `first ${b}`, `first ${c}`, "later, or spelled"];
    part("scale").replaceChildren(...labels.map((label, i) => make("span", label, "b" + i)));
    select(Math.min(state.word, here().starts.length - 1));
  };
  passages.forEach((passage, p) => {
    const option = make("option", passage.title);
    option.value = p;
    part("passage").append(option);
  });
  part("passage").addEventListener("change", () => { Object.assign(state, { passage: Number(part("passage").value), word: 0 }); draw(); });
  ["a", "b", "shade"].forEach((id) => part(id).addEventListener("change", draw));
  const pointed = (event) => { const word = event.target.closest("i"); if (word && Number(word.dataset.i) !== state.word) select(Number(word.dataset.i)); };
  part("lanes").addEventListener("pointerover", pointed);
  part("lanes").addEventListener("click", pointed);
  part("lanes").addEventListener("keydown", (event) => {
    const last = here().starts.length - 1, to = { ArrowRight: state.word + 1, ArrowLeft: state.word - 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    select(Math.max(0, Math.min(last, to)));
  });
  if (columns.length < 2) part("b").closest("label").hidden = true;
  draw();
})();
