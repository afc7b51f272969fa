/* Matrix products by register tiles: TILE_ROWS x TILE_VECTORS accumulators stay in registers from the first term of
   the sum to the last, so each number loaded from B serves TILE_ROWS multiplications and each one from A serves
   TILE_VECTORS * LANES.

   After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008), and Van Zee and
   van de Geijn, "BLIS", ACM TOMS 41 (2015). Unlike there nothing is packed at run time, since weights are stored in
   panels, and there is no blocking over k: panels of these small networks fit into the cache whole. */
#include "gemm.h"

/* How many rows ahead a panel is prefetched. */
#define PREFETCH_ROWS 16

/* The microkernel. `rows`, `vectors` and `transposed` are constants wherever it is inlined. Terms are added in the same
   order for every size of tile, so a result does not depend on how a matrix was cut into tiles. */
INLINE void microkernel(const int rows, const int vectors, const int transposed, const MatrixView *a,
                        const real *a_data, const real *b, int64_t ldb, const real *init, int64_t init_stride, real *c,
                        int64_t ldc, int64_t columns) {
    /* One of the two strides is 1; saying so saves the compiler a multiplication and a register. */
    const int64_t row_stride = transposed ? 1 : a->row_stride, term_stride = transposed ? a->term_stride : 1;
    vector sums[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int v = 0; v < vectors; v++) sums[i][v] =
            init ? load(init + i * init_stride + v * LANES) : (vector){0};
    }
    for (const real *run = a_data, *end = run + a->runs * a->run_stride; run != end; run += a->run_stride) {
        const real *left = run;
        for (int64_t k = 0; k < a->run_length; k++, left += term_stride, b += ldb) {
            vector right[TILE_VECTORS];
            UNROLL for (int v = 0; v < vectors; v++) right[v] = load(b + v * LANES);
            UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(b + PREFETCH_ROWS * ldb + v * LANES);
            UNROLL for (int i = 0; i < rows; i++) {
                vector same = broadcast(left[i * row_stride]);
                UNROLL for (int v = 0; v < vectors; v++) sums[i][v] += same * right[v];
            }
        }
    }
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int v = 0; v < vectors; v++)
            store_partial(c + i * ldc + v * LANES, sums[i][v], columns - v * LANES);
    }
}

#define TILE_ARGS                                                                                               \
    const MatrixView *a, const real *a_data, const real *b, int64_t ldb, const real *init, int64_t init_stride, \
        real *c, int64_t ldc, int64_t columns
typedef void (*TileFunction)(TILE_ARGS);

/* A function for each number of rows and vectors, so that leftovers at the edges run unrolled as well: tiles[rows - 1]
   [is A transposed][vectors - 1]. The names end in n and t as BLAS's arguments do. */
#define FOR_ROWS(make) make(1) make(2) make(3) make(4) make(5) make(6) MORE_ROWS(make)
#if TILE_ROWS == 14
#define MORE_ROWS(make) make(7) make(8) make(9) make(10) make(11) make(12) make(13) make(14)
#elif TILE_ROWS == 12
#define MORE_ROWS(make) make(7) make(8) make(9) make(10) make(11) make(12)
#else
#define MORE_ROWS(make)
#endif
#define MAKE_TILE(name, rows, vectors, transposed)                                                     \
    static void name(TILE_ARGS) {                                                                      \
        microkernel(rows, vectors, transposed, a, a_data, b, ldb, init, init_stride, c, ldc, columns); \
    }
#define MAKE_TILES(rows)                     \
    MAKE_TILE(tile_n_##rows##_1, rows, 1, 0) \
    MAKE_TILE(tile_n_##rows##_2, rows, 2, 0) \
    MAKE_TILE(tile_t_##rows##_1, rows, 1, 1) \
    MAKE_TILE(tile_t_##rows##_2, rows, 2, 1)
FOR_ROWS(MAKE_TILES)
#define TILES(rows) {{tile_n_##rows##_1, tile_n_##rows##_2}, {tile_t_##rows##_1, tile_t_##rows##_2}},
static const TileFunction tiles[TILE_ROWS][2][TILE_VECTORS] = {FOR_ROWS(TILES)};

/* How much of a rest to take next, at most `limit`, so that all pieces are about equal. 16 rows become two tiles of 8,
   not 14 and 2: a tile of 2 rows would wait for each of its loads of B. */
static int64_t even_piece(int64_t rest, int64_t limit) { return ceil_div(rest, ceil_div(rest, limit)); }

void gemm_panel(int64_t m, int64_t columns, MatrixView a, const real *b, int64_t ldb, AccumulatorInit init, real *c,
                int64_t ldc) {
    for (int64_t i = 0, rows; i < m; i += rows) {
        rows = even_piece(m - i, TILE_ROWS);
        const real *start = init.data ? init.data + i * init.row_stride : 0;
        tiles[rows - 1][a.row_stride == 1][columns > LANES](&a, a.data + i * a.row_stride, b, ldb, start,
                                                            init.row_stride, c + i * ldc, ldc, columns);
    }
}

void gemm(int64_t m, int64_t n, int64_t depth, const real *a, int64_t lda, const real *b, AccumulatorInit init, real *c,
          int64_t ldc) {
    MatrixView left = {a, lda, 1, depth, depth, 1};
    for (int64_t j = 0; j < n; j += PANEL_COLUMNS) {
        AccumulatorInit own = {init.data ? init.data + j : 0, init.row_stride};
        gemm_panel(m, minimum(n - j, PANEL_COLUMNS), left, b + panel_offset(depth, j), panel_width(n, j), own, c + j,
                   ldc);
    }
}

INLINE void add_products(const int rows, const int columns, const real *a, int64_t lda, int64_t lanes, const real *b,
                         int64_t ldb, vector sums[DOT_TILE][DOT_TILE]) {
    vector left[DOT_TILE];
    UNROLL for (int i = 0; i < rows; i++) left[i] = load_partial(a + i * lda, lanes);
    UNROLL for (int j = 0; j < columns; j++) {
        vector right = load(b + j * ldb);
        UNROLL for (int i = 0; i < rows; i++) sums[i][j] += left[i] * right;
    }
}

/* The microkernel of A B': dot products of rows of A with rows of the panels, each lane summing a share of the terms.
   Both factors are read along their rows, so B need not be transposed. */
INLINE void dot_microkernel(const int rows, const int columns, int64_t n, const real *a, int64_t lda, const real *b,
                            int64_t depth, int64_t first, real *c, int64_t ldc) {
    vector sums[DOT_TILE][DOT_TILE];
    UNROLL for (int i = 0; i < rows; i++) { UNROLL for (int j = 0; j < columns; j++) sums[i][j] = (vector){0}; }
    for (int64_t panel = 0; panel < n; panel += PANEL_COLUMNS) {
        int64_t width = panel_width(n, panel);
        const real *right = b + panel_offset(depth, panel) + first * width, *left = a + panel;
        if (n - panel >= PANEL_COLUMNS)
            for (int64_t lane = 0; lane < PANEL_COLUMNS; lane += LANES)
                add_products(rows, columns, left + lane, lda, LANES, right + lane, PANEL_COLUMNS, sums);
        else
            for (int64_t lane = 0; lane < width; lane += LANES)
                add_products(rows, columns, left + lane, lda, n - panel - lane, right + lane, width, sums);
    }
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < columns; j++) c[i * ldc + j] = horizontal_sum(sums[i][j]);
    }
}

#define DOT_ARGS \
    int64_t n, const real *a, int64_t lda, const real *b, int64_t depth, int64_t first, real *c, int64_t ldc
typedef void (*DotFunction)(DOT_ARGS);
#define MAKE_DOT(i, j) \
    static void dot_##i##_##j(DOT_ARGS) { dot_microkernel(i, j, n, a, lda, b, depth, first, c, ldc); }
#define DOT_NAME(i, j) dot_##i##_##j,
#define DOT_ROW(i) {FOR_DOTS(DOT_NAME, i)},
/* clang-format off */
#if DOT_TILE == 5
#define FOR_DOTS(make, i) make(i, 1) make(i, 2) make(i, 3) make(i, 4) make(i, 5)
FOR_DOTS(MAKE_DOT, 1) FOR_DOTS(MAKE_DOT, 2) FOR_DOTS(MAKE_DOT, 3) FOR_DOTS(MAKE_DOT, 4) FOR_DOTS(MAKE_DOT, 5)
static const DotFunction dots[DOT_TILE][DOT_TILE] = {DOT_ROW(1) DOT_ROW(2) DOT_ROW(3) DOT_ROW(4) DOT_ROW(5)};
#else
#define FOR_DOTS(make, i) make(i, 1) make(i, 2) make(i, 3)
FOR_DOTS(MAKE_DOT, 1) FOR_DOTS(MAKE_DOT, 2) FOR_DOTS(MAKE_DOT, 3)
static const DotFunction dots[DOT_TILE][DOT_TILE] = {DOT_ROW(1) DOT_ROW(2) DOT_ROW(3)};
#endif
/* clang-format on */

void gemm_transposed(int64_t m, int64_t n, int64_t rows, const real *a, int64_t lda, const real *b, int64_t depth,
                     int64_t first, real *c, int64_t ldc) {
    for (int64_t j = 0, width; j < rows; j += width) {
        width = even_piece(rows - j, DOT_TILE);
        for (int64_t i = 0, height; i < m; i += height) {
            height = even_piece(m - i, DOT_TILE);
            dots[height - 1][width - 1](n, a + i * lda, lda, b, depth, first + j, c + i * ldc + j, ldc);
        }
    }
}
