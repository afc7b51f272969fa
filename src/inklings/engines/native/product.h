/* Matrix products, in one thread each.

   Weights (depth, n) lie in panels: the first PANEL columns row by row, then the next, and so on. The last panel is as
   wide as whole vectors need to be, and zero behind the last column. So a panel is read from front to back, and no
   two of its rows compete for the same place in a cache. All other matrices lie row by row; `..._row` is the distance
   of two rows. Where vectors are read, up to a vector behind the end is read. */
#ifndef PRODUCT_H
#define PRODUCT_H

#include "vector.h"

#define PANEL (VECTORS * LANES)

/* How wide the panel is that begins with a column. */
INLINE int64_t panel_width(int64_t n, int64_t column) {
    return whole_vectors(smaller(n - column, PANEL));
}
INLINE int64_t panel_count(int64_t n) { return parts_of(n, PANEL); }
/* Where the panel begins that begins with a column. Between panels lie a few unused rows: at a distance of a power of
   two, the same rows of all panels would compete for the same places in a cache. */
#define GAP 5
INLINE int64_t panel_place(int64_t depth, int64_t column) { return column * (depth + GAP); }
/* How many numbers the panels of (depth, n) take. */
INLINE int64_t panels_size(int64_t depth, int64_t n) {
    int64_t last = (panel_count(n) - 1) * PANEL;
    return panel_place(depth, last) + depth * panel_width(n, last);
}

/* Where values are found that are multiplied: from row to row of the result, from term to term of a sum, and from
   each `depth` terms to the next, of which there are `count`. */
typedef struct {
    const real *values;
    int64_t row, step, depth, jump, count;
} source;

/* What sums begin with: nothing where `values` is NULL, the same row for all where `row` is 0. */
typedef struct {
    const real *values;
    int64_t row;
} beginning;

/* Rows of the result, by one panel: c (m, columns) = begin + a b. */
void multiply_panel(int64_t m, int64_t columns, source a, const real *b, int64_t b_row, beginning begin, real *c, int64_t c_row);

/* c (m, n) = begin + a (m, depth) b, b in panels. */
void multiply(int64_t m, int64_t n, int64_t depth, const real *a, int64_t a_row, const real *b, beginning begin, real *c,
              int64_t c_row);

/* c (m, rows) = a (m, n) b', b being rows `from` on of (depth, n) in panels. */
void multiply_by_turned(int64_t m, int64_t n, int64_t rows, const real *a, int64_t a_row, const real *b, int64_t depth, int64_t from,
                        real *c, int64_t c_row);

#endif
