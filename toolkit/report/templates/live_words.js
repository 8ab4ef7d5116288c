// Words without loss: how a text is cut into them, their marks, and the events that stand for them.
(() => {
  const JOINER = "\ud800"; // "no space here"
  const MARKS = new Map([["", 1], ["L", 2], ["R", 3], ["LR", 4]]);
  const CASES = [["lower", (folded) => folded], ["capital", (folded) => { const [first = "", ...others] = folded; return first.toUpperCase() + others.join(""); }], ["upper", (folded) => folded.toUpperCase()]];
  const cased = (folded, name) => CASES.find(([known]) => known === name)[1](folded);
  const fold = (text) => {
    const folded = text.toLowerCase();
    const [name] = CASES.find(([known]) => cased(folded, known) === text) || [];
    return name ? [folded, name] : [text, "lower"];
  };
  const unmarked = (surface) => [(surface.startsWith(JOINER) ? "L" : "") + (surface.endsWith(JOINER) ? "R" : ""), surface.replaceAll(JOINER, "")];
  live.JOINER = JOINER;

  // Spans with the marks that each must have, given who of two neighbours says that nothing is between them.
  const marked = (text, spans, says) => {
    const segments = spans.map(({ start, end }) => ({ start, end, text: text.slice(start, end), due: "", marks: "" }));
    segments.forEach((right, i) => {
      const left = segments[i - 1], teller = says(left ? left.text : "", right.text);
      if (!teller) return;
      const told = teller === "L" ? right : left;
      told.due += teller;
      if ((left ? left.end : 0) === right.start) told.marks += teller;
    });
    return segments;
  };

  // spaCy's words, and runs of white space other than one space between two of them.
  live.SpacyWords = class {
    constructor(table) {
      this.tokenizer = new live.SpacyTokenizer(table);
      this.dashes = table.dashes;
    }

    cut(text) {
      const spans = [];
      let place = 0;
      const gap = (end) => { if (place < end && (text.slice(place, end) !== " " || place === 0 || end === text.length)) spans.push({ start: place, end }); };
      for (const { start, end } of live.spacyTokens(this.tokenizer, text, this.dashes)) {
        for (const match of text.slice(start, end).matchAll(NO_SPACE)) {
          const from = start + match.index;
          gap(from);
          place = from + match[0].length;
          spans.push({ start: from, end: place });
        }
      }
      gap(text.length);
      return marked(text, spans, (a, b) => (!a || live.isSpace(a) || live.isSpace(b) ? "" : live.isWord(b) && !live.isWord(a) ? "R" : "L"));
    }

    spaced([leftMarks, left], [rightMarks, right]) {
      if (!left || live.isSpace(left) || live.isSpace(right)) return false;
      return !(live.isWord(right) && !live.isWord(left) ? leftMarks.includes("R") : rightMarks.includes("L"));
    }

    impliesEnd(text) {
      return text.endsWith(" ") && !live.isSpace(text.slice(-2, -1));
    }
  };
  const NO_SPACE = new RegExp(`[^${live.classes.SPACE}]+`, "gu");

  // Words between white space, and line ends, of text that is already tokenised.
  const PIECES = new RegExp(`\\n|(?:(?!\\n)[${live.classes.SPACE}])+|[^${live.classes.SPACE}]+`, "gu");
  const blank = (text) => live.isSpace(text) && text !== "\n";
  const teller = (left, right) => (blank(left) || blank(right) ? "" : right === "\n" || !left ? "L" : left === "\n" ? "R" : "");
  live.WhitespaceWords = class {
    cut(text) {
      const spans = [...text.matchAll(PIECES)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
      return marked(text, spans.filter(({ start, end }) => text.slice(start, end) !== " " || end === text.length), teller);
    }

    spaced([leftMarks, left], [rightMarks, right]) {
      const says = teller(left, right);
      if (!says) return !(blank(left) || blank(right));
      return says === "R" ? !leftMarks.includes("R") : !rightMarks.includes("L");
    }

    impliesEnd(text) {
      return text.endsWith(" ") && !blank(text.slice(-2, -1));
    }
  };

  // Strategies for rare words: the events of a surface that ends at a place.
  const STRATEGIES = {
    fixed: ({ first }) => (surface, end) => [{ id: first, surface, end }],
    listed: ({ first, classes, known }) => {
      const numbers = new Map(Object.entries(known)), all = Array.from({ length: classes }, (_, i) => first + i);
      return (surface, end) => [numbers.has(surface) ? { id: first + numbers.get(surface), surface, end } : { classes: all, surface, end }];
    },
    shape: ({ first, shapes, endings }) => (surface, end) => {
      const number = shapes.indexOf(live.shape(unmarked(surface)[1], endings));
      return [{ id: first + (number < 0 ? shapes.length : number), surface, end }];
    },
    spelled: ({ first, letters }) => {
      const numbers = new Map(Array.from(letters, (letter, i) => [letter, first + 3 + i]));
      return (surface, end, start) => {
        const word = unmarked(surface)[1], from = end - word.length, events = [{ id: first, end: start }];
        let covered = 0;
        for (const letter of surface) {
          covered += letter === JOINER ? 0 : letter.length;
          const id = numbers.get(letter), at = covered ? from + covered : start;
          events.push(id === undefined ? { id: first + 2, surface: letter, end: at } : { id, end: at });
        }
        return [...events, { id: first + 1, end }];
      };
    },
  };

  live.Lexical = class {
    constructor({ tokenizer }) {
      Object.assign(this, tokenizer); // kept, usualMarks, usualCases, marksCase, symbols, fillings, resting
      this.segmenter = new live[tokenizer.segmenter.kind](tokenizer.segmenter);
      this.firstSymbol = 5 + (this.marksCase ? CASES.length : 0);
      this.firstWord = this.firstSymbol + this.symbols.length;
      this.ids = new Map(this.kept.map((word, i) => [word, this.firstWord + i]));
      this.usualMarks = new Map(Object.entries(tokenizer.usualMarks));
      this.usualCases = new Map(Object.entries(tokenizer.usualCases));
      this.rare = STRATEGIES[tokenizer.strategy.kind]({ ...tokenizer.strategy, first: this.firstSymbol });
    }

    events(text) {
      const events = [];
      for (const { text: word, marks, due, end } of this.segmenter.cut(text)) {
        const start = events.length ? events[events.length - 1].end : 0;
        const [type, form] = this.marksCase ? fold(word) : [word, ""], id = this.ids.get(type);
        if (id === undefined) {
          events.push(...this.rare((marks.includes("L") ? JOINER : "") + word + (marks.includes("R") ? JOINER : ""), end, start));
          continue;
        }
        const usual = this.usualMarks.get(type) || "";
        const own = [..."LR"].filter((side) => (due.includes(side) ? marks : usual).includes(side)).join("");
        if (own !== usual) events.push({ id: MARKS.get(own), end: start });
        if (this.marksCase && form !== (this.usualCases.get(type) || "lower")) events.push({ id: 5 + CASES.findIndex(([name]) => name === form), end: start });
        events.push({ id, end });
      }
      return events;
    }

    prompt(text) {
      return this.events(this.segmenter.impliesEnd(text) ? text.slice(0, -1) : text);
    }

    // What each id that is drawn adds to the text: nothing until a word is whole.
    writer(text) {
      const last = this.segmenter.cut(text).pop();
      let left = last ? [last.marks, last.text] : ["", ""], marks = null, form = null, spelling = "";
      const added = (piece, before, placed = (word) => word) => {
        if (!piece[1]) return "";
        const space = this.segmenter.spaced(left, piece) ? " " : "";
        left = piece;
        return space + placed(piece[1], before + space);
      };
      let all = text;
      const write = (id) => {
        if (id >= this.firstWord) {
          const word = this.kept[id - this.firstWord], cut = added(unmarked(spelling), all);
          const folded = this.marksCase ? cased(word, form || this.usualCases.get(word) || "lower") : word;
          const piece = [marks === null ? this.usualMarks.get(word) || "" : marks, folded];
          [marks, form, spelling] = [null, null, ""];
          return cut + added(piece, all);
        }
        if (id >= this.firstSymbol) {
          const [name, letters, ends] = this.symbols[id - this.firstSymbol], filled = letters === null;
          spelling += filled ? this.filling(name) : letters;
          [marks, form] = [null, null];
          if (!ends) return "";
          const piece = unmarked(spelling);
          spelling = "";
          return added(piece, all, filled ? (word, before) => inPlace(word, before) : undefined);
        }
        const cut = added(unmarked(spelling), all);
        spelling = "";
        if (id <= MARKS.size) marks = [...MARKS.keys()][id - 1];
        else form = CASES[id - 5][0];
        return cut;
      };
      return (id) => {
        const more = write(id);
        all += more;
        return more;
      };
    }

    // A rare word of training of a class, drawn by its frequency, with the case that it has in running text.
    filling(name) {
      const words = Object.entries(this.fillings[name] || {}), total = words.reduce((sum, [, times]) => sum + times, 0);
      let left = Math.random() * total;
      const [surface] = words.find(([, times]) => (left -= times) < 0) || words[words.length - 1] || [""];
      return (this.resting[name] || {})[surface] || surface;
    }
  };

  // The case that a place asks for, from the text before it: that of a heading, of a sentence's beginning, or none.
  const SENTENCE_BEFORE = /(?:[.!?…]["'”’»)\]]*\s+|\n\s*\n\s*|[,:]\s+(?=["“‘«]))["'“‘«([]*$/u, OPENING = /^["'“‘«([ \n\t]*$/u, NEAR = 200;
  const inPlace = (word, before) => {
    const near = before.slice(-NEAR), letters = near.slice(near.lastIndexOf("\n") + 1).match(/\p{L}{2,}/gu) || [];
    const upper = letters.length && letters.every((judge) => judge === judge.toUpperCase() && judge !== judge.toLowerCase());
    const placed = cased(word, upper ? "upper" : OPENING.test(near) || SENTENCE_BEFORE.test(near) ? "capital" : "lower");
    return placed.length === word.length ? placed : word;
  };
})();
