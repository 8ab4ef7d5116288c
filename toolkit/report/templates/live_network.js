"use strict";
// The networks of the living page: weights from the page, one event at a time, and the probabilities of the next event.
const live = {};
(() => {
  const ARRAYS = { int8: Int8Array, uint8: Uint8Array, float32: Float32Array };

  // Five characters for four bytes, as Python's base64.b85encode, but without characters that HTML or JSON would escape.
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%:()*+-;,=.?@^_`{|}~";
  const bytes = (text) => {
    const values = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, DIGITS.indexOf(String.fromCharCode(code))));
    const out = new DataView(new ArrayBuffer(Math.ceil(text.length / 5) * 4));
    for (let i = 0, k = 0; i < text.length; i += 5, k += 4) {
      let value = 0;
      for (let j = i; j < i + 5; j += 1) value = value * 85 + (j < text.length ? values[text.charCodeAt(j)] : 84);
      out.setUint32(k, value);
    }
    return out.buffer.slice(0, Math.floor(text.length * 4 / 5));
  };

  // What the page has of a column: a length, JSON of that length, and the arrays that it names, one after another; gzip in base85.
  live.unpacked = async (packed) => {
    const stream = new Blob([bytes(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
    const buffer = await new Response(stream).arrayBuffer();
    const length = new DataView(buffer).getUint32(0, true);
    const tables = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const arrays = {};
    let place = 4 + length;
    for (const { name, type, size } of tables.arrays) {
      const end = place + size * ARRAYS[type].BYTES_PER_ELEMENT;
      arrays[name] = new ARRAYS[type](buffer.slice(place, end));
      place = end;
    }
    return { ...tables, arrays };
  };

  // A matrix of rows as numbers: each row of integers times its scale.
  class Matrix {
    constructor(integers, scales) {
      this.rows = scales.length;
      this.width = integers.length / this.rows;
      this.weights = new Float32Array(integers.length);
      for (let row = 0, i = 0; row < this.rows; row += 1) for (let k = 0; k < this.width; k += 1, i += 1) this.weights[i] = integers[i] * scales[row];
    }

    row(number) {
      return this.weights.subarray(number * this.width, (number + 1) * this.width);
    }

    // The product (rows) with a vector (width), added to what is in ``out``.
    addProduct(vector, out) {
      const { rows, width, weights } = this, end = width - (width % 4);
      for (let row = 0, i = 0; row < rows; row += 1) {
        let a = 0, b = 0, c = 0, d = 0, k = 0;
        for (; k < end; k += 4, i += 4) {
          a += weights[i] * vector[k];
          b += weights[i + 1] * vector[k + 1];
          c += weights[i + 2] * vector[k + 2];
          d += weights[i + 3] * vector[k + 3];
        }
        for (; k < width; k += 1, i += 1) a += weights[i] * vector[k];
        out[row] += a + b + c + d;
      }
      return out;
    }
  }

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const plus = (vector, bias) => {
    const sum = new Float64Array(vector);
    for (let i = 0; i < sum.length; i += 1) sum[i] += bias[i];
    return sum;
  };

  // The cells: a layer's next state, its output first, from the projected input, the recurrent matrix, the bias and the state.
  const CELLS = {
    lstm(projected, recurrent, bias, [h, c]) {
      const n = h.length, z = recurrent.addProduct(h, plus(projected, bias)); // i, f, g, o
      const hidden = new Float32Array(n), cell = new Float32Array(n);
      for (let k = 0; k < n; k += 1) {
        cell[k] = sigmoid(z[n + k]) * c[k] + sigmoid(z[k]) * Math.tanh(z[2 * n + k]);
        hidden[k] = sigmoid(z[3 * n + k]) * Math.tanh(cell[k]);
      }
      return [hidden, cell];
    },
    gru(projected, recurrent, bias, [h]) {
      const n = h.length, x = plus(projected, bias); // z, r, g
      const product = recurrent.addProduct(h, new Float64Array(bias.subarray(3 * n)));
      const hidden = new Float32Array(n);
      for (let k = 0; k < n; k += 1) {
        const z = sigmoid(x[k] + product[k]), r = sigmoid(x[n + k] + product[n + k]);
        hidden[k] = z * h[k] + (1 - z) * Math.tanh(x[2 * n + k] + r * product[2 * n + k]);
      }
      return [hidden];
    },
  };
  const STATE = { lstm: 2, gru: 1 }; // arrays per layer

  // A network: its states are never changed, so that one can go on from any of them.
  live.Network = class {
    constructor({ network, arrays }) {
      const matrix = (name) => arrays[name] && new Matrix(arrays[name], arrays[name + "_scales"]);
      this.cell = CELLS[network.cell];
      this.input = matrix("input");
      this.output = matrix("output") || this.input;
      this.outputBias = arrays.output_bias;
      this.together = matrix("together"); // of an adaptive softmax
      this.togetherBias = arrays.together_bias;
      this.cutoff = network.cutoff;
      this.layers = Array.from({ length: network.layers }, (_, i) => ({ kernel: matrix("kernel" + i), recurrent: matrix("recurrent" + i), bias: arrays["bias" + i] }));
      this.zero = this.layers.map(() => Array.from({ length: STATE[network.cell] }, () => new Float32Array(network.units)));
    }

    // The state after reading an id; <doc>, which is 0, starts from the zero state.
    fed(state, id) {
      let x = this.input.row(id);
      return this.layers.map(({ kernel, recurrent, bias }, i) => {
        const projected = kernel ? kernel.addProduct(x, new Float64Array(kernel.rows)) : x;
        const after = this.cell(projected, recurrent, bias, id ? state[i] : this.zero[i]);
        [x] = after;
        return after;
      });
    }

    logits(state) {
      const [outputs] = state[state.length - 1];
      const logits = this.output.addProduct(outputs, new Float64Array(this.outputBias));
      if (this.together) { // of all ids from the cutoff on, which are first expected together
        const others = logits.subarray(this.cutoff), largest = others.reduce((a, b) => Math.max(a, b));
        const sum = others.reduce((total, logit) => total + Math.exp(logit - largest), 0);
        const [together] = this.together.addProduct(outputs, new Float64Array(this.togetherBias));
        for (let i = 0; i < others.length; i += 1) others[i] += together - largest - Math.log(sum);
      }
      return logits;
    }
  };

  // The probabilities of all ids: the softmax of those that training shows, a reserve for the others, and a floor.
  live.Reserve = class {
    constructor({ reserve, arrays }) {
      Object.assign(this, reserve);
      this.trained = arrays.trained;
      this.count = this.trained.reduce((sum, shown) => sum + shown, 0);
      this.inside = 1 - this.outside.reduce((sum, [, share]) => sum + share, 0);
    }

    distribution(logits) {
      const { trained, count } = this, shares = new Float64Array(trained.length);
      let largest = -Infinity, total = 0;
      for (let id = 0; id < trained.length; id += 1) if (trained[id] && logits[id] > largest) largest = logits[id];
      for (let id = 0; id < trained.length; id += 1) if (trained[id]) total += shares[id] = Math.exp(logits[id] - largest);
      const left = 1 - this.share - count * this.floor, untrained = trained.length - count - this.outside.length;
      for (let id = 0; id < trained.length; id += 1) shares[id] = this.inside * (trained[id] ? shares[id] / total * left + this.floor : this.share / untrained);
      for (const [id, share] of this.outside) shares[id] = share;
      return shares;
    }
  };
})();
