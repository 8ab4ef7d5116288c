// Passages one at a time, in a random order; the tally comes at the end.
(() => {
  const test = JSON.parse(document.getElementById("data").textContent).blind, place = document.getElementById("blind-test");
  if (!test || !place) return;
  const part = (name) => document.getElementById("blind-" + name);
  let order = [], answers = [];
  const show = () => {
    const next = order[answers.length], done = next === undefined;
    part("passage").textContent = done ? "" : "… " + test.passages[next][0] + " …";
    part("choice").hidden = done;
    part("start").hidden = true;
    part("progress").textContent = done ? "" : (answers.length + 1) + " of " + order.length;
    part("result").hidden = !done;
    if (!done) return;
    const body = part("result").querySelector("tbody"), by = new Map();
    answers.forEach((answer) => by.set(answer.writer, [...(by.get(answer.writer) || []), answer.said === "author"]));
    body.replaceChildren(...[...by].map(([writer, of]) => {
      const row = document.createElement("tr"), taken = of.filter(Boolean).length;
      [writer, taken + " of " + of.length].forEach((text, i) => {
        const cell = document.createElement(i ? "td" : "th");
        cell.textContent = text;
        if (i) cell.className = "n"; else cell.scope = "row";
        row.append(cell);
      });
      return row;
    }));
  };
  const begin = () => {
    answers = [];
    order = test.passages.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    shown();
  };
  // What comes next is read out, and the keyboard goes on from there.
  const shown = () => {
    show();
    part(answers.length < order.length ? "passage" : "result").focus();
  };
  part("start").addEventListener("click", begin);
  part("again").addEventListener("click", begin);
  part("choice").querySelectorAll("button").forEach((button) => button.addEventListener("click", () => {
    const [, writer] = test.passages[order[answers.length]];
    answers.push({ writer, said: button.dataset.said });
    shown();
  }));
  place.hidden = false;
})();
