#include "minimal.h"

#define SIDE 6
#define UNROLL _Pragma("GCC unroll 8")

/* A polynomial's value at each point is a sum of its coefficients times these; the value at infinity is the last
   coefficient. */
static const real powers[5][5] = {{1, 0, 0, 0, 0},
                                  {1, 0.75, 0.5625, 0.421875, 0.31640625},
                                  {1, -0.75, 0.5625, -0.421875, 0.31640625},
                                  {1, 1.5, 2.25, 3.375, 5.0625},
                                  {1, -1.5, 2.25, -3.375, 5.0625}};
/* Products of a point's differences from the other points: what interpolation divides by. */
static const real differences[5] = {1.265625, -1.8984375, -1.8984375, 7.59375, 7.59375};
/* What the six inputs under a kernel become: the coefficients of the polynomials that are zero at the other points. */
static const real inputs_at[SIDE][SIDE] = {{1.265625, 0, -2.8125, 0, 1, 0},     {0, -1.6875, -2.25, 0.75, 1, 0},
                                           {0, 1.6875, -2.25, -0.75, 1, 0},     {0, -0.84375, -0.5625, 1.5, 1, 0},
                                           {0, 0.84375, -0.5625, -1.5, 1, 0},   {0, 1.265625, 0, -2.8125, 0, 1}};

enum { INPUTS, KERNELS, OUTPUTS, KERNELS_BACK, OUTPUTS_BACK };

/* The matrices of Lavin and Gray: B' for inputs, G for kernels, A' for outputs; back, the two others' transposes. */
INLINE real entry(const int matrix, const int size, const int i, const int j) {
    const int row = matrix == KERNELS_BACK || matrix == OUTPUTS ? i : j, point = row == i ? j : i;
    switch (matrix) {
    case INPUTS: return inputs_at[i][j];
    case KERNELS:
    case KERNELS_BACK: return point < 5 ? powers[point][row] / differences[point] : row == size - 1;
    default: return point < 5 ? powers[point][row] : row == SIDE - size;
    }
}

INLINE int height_of(const int matrix, const int size) {
    return matrix == OUTPUTS ? SIDE + 1 - size : matrix == KERNELS_BACK ? size : SIDE;
}
INLINE int width_of(const int matrix, const int size) {
    return matrix == KERNELS ? size : matrix == OUTPUTS_BACK ? SIDE + 1 - size : SIDE;
}

/* Multiply a square of vectors by a matrix from the left and by its transpose from the right. */
INLINE void transform(const int matrix, const int size, vector from[SIDE][SIDE], vector to[SIDE][SIDE]) {
    const int height = height_of(matrix, size), width = width_of(matrix, size);
    vector half[SIDE][SIDE];
    UNROLL for (int i = 0; i < height; i++) UNROLL for (int j = 0; j < width; j++) {
        vector sum = {0};
        UNROLL for (int k = 0; k < width; k++)
            if (entry(matrix, size, i, k) != 0) sum += entry(matrix, size, i, k) * from[k][j];
        half[i][j] = sum;
    }
    UNROLL for (int i = 0; i < height; i++) UNROLL for (int j = 0; j < height; j++) {
        vector sum = {0};
        UNROLL for (int k = 0; k < width; k++)
            if (entry(matrix, size, j, k) != 0) sum += entry(matrix, size, j, k) * half[i][k];
        to[i][j] = sum;
    }
}

INLINE long whole_vectors(long count) { return (count + LANES - 1) / LANES * LANES; }

int is_minimal(const layer *l) {
    int size = l->kernel_height;
    if (l->kind != CONVOLUTION || size != l->kernel_width || size < 2 || size > 5 || l->down != 1 || l->across != 1)
        return 0;
    long step = minimal_step(l), tiles = ((l->rows + step - 1) / step) * ((l->columns + step - 1) / step);
    /* Products of smaller matrices and the transforms take a share of what is saved. */
    return l->channels >= 16 && l->filters >= 16 && 2L * POINTS * tiles <= (long)l->rows * l->columns * size * size;
}

long minimal_values(const layer *l) {
    long step = minimal_step(l);
    long outputs = ((l->rows + step - 1) / step) * ((l->columns + step - 1) / step);
    long inputs = ((l->height + step - 1) / step) * ((l->width + step - 1) / step);
    long tiles = inputs > outputs ? inputs : outputs;
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

INLINE void evaluate_sized(const int size, long channels, long filters, const real *panels, long channel, real *to) {
    for (long column = 0; column < filters; column += PANEL)
        for (long width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = panels + panel_place(size * size * channels, column) + channel * width + lane;
            vector from[SIDE][SIDE], at[SIDE][SIDE];
            UNROLL for (int i = 0; i < size; i++) UNROLL for (int j = 0; j < size; j++)
                from[i][j] = load(own + (i * size + j) * channels * width);
            transform(KERNELS, size, from, at);
            real *place = to + panel_place(channels, column) + channel * width + lane;
            UNROLL for (int i = 0; i < SIDE; i++) UNROLL for (int j = 0; j < SIDE; j++)
                store(place + (i * SIDE + j) * panels_size(channels, filters), at[i][j]);
        }
}

void evaluate_kernels(int size, long channels, long filters, const real *panels, long channel, real *to) {
    BY_SIZE(evaluate_sized, channels, filters, panels, channel, to)
}

INLINE void gather_sized(const int size, long channels, long filters, const real *dkernels, long distance, long parts,
                         long channel, real *dpanels) {
    for (long column = 0; column < filters; column += PANEL)
        for (long width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = dkernels + panel_place(channels, column) + channel * width + lane;
            vector at[SIDE][SIDE], to[SIDE][SIDE];
            UNROLL for (int i = 0; i < SIDE; i++) UNROLL for (int j = 0; j < SIDE; j++) {
                const real *first = own + (i * SIDE + j) * panels_size(channels, filters);
                at[i][j] = load(first);
                for (long part = 1; part < parts; part++) at[i][j] += load(first + part * distance);
            }
            transform(KERNELS_BACK, size, at, to);
            real *place = dpanels + panel_place(size * size * channels, column) + channel * width + lane;
            UNROLL for (int i = 0; i < size; i++) UNROLL for (int j = 0; j < size; j++)
                store(place + (i * size + j) * channels * width, to[i][j]);
        }
}

void gather_kernels(int size, long channels, long filters, const real *dkernels, long distance, long parts,
                    long channel, real *dpanels) {
    BY_SIZE(gather_sized, channels, filters, dkernels, distance, parts, channel, dpanels)
}

/* Evaluate an image at all points, tile by tile: (points, tiles, channels), channels filled up to whole vectors. */
INLINE void evaluate_image(const int size, const real *framed, long frame_width, long channels, long rows, long columns,
                           real *to) {
    const long step = SIDE + 1 - size, across = (columns + step - 1) / step, down = (rows + step - 1) / step;
    long distance = whole_vectors(channels), plane = down * across * distance;
    for (long tile = 0; tile < down * across; tile++)
        for (long c = 0; c < channels; c += LANES) {
            const real *corner = framed + (tile / across * step * frame_width + tile % across * step) * channels + c;
            vector from[SIDE][SIDE], at[SIDE][SIDE];
            UNROLL for (int i = 0; i < SIDE; i++) UNROLL for (int j = 0; j < SIDE; j++)
                from[i][j] = load(corner + (i * frame_width + j) * channels);
            transform(INPUTS, size, from, at);
            UNROLL for (int i = 0; i < SIDE; i++) UNROLL for (int j = 0; j < SIDE; j++)
                store(to + (i * SIDE + j) * plane + tile * distance + c, at[i][j]);
        }
}

/* Make outputs of their values at all points. */
INLINE void interpolate(const int size, const real *at_points, long rows, long columns, long filters, const real *biases,
                        real *y) {
    const long step = SIDE + 1 - size, across = (columns + step - 1) / step, down = (rows + step - 1) / step;
    long distance = whole_vectors(filters), plane = down * across * distance;
    for (long tile = 0; tile < down * across; tile++)
        for (long f = 0; f < filters; f += LANES) {
            vector at[SIDE][SIDE], to[SIDE][SIDE], bias = {0};
            if (biases) bias = load(biases + f);
            UNROLL for (int i = 0; i < SIDE; i++) UNROLL for (int j = 0; j < SIDE; j++)
                at[i][j] = load(at_points + (i * SIDE + j) * plane + tile * distance + f);
            transform(OUTPUTS, size, at, to);
            long row = tile / across * step, column = tile % across * step;
            UNROLL for (int i = 0; i < step; i++) UNROLL for (int j = 0; j < step; j++)
                if (row + i < rows && column + j < columns)
                    store_some(y + ((row + i) * columns + column + j) * filters + f, to[i][j] + bias, filters - f);
        }
}

/* The way back of `interpolate`. */
INLINE void evaluate_gradient(const int size, const real *dy, long rows, long columns, long filters, real *to_points) {
    const long step = SIDE + 1 - size, across = (columns + step - 1) / step, down = (rows + step - 1) / step;
    long distance = whole_vectors(filters), plane = down * across * distance;
    for (long tile = 0; tile < down * across; tile++)
        for (long f = 0; f < filters; f += LANES) {
            vector from[SIDE][SIDE], at[SIDE][SIDE];
            long row = tile / across * step, column = tile % across * step;
            UNROLL for (int i = 0; i < step; i++) UNROLL for (int j = 0; j < step; j++)
                from[i][j] = row + i < rows && column + j < columns
                                 ? load(dy + ((row + i) * columns + column + j) * filters + f)
                                 : (vector){0};
            transform(OUTPUTS_BACK, size, from, at);
            UNROLL for (int i = 0; i < SIDE; i++) UNROLL for (int j = 0; j < SIDE; j++)
                store(to_points + (i * SIDE + j) * plane + tile * distance + f, at[i][j]);
        }
}

INLINE void slide_sized(const int size, const real *framed, long frame_width, long channels, long rows, long columns,
                        long filters, const real *kernels, const real *biases, real *y, real *values) {
    const long step = SIDE + 1 - size, tiles = ((columns + step - 1) / step) * ((rows + step - 1) / step);
    long before = whole_vectors(channels), after = whole_vectors(filters);
    real *products = values + POINTS * tiles * before;
    evaluate_image(size, framed, frame_width, channels, rows, columns, values);
    for (long point = 0; point < POINTS; point++)
        multiply(tiles, filters, channels, values + point * tiles * before, before,
                 kernels + point * panels_size(channels, filters), (beginning){0, 0}, products + point * tiles * after,
                 after);
    interpolate(size, products, rows, columns, filters, biases, y);
}

void slide_minimal(int size, const real *framed, long frame_width, long channels, long rows, long columns, long filters,
                   const real *kernels, const real *biases, real *y, real *values) {
    BY_SIZE(slide_sized, framed, frame_width, channels, rows, columns, filters, kernels, biases, y, values)
}

INLINE void add_sized(const int size, const real *framed, long frame_width, long channels, long rows, long columns,
                      long filters, const real *dy, real *dkernels, real *values) {
    const long step = SIDE + 1 - size, tiles = ((columns + step - 1) / step) * ((rows + step - 1) / step);
    long before = whole_vectors(channels), after = whole_vectors(filters);
    real *gradients = values + POINTS * tiles * before;
    evaluate_image(size, framed, frame_width, channels, rows, columns, values);
    evaluate_gradient(size, dy, rows, columns, filters, gradients);
    for (long point = 0; point < POINTS; point++)
        for (long column = 0; column < filters; column += PANEL) {
            long width = panel_width(filters, column);
            source a = {values + point * tiles * before, 1, before, tiles, tiles * before, 1};
            real *to = dkernels + point * panels_size(channels, filters) + panel_place(channels, column);
            multiply_panel(channels, smaller(filters - column, PANEL), a, gradients + point * tiles * after + column,
                           after, (beginning){to, width}, to, width);
        }
}

void add_kernels(int size, const real *framed, long frame_width, long channels, long rows, long columns, long filters,
                 const real *dy, real *dkernels, real *values) {
    BY_SIZE(add_sized, framed, frame_width, channels, rows, columns, filters, dy, dkernels, values)
}
