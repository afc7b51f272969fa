/* Matrix products by tiles: as many sums as there are registers, which stay there from the first term to the last.

   After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008), and Van Zee and
   van de Geijn, "BLIS", ACM TOMS 41 (2015); but nothing is copied beforehand, since weights lie in panels already. */
#include "product.h"

#define AHEAD 16 /* rows of a panel that are asked for before they are needed */

INLINE void tile(const int rows, const int vectors, const source *a, const real *values, const int turned,
                 const real *b, int64_t b_row, const real *begin, int64_t begin_row, real *c, int64_t c_row, int64_t columns) {
    /* One of the two distances is 1, which the compiler is told. */
    const int64_t row = turned ? 1 : a->row, step = turned ? a->step : 1;
    vector sums[ROWS][VECTORS];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
        sums[i][v] = begin ? load(begin + i * begin_row + v * LANES) : (vector){0};
    for (const real *from = values, *end = from + a->count * a->jump; from != end; from += a->jump) {
        const real *left = from;
        for (int64_t p = 0; p < a->depth; p++, left += step, b += b_row) {
            vector right[VECTORS];
            UNROLL for (int v = 0; v < vectors; v++) right[v] = load(b + v * LANES);
            UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(b + AHEAD * b_row + v * LANES);
            UNROLL for (int i = 0; i < rows; i++) {
                vector same = fill(left[i * row]);
                UNROLL for (int v = 0; v < vectors; v++) sums[i][v] += same * right[v];
            }
        }
    }
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
        store_some(c + i * c_row + v * LANES, sums[i][v], columns - v * LANES);
}

#define SHAPE \
    const source *a, const real *values, const real *b, int64_t b_row, const real *begin, int64_t begin_row, real *c, int64_t c_row, int64_t columns
typedef void (*tile_function)(SHAPE);

/* A function for each number of rows and vectors, in which the loops over them are written out. */
#define FOR_ROWS(make) make(1) make(2) make(3) make(4) make(5) make(6) MORE_ROWS(make)
#if ROWS == 14
#define MORE_ROWS(make) make(7) make(8) make(9) make(10) make(11) make(12) make(13) make(14)
#elif ROWS == 12
#define MORE_ROWS(make) make(7) make(8) make(9) make(10) make(11) make(12)
#else
#define MORE_ROWS(make)
#endif
#define MAKE_TILES(r)                                                                                  \
    static void straight_##r##_1(SHAPE) { tile(r, 1, a, values, 0, b, b_row, begin, begin_row, c, c_row, columns); }       \
    static void straight_##r##_2(SHAPE) { tile(r, 2, a, values, 0, b, b_row, begin, begin_row, c, c_row, columns); }       \
    static void turned_##r##_1(SHAPE) { tile(r, 1, a, values, 1, b, b_row, begin, begin_row, c, c_row, columns); }         \
    static void turned_##r##_2(SHAPE) { tile(r, 2, a, values, 1, b, b_row, begin, begin_row, c, c_row, columns); }
FOR_ROWS(MAKE_TILES)
#define TILES(r) {{straight_##r##_1, straight_##r##_2}, {turned_##r##_1, turned_##r##_2}},
static const tile_function tiles[ROWS][2][VECTORS] = {FOR_ROWS(TILES)};

/* Cut off a part of at most so many, when all parts are to be about equal: tall tiles make more of what they load. */
static int64_t even_part(int64_t rest, int64_t most) {
    return parts_of(rest, parts_of(rest, most));
}

void multiply_panel(int64_t m, int64_t columns, source a, const real *b, int64_t b_row, beginning begin, real *c, int64_t c_row) {
    for (int64_t i = 0, rows; i < m; i += rows) {
        rows = even_part(m - i, ROWS);
        const real *start = begin.values ? begin.values + i * begin.row : 0;
        tiles[rows - 1][a.row == 1][columns > LANES](&a, a.values + i * a.row, b, b_row, start, begin.row, c + i * c_row,
                                                     c_row, columns);
    }
}

void multiply(int64_t m, int64_t n, int64_t depth, const real *a, int64_t a_row, const real *b, beginning begin, real *c,
              int64_t c_row) {
    source left = {a, a_row, 1, depth, depth, 1};
    for (int64_t j = 0; j < n; j += PANEL) {
        beginning own = {begin.values ? begin.values + j : 0, begin.row};
        multiply_panel(m, smaller(n - j, PANEL), left, b + panel_place(depth, j), panel_width(n, j), own, c + j, c_row);
    }
}

INLINE void add_products(const int rows, const int columns, const real *a, int64_t a_row, int64_t lanes, const real *b,
                         int64_t b_row, vector sums[DOTS][DOTS]) {
    vector left[DOTS];
    UNROLL for (int i = 0; i < rows; i++) left[i] = load_some(a + i * a_row, lanes);
    UNROLL for (int j = 0; j < columns; j++) {
        vector right = load(b + j * b_row);
        UNROLL for (int i = 0; i < rows; i++) sums[i][j] += left[i] * right;
    }
}

/* Sums of products along both rows, `b` being rows of each panel: each lane adds up a part of the terms. */
INLINE void dots(const int rows, const int columns, int64_t n, const real *a, int64_t a_row, const real *b, int64_t depth,
                 int64_t from, real *c, int64_t c_row) {
    vector sums[DOTS][DOTS];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < columns; j++) sums[i][j] = (vector){0};
    for (int64_t panel = 0; panel < n; panel += PANEL) {
        int64_t width = panel_width(n, panel);
        const real *right = b + panel_place(depth, panel) + from * width, *left = a + panel;
        if (n - panel >= PANEL)
            for (int64_t lane = 0; lane < PANEL; lane += LANES)
                add_products(rows, columns, left + lane, a_row, LANES, right + lane, PANEL, sums);
        else
            for (int64_t lane = 0; lane < width; lane += LANES)
                add_products(rows, columns, left + lane, a_row, n - panel - lane, right + lane, width, sums);
    }
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < columns; j++)
        c[i * c_row + j] = total(sums[i][j]);
}

#define DOTS_SHAPE \
    int64_t n, const real *a, int64_t a_row, const real *b, int64_t depth, int64_t from, real *c, int64_t c_row
typedef void (*dots_function)(DOTS_SHAPE);
#define MAKE_DOTS(i, j) \
    static void dots_##i##_##j(DOTS_SHAPE) { dots(i, j, n, a, a_row, b, depth, from, c, c_row); }
#if DOTS == 5
#define FOR_DOTS(make, i) make(i, 1) make(i, 2) make(i, 3) make(i, 4) make(i, 5)
#else
#define FOR_DOTS(make, i) make(i, 1) make(i, 2) make(i, 3)
#endif
#define DOTS_OF(i, j) dots_##i##_##j,
#if DOTS == 5
FOR_DOTS(MAKE_DOTS, 1) FOR_DOTS(MAKE_DOTS, 2) FOR_DOTS(MAKE_DOTS, 3) FOR_DOTS(MAKE_DOTS, 4) FOR_DOTS(MAKE_DOTS, 5)
static const dots_function all_dots[DOTS][DOTS] = {
    {FOR_DOTS(DOTS_OF, 1)}, {FOR_DOTS(DOTS_OF, 2)}, {FOR_DOTS(DOTS_OF, 3)}, {FOR_DOTS(DOTS_OF, 4)}, {FOR_DOTS(DOTS_OF, 5)}};
#else
FOR_DOTS(MAKE_DOTS, 1) FOR_DOTS(MAKE_DOTS, 2) FOR_DOTS(MAKE_DOTS, 3)
static const dots_function all_dots[DOTS][DOTS] = {{FOR_DOTS(DOTS_OF, 1)}, {FOR_DOTS(DOTS_OF, 2)}, {FOR_DOTS(DOTS_OF, 3)}};
#endif

void multiply_by_turned(int64_t m, int64_t n, int64_t rows, const real *a, int64_t a_row, const real *b, int64_t depth, int64_t from,
                        real *c, int64_t c_row) {
    for (int64_t j = 0, width; j < rows; j += width) {
        width = even_part(rows - j, DOTS);
        for (int64_t i = 0, height; i < m; i += height) {
            height = even_part(m - i, DOTS);
            all_dots[height - 1][width - 1](n, a + i * a_row, a_row, b, depth, from + j, c + i * c_row + j, c_row);
        }
    }
}
