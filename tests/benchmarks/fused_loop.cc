// The LSTM of toolkit/network/lstm.py with its whole loop over steps in one operation, forward and backward.
//
// For fused_loop.py, which compiles and checks it. It needs AVX-512, and AVX512_BF16 for products in bfloat16; a call
// runs in one thread. Arrays are float32, row by row: T steps, B rows, H units, a multiple of 64; the gates are in the
// order i, f, g, o. The weights are packed once per call, so that each step's product reads them from end to end; the
// gates of 16 units are computed right after their product.

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace {

using tensorflow::bfloat16;
using tensorflow::DEVICE_CPU;
using tensorflow::OpKernelContext;
using tensorflow::TensorShape;
using tensorflow::shape_inference::UnknownShape;

using Index = std::ptrdiff_t;
using Lanes = __m512;  // 16 float32 numbers, with the compiler's own + − · /
template <typename Number>
using Buffer = std::vector<Number, Eigen::aligned_allocator<Number>>;

constexpr Index LANES = 16;
constexpr int REGISTERS = 4;
constexpr Index COLUMNS = REGISTERS * LANES;  // of a panel of packed weights
constexpr int MOST_ROWS = 6;                  // of a tile: its 24 sums, 4 weights and a factor fit in 32 registers
constexpr Index DEPTH = 128;                  // rows of a panel at a time, which stay in the first cache

Lanes load(const float* values) { return _mm512_loadu_ps(values); }

void store(float* values, Lanes lanes) { _mm512_storeu_ps(values, lanes); }

Lanes all(float value) { return _mm512_set1_ps(value); }

// x within ±limit; what is not a number stays so.
Lanes clipped(Lanes x, float limit) { return _mm512_max_ps(all(-limit), _mm512_min_ps(all(limit), x)); }

// Horner's rule, from the coefficient of the highest power to the constant.
template <typename... Rest>
Lanes polynomial(Lanes x, float highest, Rest... rest) {
  Lanes sum = all(highest);
  ((sum = sum * x + rest), ...);
  return sum;
}

// e^x as in Cephes: x = n·ln 2 + r, with ln 2 in two parts, and a polynomial for e^r.
Lanes exponential(Lanes x) {
  x = clipped(x, 88.0f);
  const Lanes n = _mm512_roundscale_ps(x * 1.44269504f, _MM_FROUND_TO_NEAREST_INT);
  const Lanes r = x - n * 0.693359375f - n * -2.12194440e-4f;
  const Lanes p = polynomial(r, 1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                             1.6666665459e-1f, 5.0000001201e-1f);
  return _mm512_scalef_ps(p * r * r + (r + 1.0f), n);
}

Lanes sigmoid(Lanes x) { return 1.0f / (1.0f + exponential(-x)); }

// A quotient of polynomials, as in Eigen.
Lanes tanh(Lanes x) {
  x = clipped(x, 7.90531110763549805f);
  const Lanes y = x * x;
  const Lanes p = polynomial(y, -2.76076847742355e-16f, 2.00018790482477e-13f, -8.60467152213735e-11f,
                             5.12229709037114e-08f, 1.48572235717979e-05f, 6.37261928875436e-04f,
                             4.89352455891786e-03f);
  const Lanes q = polynomial(y, 1.19825839466702e-06f, 1.18534705686654e-04f, 2.26843463243900e-03f,
                             4.89352518554385e-03f);
  return x * p / q;
}

// One instruction of a product: 32 bits of a row's factors, in all lanes, with a register of weights.
Lanes multiply_add(const float* factor, const float* weights, Lanes sum) {
  return _mm512_fmadd_ps(all(*factor), load(weights), sum);
}

// What a product multiplies, in its precision: float32 numbers as they are.
const float* rounded(const float* values, Index, Buffer<float>&) { return values; }

#ifdef __AVX512BF16__
// Two factors side by side, each with its row of the weights.
Lanes multiply_add(const bfloat16* factors, const bfloat16* weights, Lanes sum) {
  int pair;
  std::memcpy(&pair, factors, sizeof(pair));
  return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32(pair), (__m512bh)_mm512_loadu_si512(weights));
}

const bfloat16* rounded(const float* values, Index count, Buffer<bfloat16>& buffer) {
  buffer.resize(count);
  for (Index at = 0; at < count; at += LANES) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(&buffer[at]), (__m256i)_mm512_cvtneps_pbh(load(values + at)));
  }
  return buffer.data();
}
#endif

// Rows of a panel that one instruction takes.
template <typename Number>
constexpr Index TAKEN = sizeof(float) / sizeof(Number);

// A panel (depth, 64) of the numbers weight(k, column); the rows that one instruction takes lie interleaved.
template <typename Number, typename Weight>
void pack(Number* panel, Index depth, const Weight& weight) {
  constexpr Index taken = TAKEN<Number>;
  for (Index k = 0; k < depth; k++) {
    for (Index column = 0; column < COLUMNS; column++) {
      panel[(k / taken * COLUMNS + column) * taken + k % taken] = static_cast<Number>(weight(k, column));
    }
  }
}

// sums (ROWS, 64) += factors (ROWS, depth) · panel (depth, 64), within matrices of these widths. The sums stay in
// registers. With fewer rows, the tile of that many is used.
template <int ROWS, typename Number>
void add_tile(Index rows, Index depth, const Number* factors, Index factors_width, const Number* panel, float* sums,
              Index sums_width) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) {
      return add_tile<ROWS - 1>(rows, depth, factors, factors_width, panel, sums, sums_width);
    }
  }
  Lanes tile[ROWS][REGISTERS] = {};
  for (Index k = 0; k < depth; k += TAKEN<Number>) {
    const Number* weights = panel + k * COLUMNS;
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++) {
#pragma GCC unroll 4
      for (int part = 0; part < REGISTERS; part++) {
        const Number* register_of_weights = weights + part * LANES * TAKEN<Number>;
        tile[row][part] = multiply_add(factors + row * factors_width + k, register_of_weights, tile[row][part]);
      }
    }
  }
  for (int row = 0; row < ROWS; row++) {
    for (int part = 0; part < REGISTERS; part++) {
      float* sum = sums + row * sums_width + part * LANES;
      store(sum, load(sum) + tile[row][part]);
    }
  }
}

// sums (rows, 64), within a matrix of this width, += factors (rows, depth) · panel (depth, 64): tile by tile, all rows
// with a part of the panel before the next part.
template <typename Number>
void add_product(Index rows, Index depth, const Number* factors, const Number* panel, float* sums, Index width) {
  const Index tiles = (rows + MOST_ROWS - 1) / MOST_ROWS;
  for (Index k = 0; k < depth; k += DEPTH) {
    for (Index tile = 0; tile < tiles; tile++) {
      const Index row = rows * tile / tiles;
      const Index count = rows * (tile + 1) / tiles - row;
      add_tile<MOST_ROWS>(count, std::min(DEPTH, depth - k), factors + row * depth + k, depth, panel + k * COLUMNS,
                          sums + row * width, width);
    }
  }
}

// A state (B, H) or its gradient, forgotten where keep (B,) is 0; also in place.
void keep_rows(Index rows, Index units, const float* keep, const float* state, float* kept) {
  for (Index row = 0; row < rows; row++) {
    for (Index at = row * units; at < (row + 1) * units; at += LANES) {
      store(kept + at, load(state + at) * keep[row]);
    }
  }
}

// 16 units of a row after a step, from their z (4, 16); also the gates and tanh c (5, H), for the gradient.
void step_units(Index units, const float* z, const float* cell_before, float* gates, float* cell, float* hidden) {
  const Lanes i = sigmoid(load(z));
  const Lanes f = sigmoid(load(z + LANES));
  const Lanes g = tanh(load(z + 2 * LANES));
  const Lanes o = sigmoid(load(z + 3 * LANES));
  const Lanes c = f * load(cell_before) + i * g;
  const Lanes tanh_c = tanh(c);
  store(gates, i);
  store(gates + units, f);
  store(gates + 2 * units, g);
  store(gates + 3 * units, o);
  store(gates + 4 * units, tanh_c);
  store(cell, c);
  store(hidden, o * tanh_c);
}

// Of 16 units of a row, the gradients of z (4, H) and, in the place of the cell's after the step, of the cell's before.
void step_units_back(Index units, const float* gates, const float* cell_before, Lanes d_hidden, float* d_cell,
                     float* d_z) {
  const Lanes i = load(gates);
  const Lanes f = load(gates + units);
  const Lanes g = load(gates + 2 * units);
  const Lanes o = load(gates + 3 * units);
  const Lanes tanh_c = load(gates + 4 * units);
  const Lanes d_c = load(d_cell) + d_hidden * o * (1.0f - tanh_c * tanh_c);
  store(d_z, d_c * g * (i - i * i));
  store(d_z + units, d_c * load(cell_before) * (f - f * f));
  store(d_z + 2 * units, d_c * i * (1.0f - g * g));
  store(d_z + 3 * units, d_hidden * tanh_c * (o - o * o));
  store(d_cell, d_c * f);
}

// The numbers of an input, and of a new output.
const float* input(OpKernelContext* context, int index) { return context->input(index).flat<float>().data(); }

float* output(OpKernelContext* context, int index, const TensorShape& shape) {
  tensorflow::Tensor* tensor = nullptr;
  TF_CHECK_OK(context->allocate_output(index, shape, &tensor));
  return tensor->flat<float>().data();
}

REGISTER_OP("LstmLoop")
    .Attr("products: {float, bfloat16}")
    .Input("projected: float").Input("keep: float").Input("recurrent: float")
    .Input("first_hidden: float").Input("first_cell: float")
    .Output("hidden: float").Output("hidden_before: float").Output("cell_before: float")
    .Output("gates: float").Output("last_cell: float")
    .SetShapeFn(UnknownShape);

// All steps; the array of the last cell holds each step's. A panel has the weights of the four gates of 16 units.
template <typename Number>
void forward(OpKernelContext* context) {
  const TensorShape last = context->input(3).shape();
  const Index steps = context->input(1).dim_size(0);
  const Index rows = last.dim_size(0);
  const Index units = last.dim_size(1);
  const Index state = rows * units;
  const float* projected = input(context, 0);     // (T, B, 4H)
  const float* keep = input(context, 1);          // (T, B, 1)
  const float* recurrent = input(context, 2);     // (H, 4H)
  const float* first_hidden = input(context, 3);  // (B, H)
  const float* first_cell = input(context, 4);    // (B, H)
  float* hidden = output(context, 0, {steps, rows, units});
  float* hidden_before = output(context, 1, {steps, rows, units});  // as used in the steps, forgotten or not
  float* cell_before = output(context, 2, {steps, rows, units});
  float* gates = output(context, 3, {steps, rows, 5 * units});  // and tanh c
  float* cell = output(context, 4, last);

  Buffer<Number> packed(units * 4 * units);
  for (Index unit = 0; unit < units; unit += LANES) {
    pack(&packed[unit * 4 * units], units, [=](Index k, Index column) {
      return recurrent[(k * 4 + column / LANES) * units + unit + column % LANES];
    });
  }
  Buffer<float> z(rows * COLUMNS);
  Buffer<Number> buffer;
  std::copy_n(first_cell, state, cell);
  for (Index t = 0; t < steps; t++) {
    const float* previous = t ? hidden + (t - 1) * state : first_hidden;
    keep_rows(rows, units, keep + t * rows, previous, hidden_before + t * state);
    keep_rows(rows, units, keep + t * rows, cell, cell_before + t * state);
    const Number* factors = rounded(hidden_before + t * state, state, buffer);
    for (Index unit = 0; unit < units; unit += LANES) {
      for (Index row = 0; row < rows; row++) {
        for (Index gate = 0; gate < 4; gate++) {
          const Index from = ((t * rows + row) * 4 + gate) * units + unit;
          store(&z[row * COLUMNS + gate * LANES], load(projected + from));
        }
      }
      add_product(rows, units, factors, &packed[unit * 4 * units], z.data(), COLUMNS);
      for (Index row = 0; row < rows; row++) {
        const Index in_step = row * units + unit;
        const Index in_all = t * state + in_step;
        const Index in_gates = (t * rows + row) * 5 * units + unit;
        step_units(units, &z[row * COLUMNS], cell_before + in_all, gates + in_gates, cell + in_step, hidden + in_all);
      }
    }
  }
}

REGISTER_OP("LstmLoopGradient")
    .Attr("products: {float, bfloat16}")
    .Input("keep: float").Input("recurrent: float").Input("cell_before: float").Input("gates: float")
    .Input("d_hidden: float").Input("d_last_hidden: float").Input("d_last_cell: float")
    .Output("d_projected: float").Output("d_first_hidden: float").Output("d_first_cell: float")
    .SetShapeFn(UnknownShape);

// All steps from the last; the arrays of the first state's gradients hold each step's. A panel has 64 units' weights.
template <typename Number>
void backward(OpKernelContext* context) {
  const TensorShape last = context->input(5).shape();
  const Index steps = context->input(0).dim_size(0);
  const Index rows = last.dim_size(0);
  const Index units = last.dim_size(1);
  const Index state = rows * units;
  const float* keep = input(context, 0);         // (T, B, 1)
  const float* recurrent = input(context, 1);    // (H, 4H)
  const float* cell_before = input(context, 2);  // (T, B, H)
  const float* gates = input(context, 3);        // (T, B, 5H)
  const float* d_outputs = input(context, 4);    // (T, B, H)
  float* d_projected = output(context, 0, {steps, rows, 4 * units});
  float* d_hidden = output(context, 1, last);  // (B, H)
  float* d_cell = output(context, 2, last);

  Buffer<Number> packed(units * 4 * units);
  for (Index unit = 0; unit < units; unit += COLUMNS) {
    pack(&packed[unit * 4 * units], 4 * units, [=](Index k, Index column) {
      return recurrent[(unit + column) * 4 * units + k];
    });
  }
  Buffer<Number> buffer;
  std::copy_n(input(context, 5), state, d_hidden);
  std::copy_n(input(context, 6), state, d_cell);
  for (Index t = steps - 1; t >= 0; t--) {
    for (Index row = 0; row < rows; row++) {
      for (Index unit = 0; unit < units; unit += LANES) {
        const Index in_step = row * units + unit;
        const Index in_all = t * state + in_step;
        const Index in_gates = (t * rows + row) * 5 * units + unit;
        const Index in_projected = (t * rows + row) * 4 * units + unit;
        const Lanes d_h = load(d_outputs + in_all) + load(d_hidden + in_step);
        step_units_back(units, gates + in_gates, cell_before + in_all, d_h, d_cell + in_step,
                        d_projected + in_projected);
      }
    }
    const Number* factors = rounded(d_projected + t * 4 * state, 4 * state, buffer);
    std::fill_n(d_hidden, state, 0.0f);
    for (Index unit = 0; unit < units; unit += COLUMNS) {
      add_product(rows, 4 * units, factors, &packed[unit * 4 * units], d_hidden + unit, units);
    }
    keep_rows(rows, units, keep + t * rows, d_hidden, d_hidden);
    keep_rows(rows, units, keep + t * rows, d_cell, d_cell);
  }
}

template <void (*COMPUTE)(OpKernelContext*)>
struct Kernel : public tensorflow::OpKernel {
  using OpKernel::OpKernel;
  void Compute(OpKernelContext* context) override { COMPUTE(context); }
};

REGISTER_KERNEL_BUILDER(Name("LstmLoop").Device(DEVICE_CPU).TypeConstraint<float>("products"), Kernel<forward<float>>);
REGISTER_KERNEL_BUILDER(Name("LstmLoopGradient").Device(DEVICE_CPU).TypeConstraint<float>("products"),
                        Kernel<backward<float>>);
#ifdef __AVX512BF16__
REGISTER_KERNEL_BUILDER(Name("LstmLoop").Device(DEVICE_CPU).TypeConstraint<bfloat16>("products"),
                        Kernel<forward<bfloat16>>);
REGISTER_KERNEL_BUILDER(Name("LstmLoopGradient").Device(DEVICE_CPU).TypeConstraint<bfloat16>("products"),
                        Kernel<backward<bfloat16>>);
#endif

}  // namespace
