// Passages one at a time, in a random order; the tally comes at the end, with the interval of each share.
(() => {
  const test = JSON.parse(document.getElementById("data").textContent).blind, place = document.getElementById("blind-test");
  if (!test || !place) return;
  const part = (name) => document.getElementById("blind-" + name);
  const key = "toolkit blind " + test.test; // another comparison of this corpus has other passages
  let order = [], votes = [];
  const kept = () => { try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; } };
  const keep = () => { try { localStorage.setItem(key, JSON.stringify(votes)); } catch { /* a page of a file may not keep anything */ } };
  const show = () => {
    const next = order[votes.length], done = next === undefined;
    part("passage").textContent = done ? "" : "… " + test.passages[next][0] + " …";
    part("choice").hidden = done;
    part("start").hidden = true;
    part("progress").textContent = done ? "" : (votes.length + 1) + " of " + order.length;
    part("result").hidden = !done;
    if (!done) return;
    const body = part("result").querySelector("tbody"), by = new Map();
    votes.forEach((vote) => by.set(vote.writer, [...(by.get(vote.writer) || []), vote.said === "author"]));
    body.replaceChildren(...[...by].map(([writer, of]) => {
      const row = document.createElement("tr"), taken = of.filter(Boolean).length;
      [writer, taken + " of " + of.length, test.intervals[of.length][taken]].forEach((text, i) => {
        const cell = document.createElement(i ? "td" : "th");
        cell.textContent = text;
        if (i) cell.className = "n"; else cell.scope = "row";
        row.append(cell);
      });
      return row;
    }));
    keep();
  };
  const begin = () => {
    votes = [];
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
    part(votes.length < order.length ? "passage" : "result").focus();
  };
  part("start").addEventListener("click", begin);
  part("again").addEventListener("click", begin);
  part("choice").querySelectorAll("button").forEach((button) => button.addEventListener("click", () => {
    const [passage, writer] = test.passages[order[votes.length]];
    votes.push({ passage, writer, said: button.dataset.said });
    shown();
  }));
  part("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify({ version: 1, corpus: test.corpus, votes }, null, 1)], { type: "application/json" }));
    link.download = "votes.json";
    link.click();
  });
  place.hidden = false;
  votes = kept();
  if (votes.length === test.passages.length) {
    order = votes.map(() => undefined);
    show();
  } else votes = [];
})();
