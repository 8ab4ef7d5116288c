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
})();
