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
INLINE long panel_width(long n, long column) {
    return whole_vectors(smaller(n - column, PANEL));
}
INLINE long panel_count(long n) { return parts_of(n, PANEL); }
/* Where the panel begins that begins with a column. Between panels lie a few unused rows: at a distance of a power of
   two, the same rows of all panels would compete for the same places in a cache. */
#define GAP 5
INLINE long panel_place(long depth, long column) { return column * (depth + GAP); }
/* How many numbers the panels of (depth, n) take. */
INLINE long panels_size(long depth, long n) {
    long last = (panel_count(n) - 1) * PANEL;
    return panel_place(depth, last) + depth * panel_width(n, last);
}

/* Where values are found that are multiplied: from row to row of the result, from term to term of a sum, and from
   each `depth` terms to the next, of which there are `count`. */
typedef struct {
    const real *values;
    long row, step, depth, jump, count;
} source;

/* What sums begin with: nothing where `values` is NULL, the same row for all where `row` is 0. */
typedef struct {
    const real *values;
    long row;
} beginning;

/* Rows of the result, by one panel: c (m, columns) = begin + a b. */
void multiply_panel(long m, long columns, source a, const real *b, long b_row, beginning begin, real *c, long c_row);

/* c (m, n) = begin + a (m, depth) b, b in panels. */
void multiply(long m, long n, long depth, const real *a, long a_row, const real *b, beginning begin, real *c,
              long c_row);

/* c (m, rows) = a (m, n) b', b being rows `from` on of (depth, n) in panels. */
void multiply_by_turned(long m, long n, long rows, const real *a, long a_row, const real *b, long depth, long from,
                        real *c, long c_row);

#endif
