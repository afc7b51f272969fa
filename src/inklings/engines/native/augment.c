/* One image sampled at other places, its strokes made thicker or thinner, a part of it erased (augment.h).

   A pixel costs some forty operations, a convolution on it some thousands, so plain code does. */
#include "augment.h"

/* The displacement of one row's pixels: first the control points of all rows of the grid together, weighted by this
   row's splines, then for each pixel those of the columns. */
typedef struct {
    real y[FIELD_CONTROLS], x[FIELD_CONTROLS];
} FieldRow;

static FieldRow field_row(const Warps *warps, int64_t image, int64_t y) {
    FieldRow f = {{0}, {0}};
    const float *control = warps->fields + image * FIELD_CONTROLS * FIELD_CONTROLS * 2;
    const float *weights = warps->basis_rows + y * FIELD_CONTROLS;
    for (int i = 0; i < FIELD_CONTROLS; i++)
        for (int j = 0; j < FIELD_CONTROLS; j++, control += 2) {
            f.y[j] += (real)(weights[i] * control[0]);
            f.x[j] += (real)(weights[i] * control[1]);
        }
    return f;
}

/* Add a share of the pixel (y, x); outside is paper. */
INLINE void add_pixel(const Warps *w, const float *image, int64_t y, int64_t x, real share, real *to) {
    if (y < 0 || y >= w->height || x < 0 || x >= w->width) return;
    const float *from = image + (y * w->width + x) * w->channels;
    for (int64_t c = 0; c < w->channels; c++) to[c] += share * (real)from[c];
}

static void sample(const Warps *w, const float *image, real y, real x, real *to) {
    memset(to, 0, (size_t)w->channels * sizeof *to);
    /* Far outside, and NaN: nothing to add, and no integer to make of it. */
    if (!(y > -1 && y < (real)w->height && x > -1 && x < (real)w->width)) return;
    int64_t top = (int64_t)(y + 1) - 1, left = (int64_t)(x + 1) - 1; /* rounded down, since both sums are positive */
    real down = y - (real)top, right = x - (real)left;
    add_pixel(w, image, top, left, (1 - down) * (1 - right), to);
    add_pixel(w, image, top, left + 1, (1 - down) * right, to);
    add_pixel(w, image, top + 1, left, down * (1 - right), to);
    add_pixel(w, image, top + 1, left + 1, down * right, to);
}

static void sample_all(const Warps *w, int64_t row, const float *image, real *to) {
    const float *m = w->matrices + row * 4, *shift = w->shifts + row * 2;
    real centre_y = (real)(w->height - 1) / 2, centre_x = (real)(w->width - 1) / 2;
    for (int64_t y = 0; y < w->height; y++) {
        FieldRow f = {{0}, {0}};
        if (w->fields) f = field_row(w, row, y);
        real down = (real)y - centre_y - (real)shift[0];
        for (int64_t x = 0; x < w->width; x++, to += w->channels) {
            real right = (real)x - centre_x - (real)shift[1];
            real from_y = (real)m[0] * down + (real)m[1] * right + centre_y;
            real from_x = (real)m[2] * down + (real)m[3] * right + centre_x;
            if (w->fields) {
                const float *weights = w->basis_columns + x * FIELD_CONTROLS;
                for (int j = 0; j < FIELD_CONTROLS; j++) {
                    from_y += (real)weights[j] * f.y[j];
                    from_x += (real)weights[j] * f.x[j];
                }
            }
            sample(w, image, from_y, from_x, to);
        }
    }
}

INLINE real extreme(real a, real b, int largest) { return largest ? (a > b ? a : b) : (a < b ? a : b); }

/* Move each value towards the largest or smallest of its 3 x 3 neighbourhood: first along columns into `spare`, then
   along rows. At the border the neighbourhood is smaller. */
static void change_strokes(const Warps *w, real share, real *image, real *spare) {
    int largest = share > 0;
    int64_t line = (int64_t)w->width * w->channels, step = w->channels;
    real size = largest ? share : -share;
    for (int64_t y = 0; y < w->height; y++) {
        const real *own = image + y * line, *above = y ? own - line : own;
        const real *below = y + 1 < w->height ? own + line : own;
        for (int64_t i = 0; i < line; i++)
            spare[y * line + i] = extreme(extreme(above[i], own[i], largest), below[i], largest);
    }
    for (int64_t y = 0; y < w->height; y++, image += line, spare += line)
        for (int64_t i = 0; i < line; i++) {
            real found = spare[i];
            if (i >= step) found = extreme(found, spare[i - step], largest);
            if (i + step < line) found = extreme(found, spare[i + step], largest);
            image[i] += size * (found - image[i]);
        }
}

void warp_image(const Warps *warps, int64_t row, const float *image, real *to, real *spare) {
    sample_all(warps, row, image, to);
    if (warps->strokes) change_strokes(warps, (real)warps->strokes[row], to, spare);
    if (!warps->erased) return;
    const int32_t *box = warps->erased + row * 4;
    for (int64_t y = box[0]; y < box[2]; y++)
        memset(to + (y * warps->width + box[1]) * warps->channels, 0,
               (size_t)((box[3] - box[1]) * warps->channels) * sizeof *to);
}
