// Byte pairs: a text cut by GPT-2's pattern, its bytes merged in the order in which the merges were learnt.
(() => {
  const SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // Unicode's white space
  const WORDS = new RegExp(`'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|[${SPACE}]+(?![^${SPACE}])|[${SPACE}]+`, "gu");
  // The character that stands for each byte: printable ones for themselves, the others from U+0100 on.
  const CHARACTERS = [], BYTES = new Map();
  for (let byte = 0, others = 256; byte < 256; byte += 1) {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    CHARACTERS.push(String.fromCharCode(printable ? byte : others));
    if (!printable) others += 1;
    BYTES.set(CHARACTERS[byte], byte);
  }

  live.BytePairs = class {
    constructor({ tokenizer }) {
      this.tokens = tokenizer.tokens;
      this.ids = new Map(tokenizer.tokens.map((token, id) => [token, id]));
      this.ranks = new Map(tokenizer.merges.map((pair, rank) => [pair.join(" "), rank]));
      this.other = tokenizer.other;
      this.letter = tokenizer.letter;
      this.kept = new Map();
    }

    merged(word) {
      const pieces = [...word];
      for (;;) {
        let best = Infinity, at = -1;
        for (let i = 0; i + 1 < pieces.length; i += 1) {
          const rank = this.ranks.get(pieces[i] + " " + pieces[i + 1]);
          if (rank < best) [best, at] = [rank, i];
        }
        if (at < 0) return pieces;
        pieces.splice(at, 2, pieces[at] + pieces[at + 1]);
      }
    }

    events(text) {
      const events = [], ends = [0]; // where the text's characters that are complete after so many bytes end
      let place = 0;
      for (const character of text) {
        for (let n = new TextEncoder().encode(character).length; n > 1; n -= 1) ends.push(place);
        ends.push(place += character.length);
      }
      let read = 0;
      for (const [word] of text.matchAll(WORDS)) {
        if (!this.kept.has(word)) this.kept.set(word, this.merged(Array.from(new TextEncoder().encode(word), (byte) => CHARACTERS[byte])));
        for (const token of this.kept.get(word)) {
          read += token.length;
          const id = this.ids.get(token), end = ends[read];
          events.push(id === undefined ? { id: this.other, surface: token, end } : { id, end });
        }
      }
      return events;
    }

    // As if a letter followed white space at the end: a word's token mostly includes the space before it.
    prompt(text) {
      const followed = this.events(live.isSpace(text.slice(-1)) ? text + this.letter : text);
      return followed.filter(({ end }) => end <= text.length);
    }

    // What each id that is drawn adds to the text; a character comes with the last of its bytes.
    writer() {
      const decoder = new TextDecoder();
      return (id) => decoder.decode(Uint8Array.from(this.tokens[id], (character) => BYTES.get(character)), { stream: true });
    }
  };
})();
