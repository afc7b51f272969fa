/* Pooling: the largest of each window, or the largest or the average of a whole image. */
#include "layers.h"

/* NaN counts as larger than anything, as in NumPy. */
INLINE int is_larger_than(real one, real other) { return one > other || one != one; }

/* Call for each place of a window that lies within the image. */
#define PLACES(l, row, column)                                                                      \
    for (int64_t down = 0, place = 0; down < (l)->kernel_height; down++)                               \
        for (int64_t across = 0; across < (l)->kernel_width; across++, place++)                        \
            for (int64_t at_row = (row) * (l)->down - (l)->top + down,                                 \
                      at_column = (column) * (l)->across - (l)->left + across, once = 1;            \
                 once && at_row >= 0 && at_row < (l)->height && at_column >= 0 && at_column < (l)->width; once = 0)

#define PIXEL(l, row, column) (((row) * (l)->width + (column)) * (l)->channels)

void keep_largest(const layer *l, const real *x, real *y, integer *winners) {
    int64_t channels = l->channels;
    for (int64_t row = 0; row < l->rows; row++)
        for (int64_t column = 0; column < l->columns; column++, y += channels, winners += winners ? channels : 0) {
            int is_first = 1;
            PLACES(l, row, column) {
                const real *from = x + PIXEL(l, at_row, at_column);
                if (is_first) {
                    memcpy(y, from, (size_t)channels * sizeof *y);
                    if (winners)
                        for (int64_t c = 0; c < channels; c++) winners[c] = (integer)place;
                } else if (winners) {
                    for (int64_t c = 0; c < channels; c++) {
                        int is_larger = is_larger_than(from[c], y[c]);
                        y[c] = is_larger ? from[c] : y[c];
                        winners[c] = is_larger ? (integer)place : winners[c];
                    }
                } else {
                    for (int64_t c = 0; c < channels; c++) y[c] = is_larger_than(from[c], y[c]) ? from[c] : y[c];
                }
                is_first = 0;
            }
        }
}

void keep_largest_back(const layer *l, const integer *winners, const real *dy, real *dx) {
    int64_t channels = l->channels;
    memset(dx, 0, (size_t)input_size(l) * sizeof *dx);
    for (int64_t row = 0; row < l->rows; row++)
        for (int64_t column = 0; column < l->columns; column++, dy += channels, winners += channels)
            PLACES(l, row, column) {
                real *to = dx + PIXEL(l, at_row, at_column);
                for (int64_t c = 0; c < channels; c++) to[c] += winners[c] == (integer)place ? dy[c] : 0;
            }
}

void reduce_all(const layer *l, const real *x, real *y, integer *winners) {
    int64_t channels = l->channels, pixels = (int64_t)l->height * l->width;
    memcpy(y, x, (size_t)channels * sizeof *y);
    if (winners) memset(winners, 0, (size_t)channels * sizeof *winners);
    for (int64_t pixel = 1; pixel < pixels; pixel++) {
        const real *from = x + pixel * channels;
        for (int64_t c = 0; c < channels; c++)
            if (l->kind == AVERAGE_OF_ALL)
                y[c] += from[c];
            else if (is_larger_than(from[c], y[c])) {
                y[c] = from[c];
                if (winners) winners[c] = (integer)pixel;
            }
    }
    if (l->kind == AVERAGE_OF_ALL)
        for (int64_t c = 0; c < channels; c++) y[c] /= (real)pixels;
}

void reduce_all_back(const layer *l, const integer *winners, const real *dy, real *dx) {
    int64_t channels = l->channels, pixels = (int64_t)l->height * l->width;
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++)
            dx[pixel * channels + c] = l->kind == AVERAGE_OF_ALL     ? dy[c] / (real)pixels
                                       : winners[c] == (integer)pixel ? dy[c]
                                                                      : 0;
}
