// A column that reads a text event by event: what has not changed since the last text is not read again.
(() => {
  live.Column = class {
    constructor(tables) {
      this.network = new live.Network(tables);
      this.reserve = new live.Reserve(tables);
      this.endings = tables.arrays.ending;
      this.spelled = new Map(tables.spelled); // the class by id
      this.tokenizer = live.tokenizer(tables);
      this.speller = live.speller(tables);
    }
  };

  live.tokenizer = (tables) => new live[tables.tokenizer.kind](tables);
  live.speller = (tables) => new live[tables.speller.kind](tables);

  const key = ({ id, classes, surface, end }) => [id, classes, surface, end].join("\u0000");

  live.Reader = class {
    constructor(column) {
      this.column = column;
      this.text = "";
      this.places = [{ state: column.network.fed(null, 0) }]; // before each event, and after the last
      this.events = [];
      this.read = 0;
    }

    // Take a text, or what the events of a prompt cover of it; ``advance`` reads it.
    take(text, events = this.column.tokenizer.events(text)) {
      let same = 0;
      while (same < Math.min(this.read, events.length) && key(events[same]) === key(this.events[same])) same += 1;
      for (let i = 0; i < same; i += 1) events[i] = this.events[i];
      Object.assign(this, { text: text.slice(0, events.at(-1)?.end ?? 0), events, read: same });
      this.places.length = same + 1;
      this.spelling = this.column.speller.start();
      for (const { chosen, surface } of events.slice(0, same)) if (surface !== undefined) this.spelling.observe(this.column.spelled.get(chosen), surface);
    }

    get done() {
      return this.read === this.events.length;
    }

    distribution(place) {
      const here = this.places[place];
      here.distribution ||= this.column.reserve.distribution(this.column.network.logits(here.state));
      return here.distribution;
    }

    // −log2 of the probability that the event after a place does not go on with a word.
    ending(place) {
      const { endings } = this.column, shares = this.distribution(place);
      let ended = 0;
      for (let id = 0; id < shares.length; id += 1) if (endings[id]) ended += shares[id];
      return -Math.log2(ended);
    }

    // Read until all is read, or until a time (performance.now).
    advance(until = Infinity) {
      const { column, events, places } = this;
      while (!this.done && performance.now() < until) {
        const event = events[this.read];
        event.ending = this.ending(this.read);
        Object.assign(event, this.cheapest(event, this.distribution(this.read)));
        if (event.surface !== undefined) this.spelling.observe(column.spelled.get(event.chosen), event.surface);
        const { state } = places[this.read];
        delete places[this.read].distribution;
        const outside = column.reserve.outside.some(([id]) => id === event.chosen);
        places.push({ state: outside ? state : column.network.fed(state, event.chosen) });
        this.read += 1;
      }
    }

    // The id that stands for an event, and its bits with those of the spelling behind it; of several ids the cheapest.
    cheapest({ id, classes, surface }, distribution) {
      let best = { bits: Infinity };
      for (const candidate of classes || [id]) {
        const spelled = surface === undefined ? 0 : this.spelling.bits(this.column.spelled.get(candidate), surface);
        const bits = spelled - Math.log2(distribution[candidate]);
        if (bits < best.bits) best = { chosen: candidate, bits };
      }
      return best;
    }

    get bits() {
      return this.events.reduce((sum, event) => sum + event.bits, 0);
    }

    // What the end of the document would cost after the text.
    get end() {
      return -Math.log2(this.distribution(this.read)[0]);
    }

    pieces() {
      return live.pieces(this.text, this.events, this.ending(this.read));
    }
  };

  // A column that goes on writing after a reader's text: each call gives more text.
  live.Writer = class {
    constructor(reader, temperature) {
      this.column = reader.column;
      this.state = reader.places[reader.read].state;
      this.temperature = temperature;
      this.write = this.column.tokenizer.writer(reader.text, reader.events);
    }

    next() {
      const { network, reserve } = this.column, logits = network.logits(this.state);
      let largest = -Infinity, total = 0;
      const may = (id) => id > 0 && reserve.trained[id]; // neither <doc> nor what training never showed
      for (let id = 0; id < logits.length; id += 1) if (may(id) && logits[id] > largest) largest = logits[id];
      const weights = logits.map((logit, id) => (may(id) ? Math.exp((logit - largest) / this.temperature) : 0));
      for (const weight of weights) total += weight;
      let left = Math.random() * total, id = weights.findLastIndex((weight) => weight > 0);
      for (let i = 0; i < weights.length; i += 1) if ((left -= weights[i]) < 0) { id = i; break; }
      this.state = network.fed(this.state, id);
      return this.write(id);
    }
  };
})();
