/* Matrix products, each in one thread.

   Packed weights: a matrix (depth, n) lies in panels of PANEL_COLUMNS columns.

       panel 0: rows 0 .. depth-1, columns 0 .. PANEL_COLUMNS-1, row by row
       (PANEL_GAP unused rows)
       panel 1: the next PANEL_COLUMNS columns, ...
       last panel: as wide as whole vectors need, and zero behind column n-1

   So a product reads a panel from front to back in whole vectors, and parameters never have to be copied into this
   form: Python packs them once, and optimisers update them where they lie.

   All other matrices are row-major; `ld...` is the leading dimension, the distance from one row to the next in numbers.
   Vectors are read whole, so up to one vector behind the end of a matrix is read (never written): every array has
   room for it. What lies there does not matter: lanes do not mix, and those behind column n - 1 are not stored. But no
   other thread may be writing there (fused_layers.c). */
#ifndef GEMM_H
#define GEMM_H

#include "vector.h"

#define PANEL_COLUMNS (TILE_VECTORS * LANES)

/* How wide the panel that begins with a column is stored. */
INLINE int64_t panel_width(int64_t n, int64_t column) { return whole_vectors(minimum(n - column, PANEL_COLUMNS)); }
INLINE int64_t panel_count(int64_t n) { return ceil_div(n, PANEL_COLUMNS); }
/* Where the panel that begins with a column begins. If panels lay a power of two apart, the same rows of all of
   them would map to the same few sets of the cache and evict each other; the gap prevents that. */
#define PANEL_GAP 5
INLINE int64_t panel_offset(int64_t depth, int64_t column) { return column * (depth + PANEL_GAP); }
/* How many numbers a packed matrix (depth, n) takes. */
INLINE int64_t packed_size(int64_t depth, int64_t n) {
    int64_t last = (panel_count(n) - 1) * PANEL_COLUMNS;
    return panel_offset(depth, last) + depth * panel_width(n, last);
}

/* A left factor A (m, k) that need not be stored as a matrix: row i begins at data + i * row_stride, and its k terms are
   `runs` runs of `run_length` terms each, `term_stride` apart within a run and `run_stride` from run to run. A row
   of patches under a convolution's kernel is one such run for each row of the kernel, so no patch is ever copied out
   (there is no im2col). Either row_stride or term_stride is 1: A is transposed, or it is not. */
typedef struct {
    const real *data;
    int64_t row_stride, term_stride, run_length, run_stride, runs;
} MatrixView;

/* What accumulators begin with: zero where `data` is NULL; the same row, such as biases, for all where row_stride is 0;
   or the result itself, to add to it. */
typedef struct {
    const real *data;
    int64_t row_stride;
} AccumulatorInit;

/* One panel of a product: C (m, columns) = init + A B, with B (k, columns) of leading dimension ldb. */
void gemm_panel(int64_t m, int64_t columns, MatrixView a, const real *b, int64_t ldb, AccumulatorInit init, real *c,
                int64_t ldc);

/* C (m, n) = init + A (m, depth) B, with B packed. */
void gemm(int64_t m, int64_t n, int64_t depth, const real *a, int64_t lda, const real *b, AccumulatorInit init, real *c,
          int64_t ldc);

/* C (m, rows) = A (m, n) B', where B' is the transpose of rows `first` .. `first + rows - 1` of a packed (depth, n). */
void gemm_transposed(int64_t m, int64_t n, int64_t rows, const real *a, int64_t lda, const real *b, int64_t depth,
                     int64_t first, real *c, int64_t ldc);

#endif
