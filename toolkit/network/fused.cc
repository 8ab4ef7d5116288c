// The LSTM's loop over time (toolkit/network/cells.py) as one operation, forward, and one backward.
//
// It is compiled for the processor it runs on, and compared with the plain loop before it is used (compiled.py). Arrays are
// float32, row by row: T steps, B rows, H units; gates are in the order i, f, g, o. A call runs in one thread, and sums
// in an order of its own that depends on nothing but the sizes. The weights are packed once per call, so that each
// step's product reads them from end to end; the gates of some units are computed right after their product.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

// TensorFlow's interface in C: its headers in C++ take ten seconds to compile.
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

using Index = std::ptrdiff_t;
using Shape = std::vector<int64_t>;

// Numbers in a vector register, and rows of a tile: its sums and a factor fit in the registers, weights may not.
#if defined(__AVX512F__)
constexpr Index LANES = 16;
constexpr int MOST_ROWS = 6;
#elif defined(__AVX__)
constexpr Index LANES = 8;
constexpr int MOST_ROWS = 3;
#elif defined(__aarch64__)
constexpr Index LANES = 4;
constexpr int MOST_ROWS = 6;
#else
constexpr Index LANES = 4;
constexpr int MOST_ROWS = 3;
#endif
constexpr int GATES = 4;
constexpr Index COLUMNS = GATES * LANES;  // of a panel of packed weights
constexpr Index DEPTH = 128;              // rows of a panel at a time, which stay in the first cache

typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));  // with the compiler's own + − · / < ?:
typedef int Whole __attribute__((vector_size(LANES * sizeof(int))));
typedef unsigned Bits __attribute__((vector_size(LANES * sizeof(unsigned))));

constexpr Index rounded_up(Index count, Index multiple) { return (count + multiple - 1) / multiple * multiple; }

Lanes load(const float* values) {
  Lanes lanes;
  std::memcpy(&lanes, values, sizeof(lanes));
  return lanes;
}

void store(float* values, Lanes lanes) { std::memcpy(values, &lanes, sizeof(lanes)); }

// The first ``count`` lanes, of the last units if their number is no multiple of LANES; the others are 0.
Lanes load(const float* values, Index count) {
  if (count == LANES) return load(values);
  Lanes lanes = {};
  for (Index lane = 0; lane < count; lane++) lanes[lane] = values[lane];
  return lanes;
}

void store(float* values, Lanes lanes, Index count) {
  if (count == LANES) return store(values, lanes);
  for (Index lane = 0; lane < count; lane++) values[lane] = lanes[lane];
}

// x within ±limit; what is not a number stays so.
Lanes clipped(Lanes x, float limit) {
  x = x > limit ? Lanes{} + limit : x;
  return x < -limit ? Lanes{} - limit : x;
}

// Horner's rule, from the coefficient of the highest power to the constant.
template <typename... Rest>
Lanes polynomial(Lanes x, float highest, Rest... rest) {
  Lanes sum = Lanes{} + highest;
  ((sum = sum * x + rest), ...);
  return sum;
}

// e^x as in Cephes: x = n·ln 2 + r, with ln 2 in two parts, and a polynomial for e^r.
Lanes exponential(Lanes x) {
  constexpr float ROUND = 12582912.0f;  // 1.5 · 2^23: no float32 number near it has a fraction
  x = clipped(x, 88.0f);
  const Lanes n = (x * 1.44269504f + ROUND) - ROUND;
  const Lanes r = x - n * 0.693359375f - n * -2.12194440e-4f;
  const Lanes p = polynomial(r, 1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                             1.6666665459e-1f, 5.0000001201e-1f);
  const Bits power = ((Bits)__builtin_convertvector(n, Whole) + 127u) << 23;  // of 2^n
  return (p * r * r + (r + 1.0f)) * (Lanes)power;
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

// A panel (depth, COLUMNS) of the numbers weight(k, column). Some rows at a time stay in the first cache, whatever the
// order in which the weights lie.
template <typename Weight>
void pack(float* panel, Index depth, const Weight& weight) {
  for (Index start = 0; start < depth; start += LANES) {
    for (Index column = 0; column < COLUMNS; column++) {
      for (Index k = start; k < std::min(start + LANES, depth); k++) {
        panel[k * COLUMNS + column] = weight(k, column);
      }
    }
  }
}

// sums (ROWS, COLUMNS) += factors (ROWS, depth) · panel (depth, COLUMNS), within matrices of these widths. The sums
// stay in registers. With fewer rows, the tile of that many is used.
template <int ROWS>
void add_tile(Index rows, Index depth, const float* factors, Index factors_width, const float* panel, float* sums,
              Index sums_width) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) {
      return add_tile<ROWS - 1>(rows, depth, factors, factors_width, panel, sums, sums_width);
    }
  }
  Lanes tile[ROWS][GATES] = {};
  for (Index k = 0; k < depth; k++) {
    const float* weights = panel + k * COLUMNS;
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++) {
#pragma GCC unroll 4
      for (int part = 0; part < GATES; part++) {
        tile[row][part] = factors[row * factors_width + k] * load(weights + part * LANES) + tile[row][part];
      }
    }
  }
  for (int row = 0; row < ROWS; row++) {
    for (int part = 0; part < GATES; part++) {
      float* sum = sums + row * sums_width + part * LANES;
      store(sum, load(sum) + tile[row][part]);
    }
  }
}

// sums (rows, COLUMNS), within a matrix of this width, += factors (rows, depth) · panel (depth, COLUMNS): tile by tile,
// all rows with a part of the panel before the next part.
void add_product(Index rows, Index depth, const float* factors, const float* panel, float* sums, Index width) {
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
    for (Index at = row * units; at < (row + 1) * units; at++) {
      kept[at] = state[at] * keep[row];
    }
  }
}

// Some units of a row after a step, from their z (4, LANES); also the gates (4, H), for the gradient.
void step_units(Index units, Index count, const float* z, const float* cell_before, float* gates, float* cell,
                float* hidden) {
  const Lanes i = sigmoid(load(z));
  const Lanes f = sigmoid(load(z + LANES));
  const Lanes g = tanh(load(z + 2 * LANES));
  const Lanes o = sigmoid(load(z + 3 * LANES));
  const Lanes c = f * load(cell_before, count) + i * g;
  store(gates, i, count);
  store(gates + units, f, count);
  store(gates + 2 * units, g, count);
  store(gates + 3 * units, o, count);
  store(cell, c, count);
  store(hidden, o * tanh(c), count);
}

// Of some units of a row, the gradients of z (4, H), which may take the place of the gates, and, in the place of the
// cell's after the step, of the cell's before.
void step_units_back(Index units, Index count, const float* gates, const float* cell_before, Lanes d_hidden,
                     float* d_cell, float* d_z) {
  const Lanes i = load(gates, count);
  const Lanes f = load(gates + units, count);
  const Lanes g = load(gates + 2 * units, count);
  const Lanes o = load(gates + 3 * units, count);
  const Lanes before = load(cell_before, count);
  const Lanes tanh_c = tanh(f * before + i * g);
  const Lanes d_c = load(d_cell, count) + d_hidden * o * (1.0f - tanh_c * tanh_c);
  store(d_z, d_c * g * (i - i * i), count);
  store(d_z + units, d_c * before * (f - f * f), count);
  store(d_z + 2 * units, d_c * i * (1.0f - g * g), count);
  store(d_z + 3 * units, d_hidden * tanh_c * (o - o * o), count);
  store(d_cell, d_c * f, count);
}

// T, B and H, as ``keep`` (T, B, 1) and the recurrent kernel (H, 4H) say, and the shapes of the other arrays.
struct Sizes {
  Sizes(const Shape& keep, const Shape& recurrent)
      : steps(keep.size() > 0 ? keep[0] : 0),
        rows(keep.size() > 1 ? keep[1] : 0),
        units(recurrent.size() > 0 ? recurrent[0] : 0) {}

  const Index steps, rows, units;
  const Index state = rows * units;
  const Shape keep{steps, rows, 1};
  const Shape recurrent{units, GATES * units};
  const Shape last{rows, units};
  const Shape outputs{steps, rows, units};
  const Shape gates{steps, rows, GATES * units};
};

std::string text(const Shape& shape) {
  std::string listed;
  for (int64_t size : shape) listed += " " + std::to_string(size);
  return "(" + listed + " )";
}

int64_t size_of(const Shape& shape) {
  int64_t size = 1;
  for (int64_t length : shape) size *= length;
  return size;
}

// The arrays of a call. What cannot be allocated fails the call and is a null pointer.
class Arrays {
 public:
  explicit Arrays(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}

  ~Arrays() {
    if (failed()) TF_OpKernelContext_Failure(context_, status_);
    for (TF_Tensor* tensor : scratch_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  Shape shape(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (failed()) return {};
    Shape shape;
    for (int axis = 0; axis < TF_NumDims(tensor); axis++) shape.push_back(TF_Dim(tensor, axis));
    TF_DeleteTensor(tensor);
    return shape;
  }

  // Whether the inputs have these shapes; if not, the call fails.
  bool have_shapes(const std::vector<Shape>& shapes) {
    for (size_t index = 0; index < shapes.size(); index++) {
      const Shape given = shape(index);
      if (given != shapes[index]) {
        const std::string message =
            "input " + std::to_string(index) + " has the shape " + text(given) + ", and not " + text(shapes[index]);
        TF_SetStatus(status_, TF_INVALID_ARGUMENT, message.c_str());
        return false;
      }
    }
    return true;
  }

  const float* input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return released(tensor);
  }

  float* output(int index, const Shape& shape) {
    const size_t bytes = size_of(shape) * sizeof(float);
    return released(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), shape.size(), bytes, status_));
  }

  // An output in the memory of an input of its shape, if nobody else needs that: it saves passes over memory.
  float* output_in_place(int index, int input, const Shape& shape) {
    int forwarded = -1;
    return released(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, shape.data(), shape.size(),
                                                    &forwarded, status_));
  }

  float* scratch(Index count) {
    const int64_t size = count;
    TF_AllocatorAttributes attributes{TF_ALLOCATOR_ATTRIBUTES_STRUCT_SIZE, 1};
    TF_Tensor* tensor = TF_AllocateTemp(context_, TF_FLOAT, &size, 1, &attributes, status_);
    if (tensor == nullptr) return nullptr;
    scratch_.push_back(tensor);
    return static_cast<float*>(TF_TensorData(tensor));
  }

  bool failed() const { return TF_GetCode(status_) != TF_OK; }

 private:
  // The call holds its inputs and outputs. A second reference would keep an output from taking an input's memory.
  float* released(TF_Tensor* tensor) {
    if (tensor == nullptr) return nullptr;
    float* data = static_cast<float*>(TF_TensorData(tensor));
    TF_DeleteTensor(tensor);
    return data;
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> scratch_;
};

// All steps; the array of the last cell holds each step's. A panel has the weights of the four gates of LANES units.
void forward(void*, TF_OpKernelContext* context) {
  Arrays arrays(context);
  const Sizes sizes(arrays.shape(1), arrays.shape(2));
  if (!arrays.have_shapes({sizes.gates, sizes.keep, sizes.recurrent, sizes.last, sizes.last})) return;
  const Index steps = sizes.steps, rows = sizes.rows, units = sizes.units, state = sizes.state;
  const Index panel = units * COLUMNS;
  const float* projected = arrays.input(0);     // (T, B, 4H)
  const float* keep = arrays.input(1);          // (T, B, 1)
  const float* recurrent = arrays.input(2);     // (H, 4H)
  const float* first_hidden = arrays.input(3);  // (B, H)
  const float* first_cell = arrays.input(4);    // (B, H)
  float* hidden = arrays.output(0, sizes.outputs);
  float* hidden_before = arrays.output(1, sizes.outputs);  // as used in the steps, forgotten or not
  float* cell_before = arrays.output(2, sizes.outputs);
  float* gates = arrays.output_in_place(3, 0, sizes.gates);
  float* cell = arrays.output(4, sizes.last);
  float* packed = arrays.scratch(rounded_up(units, LANES) / LANES * panel);
  float* z = arrays.scratch(rows * COLUMNS);
  if (arrays.failed()) return;

  for (Index unit = 0; unit < units; unit += LANES) {
    pack(packed + unit / LANES * panel, units, [=](Index k, Index column) {
      const Index lane = unit + column % LANES;
      return lane < units ? recurrent[(k * GATES + column / LANES) * units + lane] : 0.0f;
    });
  }
  std::copy_n(first_cell, state, cell);
  for (Index t = 0; t < steps; t++) {
    const float* previous = t ? hidden + (t - 1) * state : first_hidden;
    keep_rows(rows, units, keep + t * rows, previous, hidden_before + t * state);
    keep_rows(rows, units, keep + t * rows, cell, cell_before + t * state);
    for (Index unit = 0; unit < units; unit += LANES) {
      const Index count = std::min(LANES, units - unit);
      for (Index row = 0; row < rows; row++) {
        for (Index gate = 0; gate < GATES; gate++) {
          const Index from = ((t * rows + row) * GATES + gate) * units + unit;
          store(z + row * COLUMNS + gate * LANES, load(projected + from, count));
        }
      }
      add_product(rows, units, hidden_before + t * state, packed + unit / LANES * panel, z, COLUMNS);
      for (Index row = 0; row < rows; row++) {
        const Index in_step = row * units + unit;
        const Index in_all = t * state + in_step;
        const Index in_gates = (t * rows + row) * GATES * units + unit;
        step_units(units, count, z + row * COLUMNS, cell_before + in_all, gates + in_gates, cell + in_step,
                   hidden + in_all);
      }
    }
  }
}

// All steps from the last; the array of the first cell's gradient holds each step's. A panel has COLUMNS units' weights.
void backward(void*, TF_OpKernelContext* context) {
  Arrays arrays(context);
  const Sizes sizes(arrays.shape(0), arrays.shape(1));
  if (!arrays.have_shapes({sizes.keep, sizes.recurrent, sizes.outputs, sizes.gates, sizes.outputs, sizes.last,
                           sizes.last})) {
    return;
  }
  const Index steps = sizes.steps, rows = sizes.rows, units = sizes.units, state = sizes.state;
  const Index depth = GATES * units;
  const Index panel = depth * COLUMNS;
  const Index width = rounded_up(units, COLUMNS);
  const float* keep = arrays.input(0);           // (T, B, 1)
  const float* recurrent = arrays.input(1);      // (H, 4H)
  const float* cell_before = arrays.input(2);    // (T, B, H)
  const float* gates = arrays.input(3);          // (T, B, 4H)
  const float* d_outputs = arrays.input(4);      // (T, B, H)
  const float* d_last_hidden = arrays.input(5);  // (B, H)
  const float* d_last_cell = arrays.input(6);    // (B, H)
  float* d_projected = arrays.output_in_place(0, 3, sizes.gates);
  float* d_first_hidden = arrays.output(1, sizes.last);  // (B, H)
  float* d_cell = arrays.output(2, sizes.last);
  float* packed = arrays.scratch(width / COLUMNS * panel);
  float* d_hidden = arrays.scratch(rows * width);  // (B, H), in wider rows
  if (arrays.failed()) return;

  for (Index unit = 0; unit < units; unit += COLUMNS) {
    pack(packed + unit / COLUMNS * panel, depth, [=](Index k, Index column) {
      const Index lane = unit + column;
      return lane < units ? recurrent[lane * depth + k] : 0.0f;
    });
  }
  for (Index row = 0; row < rows; row++) {
    std::copy_n(d_last_hidden + row * units, units, d_hidden + row * width);
  }
  std::copy_n(d_last_cell, state, d_cell);
  for (Index t = steps - 1; t >= 0; t--) {
    for (Index row = 0; row < rows; row++) {
      for (Index unit = 0; unit < units; unit += LANES) {
        const Index count = std::min(LANES, units - unit);
        const Index in_step = row * units + unit;
        const Index in_all = t * state + in_step;
        const Index in_gates = (t * rows + row) * GATES * units + unit;
        const Lanes d_h = load(d_outputs + in_all, count) + load(d_hidden + row * width + unit, count);
        step_units_back(units, count, gates + in_gates, cell_before + in_all, d_h, d_cell + in_step,
                        d_projected + in_gates);
      }
    }
    std::fill_n(d_hidden, rows * width, 0.0f);
    for (Index unit = 0; unit < units; unit += COLUMNS) {
      add_product(rows, depth, d_projected + t * GATES * state, packed + unit / COLUMNS * panel, d_hidden + unit, width);
    }
    keep_rows(rows, width, keep + t * rows, d_hidden, d_hidden);
    keep_rows(rows, units, keep + t * rows, d_cell, d_cell);
  }
  for (Index row = 0; row < rows; row++) {
    std::copy_n(d_hidden + row * width, units, d_first_hidden + row * units);
  }
}

void unknown_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

using Compute = void (*)(void*, TF_OpKernelContext*);
using Names = std::vector<std::string>;

// Register an operation on arrays of float32 and its kernel. Nothing can fail but a second registration of the name.
bool add_operation(const char* name, const Names& inputs, const Names& outputs, Compute compute) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const std::string& input : inputs) TF_OpDefinitionBuilderAddInput(definition, (input + ": float").c_str());
  for (const std::string& output : outputs) TF_OpDefinitionBuilderAddOutput(definition, (output + ": float").c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, unknown_shape);
  TF_RegisterOpDefinition(definition, status);
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(name, "CPU", nullptr, compute, nullptr);
  TF_RegisterKernelBuilder(name, kernel, status);
  const bool is_added = TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  return is_added;
}

[[maybe_unused]] const bool ADDED_LOOP = add_operation(
    "ToolkitLstmLoop", {"projected", "keep", "recurrent", "first_hidden", "first_cell"},
    {"hidden", "hidden_before", "cell_before", "gates", "last_cell"}, forward);
[[maybe_unused]] const bool ADDED_GRADIENT = add_operation(
    "ToolkitLstmLoopGradient",
    {"keep", "recurrent", "cell_before", "gates", "d_hidden", "d_last_hidden", "d_last_cell"},
    {"d_projected", "d_first_hidden", "d_first_cell"}, backward);

}  // namespace
