/* Pooling: the maximum of each window, or the maximum or mean of a whole image, for every channel by itself.

   The innermost loops run over channels, which lie side by side. `argmax` is as wide as `real`, so that the compiler can
   select values and places by one comparison. */
#include "layers.h"

/* NaN counts as larger than anything, as in NumPy. */
INLINE int is_larger_than(real a, real b) { return a > b || a != a; }

/* Run a statement for each place of a window that lies within the image; `place` counts all of them, from 0. */
#define FOR_EACH_PLACE(l, out_y, out_x)                                                 \
    for (int64_t ky = 0, place = 0; ky < (l)->kernel_height; ky++)                      \
        for (int64_t kx = 0; kx < (l)->kernel_width; kx++, place++)                     \
            for (int64_t y_in = (out_y) * (l)->stride_y - (l)->pad_top + ky,            \
                         x_in = (out_x) * (l)->stride_x - (l)->pad_left + kx, once = 1; \
                 once && y_in >= 0 && y_in < (l)->height && x_in >= 0 && x_in < (l)->width; once = 0)

#define PIXEL(l, y, x) (((y) * (l)->width + (x)) * (l)->channels)

void max_pool_forward(const Layer *l, const real *x, real *y, integer *argmax) {
    int64_t channels = l->channels;
    for (int64_t row = 0; row < l->out_height; row++)
        for (int64_t column = 0; column < l->out_width; column++, y += channels, argmax += argmax ? channels : 0) {
            int is_first = 1;
            FOR_EACH_PLACE(l, row, column) {
                const real *from = x + PIXEL(l, y_in, x_in);
                if (is_first) {
                    memcpy(y, from, (size_t)channels * sizeof *y);
                    if (argmax)
                        for (int64_t c = 0; c < channels; c++) argmax[c] = (integer)place;
                } else if (argmax) {
                    for (int64_t c = 0; c < channels; c++) {
                        int is_larger = is_larger_than(from[c], y[c]);
                        y[c] = is_larger ? from[c] : y[c];
                        argmax[c] = is_larger ? (integer)place : argmax[c];
                    }
                } else {
                    for (int64_t c = 0; c < channels; c++) y[c] = is_larger_than(from[c], y[c]) ? from[c] : y[c];
                }
                is_first = 0;
            }
        }
}

/* The gradient goes to the place that won. Windows may overlap, so it is added. */
void max_pool_backward(const Layer *l, const integer *argmax, const real *dy, real *dx) {
    int64_t channels = l->channels;
    memset(dx, 0, (size_t)input_size(l) * sizeof *dx);
    for (int64_t row = 0; row < l->out_height; row++)
        for (int64_t column = 0; column < l->out_width; column++, dy += channels, argmax += channels)
            FOR_EACH_PLACE(l, row, column) {
                real *to = dx + PIXEL(l, y_in, x_in);
                for (int64_t c = 0; c < channels; c++) to[c] += argmax[c] == (integer)place ? dy[c] : 0;
            }
}

void global_pool_forward(const Layer *l, const real *x, real *y, integer *argmax) {
    int64_t channels = l->channels, pixels = (int64_t)l->height * l->width;
    memcpy(y, x, (size_t)channels * sizeof *y);
    if (argmax) memset(argmax, 0, (size_t)channels * sizeof *argmax);
    for (int64_t pixel = 1; pixel < pixels; pixel++) {
        const real *from = x + pixel * channels;
        for (int64_t c = 0; c < channels; c++)
            if (l->kind == GLOBAL_AVG_POOL)
                y[c] += from[c];
            else if (is_larger_than(from[c], y[c])) {
                y[c] = from[c];
                if (argmax) argmax[c] = (integer)pixel;
            }
    }
    if (l->kind == GLOBAL_AVG_POOL)
        for (int64_t c = 0; c < channels; c++) y[c] /= (real)pixels;
}

void global_pool_backward(const Layer *l, const integer *argmax, const real *dy, real *dx) {
    int64_t channels = l->channels, pixels = (int64_t)l->height * l->width;
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++)
            dx[pixel * channels + c] = l->kind == GLOBAL_AVG_POOL    ? dy[c] / (real)pixels
                                       : argmax[c] == (integer)pixel ? dy[c]
                                                                     : 0;
}
