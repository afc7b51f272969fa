/* Winograd's algorithm on whole images (see winograd.h): transform the image's tiles, multiply at each point by the
   transformed kernels, transform back. */
#include "winograd.h"

#include "winograd_transforms.h"

INLINE int64_t tile_count(int64_t tile, int64_t height, int64_t width) {
    return ceil_div(height, tile) * ceil_div(width, tile);
}

static int64_t layer_tiles(const Layer *l, int points) {
    return tile_count(points + 1 - l->kernel_height, l->out_height, l->out_width);
}

int winograd_points(const Layer *l) {
    /* Tiles over the edge are computed in full, so which tiles fit an image decides: 10 x 10 outputs are four tiles of
       5 x 5, but nine of 4 x 4. */
    return l->kernel_height == 3 && 7 * 7 * layer_tiles(l, 7) < 6 * 6 * layer_tiles(l, 6) ? 7 : 6;
}

int uses_winograd(const Layer *l) {
    int size = l->kernel_height;
    if (l->kind != CONV || size != l->kernel_width || size < 2 || size > 5 || l->stride_y != 1 || l->stride_x != 1)
        return 0;
    int points = winograd_points(l);
    /* It has to save half of the multiplications: transforms, and products of matrices that are smaller, take a share
       of that. Below 16 channels vectors are not full. */
    int64_t direct = (int64_t)l->out_height * l->out_width * size * size;
    return l->channels >= 16 && l->out_channels >= 16 && 2 * points * points * layer_tiles(l, points) <= direct;
}

/* Rows that a product needs to be worth while: with fewer, reading the kernels, or adding to their gradients, takes
   longer than multiplying. */
#define MIN_ROWS 12

int64_t winograd_tiles(const Layer *l) { return layer_tiles(l, winograd_points(l)); }

int64_t winograd_images(const Layer *l) {
    return uses_winograd(l) ? ceil_div(MIN_ROWS, winograd_tiles(l)) : 1;
}

/* The images' tiles and their products, forward (inputs and outputs) or backward (their gradients). */
int64_t winograd_scratch_size(const Layer *l) {
    int64_t tile = winograd_tile(l), points = winograd_points(l);
    int64_t tiles = maximum(tile_count(tile, l->height, l->width), layer_tiles(l, (int)points));
    return points * points * winograd_images(l) * tiles * (whole_vectors(l->channels) + whole_vectors(l->out_channels));
}

/* One function for each size of kernel and number of points, in which loops over them are unrolled. */
#define BY_SIZE(size, points, name, ...)        \
    switch ((points) == 7 ? 7 : (size)) {       \
    case 7: name(3, 7, __VA_ARGS__); break;     \
    case 2: name(2, 6, __VA_ARGS__); break;     \
    case 3: name(3, 6, __VA_ARGS__); break;     \
    case 4: name(4, 6, __VA_ARGS__); break;     \
    default: name(5, 6, __VA_ARGS__);           \
    }

INLINE void transform_kernels(const int size, const int points, int64_t channels, int64_t filters,
                              const real *kernels, int64_t channel, real *to) {
    for (int64_t column = 0; column < filters; column += PANEL_COLUMNS)
        for (int64_t width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = kernels + panel_offset(size * size * channels, column) + channel * width + lane;
            real *place = to + panel_offset(channels, column) + channel * width + lane;
#define FROM(i, j) load(own + ((i)*size + (j)) * channels * width)
#define TO(i, j, values) store(place + ((i)*points + (j)) * packed_size(channels, filters), values)
            TRANSFORM(KERNELS, size, points, size, points, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_transform_kernels(int size, int points, int64_t channels, int64_t filters, const real *kernels,
                                int64_t channel, real *to) {
    BY_SIZE(size, points, transform_kernels, channels, filters, kernels, channel, to)
}

INLINE vector sum_of_parts(const real *from, int64_t distance, int64_t parts) {
    vector sum = load(from);
    for (int64_t part = 1; part < parts; part++) sum += load(from + part * distance);
    return sum;
}

INLINE void gather_gradient(const int size, const int points, int64_t channels, int64_t filters, const real *dkernels,
                            int64_t distance, int64_t parts, int64_t channel, real *to) {
    for (int64_t column = 0; column < filters; column += PANEL_COLUMNS)
        for (int64_t width = panel_width(filters, column), lane = 0; lane < width; lane += LANES) {
            const real *own = dkernels + panel_offset(channels, column) + channel * width + lane;
            real *place = to + panel_offset(size * size * channels, column) + channel * width + lane;
#define FROM(i, j) sum_of_parts(own + ((i)*points + (j)) * packed_size(channels, filters), distance, parts)
#define TO(i, j, values) store(place + ((i)*size + (j)) * channels * width, values)
            TRANSFORM(KERNELS_BACKWARD, size, points, points, size, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_gather_gradient(int size, int points, int64_t channels, int64_t filters, const real *dkernels,
                              int64_t distance, int64_t parts, int64_t channel, real *to) {
    BY_SIZE(size, points, gather_gradient, channels, filters, dkernels, distance, parts, channel, to)
}

/* The tiles of all images, and what lies behind them in `scratch`: their products with the kernels, or gradients by
   them. */
INLINE int64_t all_tiles(WinogradShape s) {
    return s.images * tile_count(s.points + 1 - s.size, s.out_height, s.out_width);
}
static real *behind_inputs(WinogradShape s, real *scratch) {
    return scratch + s.points * s.points * all_tiles(s) * whole_vectors(s.channels);
}

/* The tiles of an image, `plane` apart from point to point: (points, tiles, channels). */
INLINE void transform_image(const int size, const int points, WinogradShape s, const real *padded, int64_t plane,
                            real *to) {
    const int64_t tile = points + 1 - size, tiles_x = ceil_div(s.out_width, tile);
    const int64_t tiles = tiles_x * ceil_div(s.out_height, tile);
    int64_t channels = s.channels, distance = whole_vectors(channels);
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t c = 0; c < channels; c += LANES) {
            const real *corner = padded + (t / tiles_x * tile * s.padded_width + t % tiles_x * tile) * channels + c;
            real *place = to + t * distance + c;
#define FROM(i, j) load(corner + ((i)*s.padded_width + (j)) * channels)
#define TO(i, j, values) store(place + ((i)*points + (j)) * plane, values)
            TRANSFORM(INPUTS, size, points, points, points, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_transform_image(WinogradShape s, int64_t image, const real *padded, real *scratch) {
    int64_t plane = all_tiles(s) * whole_vectors(s.channels);
    BY_SIZE(s.size, s.points, transform_image, s, padded, plane, scratch + image * (plane / s.images))
}

/* Outputs from their values at all points, `plane` apart, (points, tiles, filters). Tiles reach over the edge; outputs
   there are dropped. */
INLINE void transform_outputs(const int size, const int points, WinogradShape s, const real *at_points, int64_t plane,
                              const real *biases, real *y) {
    const int64_t tile = points + 1 - size, tiles_x = ceil_div(s.out_width, tile);
    const int64_t tiles = tiles_x * ceil_div(s.out_height, tile);
    int64_t filters = s.filters, distance = whole_vectors(filters);
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t f = 0; f < filters; f += LANES) {
            int64_t row = t / tiles_x * tile, column = t % tiles_x * tile;
            const real *own = at_points + t * distance + f;
            vector bias = biases ? load(biases + f) : (vector){0};
#define FROM(i, j) load(own + ((i)*points + (j)) * plane)
#define TO(i, j, values)                                        \
    if (row + (i) < s.out_height && column + (j) < s.out_width) \
    store_partial(y + ((row + (i)) * s.out_width + column + (j)) * filters + f, (values) + bias, filters - f)
            TRANSFORM(OUTPUTS, size, points, points, tile, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_outputs(WinogradShape s, int64_t image, const real *biases, real *y, real *scratch) {
    int64_t plane = all_tiles(s) * whole_vectors(s.filters);
    const real *products = behind_inputs(s, scratch) + image * (plane / s.images);
    BY_SIZE(s.size, s.points, transform_outputs, s, products, plane, biases, y)
}

/* The transpose of `transform_outputs`, for gradients; beyond the edge they are zero. */
INLINE void transform_output_gradient(const int size, const int points, WinogradShape s, const real *dy, int64_t plane,
                                      real *to) {
    const int64_t tile = points + 1 - size, tiles_x = ceil_div(s.out_width, tile);
    const int64_t tiles = tiles_x * ceil_div(s.out_height, tile);
    int64_t filters = s.filters, distance = whole_vectors(filters);
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t f = 0; f < filters; f += LANES) {
            int64_t row = t / tiles_x * tile, column = t % tiles_x * tile;
            real *place = to + t * distance + f;
#define FROM(i, j)                                                             \
    (row + (i) < s.out_height && column + (j) < s.out_width                    \
         ? load(dy + ((row + (i)) * s.out_width + column + (j)) * filters + f) \
         : (vector){0})
#define TO(i, j, values) store(place + ((i)*points + (j)) * plane, values)
            TRANSFORM(OUTPUTS_BACKWARD, size, points, tile, points, FROM, TO);
#undef FROM
#undef TO
        }
}

void winograd_transform_gradient(WinogradShape s, int64_t image, const real *dy, real *scratch) {
    int64_t plane = all_tiles(s) * whole_vectors(s.filters);
    real *to = behind_inputs(s, scratch) + image * (plane / s.images);
    BY_SIZE(s.size, s.points, transform_output_gradient, s, dy, plane, to)
}

void winograd_multiply(WinogradShape s, const real *kernels, real *scratch) {
    int64_t tiles = all_tiles(s), ld_inputs = whole_vectors(s.channels), ld_products = whole_vectors(s.filters);
    real *products = behind_inputs(s, scratch);
    for (int64_t point = 0; point < s.points * s.points; point++)
        gemm(tiles, s.filters, s.channels, scratch + point * tiles * ld_inputs, ld_inputs,
             kernels + point * packed_size(s.channels, s.filters), (AccumulatorInit){0, 0},
             products + point * tiles * ld_products, ld_products);
}

/* At each point, the inputs' values transposed times the gradients': a sum over tiles. */
void winograd_add_kernel_gradient(WinogradShape s, real *dkernels, real *scratch) {
    int64_t tiles = all_tiles(s), ld_inputs = whole_vectors(s.channels), ld_gradients = whole_vectors(s.filters);
    const real *gradients = behind_inputs(s, scratch);
    for (int64_t point = 0; point < s.points * s.points; point++)
        for (int64_t column = 0; column < s.filters; column += PANEL_COLUMNS) {
            int64_t width = panel_width(s.filters, column);
            MatrixView a = {scratch + point * tiles * ld_inputs, 1, ld_inputs, tiles, tiles * ld_inputs, 1};
            real *to = dkernels + point * packed_size(s.channels, s.filters) + panel_offset(s.channels, column);
            gemm_panel(s.channels, minimum(s.filters - column, PANEL_COLUMNS), a,
                       gradients + point * tiles * ld_gradients + column, ld_gradients, (AccumulatorInit){to, width},
                       to, width);
        }
}
