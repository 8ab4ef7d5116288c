// Passages one at a time, in a random order; the answers come at the end.
(() => {
  const passages = data.blind, part = (name) => at("blind-" + name);
  if (!passages?.length || !part("start")) return;
  let order = [], answers = [];
  const show = () => {
    const next = order[answers.length], done = next === undefined;
    part("passage").textContent = done ? "" : "… " + passages[next][0] + " …";
    part("choice").hidden = done;
    part("start").hidden = true;
    part("progress").textContent = done ? "" : (answers.length + 1) + " of " + order.length;
    part("result").hidden = !done;
    part(done ? "result" : "passage").focus(); // read out, and reached by the keyboard
    if (!done) return;
    const right = (i) => (answers[i] === "author") === (passages[order[i]][1] === "the author");
    part("score").textContent = "You were right " + order.filter((_, i) => right(i)).length + " times of " + order.length + ".";
    part("answers").replaceChildren(...order.map((place, i) => {
      const [text, writer] = passages[place], line = make("li");
      line.append(make("b", writer), right(i) ? ", as you said. " : ", not as you said. ", make("span", "… " + text + " …", "txt"));
      return line;
    }));
  };
  const begin = () => {
    answers = [];
    order = passages.map((_, i) => [Math.random(), i]).sort((a, b) => a[0] - b[0]).map(([, i]) => i);
    show();
  };
  part("start").addEventListener("click", begin);
  part("again").addEventListener("click", begin);
  part("choice").querySelectorAll("button").forEach((button) => button.addEventListener("click", () => {
    answers.push(button.dataset.said);
    show();
  }));
})();
