/* Winograd's algorithm on whole images (see winograd.h): transform the image's tiles, multiply at each point by the
   transformed kernels, transform back. */
#include "winograd.h"

#include "winograd_transforms.h"

INLINE int64_t tile_count(int64_t tile, int64_t height, int64_t width) {
    return ceil_div(height, tile) * ceil_div(width, tile);
}

int uses_winograd(const Layer *l) {
    int size = l->kernel_height;
    if (l->kind != CONV || size != l->kernel_width || size < 2 || size > 5 || l->stride_y != 1 || l->stride_x != 1)
        return 0;
    int64_t tiles = tile_count(winograd_tile(l), l->out_height, l->out_width);
    /* It has to save half of the multiplications, tiles over the edge counted in full: transforms, and products of
       matrices that are smaller, take a share of that. Below 16 channels vectors are not full. */
    int64_t direct = (int64_t)l->out_height * l->out_width * size * size;
    return l->channels >= 16 && l->out_channels >= 16 && 2 * WINOGRAD_POINTS * tiles <= direct;
}

/* An image's tiles and their products, forward (inputs and outputs) or backward (their gradients). */
int64_t winograd_scratch_size(const Layer *l) {
    int64_t tile = winograd_tile(l);
    int64_t tiles = maximum(tile_count(tile, l->height, l->width), tile_count(tile, l->out_height, l->out_width));
    return WINOGRAD_POINTS * tiles * (whole_vectors(l->channels) + whole_vectors(l->out_channels));
}

/* One function for each size of kernel, in which loops over it are unrolled. */
#define BY_SIZE(name, ...)               \
    switch (size) {                      \
    case 2: name(2, __VA_ARGS__); break; \
    case 3: name(3, __VA_ARGS__); break; \
    case 4: name(4, __VA_ARGS__); break; \
    default: name(5, __VA_ARGS__);       \
    }

INLINE void transform_kernels(const int size, int64_t channels, int64_t filters, const real *kernels, int64_t channel,
                              real *to) {
    for (int64_t column = 0; column < filters; column += PANEL_COLUMNS)
        for (int64_t width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = kernels + panel_offset(size * size * channels, column) + channel * width + lane;
            real *place = to + panel_offset(channels, column) + channel * width + lane;
#define FROM(i, j) load(own + ((i)*size + (j)) * channels * width)
#define TO(i, j, values) store(place + ((i)*POINTS + (j)) * packed_size(channels, filters), values)
            TRANSFORM(KERNELS, size, size, POINTS, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_transform_kernels(int size, int64_t channels, int64_t filters, const real *kernels, int64_t channel,
                                real *to){BY_SIZE(transform_kernels, channels, filters, kernels, channel, to)}

INLINE vector sum_of_parts(const real *from, int64_t distance, int64_t parts) {
    vector sum = load(from);
    for (int64_t part = 1; part < parts; part++) sum += load(from + part * distance);
    return sum;
}

INLINE void gather_gradient(const int size, int64_t channels, int64_t filters, const real *dkernels, int64_t distance,
                            int64_t parts, int64_t channel, real *to) {
    for (int64_t column = 0; column < filters; column += PANEL_COLUMNS)
        for (int64_t width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = dkernels + panel_offset(channels, column) + channel * width + lane;
            real *place = to + panel_offset(size * size * channels, column) + channel * width + lane;
#define FROM(i, j) sum_of_parts(own + ((i)*POINTS + (j)) * packed_size(channels, filters), distance, parts)
#define TO(i, j, values) store(place + ((i)*size + (j)) * channels * width, values)
            TRANSFORM(KERNELS_BACKWARD, size, POINTS, size, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_gather_gradient(int size, int64_t channels, int64_t filters, const real *dkernels, int64_t distance,
                              int64_t parts, int64_t channel, real *to){
    BY_SIZE(gather_gradient, channels, filters, dkernels, distance, parts, channel, to)}

/* The tiles of an image: (points, tiles, channels). */
INLINE void transform_image(const int size, WinogradShape s, const real *padded, real *to) {
    const int64_t tile = POINTS + 1 - size, tiles_x = ceil_div(s.out_width, tile);
    const int64_t tiles = tiles_x * ceil_div(s.out_height, tile);
    int64_t channels = s.channels, distance = whole_vectors(channels), plane = tiles * distance;
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t c = 0; c < channels; c += LANES) {
            const real *corner = padded + (t / tiles_x * tile * s.padded_width + t % tiles_x * tile) * channels + c;
            real *place = to + t * distance + c;
#define FROM(i, j) load(corner + ((i)*s.padded_width + (j)) * channels)
#define TO(i, j, values) store(place + ((i)*POINTS + (j)) * plane, values)
            TRANSFORM(INPUTS, size, POINTS, POINTS, FROM, TO);
#undef FROM
#undef TO
        }
}

/* Outputs from their values at all points, (points, tiles, filters). Tiles reach over the edge; outputs there are
   dropped. */
INLINE void transform_outputs(const int size, WinogradShape s, const real *at_points, const real *biases, real *y) {
    const int64_t tile = POINTS + 1 - size, tiles_x = ceil_div(s.out_width, tile);
    const int64_t tiles = tiles_x * ceil_div(s.out_height, tile);
    int64_t filters = s.filters, distance = whole_vectors(filters), plane = tiles * distance;
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t f = 0; f < filters; f += LANES) {
            int64_t row = t / tiles_x * tile, column = t % tiles_x * tile;
            const real *own = at_points + t * distance + f;
            vector bias = biases ? load(biases + f) : (vector){0};
#define FROM(i, j) load(own + ((i)*POINTS + (j)) * plane)
#define TO(i, j, values)                                        \
    if (row + (i) < s.out_height && column + (j) < s.out_width) \
    store_partial(y + ((row + (i)) * s.out_width + column + (j)) * filters + f, (values) + bias, filters - f)
            TRANSFORM(OUTPUTS, size, POINTS, tile, FROM, TO);
#undef FROM
#undef TO
        }
}

/* The transpose of `transform_outputs`, for gradients; beyond the edge they are zero. */
INLINE void transform_output_gradient(const int size, WinogradShape s, const real *dy, real *to) {
    const int64_t tile = POINTS + 1 - size, tiles_x = ceil_div(s.out_width, tile);
    const int64_t tiles = tiles_x * ceil_div(s.out_height, tile);
    int64_t filters = s.filters, distance = whole_vectors(filters), plane = tiles * distance;
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t f = 0; f < filters; f += LANES) {
            int64_t row = t / tiles_x * tile, column = t % tiles_x * tile;
            real *place = to + t * distance + f;
#define FROM(i, j)                                                             \
    (row + (i) < s.out_height && column + (j) < s.out_width                    \
         ? load(dy + ((row + (i)) * s.out_width + column + (j)) * filters + f) \
         : (vector){0})
#define TO(i, j, values) store(place + ((i)*POINTS + (j)) * plane, values)
            TRANSFORM(OUTPUTS_BACKWARD, size, tile, POINTS, FROM, TO);
#undef FROM
#undef TO
        }
}

INLINE void conv_by_size(const int size, WinogradShape s, const real *padded, const real *kernels, const real *biases,
                         real *y, real *scratch) {
    const int64_t tiles = tile_count(POINTS + 1 - size, s.out_height, s.out_width);
    int64_t ld_inputs = whole_vectors(s.channels), ld_products = whole_vectors(s.filters);
    real *products = scratch + WINOGRAD_POINTS * tiles * ld_inputs;
    transform_image(size, s, padded, scratch);
    for (int64_t point = 0; point < WINOGRAD_POINTS; point++)
        gemm(tiles, s.filters, s.channels, scratch + point * tiles * ld_inputs, ld_inputs,
             kernels + point * packed_size(s.channels, s.filters), (AccumulatorInit){0, 0},
             products + point * tiles * ld_products, ld_products);
    transform_outputs(size, s, products, biases, y);
}

void winograd_conv(int size, WinogradShape shape, const real *padded, const real *kernels, const real *biases, real *y,
                   real *scratch){BY_SIZE(conv_by_size, shape, padded, kernels, biases, y, scratch)}

/* At each point, the inputs' values transposed times the gradients': a sum over tiles. */
INLINE void add_gradient_by_size(const int size, WinogradShape s, const real *padded, const real *dy, real *dkernels,
                                 real *scratch) {
    const int64_t tiles = tile_count(POINTS + 1 - size, s.out_height, s.out_width);
    int64_t ld_inputs = whole_vectors(s.channels), ld_gradients = whole_vectors(s.filters);
    real *gradients = scratch + WINOGRAD_POINTS * tiles * ld_inputs;
    transform_image(size, s, padded, scratch);
    transform_output_gradient(size, s, dy, gradients);
    for (int64_t point = 0; point < WINOGRAD_POINTS; point++)
        for (int64_t column = 0; column < s.filters; column += PANEL_COLUMNS) {
            int64_t width = panel_width(s.filters, column);
            MatrixView a = {scratch + point * tiles * ld_inputs, 1, ld_inputs, tiles, tiles * ld_inputs, 1};
            real *to = dkernels + point * packed_size(s.channels, s.filters) + panel_offset(s.channels, column);
            gemm_panel(s.channels, minimum(s.filters - column, PANEL_COLUMNS), a,
                       gradients + point * tiles * ld_gradients + column, ld_gradients, (AccumulatorInit){to, width},
                       to, width);
        }
}

void winograd_add_kernel_gradient(int size, WinogradShape shape, const real *padded, const real *dy, real *dkernels,
                                  real *scratch) {
    BY_SIZE(add_gradient_by_size, shape, padded, dy, dkernels, scratch)
}
