// P(surface | class): what a rare word, or a character that training lacks, costs letter by letter.
(() => {
  // One of what training never showed, all equally likely. It keeps no state.
  live.UniformSpeller = class {
    constructor({ speller }) {
      this.each = Math.log2(speller.outcomes);
    }

    start() {
      return this;
    }

    bits() {
      return this.each;
    }

    observe() {}
  };

  const BEGIN = "\ud801", UNSEEN = "\ud802", END = 0, ESCAPE = 1; // as in spelling/ngram.py and spelling/word_spelling.py
  const NGRAM_DISCOUNT = 0.75, NGRAM_STRENGTH = 3, FLOOR = 2 ** -23, CACHE_DISCOUNT = 0.5, LONGEST_REMEMBERED = 100, UNICODE_SCALARS = 0x10f800;

  // Counts of the symbols after each context: of one class, or of all.
  class Counts extends Map {
    count(context, symbols) {
      let after = this.get(context);
      if (!after) this.set(context, after = new Map());
      for (const symbol of symbols) after.set(symbol, (after.get(symbol) || 0) + 1);
    }
  }

  // Interpolated Kneser–Ney over types, with a chain of contexts that alternates between the class and all classes.
  class NGram {
    constructor({ order, types, escape_share: escapeShare }, symbols, spell) {
      Object.assign(this, { order, symbols, escapeShare, classes: new Map(), all: new Counts() });
      for (const [name, surfaces] of Object.entries(types)) this.classes.set(name, this.counted(surfaces, spell));
      for (const counts of this.classes.values()) for (const [context, after] of counts) this.all.count(context, after.keys());
    }

    counted(surfaces, spell) {
      const levels = Array.from({ length: this.order }, () => new Counts());
      for (const surface of surfaces) {
        const history = [BEGIN, ...surface];
        spell(surface).forEach((symbol, i) => {
          const context = history.slice(Math.max(0, i + 2 - this.order), i + 1);
          levels[context.length].count(context.join(""), [symbol]);
        });
      }
      for (let length = this.order - 1; length > 0; length -= 1) {
        for (const [context, after] of levels[length]) levels[length - 1].count(shorter(context), after.keys());
      }
      return new Counts(levels.flatMap((level) => [...level]));
    }

    // P(symbol | class, prefix): ε for the escape, 1 − ε for the others.
    distribution(name, prefix) {
      const own = this.classes.get(name), chain = [];
      let context = this.order > 1 ? [BEGIN, ...prefix].slice(1 - this.order).join("") : "";
      for (;; context = shorter(context)) {
        if (own) chain.unshift(own.get(context));
        chain.unshift(this.all.get(context));
        if (!context) break;
      }
      const shares = new Float64Array(this.symbols).fill(1 / (this.symbols - 1));
      shares[ESCAPE] = 0;
      for (const after of chain) {
        if (!after) continue;
        let total = NGRAM_STRENGTH;
        for (const times of after.values()) total += times;
        const lower = (NGRAM_STRENGTH + NGRAM_DISCOUNT * after.size) / total;
        for (let symbol = 0; symbol < shares.length; symbol += 1) shares[symbol] *= lower;
        for (const [symbol, times] of after) shares[symbol] += (times - NGRAM_DISCOUNT) / total;
      }
      for (let symbol = 0; symbol < shares.length; symbol += 1) shares[symbol] *= 1 - this.escapeShare;
      shares[ESCAPE] = this.escapeShare;
      return floored(shares);
    }
  }
  const shorter = (context) => context.slice(context.codePointAt(0) > 0xffff ? 2 : 1);
  const floored = (shares) => shares.map((share) => share * (1 - shares.length * FLOOR) + FLOOR);

  // Weighted surfaces of each class, and of null for all classes, looked up by prefix.
  class Memory {
    constructor() {
      this.classes = new Map();
    }

    add(name, surface, symbols, weight) {
      if (!this.classes.has(name)) this.classes.set(name, new Map());
      const prefixes = this.classes.get(name);
      let prefix = "";
      Array.from(symbols, (symbol, i) => {
        const after = prefixes.get(prefix) || new Map();
        after.set(symbol, (after.get(symbol) || 0) + weight);
        prefixes.set(prefix, after);
        prefix += surface[i] || "";
      });
    }

    after(name, prefix) {
      return this.classes.get(name)?.get(prefix) || NOTHING;
    }

    total(name) {
      return sum(this.after(name, ""));
    }
  }
  const NOTHING = new Map();
  const sum = (after) => {
    let total = 0;
    for (const weight of after.values()) total += weight;
    return total;
  };

  live.WordSpeller = class {
    constructor({ speller }) {
      Object.assign(this, speller);
      this.alphabet = ["", "", ...speller.characters]; // by symbol
      this.index = new Map(this.alphabet.map((character, symbol) => [character, symbol]).slice(2));
      this.unseen = Math.log2(UNICODE_SCALARS - speller.characters.filter((character) => character !== live.JOINER).length);
      this.ngram = new NGram(speller, this.alphabet.length, (surface) => this.spell(surface));
      this.allowed = speller.within_shape ? live.withinShape(speller.endings) : null;
      this.remembered = new Memory();
      for (const [name, counts] of Object.entries(speller.lexicon)) {
        for (const [surface, times] of Object.entries(counts)) {
          const letters = Array.from(surface);
          if (letters.length <= LONGEST_REMEMBERED) this.remembered.add(name, letters, this.spell(letters), times);
        }
      }
    }

    spell(letters) {
      return [...Array.from(letters, (letter) => this.index.get(letter) ?? ESCAPE), END];
    }

    distribution(name, letters) {
      const plain = letters.slice(-this.order).map((letter) => (this.index.has(letter) ? letter : UNSEEN));
      const shares = this.ngram.distribution(name, plain);
      const may = this.allowed && this.allowed(name, letters.join(""), ["", ...this.alphabet.slice(2)]);
      if (!may) return shares;
      const within = shares.map((share, symbol) => (symbol === ESCAPE || may[symbol === END ? 0 : symbol - 1] ? share : 0));
      const total = within.reduce((a, b) => a + b, 0);
      return floored(within.map((share) => share / total));
    }

    start() {
      return new Spelling(this);
    }
  };

  // What a document has spelled so far: its words are likelier the next time.
  class Spelling {
    constructor(speller) {
      Object.assign(this, { speller, cache: new Memory(), different: new Map(), seen: new Set() });
    }

    // The weights of the n-gram and of each memory for the next surface of a class.
    weights(name) {
      const { lexicon_share: lexiconShare, concentration, shared_concentration: shared, remembered } = this.speller;
      const different = (of) => CACHE_DISCOUNT * (this.different.get(of) || 0), total = remembered.total(name);
      let below = 1, sharedWeight = 0;
      if (concentration !== null) {
        below = concentration + different(name);
        if (shared !== null) {
          const rest = shared + different(null);
          sharedWeight = below / (rest + this.cache.total(null));
          below = sharedWeight * rest;
        }
      }
      const share = total ? lexiconShare : 0;
      const memories = [[this.cache, name, 1], [this.cache, null, sharedWeight], [remembered, name, total ? below * share / total : 0]];
      return { ngram: below * (1 - share), memories: memories.filter(([, , weight]) => weight) };
    }

    bits(name, surface) {
      const { speller } = this, letters = Array.from(surface), symbols = speller.spell(letters), weights = this.weights(name);
      let plain = "", likelihood = 1, total = 0;
      symbols.forEach((symbol, i) => {
        const ngram = speller.distribution(name, letters.slice(0, i))[symbol];
        total -= Math.log2(this.mixed(weights, plain, likelihood, ngram, symbol));
        likelihood *= ngram;
        total += symbol === ESCAPE ? speller.unseen : 0;
        plain += symbol === ESCAPE ? UNSEEN : letters[i] || "";
      });
      return total;
    }

    mixed(weights, plain, likelihood, ngram, symbol) {
      const memories = weights.memories.map(([memory, name, weight]) => [memory.after(name, plain), weight]);
      if (!memories.some(([after]) => after.size)) return ngram;
      let total = weights.ngram * likelihood, own = ngram * total;
      for (const [after, weight] of memories) {
        own += (after.get(symbol) || 0) * weight;
        total += sum(after) * weight;
      }
      return own / total * (1 - this.speller.alphabet.length * FLOOR) + FLOOR;
    }

    observe(name, surface) {
      const letters = Array.from(surface, (letter) => (this.speller.index.has(letter) ? letter : UNSEEN));
      if (this.speller.concentration === null || letters.length > LONGEST_REMEMBERED) return;
      if (this.add(name, letters)) this.add(null, letters);
    }

    add(name, letters) {
      const key = (name === null ? "" : "=" + name) + "\u0000" + letters.join(""), fresh = !this.seen.has(key);
      this.seen.add(key);
      this.different.set(name, (this.different.get(name) || 0) + fresh);
      this.cache.add(name, letters, this.speller.spell(letters), 1 - CACHE_DISCOUNT * fresh);
      return fresh;
    }
  }
})();
