// Text as characters: the tokenizer of characters, and bits by character and by word.
(() => {
  const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // white space as Python has it
  const LETTER = "\\p{L}\\p{N}_"; // its \w
  const UNSPACED = "\\u3005\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}\\u3041-\\u309f\\u30a1-\\u30ff\\u31f0-\\u31ff\\uff66-\\uff9f";
  live.classes = { SPACE, LETTER };
  const ONLY_SPACE = new RegExp(`^[${SPACE}]+$`, "u");
  live.isSpace = (text) => ONLY_SPACE.test(text);
  live.isWord = (text) => /[\p{L}\p{N}]/u.test(text);

  // A text as the models take it; half a character, which a text cannot have, becomes U+FFFD.
  live.canonical = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/^\ufeff+/, "").replace(/\r+\n/g, "\n").normalize("NFC");

  // Events of a text: each is an id, or a surface with the classes that may stand for it, and where it ends in the text.
  live.Characters = class {
    constructor({ tokenizer }) {
      this.ids = new Map(Array.from(tokenizer.alphabet, (character, i) => [character, i + 2]));
      this.characters = ["", "", ...tokenizer.alphabet];
    }

    events(text) {
      let end = 0;
      return Array.from(text, (character) => {
        end += character.length;
        const id = this.ids.get(character);
        return id === undefined ? { id: 1, surface: character, end } : { id, end };
      });
    }

    // The events of a text that goes on.
    prompt(text) {
      return this.events(text);
    }

    // What each id that is drawn adds to the text after the prompt.
    writer() {
      return (id) => this.characters[id];
    }
  };

  // Start, end and first letter of each word, with the single space before it; in scripts without spaces each character is a word.
  const MARK = "(?![\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\ua9e0-\\ua9ff\\uaa60-\\uaa7f])\\p{M}"; // as in combining.py
  const LETTERS = `[${LETTER}]+(?:(?:${MARK})+[${LETTER}]*)*`; // and the marks on them
  const SPANS = new RegExp(`(?:(?<![${SPACE}]) )?(${LETTERS}(?:['’]${LETTERS})*)`, "gu");
  const INNER = new RegExp(`(?<=[${UNSPACED}])(?=[${LETTER}])|(?<=[${LETTER}]|${MARK})(?=[${UNSPACED}])(?!${MARK})`, "gu");
  live.wordSpans = (text) => {
    const inner = [...text.matchAll(INNER)].map((match) => match.index), spans = [];
    for (const match of text.matchAll(SPANS)) {
      let start = match.index, first = start + match[0].length - match[1].length;
      const last = start + match[0].length;
      for (const end of [...inner.filter((place) => first < place && place < last), last]) {
        spans.push({ start, first, end });
        start = first = end;
      }
    }
    return spans;
  };

  // Bits by place in the text (UTF-16), spread evenly over the characters that an event covers; what covers none goes to the next.
  const byCharacter = (text, events) => {
    const bits = new Float64Array(text.length + 1);
    let start = 0, carried = 0;
    for (const event of events) {
      const covered = [];
      for (let place = start; place < event.end; place += text.codePointAt(place) > 0xffff ? 2 : 1) covered.push(place);
      carried += covered.length ? 0 : event.bits;
      if (covered.length) {
        bits[start] += carried;
        carried = 0;
        for (const place of covered) bits[place] += event.bits / covered.length;
      }
      start = event.end;
    }
    bits[text.length] += carried;
    return bits;
  };

  // Pieces of the text with their bits: words, with the decision that they have ended, and what is between them.
  live.pieces = (text, events, ending) => {
    const bits = byCharacter(text, events), spans = live.wordSpans(text), before = new Map();
    let start = 0;
    for (const event of events) {
      if (!before.has(start)) before.set(start, event.ending);
      start = event.end;
    }
    if (!before.has(start)) before.set(start, ending);
    const runs = [...text.matchAll(SPANS)], places = new Set();
    for (const match of runs) {
      if (match.index && text[match.index] === " ") places.add(match.index);
      places.add(match.index + match[0].length);
    }
    for (const place of places) {
      const moved = before.get(place);
      if (moved === undefined) continue;
      bits[place - 1] += moved; // summed by piece, it does not matter to which half of a character
      bits[place] -= moved;
    }
    const pieces = [];
    const add = (from, to, word) => {
      if (from < to) pieces.push({ text: text.slice(from, to), bits: bits.subarray(from, to).reduce((sum, x) => sum + x, 0), word });
    };
    let place = 0;
    for (const { start: from, end } of spans) {
      add(place, from, false);
      add(from, end, true);
      place = end;
    }
    add(place, text.length, false);
    return pieces;
  };
})();
