// Tables that can be sorted by their headings, and everything that can be taken along: tables as CSV, Markdown or LaTeX, charts as SVG.
(() => {
  const plain = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("small").forEach((note) => note.replaceWith(" " + note.textContent));
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  // A number as Python writes it for the page: 1,234, −0.5, 3.2 × 10⁹, ∞, > 99.9 % or ≤ 0.0001.
  const value = (cell) => {
    const [first] = cell.cloneNode(true).childNodes;
    const plainly = (first ? first.textContent : "").replace(/,/g, "").replace(/−/g, "-").replace("∞", "Infinity").replace(/^\s*[<>≤]\s*/, "").trim();
    const text = plainly.replace(/ × 10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/, (_, power) => "e" + [...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join(""));
    return text === "" || isNaN(parseFloat(text)) ? text : parseFloat(text);
  };

  document.querySelectorAll("table.sortable").forEach((table) => {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells], body = table.tBodies[0];
    const shift = table.tHead.rows.length > 1 ? 1 : 0; // the first column's heading spans both rows
    heads.forEach((head, i) => {
      const button = document.createElement("button");
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [row, row.cells[i + shift] ? value(row.cells[i + shift]) : ""]);
        const empty = ([, x]) => typeof x !== "number";
        rows.sort((a, b) => empty(a) - empty(b) || (empty(a) ? 0 : (up ? 1 : -1) * (a[1] - b[1])));
        body.append(...rows.map(([row]) => row));
      });
    });
  });

  const save = (name, type, content) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  // The texts of a table's cells, line by line: one that spans lines stands in each, one that spans columns in the first.
  const rows = (table) => {
    const lines = [...table.rows].map(() => []);
    lines.forEach((line, i) => [...table.rows[i].cells].forEach((cell) => {
      let place = 0;
      while (line[place] !== undefined) place += 1;
      lines.slice(i, i + cell.rowSpan).forEach((spanned) => {
        for (let j = 0; j < cell.colSpan; j += 1) spanned[place + j] = j ? "" : plain(cell);
      });
    }));
    return lines;
  };
  const csv = (table) => rows(table).map((row) => row.map((text) => /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text).join(",")).join("\r\n") + "\r\n";
  const markdown = (table) => {
    const lines = rows(table), width = Math.max(...lines.map((line) => line.length));
    const line = (cells) => "| " + Array.from({ length: width }, (_, i) => (cells[i] || "").replace(/\|/g, "\\|")).join(" | ") + " |";
    return [line(lines[0]), line(Array(width).fill("---")), ...lines.slice(1).map(line)].join("\n") + "\n";
  };
  // For LaTeX with the package booktabs.
  const SIGNS = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "±": "$\\pm$", "×": "$\\times$", "≤": "$\\leq$", "∞": "$\\infty$", "–": "--", "…": "\\dots{}" };
  const POWERS = /[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g;
  const escaped = (text) => text.replace(/[\\{}$&#%_~^−±×≤∞–…]/g, (sign) => SIGNS[sign] || "\\" + sign)
    .replace(POWERS, (power) => "$^{" + [...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join("") + "}$");
  const latex = (table) => {
    const lines = rows(table), heads = table.tHead ? table.tHead.rows.length : 0, width = Math.max(...lines.map((line) => line.length));
    const line = (cells) => Array.from({ length: width }, (_, i) => escaped(cells[i] || "")).join(" & ").replace(/^[[*]/, "{$&}") + " \\\\"; // a line end would take these for its own
    const body = lines.slice(heads), number = (text) => /^[−+]?[\d∞]/.test(text || "");
    const sides = Array.from({ length: width }, (_, i) => (body.some((cells) => number(cells[i])) && i ? "r" : "l")).join("");
    return ["\\begin{tabular}{" + sides + "}", "\\toprule", ...lines.slice(0, heads).map(line), "\\midrule", ...body.map(line), "\\bottomrule", "\\end{tabular}"].join("\n") + "\n";
  };
  const title = (place) => {
    const section = place.closest("section"), parts = [];
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) parts.unshift(fold.querySelector("summary"));
    if (section) parts.unshift(section.querySelector("h2"));
    return parts.map((part) => part.textContent.replace(/\s+/g, " ").trim()).join(": ");
  };
  // Who hears the page hears what there is to scroll in.
  document.querySelectorAll("main [tabindex='0']:not([aria-label])").forEach((region) => {
    region.setAttribute("role", "group");
    region.setAttribute("aria-label", title(region));
  });
  const named = new Map(); // how many entries have a label
  const numbered = (label) => {
    named.set(label, (named.get(label) || 0) + 1);
    return named.get(label) > 1 ? `${label} (${named.get(label)})` : label;
  };
  const filename = (label, kind) => label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") + "." + kind;

  const list = document.getElementById("downloads");
  if (!list) return;
  const entry = (label, choices) => {
    const item = document.createElement("li");
    item.append(label + " ");
    choices.forEach(([kind, get]) => {
      const button = document.createElement("button");
      button.textContent = kind;
      button.setAttribute("aria-label", label + " as " + kind);
      button.addEventListener("click", async () => save(filename(label, { Markdown: "md", LaTeX: "tex" }[kind] || kind.toLowerCase()), "text/plain", await get()));
      item.append(button, " ");
    });
    list.append(item);
  };
  document.querySelectorAll("main table").forEach((table) => entry(numbered(title(table)), [["CSV", () => csv(table)], ["Markdown", () => markdown(table)], ["LaTeX", () => latex(table)]]));
  const svg = async (view) => {
    await view.width(720).runAsync();
    const drawn = await view.toSVG();
    dispatchEvent(new Event("resize")); // on the page it is as wide as its place again
    return drawn;
  };
  document.querySelectorAll("main .chart").forEach((place) => entry(numbered(place.getAttribute("aria-label")), [["SVG", () => svg(chartViews[place.id.replace("chart-", "")])]]));
  document.getElementById("downloads-fold").hidden = false;
})();
