// The forms of the playground. Each asks the models by POST and gets lines of JSON; Cancel closes the request.
const EDGES = [2, 6, 12], SIDES = ["left", "right"], SIGNS = { "\n": "↵\n", "\t": "⇥" };
const models = document.getElementById("models"), form = (name) => document.getElementById(name);
const signs = (text) => text.replace(/[\n\t]/g, (sign) => SIGNS[sign]), spaced = (text) => signs(text).replaceAll(" ", "␣");

if (!location.search) {  // another kind of tokenizer stands on the right
  const { tokenizer } = models.left.selectedOptions[0]?.dataset ?? {};
  models.right.selectedIndex = Math.max(0, [...models.right.options].findIndex((option) => !option.disabled && option.dataset.tokenizer !== tokenizer));
}

const span = (text, kind = "") => {
  const made = document.createElement("span");
  made.textContent = text;
  made.className = kind;
  return made;
};

const ask = async (path, request, signal, receive) => {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(request), signal });
  if (!response.ok) throw new Error((await response.json().catch(() => ({ error: "The server has ended. Start it again." }))).error);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const event = JSON.parse(line);
      if (event.error) throw new Error(event.error);
      receive(event);
    }
  }
};

// Do the work of a form when it is submitted; it is cancelled by its button and by the next submission.
const onSubmit = (name, work) => {
  const status = form(name).querySelector("[role=status]"), cancel = form(name).querySelector(".cancel");
  let latest = null;
  form(name).addEventListener("submit", async (event) => {
    event.preventDefault();
    latest?.abort();
    const mine = latest = new AbortController();
    cancel.hidden = false;
    cancel.onclick = () => mine.abort();
    status.textContent = "Working …";
    const working = (event) => { status.textContent = event.waiting ? "Waiting in the queue …" : "Working …"; };
    let end = "Done.";
    try {
      await work(Object.fromEntries(new FormData(form(name))), mine.signal, working);
    } catch (error) {
      end = mine.signal.aborted ? "Cancelled." : error.message;
      if (mine === latest) mine.abort();
    }
    if (mine !== latest) return;
    status.textContent = end;
    cancel.hidden = true;
  });
};

const card = (name, side) => {
  const made = form(name).parentElement.querySelector(`.card.${side}`), chosen = models[side].selectedOptions[0];
  made.dataset.tokenizer = chosen.dataset.tokenizer;
  made.querySelector("b").textContent = chosen.textContent;
  made.querySelector("header span").textContent = "";
  made.hidden = false;
  return made;
};

const name = (event) => event.token === "<doc>" ? "end of text" : event.token;
const token = (event) => {
  const made = span(""), space = event.text.match(/^ */)[0];
  if (event.class) made.append(space, span(event.class, "class"), signs(event.text.slice(space.length)));
  else made.append(event.text ? signs(event.text) : span(name(event), "mark"));
  return made;
};

const show = (place, { characters, bits, tokens }) => {
  const text = place.querySelector(".text"), detail = place.querySelector(".detail");
  place.querySelector("header span").textContent = `${bits.toFixed(1)} bits, ${(bits / characters).toFixed(3)} per character`;
  const spans = tokens.map(token);
  const point = (number) => {
    const event = tokens[number], expected = event.likeliest.map(([token, share]) => `“${spaced(name({ token }))}” ${(100 * share).toFixed(1)} %`);
    const paid = document.createElement("strong");
    paid.textContent = `“${spaced(event.text) || name(event)}”: ${event.bits.toFixed(2)} bits`;
    text.querySelector(".on")?.classList.remove("on");
    spans[number].classList.add("on");
    detail.replaceChildren(paid, `, rank ${event.rank.toLocaleString("en")}. Before this token, the model expects next: ${expected.join(" · ")}`);
    text.dataset.at = number;
  };
  spans.forEach((made, number) => {
    made.classList.add(`b${EDGES.filter((edge) => tokens[number].bits >= edge).length}`);
    made.onmouseenter = made.onclick = () => point(number);
  });
  text.replaceChildren(...spans);
  text.tabIndex = 0;
  text.setAttribute("role", "group");
  text.setAttribute("aria-label", "Tokens; arrow keys move between them");
  text.onkeydown = (event) => {
    const at = Number(text.dataset.at), last = spans.length - 1;
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    point(Math.max(0, Math.min(last, next)));
  };
  point(0);
};

onSubmit("read", ({ text }, signal, working) => Promise.all(SIDES.map((side) => ask("/read", { model: models[side].value, text }, signal, (event) => {
  working(event);
  if (event.result) show(card("read", side), event.result);
}))));

onSubmit("write", ({ text, temperature, length, seed }, signal, working) => Promise.all(SIDES.map((side) => {
  const request = { model: models[side].value, text, temperature: Number(temperature), length: Number(length), seed: Number(seed) };
  const shown = card("write", side), prompt = document.createElement("b");
  prompt.textContent = text;
  shown.querySelector("header span").textContent = `temperature ${temperature}, seed ${seed}`;
  shown.querySelector(".text").replaceChildren(prompt);
  return ask("/write", request, signal, (event) => {
    working(event);
    if (event.text) shown.querySelector(".text").replaceChildren(prompt, event.text);
  });
})));

onSubmit("cut", async ({ text }, signal, working) => {
  const cuts = document.querySelector(".cuts");
  cuts.replaceChildren();
  await ask("/cut", { model: models.left.value, text }, signal, (event) => {
    working(event);
    if (!event.column) return;
    const made = document.createElement("article"), header = document.createElement("header"), name = document.createElement("b"), tokens = document.createElement("div");
    name.textContent = event.column;
    made.className = "card";
    made.dataset.tokenizer = event.column.split(/[:@]/)[0];
    header.append(name, span(event.rejection ? "" : `${event.tokens.length} tokens of a vocabulary of ${event.vocabulary_size.toLocaleString("en")}`));
    tokens.append(...(event.rejection ? [event.rejection] : event.tokens.map((part) => { const box = part.text.trim() || !part.text ? token(part) : span(spaced(part.text)); box.className = "token"; return box; })));
    made.append(header, tokens);
    cuts.append(made);
  });
});

// One passage at a time in a random order, the score so far, and at the end the right answers by writer.
form("guess").addEventListener("submit", async (submission) => {
  submission.preventDefault();
  const status = form("guess").querySelector("[role=status]"), passage = form("passage"), choice = form("choice"), score = form("score");
  const response = await fetch("/passages?" + new URLSearchParams(SIDES.map((side) => ["model", models[side].value]))), answer = await response.json();
  if (!response.ok || !answer.passages.length) {
    status.textContent = answer.error || "These models have no saved texts. Choose models with samples.";
    return;
  }
  const order = answer.passages.map((pair) => [Math.random(), ...pair]).sort((a, b) => a[0] - b[0]), said = [];
  const next = () => {
    const right = said.filter(([, correct]) => correct).length, over = said.length === order.length;
    status.textContent = over ? `The end: ${right} of ${order.length} are right.` : `${said.length + 1} of ${order.length}; ${right} right so far.`;
    passage.textContent = over ? "" : `… ${order[said.length][1]} …`;
    passage.hidden = choice.hidden = over;
    score.hidden = !over;
    score.tBodies[0].replaceChildren(...[...new Set(said.map(([writer]) => writer))].map((writer) => {
      const line = document.createElement("tr"), of = said.filter((one) => one[0] === writer);
      for (const text of [writer, of.length, of.filter((one) => one[1]).length]) line.insertCell().textContent = text;
      return line;
    }));
    (over ? score : passage).focus();
  };
  choice.onclick = ({ target }) => {
    if (!target.dataset.said) return;
    const writer = order[said.length][2];
    said.push([writer, (writer === "the author") === (target.dataset.said === "author")]);
    next();
  };
  next();
});
