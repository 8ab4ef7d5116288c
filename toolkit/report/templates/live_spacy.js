// spaCy's tokenizer, with the rules of a language: exceptions, prefixes, suffixes and infixes, and what is never cut.
(() => {
  const MOST_KEPT = 20000; // chunks whose tokens are remembered

  live.SpacyTokenizer = class {
    constructor(rules) {
      const pattern = (name, flags = "") => rules[name] && new RegExp(rules[name][0], rules[name][1] + flags);
      this.prefix = pattern("prefix_search");
      this.suffix = pattern("suffix_search");
      this.infix = pattern("infix_finditer", "g");
      this.whole = [pattern("token_match", "y"), pattern("url_match", "y")];
      this.rules = new Map(Object.entries(rules.rules));
      this.kept = [new Map(), new Map()]; // by whether exceptions count
      this.cutExceptions = new Map(); // by their first token: exceptions that are cut otherwise, as tokens
      for (const text of this.rules.keys()) {
        if (rules.faster_heuristics && !text.includes(" ") && !this.found(this.prefix, text) && !this.found(this.suffix, text) && !text.match(this.infix || /^$/)) continue;
        const tokens = this.affixes(text, 0).map((token) => token.text), [first] = tokens;
        this.cutExceptions.set(first, [...(this.cutExceptions.get(first) || []), tokens]);
      }
    }

    found(pattern, text) {
      const match = pattern ? pattern.exec(text) : null;
      return match ? match[0].length : 0;
    }

    matches(pattern, text) {
      if (!pattern) return false;
      pattern.lastIndex = 0;
      return pattern.test(text);
    }

    // Tokens of a text: their texts and where they start, white space other than single spaces included.
    tokens(text) {
      const tokens = this.affixes(text, 1), spans = this.spans(tokens);
      return spans.length ? this.withExceptions(text, tokens, spans) : tokens;
    }

    affixes(text, exceptions) {
      const tokens = [];
      const add = (start, end) => {
        for (const piece of this.chunk(text.slice(start, end), exceptions)) {
          tokens.push({ text: piece, start });
          start += piece.length;
        }
      };
      let start = 0, inSpace;
      for (let i = 0; i < text.length; i += 1) {
        const space = live.isSpace(text[i]);
        if (inSpace !== undefined && space !== inSpace) {
          if (start < i) add(start, i);
          start = text[i] === " " ? i + 1 : i;
        }
        inSpace = space;
      }
      if (start < text.length) add(start, text.length);
      return tokens;
    }

    chunk(text, exceptions) {
      const kept = this.kept[exceptions];
      if (!kept.has(text)) {
        if (kept.size > MOST_KEPT) kept.clear();
        kept.set(text, (exceptions && this.rules.get(text)) || this.cut(text, exceptions));
      }
      return kept.get(text);
    }

    cut(text, exceptions) {
      const before = [], after = [], rule = (piece) => exceptions && piece && this.rules.has(piece);
      for (let last = -1; text && text.length !== last;) {
        if (this.matches(this.whole[0], text) || rule(text)) break;
        last = text.length;
        const prefix = this.found(this.prefix, text);
        if (prefix && rule(text.slice(prefix))) {
          before.push(text.slice(0, prefix));
          text = text.slice(prefix);
          break;
        }
        const suffix = this.found(this.suffix, text.slice(prefix));
        if (suffix && rule(text.slice(0, -suffix))) {
          after.unshift(text.slice(-suffix));
          text = text.slice(0, -suffix);
          break;
        }
        if (prefix) before.push(text.slice(0, prefix));
        if (suffix && prefix + suffix <= text.length) after.unshift(text.slice(text.length - suffix));
        text = text.slice(prefix, suffix && prefix + suffix <= text.length ? text.length - suffix : undefined);
      }
      return [...before, ...(text ? this.inner(text, exceptions) : []), ...after];
    }

    // What is left between prefixes and suffixes.
    inner(text, exceptions) {
      if (exceptions && this.rules.has(text)) return this.rules.get(text);
      if (this.whole.some((pattern) => this.matches(pattern, text)) || !this.infix) return [text];
      const pieces = [];
      let start = 0;
      for (const { index, 0: { length } } of text.matchAll(this.infix)) {
        if (index === 0) continue;
        if (index !== start) pieces.push(text.slice(start, index));
        if (length) pieces.push(text.slice(index, index + length));
        start = index + length;
      }
      if (start < text.length) pieces.push(text.slice(start));
      return pieces;
    }

    // Where exceptions that are cut otherwise stand: the longest first, then the first; none overlaps one before it.
    spans(tokens) {
      const all = [];
      tokens.forEach((token, start) => {
        for (const texts of this.cutExceptions.get(token.text) || []) {
          if (texts.every((text, i) => tokens[start + i]?.text === text)) all.push({ start, end: start + texts.length });
        }
      });
      all.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
      const seen = new Set(), kept = [];
      for (const span of all) {
        if (!seen.has(span.start) && !seen.has(span.end - 1)) kept.push(span);
        for (let i = span.start; i < span.end; i += 1) seen.add(i);
      }
      return kept;
    }

    withExceptions(text, tokens, spans) {
      const by = new Map(spans.map((span) => [span.start, span])), whole = [];
      for (let i = 0; i < tokens.length; i += 1) {
        const span = by.get(i), last = span && tokens[span.end - 1];
        const pieces = span && this.rules.get(text.slice(tokens[i].start, last.start + last.text.length));
        if (!pieces) {
          whole.push(tokens[i]);
          continue;
        }
        let { start } = tokens[i];
        for (const piece of pieces) {
          whole.push({ text: piece, start });
          start += piece.length;
        }
        i = span.end - 1;
      }
      return whole;
    }

    // Whether a token is an address, whose dashes are not cut.
    isAddress(text) {
      if (/^https?:\/\/|^www\../u.test(text)) return true;
      return !/^\.|\.$|@/u.test(text) && text.includes(".") && this.matches(this.whole[1], text);
    }
  };

  const DASHES = /-{2,}/gu, LETTER = /[\p{L}\p{N}]/u;

  // What a token is cut into: before, between and after its dashes that have a letter or digit on either side.
  const dashParts = (token) => {
    const cut = [];
    let start = 0;
    for (const { index, 0: dashes } of token.matchAll(DASHES)) {
      if (!LETTER.test(token.slice(0, index)) || !LETTER.test(token.slice(index + dashes.length))) continue;
      cut.push(token.slice(start, index), dashes);
      start = index + dashes.length;
    }
    return [...cut, token.slice(start)].filter(Boolean);
  };

  // The tokens of a text, paragraph by paragraph, with the dashes between words cut if the column cuts them.
  live.spacyTokens = (tokenizer, text, cutsDashes) => {
    const tokens = [];
    let place = 0;
    for (const [piece] of text.matchAll(/[^]*?\n{2,}|[^]+$/gu)) {
      for (const token of tokenizer.tokens(piece)) {
        const parts = !cutsDashes || tokenizer.isAddress(token.text) ? [token.text] : dashParts(token.text);
        const pieces = parts.length === 1 ? parts : parts.flatMap((part) => tokenizer.tokens(part).map((inner) => inner.text));
        let start = place + token.start;
        for (const inner of pieces) {
          tokens.push({ start, end: start + inner.length });
          start += inner.length;
        }
      }
      place += piece.length;
    }
    return tokens;
  };
})();
