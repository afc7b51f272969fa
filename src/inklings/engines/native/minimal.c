#include "minimal.h"

#define SIDE 6

/* The points besides 0 and infinity are NEAR and FAR, and the same below zero: what even powers make and what odd ones
   make is added for the one and subtracted for the other. */
#define NEAR ((real)0.75)
#define FAR ((real)1.5)
/* Products of a point's differences from the other points: what interpolation divides by. */
#define OF_ZERO ((real)1.265625)
#define OF_NEAR ((real)-1.8984375)
#define OF_FAR ((real)7.59375)

INLINE real raise(real base, const int power) {
    real result = 1;
    UNROLL for (int i = 0; i < power; i++) result *= base;
    return result;
}

/* Give a polynomial's values at all points from its coefficients; the value at infinity is the last coefficient. */
INLINE void evaluate_at_points(const int count, const vector *coefficients, const int divided, vector *values) {
    vector even[2] = {coefficients[0], coefficients[0]}, odd[2] = {{0}, {0}};
    UNROLL for (int k = 1; k < count; k++) {
        vector *sums = k % 2 ? odd : even;
        sums[0] += raise(NEAR, k) * coefficients[k];
        sums[1] += raise(FAR, k) * coefficients[k];
    }
    const real zero = divided ? 1 / OF_ZERO : 1, near = divided ? 1 / OF_NEAR : 1, far = divided ? 1 / OF_FAR : 1;
    values[0] = coefficients[0] * zero;
    values[1] = (even[0] + odd[0]) * near;
    values[2] = (even[0] - odd[0]) * near;
    values[3] = (even[1] + odd[1]) * far;
    values[4] = (even[1] - odd[1]) * far;
    values[5] = coefficients[count - 1];
}

/* The transpose: for each power, the sum over the points of the point's power times the value there. */
INLINE void add_powers(const int count, const vector *values, const int divided, vector *sums) {
    const real zero = divided ? 1 / OF_ZERO : 1, near = divided ? 1 / OF_NEAR : 1, far = divided ? 1 / OF_FAR : 1;
    vector even[2] = {(values[1] + values[2]) * near, (values[3] + values[4]) * far};
    vector odd[2] = {(values[1] - values[2]) * near, (values[3] - values[4]) * far};
    sums[0] = values[0] * zero + even[0] + even[1];
    UNROLL for (int k = 1; k < count; k++) {
        vector *parts = k % 2 ? odd : even;
        sums[k] = raise(NEAR, k) * parts[0] + raise(FAR, k) * parts[1];
    }
    sums[count - 1] += values[5];
}

/* What six inputs under a kernel become: sums with the coefficients of the polynomials that are zero at all other
   points, so that what is multiplied and added up again is the convolution. */
INLINE void transform_inputs(const vector *x, vector *values) {
    const real near = NEAR * NEAR, far = FAR * FAR;
    values[0] = near * far * x[0] - (near + far) * x[2] + x[4];
    vector even = x[4] - far * x[2], odd = NEAR * (x[3] - far * x[1]);
    values[1] = even + odd;
    values[2] = even - odd;
    even = x[4] - near * x[2];
    odd = FAR * (x[3] - near * x[1]);
    values[3] = even + odd;
    values[4] = even - odd;
    values[5] = near * far * x[1] - (near + far) * x[3] + x[5];
}

enum { INPUTS, KERNELS, OUTPUTS, KERNELS_BACK, OUTPUTS_BACK };

/* One row or column of a tile. */
INLINE void transform(const int what, const int size, const vector *from, vector *to) {
    switch (what) {
    case INPUTS: transform_inputs(from, to); break;
    case KERNELS: evaluate_at_points(size, from, 1, to); break;
    case OUTPUTS: add_powers(SIDE + 1 - size, from, 0, to); break;
    case KERNELS_BACK: add_powers(size, from, 1, to); break;
    case OUTPUTS_BACK: evaluate_at_points(SIDE + 1 - size, from, 0, to);
    }
}

/* Transform a tile along both sides. `FROM(i, j)` gives a vector, `TO(i, j, values)` takes one. */
#define TRANSFORM(what, size, before, after, FROM, TO)                          \
    do {                                                                        \
        vector half[SIDE][SIDE], line[SIDE], done[SIDE];                        \
        ROLLED for (int j = 0; j < (before); j++) {                             \
            UNROLL for (int i = 0; i < (before); i++) line[i] = FROM(i, j);     \
            transform(what, size, line, done);                                  \
            UNROLL for (int i = 0; i < (after); i++) half[i][j] = done[i];      \
        }                                                                       \
        ROLLED for (int i = 0; i < (after); i++) {                              \
            transform(what, size, half[i], done);                               \
            UNROLL for (int j = 0; j < (after); j++) TO(i, j, done[j]);         \
        }                                                                       \
    } while (0)

/* How many tiles cover outputs. */
INLINE int64_t tile_count(int64_t step, int64_t rows, int64_t columns) { return parts_of(rows, step) * parts_of(columns, step); }

int is_minimal(const layer *l) {
    int size = l->kernel_height;
    if (l->kind != CONVOLUTION || size != l->kernel_width || size < 2 || size > 5 || l->down != 1 || l->across != 1)
        return 0;
    int64_t step = minimal_step(l), tiles = tile_count(step, l->rows, l->columns);
    /* Products of smaller matrices and the transforms take a share of what is saved. */
    return l->channels >= 16 && l->filters >= 16 && 2 * POINTS * tiles <= (int64_t)l->rows * l->columns * size * size;
}

int64_t minimal_values(const layer *l) {
    int64_t step = minimal_step(l);
    int64_t outputs = tile_count(step, l->rows, l->columns), inputs = tile_count(step, l->height, l->width);
    int64_t tiles = inputs > outputs ? inputs : outputs;
    return POINTS * tiles * (whole_vectors(l->channels) + whole_vectors(l->filters));
}

/* One function a size of kernels, in which loops over it are written out. */
#define BY_SIZE(name, ...)                 \
    switch (size) {                        \
    case 2: name(2, __VA_ARGS__); break;   \
    case 3: name(3, __VA_ARGS__); break;   \
    case 4: name(4, __VA_ARGS__); break;   \
    default: name(5, __VA_ARGS__);         \
    }

INLINE void evaluate_sized(const int size, int64_t channels, int64_t filters, const real *panels, int64_t channel, real *to) {
    for (int64_t column = 0; column < filters; column += PANEL)
        for (int64_t width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = panels + panel_place(size * size * channels, column) + channel * width + lane;
            real *place = to + panel_place(channels, column) + channel * width + lane;
#define FROM(i, j) load(own + ((i) * size + (j)) * channels * width)
#define TO(i, j, values) store(place + ((i) * SIDE + (j)) * panels_size(channels, filters), values)
            TRANSFORM(KERNELS, size, size, SIDE, FROM, TO);
#undef FROM
#undef TO
        }
}

void evaluate_kernels(int size, int64_t channels, int64_t filters, const real *panels, int64_t channel, real *to) {
    BY_SIZE(evaluate_sized, channels, filters, panels, channel, to)
}

INLINE vector sum_of(const real *from, int64_t distance, int64_t count) {
    vector sum = load(from);
    for (int64_t part = 1; part < count; part++) sum += load(from + part * distance);
    return sum;
}

INLINE void gather_sized(const int size, int64_t channels, int64_t filters, const real *dkernels, int64_t distance, int64_t parts,
                         int64_t channel, real *dpanels) {
    for (int64_t column = 0; column < filters; column += PANEL)
        for (int64_t width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = dkernels + panel_place(channels, column) + channel * width + lane;
            real *place = dpanels + panel_place(size * size * channels, column) + channel * width + lane;
#define FROM(i, j) sum_of(own + ((i) * SIDE + (j)) * panels_size(channels, filters), distance, parts)
#define TO(i, j, values) store(place + ((i) * size + (j)) * channels * width, values)
            TRANSFORM(KERNELS_BACK, size, SIDE, size, FROM, TO);
#undef FROM
#undef TO
        }
}

void gather_kernels(int size, int64_t channels, int64_t filters, const real *dkernels, int64_t distance, int64_t parts,
                    int64_t channel, real *dpanels) {
    BY_SIZE(gather_sized, channels, filters, dkernels, distance, parts, channel, dpanels)
}

/* Evaluate an image at all points, tile by tile: (points, tiles, channels), channels filled up to whole vectors. */
INLINE void evaluate_image(const int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns,
                           real *to) {
    const int64_t step = SIDE + 1 - size, across = parts_of(columns, step), tiles = across * parts_of(rows, step);
    int64_t distance = whole_vectors(channels), plane = tiles * distance;
    for (int64_t tile = 0; tile < tiles; tile++)
        for (int64_t c = 0; c < channels; c += LANES) {
            const real *corner = framed + (tile / across * step * frame_width + tile % across * step) * channels + c;
            real *place = to + tile * distance + c;
#define FROM(i, j) load(corner + ((i) * frame_width + (j)) * channels)
#define TO(i, j, values) store(place + ((i) * SIDE + (j)) * plane, values)
            TRANSFORM(INPUTS, size, SIDE, SIDE, FROM, TO);
#undef FROM
#undef TO
        }
}

/* Make outputs of their values at all points. */
INLINE void interpolate(const int size, const real *at_points, int64_t rows, int64_t columns, int64_t filters, const real *biases,
                        real *y) {
    const int64_t step = SIDE + 1 - size, across = parts_of(columns, step), tiles = across * parts_of(rows, step);
    int64_t distance = whole_vectors(filters), plane = tiles * distance;
    for (int64_t tile = 0; tile < tiles; tile++)
        for (int64_t f = 0; f < filters; f += LANES) {
            int64_t row = tile / across * step, column = tile % across * step;
            const real *own = at_points + tile * distance + f;
            vector bias = biases ? load(biases + f) : (vector){0};
#define FROM(i, j) load(own + ((i) * SIDE + (j)) * plane)
#define TO(i, j, values)                           \
    if (row + (i) < rows && column + (j) < columns) \
    store_some(y + ((row + (i)) * columns + column + (j)) * filters + f, (values) + bias, filters - f)
            TRANSFORM(OUTPUTS, size, SIDE, step, FROM, TO);
#undef FROM
#undef TO
        }
}

/* The way back of `interpolate`. */
INLINE void evaluate_gradient(const int size, const real *dy, int64_t rows, int64_t columns, int64_t filters, real *to_points) {
    const int64_t step = SIDE + 1 - size, across = parts_of(columns, step), tiles = across * parts_of(rows, step);
    int64_t distance = whole_vectors(filters), plane = tiles * distance;
    for (int64_t tile = 0; tile < tiles; tile++)
        for (int64_t f = 0; f < filters; f += LANES) {
            int64_t row = tile / across * step, column = tile % across * step;
            real *place = to_points + tile * distance + f;
#define FROM(i, j)                                   \
    (row + (i) < rows && column + (j) < columns      \
         ? load(dy + ((row + (i)) * columns + column + (j)) * filters + f) \
         : (vector){0})
#define TO(i, j, values) store(place + ((i) * SIDE + (j)) * plane, values)
            TRANSFORM(OUTPUTS_BACK, size, step, SIDE, FROM, TO);
#undef FROM
#undef TO
        }
}

INLINE void slide_sized(const int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns,
                        int64_t filters, const real *kernels, const real *biases, real *y, real *values) {
    const int64_t step = SIDE + 1 - size, tiles = tile_count(step, rows, columns);
    int64_t before = whole_vectors(channels), after = whole_vectors(filters);
    real *products = values + POINTS * tiles * before;
    evaluate_image(size, framed, frame_width, channels, rows, columns, values);
    for (int64_t point = 0; point < POINTS; point++)
        multiply(tiles, filters, channels, values + point * tiles * before, before,
                 kernels + point * panels_size(channels, filters), (beginning){0, 0}, products + point * tiles * after,
                 after);
    interpolate(size, products, rows, columns, filters, biases, y);
}

void slide_minimal(int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns, int64_t filters,
                   const real *kernels, const real *biases, real *y, real *values) {
    BY_SIZE(slide_sized, framed, frame_width, channels, rows, columns, filters, kernels, biases, y, values)
}

INLINE void add_sized(const int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns,
                      int64_t filters, const real *dy, real *dkernels, real *values) {
    const int64_t step = SIDE + 1 - size, tiles = tile_count(step, rows, columns);
    int64_t before = whole_vectors(channels), after = whole_vectors(filters);
    real *gradients = values + POINTS * tiles * before;
    evaluate_image(size, framed, frame_width, channels, rows, columns, values);
    evaluate_gradient(size, dy, rows, columns, filters, gradients);
    for (int64_t point = 0; point < POINTS; point++)
        for (int64_t column = 0; column < filters; column += PANEL) {
            int64_t width = panel_width(filters, column);
            source a = {values + point * tiles * before, 1, before, tiles, tiles * before, 1};
            real *to = dkernels + point * panels_size(channels, filters) + panel_place(channels, column);
            multiply_panel(channels, smaller(filters - column, PANEL), a, gradients + point * tiles * after + column,
                           after, (beginning){to, width}, to, width);
        }
}

void add_kernels(int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns, int64_t filters,
                 const real *dy, real *dkernels, real *values) {
    BY_SIZE(add_sized, framed, frame_width, channels, rows, columns, filters, dy, dkernels, values)
}
